// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "contract/world.h"

namespace reeve::contract {

// Says verbs to a world and keeps a transcript of the answers: "write a memory.max "64M" ->
// "67108864"". What differs from machine to machine has a name: $p1 a process, $t1 a thread, $dev a
// disk, $domain and $threaded a controller of that sort, $domainfile an interface file of the
// first. Paths are relative to the case's cgroup,
// "." is that cgroup itself.
class Script {
 public:
  explicit Script(World& world);

  void Create(std::string_view path);
  void Remove(std::string_view path);
  void Write(std::string_view path, std::string_view file, std::string_view text);
  void Read(std::string_view path, std::string_view file);
  void ReadTop(std::string_view file);
  void HasFile(std::string_view path, std::string_view file);
  void Children(std::string_view path);
  void Processes(std::string_view path);

  // Whether the cgroup is the one that had this path when Id was last asked.
  void Id(std::string_view path);

  void Mark(std::string_view path, std::string_view text);
  void ReadMark(std::string_view path);
  void UserXattrs(std::string_view path, int count);

  // A new process, moved into the cgroup. Its name.
  std::string Spawn(std::string_view path);
  std::string Fork(std::string_view process);
  std::string Thread(std::string_view process);
  std::string KernelThread();
  void Move(std::string_view process, std::string_view path);
  void Exit(std::string_view process);
  void Zombie(std::string_view process);
  void Kill(std::string_view process);
  void Allocate(std::string_view process, int mebibytes);
  void Alive(std::string_view process);
  void Dies(std::string_view process);

  // Reads until a line of the file is this one, some seconds at most.
  void Await(std::string_view path, std::string_view file, std::string_view line);

  // Whether a file's number is at least, or at most, so many MiB.
  void AtLeastMiB(std::string_view path, std::string_view file, std::uint64_t mebibytes);
  void AtMostMiB(std::string_view path, std::string_view file, std::uint64_t mebibytes);

  // Value of KEY in a flat-keyed file: "0" or "some".
  void Counter(std::string_view path, std::string_view file, std::string_view key);

  // Enables the controller in the case's cgroup and creates `a`, for cases about what files take.
  void LeafWith(std::string_view controller);

  int version() const { return world_.version(); }

  std::string transcript() const;

 private:
  CgroupPath Path(std::string_view text) const;
  std::string Resolve(std::string_view text) const;
  std::string Unresolve(std::string_view file, std::string_view text) const;
  void Say(std::string what, std::string answer);
  std::string Answer(const Error& error, const CgroupPath& path, std::string_view file);
  std::string Name(char sort, std::int64_t id);
  std::int64_t Pid(std::string_view name) const;

  World& world_;
  std::vector<std::string> lines_;
  std::map<std::string, std::string> names_;  // "$p1" -> "4711"
  std::map<char, int> counts_;
  std::map<std::string, CgroupId> ids_;
};

struct Case {
  const char* name;   // SectionNN_WhatHolds, NN a rule of cgroup v2 as numbered by the suite
  const char* needs;  // separated by spaces, as World::WhyNot takes them
  void (*run)(Script& s);
};

// gtest prints parameters of failed tests with this.
inline void PrintTo(const Case& test, std::ostream* out) {
  *out << test.name;
}

// All cases of the suite.
const std::vector<Case>& AllCases();

std::vector<Case> TreeCases();
std::vector<Case> ProcessCases();
std::vector<Case> FileCases();
std::vector<Case> CpuCases();
std::vector<Case> MemoryCases();
std::vector<Case> IoCases();
std::vector<Case> OtherCases();

// The expected transcript of a case on this kernel: CASE.since-X.Y.txt with the greatest X.Y that
// the kernel has reached, else CASE.txt.
std::string TranscriptPath(const std::string& name, int version);

// Why the case cannot run in this world; "" when it can.
std::string WhySkipped(const Case& test, World& world);

// Compares with the expected transcript; with REEVE_UPDATE_GOLDEN set, writes it: "1" to the source
// tree, a directory there (guests have no other way out), "variant" as CASE.since-X.Y.txt of this
// kernel.
//   may_update   false for the fake, which has to follow the kernel
void CheckTranscript(const Case& test, const Script& script, bool may_update);

}  // namespace reeve::contract
