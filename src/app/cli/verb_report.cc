// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/complain.h"
#include "app/cli/daemon_verbs.h"
#include "app/cli/offline.h"
#include "app/cli/tar.h"
#include "app/cli/verbs.h"
#include "app/show/printing.h"
#include "app/show/screen.h"
#include "core/base/version.h"
#include "edge/http/client.h"
#include "edge/io/clock.h"
#include "edge/io/unique_fd.h"

namespace reeve::cli {
namespace {

// What a verb prints, as a text.
std::string Printed(const OutputOptions& options, const std::function<int(Output&)>& verb) {
  char* buffer = nullptr;
  std::size_t size = 0;
  std::FILE* memory = ::open_memstream(&buffer, &size);
  std::FILE* complaints = std::fopen("/dev/null", "we");
  std::string text;
  if (memory != nullptr && complaints != nullptr) {
    Output output(options, memory, complaints);
    (void)output.Finish(verb(output));
  }
  if (memory != nullptr && std::fclose(memory) == 0) text.assign(buffer, size);
  if (complaints != nullptr) (void)std::fclose(complaints);
  std::free(buffer);  // NOLINT(cppcoreguidelines-no-malloc): open_memstream's
  return text;
}

std::string HostName() {
  char name[256] = "host";
  (void)::gethostname(name, sizeof name - 1);
  return name;
}

// "20261121T213000Z"
std::string Stamp(std::int64_t now) {
  std::string stamp = io::FormatUtc(now);
  std::erase_if(stamp, [](char c) { return c == '-' || c == ':'; });
  return stamp;
}

// What only the daemon knows: plan, status, history, events, and the policies in force. Each member
// of its answer becomes a file.
bool AddFromDaemon(const DaemonOptions& options, TarText& tar, Output& output) {
  http::Endpoint endpoint;
  endpoint.socket = SocketOf(options);
  http::Call call;
  call.target = "/v1/report";
  call.accept = "application/json";
  const auto answer = http::Ask(endpoint, call);
  std::string trouble;
  Json report;
  if (!answer.has_value()) {
    trouble = answer.error().ToString();
  } else if (answer->status != 200) {
    trouble = fmt::format("the daemon answers {}", answer->status);
  } else if (report = Json::parse(answer->body, nullptr, false); !report.is_object()) {
    trouble = "the daemon's answer is no JSON object";
  }
  if (!trouble.empty()) {
    Complain(output, Shown("without what the daemon knows: " + trouble));
    tar.Add("daemon.txt", trouble + "\n");
    return false;
  }
  for (const auto& [name, value] : report.items()) {
    if (value.is_string()) {
      tar.Add(name, value.get<std::string>());
    } else {
      tar.Add(name + ".json", PrintJson(value));
    }
  }
  return true;
}

void AddPolicies(const HostConfig& config, TarText& tar) {
  auto set = ReadPolicies({}, config);
  if (!set.has_value()) {
    tar.Add("policies.txt", set.error().ToString() + "\n");
    return;
  }
  for (const auto& file : set->files) {
    tar.Add(fmt::format("policies/layer{}/{}", file->layer, file->name), file->text);
  }
  std::string ignored;
  for (const auto& name : set->ignored) ignored += Shown(name.name + ": " + name.reason) + "\n";
  if (!ignored.empty()) tar.Add("policies/ignored.txt", ignored);
}

// A new file that only we can read; nobody's file is overwritten.
bool WriteNew(const std::string& path, std::string_view text, Output& output) {
  const UniqueFd file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.valid()) {
    Complain(output, ErrnoError(errno, path, "creating the report"));
    return false;
  }
  while (!text.empty()) {
    const ssize_t written = ::write(file.get(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      Complain(output, ErrnoError(errno, path, "writing the report"));
      (void)::unlink(path.c_str());  // half a report is none
      return false;
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

int Report(const DaemonOptions& options, const std::string& file, Output& output) {
  const std::int64_t now = io::EpochSeconds();
  const std::string name = fmt::format("reeve-report-{}-{}", HostName(), Stamp(now));
  TarText tar(name, now);
  const HostConfig config = ReadHostConfig(options.config);
  tar.Add("version.txt", fmt::format("reevectl {}\n", kVersion));
  TreeOptions tree;
  tree.config = options.config;
  tree.output.color = ColorWish::kNever;
  tar.Add("doctor.txt", Printed(tree.output, [&](Output& to) { return Doctor(tree, to); }));
  tree.output.format = Format::kJson;
  Json facts = Json::parse(
      Printed(tree.output, [&](Output& to) { return Facts(tree, to); }), nullptr, false);
  if (facts.is_object()) facts.erase("machine_id");  // man machine-id: not for strangers
  tar.Add("facts.json", PrintJson(facts.is_object() ? facts : Json::object()));
  AddPolicies(config, tar);
  (void)AddFromDaemon(options, tar, output);

  const std::string archive = tar.Take();
  if (file == "-") {
    output.Print(archive);
    return kDone;
  }
  std::string path = file.empty() ? name + ".tar" : file;
  if (!WriteNew(path, archive, output)) return kFailed;
  const Json said = {{"file", JsonString(path)}, {"bytes", archive.size()}};
  if (output.is_table()) {
    output.Print(
        fmt::format("{}: policies, facts, doctor, plan and last events; read it before you "
                    "send it\n",
                    Shown(path)));
  } else {
    output.PrintValue(said);
  }
  return kDone;
}

}  // namespace

int RunReport(const DaemonOptions& options, const std::string& file) {
  Output output(options.output);
  return output.Finish(Report(options, file, output));
}

}  // namespace reeve::cli
