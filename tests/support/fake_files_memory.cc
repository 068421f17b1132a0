// SPDX-License-Identifier: Apache-2.0
// memory.*: the files. What writing them does to processes is fake_memory.cc.
#include <algorithm>
#include <cerrno>
#include <utility>

#include "support/fake_files.h"

namespace reeve::support {
namespace {

using Member = std::uint64_t MemoryState::*;

std::string EventsText(const std::array<std::uint64_t, kMemoryEventCount>& events) {
  static constexpr const char* kNames[] = {
      "low", "high", "max", "oom", "oom_kill", "oom_group_kill"};
  std::string text;
  for (std::size_t i = 0; i < kMemoryEventCount; ++i) {
    if (i != 0) text += "\n";
    text += std::string(kNames[i]) + " " + std::to_string(events[i]);
  }
  return text;
}

FakeFile PagesFile(const FakeKernel& k, std::string name, Member member) {
  FakeFile file;
  file.name = std::move(name);
  file.controller = Controller::kMemory;
  file.read = [member](const FakeCgroup& c) { return PagesLine(c.memory.*member); };
  file.write = [&k, member](FakeCgroup& c, std::string_view text) {
    return ParsePages(k, text, &(c.memory.*member));
  };
  return file;
}

FakeFile SwitchFile(std::string name, bool MemoryState::*member) {
  FakeFile file;
  file.name = std::move(name);
  file.controller = Controller::kMemory;
  file.read = [member](const FakeCgroup& c) { return Line(c.memory.*member ? "1" : "0"); };
  file.write = [member](FakeCgroup& c, std::string_view text) {
    return ParseSwitch(text, EINVAL, &(c.memory.*member));
  };
  return file;
}

FakeFile ReadFileOf(std::string name, std::function<std::string(const FakeCgroup&)> text) {
  FakeFile file;
  file.name = std::move(name);
  file.controller = Controller::kMemory;
  file.read = [text = std::move(text)](const FakeCgroup& c) { return Line(text(c)); };
  return file;
}

}  // namespace

std::vector<FakeFile> MemoryFiles::Make(FakeKernel& k) {
  std::vector<FakeFile> files;
  files.push_back(ReadFileOf(
      "memory.current", [&k](const FakeCgroup& c) { return std::to_string(k.MemoryCurrent(c)); }));
  files.push_back(PagesFile(k, "memory.min", &MemoryState::min));
  files.push_back(PagesFile(k, "memory.low", &MemoryState::low));

  files.push_back(PagesFile(k, "memory.high", &MemoryState::high));
  files.back().write = [&k](FakeCgroup& c, std::string_view text) {
    if (Errno error = ParsePages(k, text, &c.memory.high)) return error;
    k.EnforceMemoryHigh(c);
    return 0;
  };
  files.push_back(PagesFile(k, "memory.max", &MemoryState::max));
  files.back().write = [&k](FakeCgroup& c, std::string_view text) {
    if (Errno error = ParsePages(k, text, &c.memory.max)) return error;
    k.EnforceMemoryMax(c);
    return 0;
  };
  files.push_back(SwitchFile("memory.oom.group", &MemoryState::oom_group));

  files.push_back(
      ReadFileOf("memory.peak", [](const FakeCgroup& c) { return std::to_string(c.memory.peak); }));
  // A reset is per open descriptor, so a write that is read back elsewhere changes nothing.
  if (k.options().version >= 612)
    files.back().write = [](FakeCgroup&, std::string_view) { return 0; };
  files.push_back(
      ReadFileOf("memory.events", [](const FakeCgroup& c) { return EventsText(c.memory.events); }));
  files.push_back(ReadFileOf("memory.events.local", [](const FakeCgroup& c) {
    return EventsText(c.memory.events_local);
  }));
  files.push_back(ReadFileOf("memory.stat", [](const FakeCgroup& c) {
    std::uint64_t anon = 0, file = 0;
    c.Walk([&](const FakeCgroup& inside) {
      anon += inside.anon_bytes;
      file += inside.cache_bytes;
    });
    return "anon " + std::to_string(anon) + "\nfile " + std::to_string(file) +
           "\nworkingset_refault_anon 0\nworkingset_refault_file " +
           std::to_string(c.refaulted_pages);
  }));
  files.back().place = FakeFile::Place::kAll;

  FakeFile reclaim;
  reclaim.name = "memory.reclaim";
  reclaim.controller = Controller::kMemory;
  reclaim.place = FakeFile::Place::kAll;
  reclaim.write = [&k](FakeCgroup& c, std::string_view text) -> Errno {
    text = Strstrip(text);
    std::uint64_t bytes = Memparse(&text, k.overflow());
    text = SkipSpaces(text);
    if (!text.empty()) {
      std::uint64_t swappiness = 0;
      if (k.options().version < 608 || text.substr(0, 11) != "swappiness=") return EINVAL;
      if (Kstrtoull(text.substr(11), &swappiness) != 0 || swappiness > 200) return EINVAL;
    }
    bytes = bytes / kPageSize * kPageSize;
    return k.Reclaim(c, bytes) >= bytes ? 0 : EAGAIN;
  };
  files.push_back(std::move(reclaim));

  if (k.options().swap) {
    files.push_back(ReadFileOf("memory.swap.current", [](const FakeCgroup&) { return "0"; }));
    files.push_back(PagesFile(k, "memory.swap.high", &MemoryState::swap_high));
    files.push_back(PagesFile(k, "memory.swap.max", &MemoryState::swap_max));
    files.push_back(ReadFileOf("memory.swap.events",
                               [](const FakeCgroup&) { return "high 0\nmax 0\nfail 0"; }));
  }
  if (k.options().zswap) {
    files.push_back(ReadFileOf("memory.zswap.current", [](const FakeCgroup&) { return "0"; }));
    files.push_back(PagesFile(k, "memory.zswap.max", &MemoryState::zswap_max));
    if (k.options().version >= 608) {
      files.push_back(SwitchFile("memory.zswap.writeback", &MemoryState::zswap_writeback));
    }
  }
  return files;
}

}  // namespace reeve::support
