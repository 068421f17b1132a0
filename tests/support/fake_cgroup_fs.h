// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/port/cgroup_fs.h"
#include "support/fake_kernel.h"

namespace reeve::support {

// One change that went through the port, with what the kernel said.
struct JournalEntry {
  std::string verb;  // "create", "remove", "write", "move", "mark"
  std::string path;
  std::string file;  // of a write
  std::string text;  // written, or the pid moved
  Errno error = 0;

  bool operator==(const JournalEntry&) const = default;

  // "write web memory.max 4096", with " -> EBUSY" when it failed
  std::string ToString() const;
};

// reeve's door into a fake kernel: the port, held to what a real one answers by the contract suite.
class FakeCgroupFs : public port::CgroupFs {
 public:
  struct Options {
    FakeKernelOptions kernel;
    // Absolute path of the managed root in the hierarchy; it and its parents are made, with every
    // controller handed down to it. "" is the root of the hierarchy itself, which is exempt from
    // many rules.
    std::string managed_root = "reeve";
    bool read_only = false;  // every change is EROFS
  };

  FakeCgroupFs() : FakeCgroupFs(Options()) {}

  explicit FakeCgroupFs(Options options);

  Result<port::CgroupStat> Stat(const CgroupPath& path) override;
  Result<std::vector<std::string>> ListChildren(const CgroupPath& path) override;
  Result<std::string> ReadFile(const CgroupPath& path, std::string_view file) override;
  Result<std::string> WriteFile(const CgroupPath& path,
                                std::string_view file,
                                std::string_view text) override;
  Result<CgroupId> Create(const CgroupPath& path) override;
  Result<> Remove(const CgroupPath& path) override;
  Result<std::vector<std::int64_t>> ReadProcesses(const CgroupPath& path) override;
  Result<> AddProcess(const CgroupPath& path, std::int64_t pid) override;
  Result<std::optional<std::string>> ReadMark(const CgroupPath& path) override;
  Result<> WriteMark(const CgroupPath& path, std::string_view text) override;

  // Changes made through the port, oldest first.
  const std::vector<JournalEntry>& journal() const { return journal_; }

  void ClearJournal() { journal_.clear(); }

  void set_read_only(bool read_only) { options_.read_only = read_only; }

  // The rest of the machine. Paths below are relative to the managed root, as everywhere in reeve;
  // nothing of this is in the journal. Each aborts when the fake kernel refuses, because then the
  // test is wrong.

  FakeKernel& kernel() { return kernel_; }

  // A path of the managed tree as the kernel knows it.
  std::string Absolute(std::string_view path) const;

  bool Exists(std::string_view path) { return kernel_.Find(Absolute(path)) != nullptr; }

  // What a file reads, without its last newline; "(ENOENT)" when it cannot be read.
  std::string Text(std::string_view path, std::string_view file);

  void ForeignMkdir(std::string_view path);
  void ForeignRmdir(std::string_view path);
  void ForeignWrite(std::string_view path, std::string_view file, std::string_view text);

  // A new process inside, with so much memory.
  std::int64_t Spawn(std::string_view path, std::uint64_t memory_bytes = 0);

  // Every cgroup below the managed root, parents first, sorted.
  std::vector<std::string> Tree();

 private:
  Error DirectoryError(Errno error, const CgroupPath& path, std::string_view what);
  Error FileError(Errno error,
                  const CgroupPath& path,
                  std::string_view file,
                  std::string_view what);
  FakeCgroup* Find(const CgroupPath& path);
  void Note(std::string verb,
            const CgroupPath& path,
            std::string_view file,
            std::string_view text,
            Errno error);

  Options options_;
  FakeKernel kernel_;
  std::vector<JournalEntry> journal_;
};

}  // namespace reeve::support
