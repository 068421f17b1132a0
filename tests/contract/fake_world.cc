// SPDX-License-Identifier: Apache-2.0
#include "contract/fake_world.h"

#include <cerrno>

namespace reeve::contract {
namespace {

// The machine of the rig: two CPUs, one disk.
support::FakeCgroupFs::Options OptionsFor(int version) {
  support::FakeCgroupFs::Options options;
  options.kernel.version = version;
  options.kernel.cpus = 2;
  options.kernel.devices = {{"254:0"}};
  options.managed_root = "case";
  return options;
}

}  // namespace

FakeWorld::FakeWorld(int version) : version_(version), fs_(OptionsFor(version)) {}

std::string FakeWorld::WhyNot(std::string_view) {
  return "";
}

Result<std::string> FakeWorld::ReadTop(std::string_view file) {
  std::string text;
  int error = fs_.kernel().Read("", file, &text);
  if (error == 0) return text;
  return Error{error == ENOENT ? ErrorKind::kUnsupported : ErrorKind::kIo,
               error,
               std::string(file),
               "reading"};
}

int FakeWorld::SetUserXattr(const CgroupPath& path, const std::string& name) {
  return fs_.kernel().SetXattr(fs_.Absolute(path.text()), name, "x");
}

std::int64_t FakeWorld::Start() {
  std::int64_t pid = 0;
  fs_.kernel().Spawn("", &pid);
  return pid;
}

std::int64_t FakeWorld::KernelThread() {
  std::int64_t pid = 0;
  fs_.kernel().SpawnKernelThread("", &pid);
  return pid;
}

int FakeWorld::Fork(std::int64_t parent, std::int64_t* child) {
  return fs_.kernel().Fork(parent, child);
}

int FakeWorld::StartThread(std::int64_t pid, std::int64_t* tid) {
  return fs_.kernel().StartThread(pid, tid);
}

void FakeWorld::Exit(std::int64_t pid) {
  fs_.kernel().Exit(pid);
}

void FakeWorld::BecomeZombie(std::int64_t pid) {
  fs_.kernel().BecomeZombie(pid);
}

void FakeWorld::Kill(std::int64_t pid) {
  fs_.kernel().Exit(pid);
}

bool FakeWorld::Allocate(std::int64_t pid, int mebibytes) {
  fs_.kernel().Allocate(pid, static_cast<std::uint64_t>(mebibytes) << 20);
  return fs_.kernel().Alive(pid);
}

bool FakeWorld::Alive(std::int64_t pid) {
  return fs_.kernel().Alive(pid);
}

bool FakeWorld::Dies(std::int64_t pid) {
  return !fs_.kernel().Alive(pid);
}

}  // namespace reeve::contract
