// SPDX-License-Identifier: Apache-2.0
#include "app/cli/render_doctor.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/show/screen.h"

namespace reeve::cli {
namespace {

using kernel::Health;
using kernel::HealthCheck;

constexpr std::size_t kTopicWidth = 13;

std::size_t CountOf(const std::vector<HealthCheck>& checks, Health health) {
  return static_cast<std::size_t>(std::count_if(
      checks.begin(), checks.end(), [health](const HealthCheck& c) { return c.health == health; }));
}

std::string_view NameOf(Health health) {
  switch (health) {
    case Health::kOk:
      return "ok";
    case Health::kWarn:
      return "WARN";
    case Health::kFail:
      return "FAIL";
  }
  return "FAIL";
}

std::string Verdict(const std::vector<HealthCheck>& checks) {
  const std::size_t failed = CountOf(checks, Health::kFail);
  const std::size_t warned = CountOf(checks, Health::kWarn);
  if (failed + warned == 0) return "OK";
  return fmt::format("NEEDS CARE: {} FAIL, {} WARN", failed, warned);
}

// "Debian 12, kernel 6.1.0, systemd 252, reeve 0.1.0", without what is not known.
std::string Versions(const HostFacts& facts) {
  std::string out = Shown(facts.os);
  if (!out.empty())
    out[0] = out[0] >= 'a' && out[0] <= 'z' ? static_cast<char>(out[0] - 'a' + 'A') : out[0];
  const auto add = [&](std::string_view name, const std::string& value) {
    if (value.empty()) return;
    if (!out.empty()) out += ", ";
    out += std::string(name) + " " + Shown(value);
  };
  add("kernel", facts.kernel);
  add("systemd", facts.systemd);
  add("reeve", facts.reeve);
  return out;
}

}  // namespace

std::string RenderDoctor(const HostFacts& facts,
                         const std::vector<HealthCheck>& checks,
                         const Paint& paint) {
  const int code = DoctorExitCode(checks);
  const std::string verdict = Verdict(checks);
  std::string out =
      Shown(facts.host) + ": " + (code != kDone ? paint.Red(verdict) : paint.Bold(verdict)) + "\n";
  out += Hanging("", Versions(facts), kDoctorWidth) + "\n";
  for (const HealthCheck& check : checks) {
    const std::string name = PadRight(std::string(NameOf(check.health)), 4);
    const std::string shown = check.health == Health::kFail   ? paint.Red(name)
                              : check.health == Health::kWarn ? paint.Yellow(name)
                                                              : name;
    const std::string topic = PadRight(Shown(check.topic), kTopicWidth);
    // Colour has no width, so the text is hung under the plain head.
    const std::string lines =
        Hanging(fmt::format("{}  {} ", name, topic), Shown(check.text), kDoctorWidth);
    out += shown;
    out += lines.substr(name.size());
    if (check.fix.empty()) continue;
    out += Hanging(std::string(name.size() + 2 + kTopicWidth + 1, ' ') + "Fix: ",
                   Shown(check.fix),
                   kDoctorWidth);
  }
  out +=
      fmt::format("\nExit {}.{}\n",
                  code,
                  CountOf(checks, Health::kFail) + CountOf(checks, Health::kWarn) == 0
                      ? ""
                      : " FAIL: reeve cannot work like this. WARN: something does not work here.");
  return out;
}

Json DoctorJson(const HostFacts& facts, const std::vector<HealthCheck>& checks) {
  Json out = Json::object();
  out["host"] = JsonString(facts.host);
  out["result"] = DoctorExitCode(checks) != kDone       ? "fail"
                  : CountOf(checks, Health::kWarn) != 0 ? "warn"
                                                        : "ok";
  out["os"] = JsonString(facts.os);
  out["kernel"] = JsonString(facts.kernel);
  out["systemd"] = JsonString(facts.systemd);
  out["reeve"] = JsonString(facts.reeve);
  Json list = Json::array();
  for (const HealthCheck& check : checks) {
    Json one = Json::object();
    one["health"] = check.health == Health::kOk     ? "ok"
                    : check.health == Health::kWarn ? "warn"
                                                    : "fail";
    one["topic"] = JsonString(check.topic);
    one["text"] = JsonString(check.text);
    one["fix"] = check.fix.empty() ? Json() : JsonString(check.fix);
    list.push_back(std::move(one));
  }
  out["checks"] = std::move(list);
  return out;
}

int DoctorExitCode(const std::vector<HealthCheck>& checks) {
  return CountOf(checks, Health::kFail) != 0 ? kFailed : kDone;
}

}  // namespace reeve::cli
