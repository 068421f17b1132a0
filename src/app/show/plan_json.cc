// SPDX-License-Identifier: Apache-2.0
#include <utility>
#include <variant>

#include <nlohmann/json.hpp>

#include "app/show/human.h"
#include "app/show/plan_counts.h"
#include "app/show/render_plan.h"
#include "app/show/watched.h"

namespace reeve::show {
namespace {

Json Cgroup(const CgroupPath& path) {
  return JsonString(path.text());
}

// The kernel's text and the human one of it; null where there is nothing.
void AddValue(Json& to, const char* key, const Knob* knob, const std::string& text) {
  const bool nothing = text == "-";
  to[key] = nothing ? Json() : JsonString(text);
  to[std::string(key) + "_human"] = nothing ? Json() : JsonString(HumanText(knob, text));
}

struct ActionWriter {
  Json& to;
  const Reason& reason;

  void operator()(const CreateCgroup&) const { to["do"] = "create"; }

  void operator()(const RemoveCgroup&) const { to["do"] = "remove"; }

  void operator()(const WriteMark& write) const {
    to["do"] = "mark";
    Json keys = Json::array();
    for (const auto& key : write.mark.keys) keys.push_back(JsonString(key.first));
    to["keys"] = std::move(keys);
  }

  void operator()(const EnableControllers& enable) const {
    to["do"] = "enable";
    to["controllers"] = enable.controllers.ToString();
  }

  void operator()(const DisableControllers& disable) const {
    to["do"] = "disable";
    to["controllers"] = disable.controllers.ToString();
  }

  void operator()(const SetFile& set) const {
    to["do"] = "set";
    to["key"] = JsonString(set.file);
    AddValue(to, "now", set.knob, reason.now);
    AddValue(to, "wanted", set.knob, reason.wanted);
    to["policy_says"] = reason.written.empty() ? Json() : JsonString(reason.written);
    to["write"] = JsonString(set.text);
  }

  void operator()(const MoveProcesses& move) const {
    to["do"] = "move";
    to["to"] = Cgroup(move.target);
    to["processes"] = move.expected;
  }
};

Json ActionJson(const Action& action) {
  Json one = Json::object();
  one["do"] = nullptr;
  one["cgroup"] = Cgroup(action.path);
  std::visit(ActionWriter{one, action.reason}, action.kind);
  const Reason& reason = action.reason;
  one["template"] = reason.template_name.empty() ? Json() : JsonString(reason.template_name);
  one["why"] = MarkJson(reason.mark);
  one["note"] = reason.note.empty() ? Json() : JsonString(reason.note);
  one["drift"] = reason.drift;
  one["by"] = WriterJson(reason.by.get());
  one["reset"] = reason.reset;
  one["bookkeeping"] = reason.bookkeeping;
  one["needs"] = action.needs;
  return one;
}

Json ActionsJson(const std::vector<Action>& actions) {
  Json list = Json::array();
  for (const Action& action : actions) list.push_back(ActionJson(action));
  return list;
}

Json RefusalsJson(const Plan& plan) {
  Json list = Json::array();
  for (const Refusal& refusal : plan.refusals) {
    Json one = Json::object();
    one["cgroup"] = Cgroup(refusal.path);
    one["key"] = refusal.file.empty() ? Json() : JsonString(refusal.file);
    one["errno"] = refusal.errno_name.empty() ? Json() : Json(refusal.errno_name);
    one["which_means"] = JsonString(refusal.which_means);
    one["what_now"] = JsonString(refusal.what_now);
    one["why"] = MarkJson(refusal.mark);
    list.push_back(std::move(one));
  }
  return list;
}

}  // namespace

Json MarkJson(const SourceMark& mark) {
  if (!mark.known()) return nullptr;
  Json place = Json::object();
  place["file"] = JsonString(mark.file->name);
  place["line"] = mark.line;
  place["column"] = mark.column;
  return place;
}

Json CareJson(const Plan& plan) {
  Json list = Json::array();
  for (const Care& care : plan.care) {
    Json one = Json::object();
    one["class"] = DangerName(care.danger);
    one["cgroup"] = Cgroup(care.path);
    one["key"] = care.file.empty() ? Json() : JsonString(care.file);
    one["message"] = JsonString(care.message);
    one["why"] = MarkJson(care.mark);
    list.push_back(std::move(one));
  }
  return list;
}

Json HeldJson(const Plan& plan) {
  Json list = Json::array();
  for (const Held& held : plan.held) {
    const Knob* knob = FindKnob(held.file);
    Json one = Json::object();
    one["cgroup"] = Cgroup(held.path);
    one["key"] = JsonString(held.file);
    AddValue(one, "now", knob, held.now);
    AddValue(one, "wanted", knob, held.wanted);
    one["reason"] = JsonString(held.reason);
    one["drift"] = held.drift;
    one["by"] = WriterJson(held.by.get());
    one["why"] = MarkJson(held.mark);
    list.push_back(std::move(one));
  }
  return list;
}

Json WriterJson(const Writer* writer) {
  if (writer == nullptr) return nullptr;
  Json out = Json::object();
  out["pid"] = writer->pid;
  out["gone"] = writer->gone;
  const auto text = [](const std::string& t) { return t.empty() ? Json() : JsonString(t); };
  out["program"] = text(writer->program);
  out["exe"] = text(writer->exe);
  out["uid"] = writer->uid ? Json(*writer->uid) : Json();
  out["user"] = text(writer->user);
  out["login_uid"] = writer->login ? Json(*writer->login) : Json();
  out["login"] = text(writer->login_name);
  out["tty"] = text(writer->tty);
  return out;
}

Json DriftedJson(const Plan& plan) {
  Json list = Json::array();
  for (const Drifted& drifted : plan.drifted) {
    const Knob* knob = FindKnob(drifted.file);
    Json one = Json::object();
    one["cgroup"] = Cgroup(drifted.path);
    one["key"] = drifted.file.empty() ? Json() : JsonString(drifted.file);
    AddValue(one, "now", knob, drifted.now);
    AddValue(one, "wanted", knob, drifted.file.empty() ? "-" : drifted.wanted);
    one["on_drift"] = drifted.on_drift == OnDrift::kAdopt ? "adopt" : "report";
    one["by"] = WriterJson(drifted.by.get());
    one["why"] = MarkJson(drifted.mark);
    list.push_back(std::move(one));
  }
  return list;
}

Json GapsJson(const Plan& plan) {
  Json list = Json::array();
  for (const Gap& gap : plan.gaps) {
    Json one = Json::object();
    one["kind"] = gap.kind == Gap::Kind::kPending ? "pending" : "unsupported";
    one["cgroup"] = Cgroup(gap.path);
    one["key"] = JsonString(gap.file);
    one["reason"] = JsonString(gap.reason);
    one["required"] = gap.required;
    one["why"] = MarkJson(gap.mark);
    list.push_back(std::move(one));
  }
  return list;
}

Json PlanJson(const PlanPaper& paper) {
  const Plan& plan = *paper.plan;
  const PlanCounts counts = CountPlan(plan);
  const std::string_view word = WordOf(plan);
  Json out = Json::object();
  out["host"] = JsonString(paper.host);
  out["root"] = JsonString(paper.root);
  out["result"] = word == "AS DESCRIBED" ? "as-described" : word == "HELD" ? "held" : "differs";
  out["policy_hash"] = paper.policy_hash;
  Json files = Json::array();
  for (const std::string& name : paper.files) files.push_back(JsonString(name));
  out["files"] = std::move(files);
  out["cgroups"] = plan.cgroups;
  out["values"] = plan.values;
  Json sums = Json::object();
  sums["create"] = counts.create;
  sums["change"] = counts.change;
  sums["remove"] = counts.remove;
  sums["move"] = counts.move;
  sums["enable"] = counts.enable;
  sums["disable"] = counts.disable;
  out["counts"] = std::move(sums);
  out["complete"] = plan.complete;
  Json errors = Json::array();
  for (const Error& error : paper.observe_errors) errors.push_back(JsonString(error.ToString()));
  out["not_read"] = std::move(errors);
  out["care"] = CareJson(plan);
  out["held"] = HeldJson(plan);
  out["drifted"] = DriftedJson(plan);
  out["refused"] = RefusalsJson(plan);
  out["gaps"] = GapsJson(plan);
  out["actions"] = ActionsJson(plan.actions);
  out["observe_only"] = ActionsJson(plan.observe_only);
  out["watched_documents"] = WatchedJson(plan.watched);
  return out;
}

}  // namespace reeve::show
