// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <chrono>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/ask_daemon.h"
#include "app/cli/complain.h"
#include "app/cli/offline.h"
#include "app/cli/verbs.h"
#include "app/show/render_diagnostic.h"
#include "app/show/render_explain.h"
#include "app/show/screen.h"
#include "core/engine/sample.h"
#include "core/engine/way_up.h"
#include "core/plan/explain.h"
#include "edge/io/clock.h"

namespace reeve::cli {
namespace {

// Ten periods of cpu.max: what is throttled shows, and nobody waits long for the answer.
constexpr auto kBetweenLooks = std::chrono::seconds(1);

struct Arguments {
  std::string key;
  std::vector<std::string> files;
  std::string mistake;
};

// A name of a file that is there is a policy, anything else the key.
Arguments Sort(const ExplainOptions& options) {
  Arguments sorted;
  for (const std::string& argument : options.what) {
    struct stat status = {};
    const bool there = argument == "-" || ::stat(argument.c_str(), &status) == 0;
    if (there && FindKnob(argument) == nullptr) {
      sorted.files.push_back(argument);
    } else if (argument.ends_with(".yaml") || argument.find('/') != std::string::npos) {
      sorted.mistake = Shown(argument) + ": no such file";
    } else if (sorted.key.empty()) {
      sorted.key = argument;
    } else {
      sorted.mistake = "one key at a time";
    }
  }
  return sorted;
}

WayUp Look(OfflineHost& host, const CgroupPath& path, const std::vector<std::string>& files) {
  WayUp way = engine::ReadWayUp(host.fs(), path, host.root(), files);
  engine::AddAbove(host.root(), kernel::OpenTreeOf, files, way);
  return way;
}

int ExplainByDaemon(const ExplainOptions& options, const std::string& key, Output& output) {
  DaemonQuestion question{
      .verb = "explain",
      .path = "/v1/explain",
      .query = {{"cgroup", options.cgroup}},
      .without = WithoutDaemon("explain", options.tree) + " " + ShellWord(options.cgroup)};
  if (!key.empty()) question.query.emplace_back("key", key);
  return AskDaemon(DaemonOf(options.tree), question, output);
}

int ExplainHere(const ExplainOptions& options, const Arguments& arguments, Output& output) {
  const auto path = CgroupPath::Parse(options.cgroup);
  if (!path.has_value()) {
    Complain(output, path.error());
    return kUsage;
  }
  int code = kDone;
  const std::string root = RootFor(options.tree, "explain", output, &code);
  if (root.empty()) return code;
  const HostConfig config = ReadHostConfig(options.tree.config);
  auto host = OfflineHost::Open(root, config.facts_dir);
  if (!host.has_value()) {
    Complain(output, host.error());
    return CodeOfRootError(host.error());
  }
  plan::ExplainInput input;
  Judged judged;
  // Without --root the host's own policies are meant; with it only what is named.
  if (!arguments.files.empty() || options.tree.root.empty()) {
    auto set = ReadPolicies(arguments.files, config);
    if (!set.has_value()) {
      Complain(output, set.error());
      return kFailed;
    }
    judged = JudgeSet(*std::move(set), arguments.files, config, host->facts());
    if (judged.usable()) {
      input.desired = &judged.generation.desired;
    } else {
      output.Complain(RenderFindings(judged.findings, Paint(output.color_err())));
      output.Complain("note: the policies can not be used, so only the kernel is asked\n");
    }
  }
  std::vector<std::string> files;
  if (!arguments.key.empty()) files.push_back(arguments.key);
  const WayUp first = Look(*host, *path, {});
  if (!first.empty()) std::this_thread::sleep_for(kBetweenLooks);
  input.path = *path;
  input.key = arguments.key;
  input.way = Look(*host, *path, files);
  engine::AddBefore(first, std::chrono::duration<double>(kBetweenLooks).count(), input.way);
  const auto mark = host->fs().ReadMark(*path);
  input.ours = mark.has_value() && mark->has_value();
  input.page_size = host->facts().page_size;
  ExplainPaper paper;
  paper.host = host->facts().host;
  paper.root = host->root();
  paper.device_names = engine::DeviceNames(host->facts());
  paper.now = io::EpochSeconds();
  paper.explanation = plan::Explain(std::move(input));
  if (ExitCodeOf(paper.explanation) == kNotFound) {
    Complain(output,
             fmt::format("no cgroup {} below {}, and no policy describes one",
                         Shown(path->text()),
                         Shown(paper.root)),
             SameFor("status", paper.root, options.tree));
    return kNotFound;
  }
  if (output.is_table()) {
    output.Print(RenderExplain(paper, Paint(output.color_out())));
  } else {
    output.PrintValue(ExplainJson(paper));
  }
  return kDone;
}

int Explain(const ExplainOptions& options, Output& output) {
  const Arguments arguments = Sort(options);
  if (!arguments.mistake.empty()) {
    Complain(output, arguments.mistake, "reevectl explain --help");
    return kUsage;
  }
  TreeOptions tree = options.tree;
  tree.files = arguments.files;
  return IsForDaemon(tree) ? ExplainByDaemon(options, arguments.key, output)
                           : ExplainHere(options, arguments, output);
}

}  // namespace

int RunExplain(const ExplainOptions& options) {
  Output output(options.tree.output);
  return output.Finish(Explain(options, output));
}

}  // namespace reeve::cli
