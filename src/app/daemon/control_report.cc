// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/daemon/control.h"
#include "app/daemon/whole.h"
#include "app/show/exit_code.h"
#include "app/show/render_plan.h"
#include "app/show/render_status.h"
#include "core/policy/facts_reader.h"

// What a ticket needs, and nothing that does not belong there: no command lines, no environment.
namespace reeve::daemon {

// What policies are judged by here. `reevectl facts` takes the units from it, which only we ask systemd for.
void Control::Facts(const http::Request& request, http::Responder responder) {
  const std::string text = policy::FormatFactsJson(governing_.taking_up.facts());
  responder.Send(Answer(request, text, show::Json::parse(text, nullptr, false), show::kDone));
}

void Control::Report(const http::Request& request, http::Responder responder) {
  const engine::Generations& generations = governing_.taking_up.generations();
  show::Json report = show::Json::object();
  show::Json governed = show::Json::object();
  show::AddGoverned(Governed(), governed);
  report["status"] = std::move(governed);
  report["history"] = show::HistoryJson(generations.history());
  show::Json facts =
      show::Json::parse(policy::FormatFactsJson(governing_.taking_up.facts()), nullptr, false);
  if (facts.is_object()) facts.erase("machine_id");  // names this host wherever the ticket goes
  report["facts"] = std::move(facts);
  const show::ClockPair clock = ClocksNow();
  std::string events;
  for (const engine::Event& event : governing_.engine.events().all()) {
    events += show::EventLine(event, clock) + "\n";
  }
  report["events.txt"] = show::JsonString(events);
  if (generations.has_generation()) {
    const auto plan = WholePlan(governing_.engine, governing_.units);
    show::PlanPaper paper = PaperOf(*plan, generations.in_force());
    const auto desired = WholeDesired(generations.in_force().desired, generations.in_force().units);
    paper.desired = desired.get();
    report["plan.txt"] =
        show::JsonString(show::RenderPlan(paper, {true, true, ""}, show::Paint(false)));
    for (const auto& file : generations.in_force().files) {
      report[fmt::format("policies/{}-{}", file->layer, file->name)] = show::JsonString(file->text);
    }
  }
  const std::string text = show::PrintJson(report);
  responder.Send(Answer(request, text, report, show::kDone));
}

}  // namespace reeve::daemon
