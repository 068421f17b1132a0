// SPDX-License-Identifier: Apache-2.0
#include "core/engine/clamp.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "core/base/text.h"

namespace reeve::engine {
namespace {

constexpr std::uint64_t kKernelThread = 0x00200000;  // PF_KTHREAD
constexpr std::string_view kHead = "reeve-clamp/1";

// Rounds until who forks all the time is caught up with: what is inside begets its children inside,
// so each round finds fewer.
constexpr int kMostRounds = 20;

// Every byte outside of what names usually have as %XX, the slash between them kept.
std::string Escaped(std::string_view path) {
  std::string escaped;
  for (char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("/._-@+").find(c) != std::string_view::npos;
    escaped += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return escaped;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::optional<std::string> Unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? HexDigit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? HexDigit(text[i + 2]) : -1;
    if (high < 0 || low < 0) return std::nullopt;
    plain += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return plain;
}

Error NotAClamp(std::string_view line) {
  return {ErrorKind::kInvalid,
          0,
          "clamp",
          fmt::format("not a line of one: `{}`", EscapeForTerminal(line.substr(0, 100)))};
}

}  // namespace

std::string FormatClamp(const Clamp& clamp) {
  std::string text = fmt::format("{} {}\n", kHead, Escaped(clamp.name));
  for (const ClampedProcess& process : clamp.processes) {
    text +=
        fmt::format("{} {} /{}\n", process.pid, process.starttime, Escaped(process.origin.text()));
  }
  return text;
}

Result<Clamp> ParseClamp(std::string_view text) {
  Clamp clamp;
  const auto lines = SplitLines(text);
  if (lines.empty()) return NotAClamp("");
  const auto head = Split(lines[0], ' ');
  const auto name = head.size() == 2 && head[0] == kHead ? Unescaped(head[1]) : std::nullopt;
  if (!name || name->empty() || name->find('/') != std::string::npos) return NotAClamp(lines[0]);
  clamp.name = *name;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto words = Split(lines[i], ' ');
    if (words.size() != 3 || !words[2].starts_with('/')) return NotAClamp(lines[i]);
    const auto pid = ParseDecimal(words[0]);
    const auto starttime = ParseDecimal(words[1]);
    const auto path = Unescaped(words[2].substr(1));
    if (!pid || *pid == 0 || *pid > 0x7fffffff || !starttime || !path) return NotAClamp(lines[i]);
    auto origin = CgroupPath::Parse(*path);
    if (!origin.has_value()) return NotAClamp(lines[i]);
    clamp.processes.push_back({static_cast<std::int64_t>(*pid), *starttime, *std::move(origin)});
  }
  return clamp;
}

std::vector<ProcessStat> ProcessTree(const std::vector<ProcessStat>& all,
                                     std::int64_t pid,
                                     bool tree) {
  std::multimap<std::int64_t, const ProcessStat*> children;
  std::vector<ProcessStat> found;
  for (const ProcessStat& process : all) {
    if (process.pid == pid) found.push_back(process);
    children.emplace(process.ppid, &process);
  }
  if (found.empty() || !tree) return found;
  std::set<std::int64_t> seen = {pid};
  for (std::size_t next = 0; next < found.size(); ++next) {
    const auto [begin, end] = children.equal_range(found[next].pid);
    std::vector<const ProcessStat*> born;
    for (auto child = begin; child != end; ++child) born.push_back(child->second);
    std::ranges::sort(born, {}, &ProcessStat::pid);
    for (const ProcessStat* child : born) {
      if (seen.insert(child->pid).second) found.push_back(*child);
    }
  }
  return found;
}

CgroupPath Clamps::InManaged(const std::string& name) const {
  return managed_.Child(name);
}

Result<CgroupPath> Clamps::OriginOf(std::int64_t pid) {
  REEVE_TRY(const ProcessCgroup cgroup, processes_.CgroupOf(pid));
  const std::string subject = fmt::format("pid {}", pid);
  if (cgroup.deleted) return Error{ErrorKind::kGone, 0, subject, "its cgroup was removed"};
  if (cgroup.path.starts_with("/..")) {
    return Error{ErrorKind::kUnsupported, 0, subject, "its cgroup is not shown to us"};
  }
  return CgroupPath::Parse(std::string_view(cgroup.path).substr(1));
}

Result<> Clamps::JudgeTarget(const ProcessStat& process, const ClampWish& wish) {
  const std::string subject = fmt::format("pid {}", process.pid);
  std::string_view why;
  if (process.pid == 1) why = "is the first process of all";
  if ((process.flags & kKernelThread) != 0) why = "is a thread of the kernel";
  if (process.pid == wish.self) why = "is reeve itself";
  if (!why.empty()) return Error{ErrorKind::kDenied, 0, subject, std::string(why)};
  if (wish.may_escape) return {};
  REEVE_TRY(const CgroupPath origin, OriginOf(process.pid));
  if (managed_.Contains(origin)) return {};
  return Error{ErrorKind::kDenied,
               0,
               subject,
               fmt::format("is in /{}, which is not reeve's: only root may take it from there",
                           EscapeForTerminal(origin.text()))};
}

Result<std::vector<ProcessStat>> Clamps::Targets(const ClampWish& wish) {
  REEVE_TRY(const std::vector<ProcessStat> all, processes_.List());
  std::vector<ProcessStat> targets = ProcessTree(all, wish.pid, wish.tree);
  if (targets.empty()) {
    return Error{ErrorKind::kGone, 0, fmt::format("pid {}", wish.pid), "is not there"};
  }
  for (const ProcessStat& target : targets) {
    const Result<> judged = JudgeTarget(target, wish);
    // Somebody's child that ends while we look is nobody's loss.
    if (judged.has_value() || judged.error().kind == ErrorKind::kGone) continue;
    return judged.error();
  }
  return targets;
}

Result<ClampView> Clamps::Look(const ClampWish& wish) {
  ClampView view;
  REEVE_TRY(view.processes, Targets(wish));
  std::set<CgroupPath> escapes;
  for (const ProcessStat& process : view.processes) {
    const auto origin = OriginOf(process.pid);
    if (origin.has_value() && !managed_.Contains(*origin)) escapes.insert(*origin);
  }
  view.escapes.assign(escapes.begin(), escapes.end());
  return view;
}

Result<> Clamps::Move(const ClampedProcess& process, const CgroupPath& to) {
  const auto is_it = [&] {
    const auto now = processes_.Stat(process.pid);
    return now.has_value() && now->starttime == process.starttime;
  };
  const Error gone{ErrorKind::kGone, 0, fmt::format("pid {}", process.pid), "is not there"};
  if (!is_it()) return gone;
  REEVE_TRY_VOID(hierarchy_.AddProcess(to, process.pid));
  if (is_it()) return {};
  // The number went to another process between the look and the move, which has just been taken
  // from where it was born: beside its parent.
  const auto other = processes_.Stat(process.pid);
  if (other.has_value()) {
    const auto home = OriginOf(other->ppid);
    if (home.has_value() && *home != to) (void)hierarchy_.AddProcess(*home, process.pid);
  }
  return gone;
}

Result<Clamp> Clamps::Begin(const ClampWish& wish,
                            const std::function<Result<>(const Clamp&)>& remember) {
  Clamp clamp;
  clamp.name = wish.name;
  const CgroupPath to = InManaged(wish.name);
  for (int round = 0; round < kMostRounds; ++round) {
    const auto targets = Targets(wish);
    if (!targets.has_value() && round == 0) return targets.error();
    if (!targets.has_value()) break;  // the one named has ended meanwhile
    const std::size_t known = clamp.processes.size();
    for (const ProcessStat& target : *targets) {
      auto origin = OriginOf(target.pid);
      if (!origin.has_value() || to.Contains(*origin)) continue;
      const bool tried =
          std::any_of(clamp.processes.begin(),
                      clamp.processes.begin() + static_cast<std::ptrdiff_t>(known),
                      [&](const ClampedProcess& process) {
                        return process.pid == target.pid && process.starttime == target.starttime;
                      });
      if (tried) continue;  // it could not be moved
      clamp.processes.push_back({target.pid, target.starttime, *std::move(origin)});
    }
    if (clamp.processes.size() == known) break;
    REEVE_TRY_VOID(remember(clamp));
    for (std::size_t i = known; i < clamp.processes.size(); ++i) {
      const auto done = Move(clamp.processes[i], to);
      if (!done.has_value() && i == 0) return done.error();
    }
    if (!wish.tree) break;
  }
  return clamp;
}

CgroupPath Clamps::HomeOf(const ProcessStat& process, const Clamp& clamp) {
  ProcessStat ancestor = process;
  for (int step = 0; step < 100 && ancestor.pid > 1; ++step) {
    for (const ClampedProcess& known : clamp.processes) {
      if (known.pid == ancestor.pid && known.starttime == ancestor.starttime) return known.origin;
    }
    auto parent = processes_.Stat(ancestor.ppid);
    if (!parent.has_value()) break;
    ancestor = *std::move(parent);
  }
  // Its parents have ended: it belongs to the one that was named.
  return clamp.processes.empty() ? managed_ : clamp.processes.front().origin;
}

UnclampReport Clamps::End(const Clamp& clamp) {
  UnclampReport report;
  for (const ClampedProcess& process : clamp.processes) {
    const auto now = processes_.Stat(process.pid);
    if (!now.has_value() || now->starttime != process.starttime) ++report.ended;
  }
  const CgroupPath from = InManaged(clamp.name);
  std::set<std::int64_t> stuck;
  for (int round = 0; round < kMostRounds; ++round) {
    const auto inside = hierarchy_.ReadProcesses(from);
    if (!inside.has_value()) {
      if (inside.error().kind != ErrorKind::kGone && inside.error().kind != ErrorKind::kNotFound) {
        report.stayed.push_back(inside.error());
      }
      return report;
    }
    bool moved = false;
    for (std::int64_t pid : *inside) {
      if (stuck.contains(pid)) continue;
      const auto process = processes_.Stat(pid);
      if (!process.has_value()) continue;
      const auto back = Move({pid, process->starttime, from}, HomeOf(*process, clamp));
      if (back.has_value()) {
        ++report.moved;
        moved = true;
      } else if (back.error().errno_value != 0) {
        stuck.insert(pid);
        report.stayed.push_back(back.error());
      }
    }
    if (!moved) break;
  }
  return report;
}

}  // namespace reeve::engine
