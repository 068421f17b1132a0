// SPDX-License-Identifier: Apache-2.0
#include "app/show/render_events.h"

#include <time.h>

#include <array>
#include <chrono>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/show/plan_counts.h"
#include "app/show/screen.h"
#include "core/engine/words.h"

namespace reeve::show {
namespace {

std::string TimeOfDay(std::int64_t epoch_usec) {
  const time_t seconds = static_cast<time_t>(epoch_usec / 1'000'000);
  struct tm parts = {};
  if (::localtime_r(&seconds, &parts) == nullptr) return "?";
  std::array<char, 32> text = {};
  const std::size_t size = ::strftime(text.data(), text.size(), "%H:%M:%S", &parts);
  return fmt::format("{}.{:03}", std::string_view(text.data(), size), epoch_usec / 1000 % 1000);
}

double Seconds(engine::Instant took) {
  return std::chrono::duration<double>(took).count();
}

Json AuditJson(const engine::Event& event) {
  const engine::Audit& audit = *event.audit;
  Json json = {{"verb", JsonString(audit.verb)},
               {"arguments", JsonString(audit.arguments)},
               {"status", audit.status},
               {"exit_code", audit.exit_code},
               {"generation_before", audit.generation_before},
               {"generation", audit.generation_after},
               {"policy_hash", JsonString(audit.policy_hash)}};
  if (event.by == nullptr) return json;
  const Writer& who = *event.by;
  json["uid"] = who.uid ? Json(*who.uid) : Json();
  json["user"] = JsonString(who.user);
  json["pid_start"] = who.gone ? Json() : Json(who.start_time);
  json["program"] = JsonString(who.program);
  return json;
}

}  // namespace

std::int64_t ClockPair::At(engine::Instant moment) const {
  return epoch_usec -
         std::chrono::duration_cast<std::chrono::microseconds>(engine - moment).count();
}

std::string EventLine(const engine::Event& event, const ClockPair& clock) {
  std::string line =
      fmt::format("{}  {:<11}", TimeOfDay(clock.At(event.at)), engine::NameOf(event.kind));
  if (!event.path.is_root() || !event.file.empty()) line += ShownPath(event.path);
  if (!event.file.empty()) line += " " + Shown(event.file);
  if (!event.from.empty() || !event.to.empty()) {
    line += fmt::format(" {} -> {}",
                        event.from.empty() ? "-" : Shown(event.from),
                        event.to.empty() ? "-" : Shown(event.to));
  }
  if (event.by) line += "  by " + engine::DescribeWriter(event.by.get());
  if (event.took) line += fmt::format("  {:.1f} ms", Seconds(*event.took) * 1000);
  if (!event.text.empty()) line += "  " + Shown(event.text);
  const std::string place = event.mark.FileLine();
  return place.empty() ? line : line + "  " + Shown(place);
}

std::string EventJsonLine(const engine::Event& event, const ClockPair& clock) {
  Json json = Json::object();
  json["number"] = event.number;
  json["time"] = static_cast<double>(clock.At(event.at)) / 1e6;
  json["kind"] = engine::NameOf(event.kind);
  json["cgroup"] = JsonString(event.path.text());
  json["key"] = event.file.empty() ? Json() : JsonString(event.file);
  json["from"] = event.from.empty() ? Json() : JsonString(event.from);
  json["to"] = event.to.empty() ? Json() : JsonString(event.to);
  json["by"] = event.by ? JsonString(engine::DescribeWriter(event.by.get())) : Json();
  json["pid"] = event.by ? Json(event.by->pid) : Json();
  json["took_seconds"] = event.took ? Json(Seconds(*event.took)) : Json();
  json["place"] = event.mark.known() ? JsonString(event.mark.FileLine()) : Json();
  if (event.audit) json["audit"] = AuditJson(event);
  json["text"] = event.text.empty() ? Json() : JsonString(event.text);
  return json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

}  // namespace reeve::show
