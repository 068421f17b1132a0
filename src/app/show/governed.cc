// SPDX-License-Identifier: Apache-2.0
#include "app/show/governed.h"

#include <time.h>

#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/show/screen.h"
#include "app/show/settling.h"
#include "app/show/table.h"

namespace reeve::show {
namespace {

constexpr std::int64_t kSixDays = 6 * 86'400;
constexpr std::int64_t kHalfYear = 180 * 86'400;
// A template that shrinks may have hundreds of instances, and the tree stands below.
constexpr std::size_t kSettlingShown = 5;
constexpr std::size_t kFailuresShown = 5;

std::string Local(std::int64_t at, const char* form) {
  const time_t moment = static_cast<time_t>(at);
  struct tm parts = {};
  if (::localtime_r(&moment, &parts) == nullptr) return "?";
  std::array<char, 64> text = {};
  const std::size_t size = ::strftime(text.data(), text.size(), form, &parts);
  return std::string(text.data(), size);
}

// "ansible (uid 0), CHG-20551"
std::string By(const Origin& origin) {
  return Shown(origin.who) + (origin.why.empty() ? "" : ", " + Shown(origin.why));
}

Json OriginJson(const Origin& origin) {
  return {{"who", JsonString(origin.who)}, {"why", JsonString(origin.why)}};
}

std::string RenderHold(const Governed& governed) {
  const Hold& hold = *governed.hold;
  return fmt::format("HELD at {} since {} by {}{}; `reevectl release` ends it.",
                     governed.generation,
                     Moment(hold.since, governed.now),
                     By(hold.origin),
                     hold.until ? ", until " + Moment(*hold.until, governed.now) : "");
}

std::string RenderSettling(const std::vector<engine::ShrinkProgress>& shrinks) {
  std::string out;
  const std::size_t shown = shrinks.size() == kSettlingShown + 1 ? shrinks.size() : kSettlingShown;
  for (std::size_t i = 0; i < shrinks.size() && i < shown; ++i) {
    out += Hanging("Settling: ", DescribeShrink(shrinks[i]), kStatusWidth);
  }
  if (shrinks.size() > shown) {
    out +=
        Hanging("Settling: ",
                fmt::format("{} more (`reevectl status -o json` has all)", shrinks.size() - shown),
                kStatusWidth);
  }
  return out;
}

std::string RenderConfirmation(const Governed& governed) {
  const Confirmation& wait = *governed.confirmation;
  return fmt::format(
      "CONFIRM before {} with `reevectl confirm`, or generation {} is undone (back to {}).",
      Moment(wait.before, governed.now),
      wait.generation,
      wait.back_to);
}

}  // namespace

std::string Moment(std::int64_t at, std::int64_t now) {
  const auto within = [&](std::int64_t span) { return at > now - span && at < now + span; };
  return Local(at,
               within(kSixDays)    ? "%a %H:%M:%S"
               : within(kHalfYear) ? "%d %b %H:%M"
                                   : "%d %b %Y");
}

std::string RenderSince(const Governed& governed) {
  if (governed.generation == 0) return "no policies in force";
  return fmt::format("generation {} since {} by {}",
                     governed.generation,
                     Moment(governed.since, governed.now),
                     By(governed.origin));
}

std::string RenderGoverned(const Governed& governed, const Paint& paint) {
  std::string out;
  if (governed.confirmation)
    out += Hanging("", paint.Yellow(RenderConfirmation(governed)), kStatusWidth);
  if (governed.hold) out += Hanging("", RenderHold(governed), kStatusWidth);
  for (std::size_t i = 0; i < governed.failures.size() && i < kFailuresShown; ++i) {
    out += Hanging("FAILED, will be tried again: ", governed.failures[i], kStatusWidth);
  }
  if (governed.failures.size() > kFailuresShown) {
    out += fmt::format("FAILED, {} more: `reevectl status -o json`\n",
                       governed.failures.size() - kFailuresShown);
  }
  for (const std::string& line : governed.by_hand)
    out += Hanging("By hand: ", Shown(line), kStatusWidth);
  out += RenderSettling(governed.settling);
  if (governed.repaired != 0) {
    out += Hanging(
        "", Count(governed.repaired, "value") + " put back since reeved started.", kStatusWidth);
  }
  return out;
}

void AddGoverned(const Governed& governed, Json& status) {
  status["generation"] = governed.generation;
  status["since"] = governed.since;
  status["by"] = OriginJson(governed.origin);
  status["trouble"] = governed.word.empty() ? Json() : JsonString(governed.text);
  Json held;
  if (governed.hold) {
    held = OriginJson(governed.hold->origin);
    held["since"] = governed.hold->since;
    held["until"] = governed.hold->until ? Json(*governed.hold->until) : Json();
  }
  status["held"] = std::move(held);
  status["confirm_before"] = governed.confirmation ? Json(governed.confirmation->before) : Json();
  status["repaired"] = governed.repaired;
  Json by_hand = Json::array();
  for (const std::string& line : governed.by_hand) by_hand.push_back(JsonString(line));
  status["by_hand"] = std::move(by_hand);
  Json failures = Json::array();
  for (const std::string& line : governed.failures) failures.push_back(JsonString(line));
  status["failures"] = std::move(failures);
  status["settling"] = ShrinksJson(governed.settling);
}

std::string RenderHistory(const std::vector<GenerationRecord>& history) {
  if (history.empty()) return "no generation yet\n";
  std::vector<TableLine> lines;
  lines.push_back({{"GEN", "WHEN", "WHO", "WHAT", "RESULT"}});
  for (auto record = history.rbegin(); record != history.rend(); ++record) {
    lines.push_back({{std::to_string(record->number),
                      Local(record->at, "%a %d %b %H:%M:%S"),
                      By(record->origin),
                      Shown(record->what),
                      Shown(record->result)}});
  }
  return LayOut(lines, {Align::kRight, Align::kLeft, Align::kLeft, Align::kLeft, Align::kLeft});
}

Json HistoryJson(const std::vector<GenerationRecord>& history) {
  Json all = Json::array();
  for (auto record = history.rbegin(); record != history.rend(); ++record) {
    all.push_back({{"generation", record->number},
                   {"at", record->at},
                   {"by", OriginJson(record->origin)},
                   {"what", JsonString(record->what)},
                   {"result", JsonString(record->result)},
                   {"policy_hash", record->policy_hash}});
  }
  return {{"generations", std::move(all)}};
}

}  // namespace reeve::show
