// SPDX-License-Identifier: Apache-2.0
#include "core/policy/expression_advice.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "core/base/text.h"

namespace reeve::policy {
namespace {

struct Alias {
  std::string_view foreign;  // lower case
  std::string_view ours;
};

// Spellings of systemd, docker, Kubernetes and of habit.
constexpr auto kAliases = std::to_array<Alias>({
    {"c", "cores"},  {"cpu", "cores"}, {"cpus", "cores"}, {"vcpu", "cores"}, {"vcpus", "cores"},
    {"usec", "us"},  {"usecs", "us"},  {"msec", "ms"},    {"msecs", "ms"},   {"sec", "s"},
    {"secs", "s"},   {"second", "s"},  {"seconds", "s"},  {"min", "m"},      {"mins", "m"},
    {"minute", "m"}, {"minutes", "m"}, {"hour", "h"},     {"hours", "h"},    {"day", "d"},
    {"days", "d"},   {"byte", "B"},    {"bytes", "B"},
});

constexpr auto kNoLimitWords = std::to_array<std::string_view>(
    {"infinity", "unlimited", "none", "inf", "nolimit", "infinite"});

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string Usage(const Terms& terms) {
  if (terms.syntax.empty()) return "";
  return fmt::format("{} takes {}", terms.subject, terms.syntax);
}

bool CountsBytes(const Terms& terms) {
  return terms.dimension == Dimension::kBytes || terms.dimension == Dimension::kBytesPerSec;
}

// "4" and "cores" are written apart, "4" and "GiB" together.
std::string WithUnit(std::string_view number, std::string_view unit) {
  const bool apart = unit == "cores" || unit == "core";
  return fmt::format("{}{}{}", number, apart ? " " : "", unit);
}

std::string ExactBytes(std::string_view number, std::string_view unit_name) {
  const ScannedNumber scanned = ScanNumber(number);
  const Unit* unit = FindUnit(unit_name);
  const Int128 bytes = (static_cast<Int128>(scanned.whole) * kMillion + scanned.millionths) *
                       static_cast<Int128>(unit->factor) / kMillion;
  if (bytes > static_cast<Int128>(~std::uint64_t{0})) return "over 64 bits";
  return fmt::format("{} bytes", static_cast<std::uint64_t>(bytes));
}

// "G", "Gi", "gib", "kb": prefix letter, and what follows it.
struct Prefixed {
  char letter = 0;  // upper case
  bool binary = false;
  bool bytes = false;
};

std::optional<Prefixed> ReadPrefixed(std::string_view unit) {
  const std::string lower = Lower(unit);
  if (lower.empty() || std::string_view("kmgtpe").find(lower[0]) == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view rest = std::string_view(lower).substr(1);
  if (rest != "" && rest != "i" && rest != "b" && rest != "ib") return std::nullopt;
  Prefixed prefixed;
  prefixed.letter = static_cast<char>(lower[0] - 'a' + 'A');
  prefixed.binary = rest.starts_with('i');
  prefixed.bytes = rest.ends_with('b');
  return prefixed;
}

std::optional<Advice> AdviseOnPrefixed(const UnitUse& use, const Terms& terms) {
  const std::optional<Prefixed> prefixed = ReadPrefixed(use.unit);
  if (!prefixed) return std::nullopt;
  if (prefixed->letter == 'P' || prefixed->letter == 'E') {
    return Advice{"R0203", fmt::format("`{}` is no unit", use.unit), "the largest are TiB and TB"};
  }
  const std::string_view per = terms.dimension == Dimension::kBytesPerSec ? "/s" : "";
  const std::string binary = fmt::format("{}iB", prefixed->letter);
  if (prefixed->binary && prefixed->bytes) {
    return Advice{"R0203",
                  fmt::format("`{}` is no unit", use.unit),
                  fmt::format("write `{}{}{}`", use.number, binary, per)};
  }
  const char decimal_letter = prefixed->letter == 'K' ? 'k' : prefixed->letter;
  const std::string decimal = fmt::format("{}B", decimal_letter);
  return Advice{"R0202",
                fmt::format("`{}{}` can be read in two ways", use.number, use.unit),
                fmt::format("`{0}{1}{5}` ({2}) or `{0}{3}{5}` ({4})",
                            use.number,
                            binary,
                            ExactBytes(use.number, binary),
                            decimal,
                            ExactBytes(use.number, decimal),
                            per)};
}

// Kubernetes' millicores.
std::optional<Advice> AdviseOnMillicores(const UnitUse& use) {
  const ScannedNumber number = ScanNumber(use.number);
  if (use.unit != "m" || number.millionths != 0 || number.whole > 1'000'000'000) {
    return std::nullopt;
  }
  return Advice{"R0203",
                fmt::format("`{}m` is no amount of CPU", use.number),
                fmt::format("write `{}`", FormatCores(number.whole * 1000))};
}

std::string RateHint(const Terms& terms) {
  return terms.dimension == Dimension::kOpsPerSec ? "write `5000` or `5000/s`"
                                                  : "rates are per second: `200MiB/s`";
}

Advice AdviseOnKnownUnit(const UnitUse& use, const Unit& unit, const Terms& terms) {
  const std::string written =
      WithUnit(use.number, use.unit) + (use.per.empty() ? "" : fmt::format("/{}", use.per));
  if (unit.dimension == Dimension::kBytes && terms.dimension == Dimension::kBytesPerSec) {
    return {"R0218",
            fmt::format("`{}` does not say per what", written),
            fmt::format("write `{}/s`", written)};
  }
  if (unit.dimension == Dimension::kBytes && terms.dimension == Dimension::kBytes) {
    return {"R0203",
            fmt::format("`{}` is a rate, {} is an amount", written, terms.subject),
            fmt::format("write `{}`", WithUnit(use.number, use.unit))};
  }
  return {"R0203", fmt::format("{} does not count in `{}`", terms.subject, use.unit), Usage(terms)};
}

std::string NearestUnit(std::string_view word, const Terms& terms) {
  const std::string lower = Lower(word);
  std::vector<std::string_view> candidates;
  for (const Unit& unit : AllUnits()) {
    const bool rate =
        terms.dimension == Dimension::kBytesPerSec && unit.dimension == Dimension::kBytes;
    if (unit.dimension == terms.dimension || rate) candidates.push_back(unit.name);
  }
  for (std::string_view candidate : candidates) {
    if (Lower(candidate) == lower) return std::string(candidate);
  }
  for (const Alias& alias : kAliases) {
    if (alias.foreign != lower) continue;
    const bool fits =
        std::find(candidates.begin(), candidates.end(), alias.ours) != candidates.end();
    if (fits) return std::string(alias.ours);
  }
  return std::string(NearestSpelling(word, candidates).value_or(""));
}

bool SameKind(HostAmount a, HostAmount b) {
  const auto bytes = [](HostAmount h) {
    return h == HostAmount::kMemory || h == HostAmount::kSwap;
  };
  return a == b || (bytes(a) && bytes(b));
}

// cpu.max.burst has no value that others could take a share of.
bool HoldsAmount(const Knob& knob) {
  return HostAmountOf(knob) != HostAmount::kNone && knob.kind != ValueKind::kCpuTime;
}

}  // namespace

Advice AdviseOnUnit(const UnitUse& use, const Terms& terms) {
  if (!use.per.empty() && use.per != "s") {
    return {"R0203", fmt::format("`/{}` is no rate", use.per), RateHint(terms)};
  }
  const Unit* unit = FindUnit(use.unit);
  if (CountsBytes(terms) && (unit == nullptr || unit->dimension != Dimension::kBytes)) {
    if (std::optional<Advice> advice = AdviseOnPrefixed(use, terms)) return *std::move(advice);
  }
  if (terms.dimension == Dimension::kCores) {
    if (std::optional<Advice> advice = AdviseOnMillicores(use)) return *std::move(advice);
  }
  if (unit != nullptr) return AdviseOnKnownUnit(use, *unit, terms);
  if (use.unit.empty()) {
    return {"R0203",
            fmt::format("`{}/s` is a rate of operations", use.number),
            terms.dimension == Dimension::kBytesPerSec ? RateHint(terms) : Usage(terms)};
  }
  const std::string nearest = NearestUnit(use.unit, terms);
  if (!nearest.empty()) {
    return {"R0203",
            fmt::format("`{}` is no unit", use.unit),
            fmt::format("write `{}{}`",
                        WithUnit(use.number, nearest),
                        terms.dimension == Dimension::kBytesPerSec ? "/s" : "")};
  }
  if (terms.dimension == Dimension::kPlain) {
    return {"R0203",
            fmt::format("{} is a plain number, `{}` is no unit of it", terms.subject, use.unit),
            Usage(terms)};
  }
  return {"R0203", fmt::format("`{}` is no unit", use.unit), Usage(terms)};
}

Advice AdviseOnPercentage(std::string_view number, const Terms& terms) {
  if (terms.host == HostAmount::kNone) {
    return {"R0203", fmt::format("a percentage cannot stand in {}", terms.subject), Usage(terms)};
  }
  constexpr std::string_view kMessage = "a percentage must say of what";
  if (terms.dimension == Dimension::kTime) {
    return {"R0204", std::string(kMessage), fmt::format("`{}% of cpu.max`", number)};
  }
  if (terms.dimension == Dimension::kCores) {
    const ScannedNumber scanned = ScanNumber(number);
    const Int128 micro = (static_cast<Int128>(scanned.whole) * kMillion + scanned.millionths) / 100;
    if (micro <= static_cast<Int128>(~std::uint64_t{0})) {
      return {"R0204",
              std::string(kMessage),
              fmt::format("`{0}`, `{1}% of host` or `{1}% of parent`",
                          FormatCores(static_cast<std::uint64_t>(micro)),
                          number)};
    }
  }
  const bool beside_max = (terms.host == HostAmount::kMemory || terms.host == HostAmount::kSwap) &&
                          terms.subject != "memory.max";
  return {"R0204",
          std::string(kMessage),
          beside_max
              ? fmt::format("`{0}% of host`, `{0}% of parent` or `{0}% of memory.max`", number)
              : fmt::format("`{0}% of host` or `{0}% of parent`", number)};
}

Advice AdviseOnWord(std::string_view word, const Terms& terms) {
  Advice advice{"R0201", fmt::format("`{}` is not understood", word), Usage(terms)};
  const std::string lower = Lower(word);
  if (terms.max_allowed &&
      std::find(kNoLimitWords.begin(), kNoLimitWords.end(), lower) != kNoLimitWords.end()) {
    advice.hint = "`max` means no limit";
    return advice;
  }
  std::vector<std::string_view> known;
  if (terms.max_allowed) known.push_back("max");
  if (terms.host != HostAmount::kNone) {
    known.push_back("host");
    known.push_back("parent");
  }
  for (std::string_view candidate : known) {
    if (candidate == lower) {
      advice.hint = fmt::format("write `{}`", candidate);
      return advice;
    }
  }
  if (const auto nearest = NearestSpelling(word, known)) {
    advice.hint = fmt::format("did you mean `{}`?", *nearest);
  }
  return advice;
}

std::optional<Advice> AdviseOnReference(std::string_view word, const Terms& terms) {
  const bool key = word != "host" && word != "parent";
  const Knob* knob = key ? FindKnob(word) : nullptr;
  if (key && knob == nullptr) {
    std::vector<std::string_view> files;
    for (const Knob& row : AllKnobs()) {
      if (HoldsAmount(row)) files.push_back(row.file);
    }
    files.insert(files.end(), {"host", "parent"});
    const auto nearest = NearestSpelling(word, files);
    if (word.find('.') == std::string_view::npos) {
      return Advice{"R0212",
                    fmt::format("`{}` is neither host nor parent nor an interface file", word),
                    nearest ? fmt::format("did you mean `{}`?", *nearest) : ""};
    }
    return Advice{"R0212",
                  fmt::format("`{}` is no interface file", word),
                  nearest ? fmt::format("did you mean `{}`?", *nearest) : ""};
  }
  if (terms.host == HostAmount::kNone) {
    return Advice{
        "R0212", fmt::format("`{}` cannot stand in {}", word, terms.subject), Usage(terms)};
  }
  if (!key) return std::nullopt;
  if (!HoldsAmount(*knob)) {
    return Advice{"R0212", fmt::format("`{}` holds no amount to take a share of", word), ""};
  }
  if (!SameKind(HostAmountOf(*knob), terms.host)) {
    return Advice{"R0212",
                  fmt::format("`{}` and {} do not count the same", word, terms.subject),
                  Usage(terms)};
  }
  return std::nullopt;
}

}  // namespace reeve::policy
