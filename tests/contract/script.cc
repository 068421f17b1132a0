// SPDX-License-Identifier: Apache-2.0
#include "contract/script.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/base/text.h"

namespace reeve::contract {
namespace {

void ReplaceAll(std::string* text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text->find(from, at)) != std::string::npos; at += to.size()) {
    text->replace(at, from.size(), to);
  }
}

std::string Shown(std::string_view text) {
  if (text.size() > 300) return fmt::format("({} bytes)", text.size());
  std::string shown = EscapeForTerminal(text);
  for (auto [hex, letter] : {std::pair{"\\x0a", "\\n"}, std::pair{"\\x09", "\\t"}}) {
    ReplaceAll(&shown, hex, letter);
  }
  return shown;
}

std::string Quoted(std::string_view text) {
  return "\"" + Shown(text) + "\"";
}

// What a file reads, without the newline that every answer ends in.
std::string Answered(std::string_view text) {
  if (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  return Quoted(text);
}

std::string ErrnoAnswer(int error) {
  return error == 0 ? "ok" : ErrnoName(error);
}

bool IsControllerFile(std::string_view file) {
  return file == "cgroup.subtree_control" || file == "cgroup.controllers";
}

}  // namespace

Script::Script(World& world) : world_(world) {
  for (const char* name : {"memory", "io", "hugetlb"}) {
    if (names_.count("$domain") == 0 && world.WhyNot(name).empty()) {
      names_["$domain"] = name;
      names_["$domainfile"] =
          std::string(name) + (names_["$domain"] == "hugetlb" ? ".2MB" : "") + ".max";
    }
  }
  for (const char* name : {"pids", "cpu"}) {
    if (names_.count("$threaded") == 0 && world.WhyNot(name).empty()) names_["$threaded"] = name;
  }
  if (world.WhyNot("device").empty()) names_["$dev"] = world.Device();
}

CgroupPath Script::Path(std::string_view text) const {
  return text == "." ? CgroupPath() : *CgroupPath::Parse(Resolve(text));
}

std::string Script::Resolve(std::string_view text) const {
  std::string resolved(text);
  // Longest names first: $domainfile before $domain, $p10 before $p1.
  for (auto name = names_.rbegin(); name != names_.rend(); ++name) {
    ReplaceAll(&resolved, name->first, name->second);
  }
  return resolved;
}

std::string Script::Unresolve(std::string_view file, std::string_view text) const {
  std::vector<std::string> lines;
  for (std::string_view line : SplitLines(text)) {
    std::vector<std::string> words;
    for (std::string_view word : Split(line, ' ')) {
      std::string shown(word);
      for (const auto& [name, value] : names_) {
        bool controller = name == "$domain" || name == "$threaded";
        if (controller ? !IsControllerFile(file) : name == "$domainfile") continue;
        bool number = name[1] == 'p' || name[1] == 't';
        if (!controller && number && !file.ends_with(".procs") && !file.ends_with(".threads"))
          continue;
        if (word == value) shown = name;
      }
      words.push_back(shown);
    }
    lines.push_back(Join(words, " "));
  }
  return Join(lines, "\n");
}

void Script::Say(std::string what, std::string answer) {
  lines_.push_back(std::move(what) + " -> " + std::move(answer));
}

std::string Script::Answer(const Error& error, const CgroupPath& path, std::string_view file) {
  // Subjects are part of the contract: people search logs by them.
  std::string cgroup = path.is_root() ? "." : path.text();
  std::string with_file =
      path.is_root() ? std::string(file) : path.text() + "/" + std::string(file);
  std::string parent = path.Parent().is_root() ? "." : path.Parent().text();
  EXPECT_TRUE(error.subject == with_file || error.subject == cgroup || error.subject == parent)
      << "subject \"" << error.subject << "\" of " << error.ToString();
  EXPECT_FALSE(error.message.empty());
  return std::string(ErrorKindName(error.kind)) +
         (error.errno_value == 0 ? "" : " " + ErrnoName(error.errno_value));
}

std::string Script::Name(char sort, std::int64_t id) {
  std::string name = fmt::format("${}{}", sort, ++counts_[sort]);
  names_[name] = std::to_string(id);
  return name;
}

std::int64_t Script::Pid(std::string_view name) const {
  return *ParseSignedDecimal(names_.at(std::string(name)));
}

void Script::Create(std::string_view path) {
  Result<CgroupId> made = world_.fs().Create(Path(path));
  Say("create " + Shown(path), made ? "ok" : Answer(made.error(), Path(path), ""));
}

void Script::Remove(std::string_view path) {
  Result<> removed = world_.fs().Remove(Path(path));
  Say("remove " + Shown(path), removed ? "ok" : Answer(removed.error(), Path(path), ""));
}

void Script::Write(std::string_view path, std::string_view file, std::string_view text) {
  Result<std::string> after = world_.fs().WriteFile(Path(path), Resolve(file), Resolve(text));
  // What a list of processes reads after a write is asked for by name.
  bool list = file == "cgroup.procs" || file == "cgroup.threads";
  Say(fmt::format("write {} {} {}", Shown(path), file, Quoted(text)),
      after ? list ? "ok" : Answered(Unresolve(file, *after))
            : Answer(after.error(), Path(path), Resolve(file)));
}

void Script::Read(std::string_view path, std::string_view file) {
  Result<std::string> text = world_.fs().ReadFile(Path(path), Resolve(file));
  Say(fmt::format("read {} {}", Shown(path), file),
      text ? Answered(Unresolve(file, *text)) : Answer(text.error(), Path(path), Resolve(file)));
}

void Script::ReadTop(std::string_view file) {
  Result<std::string> text = world_.ReadTop(file);
  Say(fmt::format("read (top) {}", file), text ? "ok" : Answer(text.error(), CgroupPath(), file));
}

void Script::HasFile(std::string_view path, std::string_view file) {
  Result<std::string> text = world_.fs().ReadFile(Path(path), file);
  bool missing = !text && text.error().kind == ErrorKind::kUnsupported;
  Say(fmt::format("has {} {}", Shown(path), file), missing ? "no" : "yes");
}

void Script::Children(std::string_view path) {
  Result<std::vector<std::string>> names = world_.fs().ListChildren(Path(path));
  std::string answer;
  if (names) {
    std::sort(names->begin(), names->end());
    Result<port::CgroupStat> stat = world_.fs().Stat(Path(path));
    EXPECT_TRUE(stat.has_value() && stat->children == names->size()) << "Stat's count of children";
    answer = Quoted(Join(*names, " "));
  } else {
    answer = Answer(names.error(), Path(path), "");
  }
  Say("children " + Shown(path), answer);
}

void Script::Processes(std::string_view path) {
  Result<std::vector<std::int64_t>> pids = world_.fs().ReadProcesses(Path(path));
  std::string answer;
  if (pids) {
    std::vector<std::string> names;
    for (std::int64_t pid : *pids) names.push_back(Unresolve("cgroup.procs", std::to_string(pid)));
    std::sort(names.begin(), names.end());
    answer = Quoted(Join(names, " "));
  } else {
    answer = Answer(pids.error(), Path(path), "cgroup.procs");
  }
  Say("processes " + Shown(path), answer);
}

void Script::Id(std::string_view path) {
  Result<port::CgroupStat> stat = world_.fs().Stat(Path(path));
  std::string answer;
  if (stat) {
    CgroupId& before = ids_[std::string(path)];
    answer = before == 0 ? "noted" : before == stat->id ? "the same" : "another";
    before = stat->id;
  } else {
    answer = Answer(stat.error(), Path(path), "");
  }
  Say("id " + Shown(path), answer);
}

void Script::Mark(std::string_view path, std::string_view text) {
  Result<> marked = world_.fs().WriteMark(Path(path), text);
  Say(fmt::format("mark {} {}", Shown(path), Quoted(text)),
      marked ? "ok" : Answer(marked.error(), Path(path), ""));
}

void Script::ReadMark(std::string_view path) {
  Result<std::optional<std::string>> mark = world_.fs().ReadMark(Path(path));
  Say("read mark " + Shown(path),
      mark ? *mark ? Quoted(**mark) : "none" : Answer(mark.error(), Path(path), ""));
}

void Script::UserXattrs(std::string_view path, int count) {
  int set = 0, error = 0;
  while (set < count && error == 0) {
    error = world_.SetUserXattr(Path(path), fmt::format("user.x{}", set));
    if (error == 0) ++set;
  }
  Say(fmt::format("{} user xattrs on {}", count, Shown(path)),
      fmt::format("{} set, {}", set, ErrnoAnswer(error)));
}

std::string Script::Spawn(std::string_view path) {
  std::string name = Name('p', world_.Start());
  Result<> moved = world_.fs().AddProcess(Path(path), Pid(name));
  Say(fmt::format("spawn {} in {}", name, Shown(path)),
      moved ? "ok" : Answer(moved.error(), Path(path), "cgroup.procs"));
  return name;
}

std::string Script::Fork(std::string_view process) {
  std::int64_t child = 0;
  int error = world_.Fork(Pid(process), &child);
  std::string name = error == 0 ? Name('p', child) : "";
  Say(fmt::format("fork {}", process), error == 0 ? name : ErrnoName(error));
  return name;
}

std::string Script::Thread(std::string_view process) {
  std::int64_t tid = 0;
  int error = world_.StartThread(Pid(process), &tid);
  std::string name = error == 0 ? Name('t', tid) : "";
  Say(fmt::format("thread of {}", process), error == 0 ? name : ErrnoName(error));
  return name;
}

std::string Script::KernelThread() {
  return Name('k', world_.KernelThread());
}

void Script::Move(std::string_view process, std::string_view path) {
  Result<> moved = world_.fs().AddProcess(Path(path), Pid(process));
  Say(fmt::format("move {} to {}", process, Shown(path)),
      moved ? "ok" : Answer(moved.error(), Path(path), "cgroup.procs"));
}

void Script::Exit(std::string_view process) {
  world_.Exit(Pid(process));
  Say(fmt::format("exit {}", process), "ok");
}

void Script::Zombie(std::string_view process) {
  world_.BecomeZombie(Pid(process));
  Say(fmt::format("zombie {}", process), "ok");
}

void Script::Kill(std::string_view process) {
  world_.Kill(Pid(process));
  Say(fmt::format("kill {}", process), "ok");
}

void Script::Allocate(std::string_view process, int mebibytes) {
  bool lives = world_.Allocate(Pid(process), mebibytes);
  Say(fmt::format("{} allocates {} MiB", process, mebibytes), lives ? "ok" : "killed");
}

void Script::Alive(std::string_view process) {
  Say(fmt::format("{} is", process), world_.Alive(Pid(process)) ? "alive" : "dead");
}

void Script::Dies(std::string_view process) {
  Say(fmt::format("{} is in the end", process), world_.Dies(Pid(process)) ? "dead" : "alive");
}

void Script::Await(std::string_view path, std::string_view file, std::string_view line) {
  std::string text;
  for (int looks = 0;; ++looks) {
    Result<std::string> read = world_.fs().ReadFile(Path(path), file);
    text = read ? Unresolve(file, *read) : Answer(read.error(), Path(path), file);
    std::vector<std::string_view> lines = SplitLines(text);
    if (std::find(lines.begin(), lines.end(), line) != lines.end() || !world_.Wait(looks)) break;
  }
  Say(fmt::format("await {} {}", Shown(path), file), Answered(text));
}

void Script::AtLeastMiB(std::string_view path, std::string_view file, std::uint64_t mebibytes) {
  Result<std::string> text = world_.fs().ReadFile(Path(path), file);
  std::uint64_t value = text ? ParseDecimal(Trim(*text)).value_or(0) : 0;
  Say(fmt::format("{} {} is at least {} MiB", Shown(path), file, mebibytes),
      value >= mebibytes << 20 ? "yes" : "no");
}

void Script::AtMostMiB(std::string_view path, std::string_view file, std::uint64_t mebibytes) {
  Result<std::string> text = world_.fs().ReadFile(Path(path), file);
  std::uint64_t value =
      text ? ParseDecimal(Trim(*text)).value_or(~std::uint64_t{0}) : ~std::uint64_t{0};
  Say(fmt::format("{} {} is at most {} MiB", Shown(path), file, mebibytes),
      value <= mebibytes << 20 ? "yes" : "no");
}

void Script::Counter(std::string_view path, std::string_view file, std::string_view key) {
  Result<std::string> text = world_.fs().ReadFile(Path(path), file);
  std::string answer = text ? "no such key" : Answer(text.error(), Path(path), file);
  if (text) {
    for (std::string_view line : SplitLines(*text)) {
      std::vector<std::string_view> words = SplitWords(line);
      if (words.size() == 2 && words[0] == key) answer = words[1] == "0" ? "0" : "some";
    }
  }
  Say(fmt::format("counter {} {} {}", Shown(path), file, key), answer);
}

void Script::LeafWith(std::string_view controller) {
  Write(".", "cgroup.subtree_control", "+" + std::string(controller));
  Create("a");
}

std::string Script::transcript() const {
  return Join(lines_, "\n") + "\n";
}

}  // namespace reeve::contract
