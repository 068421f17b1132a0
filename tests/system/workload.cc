// SPDX-License-Identifier: Apache-2.0
// One program for every kind of load the system cases put into a cgroup.
//
//   reeve_workload [--in CGROUP-DIRECTORY] VERB ARGUMENT...
//
// --in joins the cgroup before anything else happens. Each verb prints one line when it has got
// where it wants to be, then holds on until it is killed, unless its line below says "ends".
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <new>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "fuse_mount.h"
#include "slow_clients.h"

namespace {

constexpr std::int64_t kMiB = 1024 * 1024;

// Says what did not work and ends the program; errno tells why.
[[noreturn]] void Fail(const char* what) {
  std::fprintf(stderr, "reeve_workload: %s: %s\n", what, std::strerror(errno));
  std::exit(1);
}

// One line, at once: the case waits for it.
void Say(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

[[noreturn]] void Hold() {
  for (;;) pause();
}

[[noreturn]] void Spin() {
  // An atomic would be no busier; volatile keeps the loop from being optimised away.
  for (volatile std::uint64_t i = 0;;) i = i + 1;
}

double Now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

void Join(const char* cgroup) {
  const std::string path = std::string(cgroup) + "/cgroup.procs";
  const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, "0", 1) != 1) Fail(path.c_str());
  close(fd);
}

// busy THREADS: as much CPU as it can get.
[[noreturn]] void Busy(std::int64_t threads) {
  Say("busy");
  for (std::int64_t i = 1; i < threads; ++i) std::thread(Spin).detach();
  Spin();
}

// eat MIB: touches that much memory, page by page.
[[noreturn]] void Eat(std::int64_t mib) {
  const auto size = static_cast<std::size_t>(mib * kMiB);
  char* memory = new (std::nothrow) char[size];
  if (memory == nullptr) Fail("eat");
  for (std::size_t i = 0; i < size; i += 4096) static_cast<volatile char*>(memory)[i] = 1;
  Say("holding " + std::to_string(mib) + " MiB");
  Hold();
}

// read FILE MIB [again | from MIB]: that much of a file into the page cache; with `again` over and over, so that
// whatever is taken from it is missed; with `from` behind that place, because a page is charged to who reads it first.
[[noreturn]] void Read(const char* path, std::int64_t mib, std::int64_t from, bool again) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) Fail(path);
  std::vector<char> block(static_cast<std::size_t>(kMiB));
  for (bool first = true;; first = false) {
    for (std::int64_t i = from; i < from + mib; ++i) {
      if (pread(fd, block.data(), block.size(), i * kMiB) != kMiB) Fail(path);
    }
    if (first) Say("read " + std::to_string(mib) + " MiB");
    if (!again) Hold();
  }
}

// forks N: children until there are N or the kernel says no, then ends them and itself. Prints
// "forked 97 then EAGAIN".
int Forks(std::int64_t wanted) {
  std::vector<pid_t> children;
  int error = 0;
  while (error == 0 && static_cast<std::int64_t>(children.size()) < wanted) {
    const pid_t child = fork();
    if (child == 0) Hold();
    if (child < 0) {
      error = errno;
    } else {
      children.push_back(child);
    }
  }
  for (const pid_t child : children) kill(child, SIGKILL);
  for (const pid_t child : children) waitpid(child, nullptr, 0);
  const std::string why = error == 0 ? "" : std::string(" then ") + strerrorname_np(error);
  Say("forked " + std::to_string(children.size()) + why);
  return 0;
}

// threads N: N threads beside the first, asleep.
[[noreturn]] void Threads(std::int64_t wanted) {
  std::int64_t running = 0;
  try {
    for (; running < wanted; ++running) std::thread(Hold).detach();
  } catch (const std::system_error&) {
    // The limit is what the case looks for; the line below tells how far it went.
  }
  Say("threads " + std::to_string(running));
  Hold();
}

// write FILE BYTES BLOCK: O_DIRECT, so that every block waits for the device; ends with the
// seconds.
int Write(const char* path, std::int64_t bytes, std::int64_t block) {
  const int fd = open(path, O_WRONLY | O_CREAT | O_DIRECT | O_CLOEXEC, 0600);
  if (fd < 0) Fail(path);
  const auto size = static_cast<std::size_t>(block);
  void* data = nullptr;
  if (posix_memalign(&data, 4096, size) != 0) Fail("memory");
  std::memset(data, 0x5a, size);
  const double start = Now();
  for (std::int64_t done = 0; done < bytes; done += block) {
    if (write(fd, data, size) != block) Fail(path);
  }
  char line[64];
  std::snprintf(
      line, sizeof line, "wrote %lld in %.3f", static_cast<long long>(bytes), Now() - start);
  Say(line);
  return 0;
}

// where: the first thing the program does is to read its own cgroup; ends.
int Where() {
  char text[4096];
  const int fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);
  const ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
  if (size < 0) Fail("/proc/self/cgroup");
  text[size] = '\0';
  std::fputs(text, stdout);
  return 0;
}

int Usage() {
  std::fputs(
      "usage: reeve_workload [--in CGROUP-DIRECTORY] busy THREADS | eat MIB | read FILE MIB "
      "[again | from MIB] |"
      " forks N | threads N |"
      " write FILE BYTES BLOCK | fuse DIRECTORY FILE | slow ADDRESS SILENT BYTES DEAF |"
      " post SOCKET PATH N | where | "
      "hold\n",
      stderr);
  return 64;
}

std::int64_t Number(const std::vector<std::string>& words, std::size_t index) {
  return index < words.size() ? std::strtoll(words[index].c_str(), nullptr, 10) : 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() > 2 && words[0] == "--in") {
    Join(words[1].c_str());
    words.erase(words.begin(), words.begin() + 2);
  }
  if (words.empty()) return Usage();

  const std::string& verb = words[0];
  if (verb == "busy") Busy(Number(words, 1));
  if (verb == "eat") Eat(Number(words, 1));
  if (verb == "read" && words.size() >= 3) {
    const std::string how = words.size() > 3 ? words[3] : "";
    Read(words[1].c_str(), Number(words, 2), how == "from" ? Number(words, 4) : 0, how == "again");
  }
  if (verb == "forks") return Forks(Number(words, 1));
  if (verb == "threads") Threads(Number(words, 1));
  if (verb == "write" && words.size() == 4) {
    return Write(words[1].c_str(), Number(words, 2), Number(words, 3));
  }
  if (verb == "fuse" && words.size() == 3) return ServeFuse(words[1], words[2]);
  if (verb == "slow" && words.size() == 5) {
    const auto many = [&](std::size_t index) { return static_cast<int>(Number(words, index)); };
    BeSlowClients(words[1], many(2), many(3), many(4));
  }
  if (verb == "post" && words.size() == 4) {
    return PostAgainAndAgain(words[1], words[2], static_cast<int>(Number(words, 3)));
  }
  if (verb == "where") return Where();
  if (verb == "hold") {
    Say("holding");
    Hold();
  }
  return Usage();
}
