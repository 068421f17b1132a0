// SPDX-License-Identifier: Apache-2.0
// From somebody else's write to the value being back, with reeved as it ships and with the least any program can do
// (hear of it, one write), measured from outside in one run; and what reeved does while nothing happens.
// Usage: reeve_perf_drift CGROUP_DIR REEVED     (an empty cgroup of its own). Exit 1 when a budget is missed.
#include <fcntl.h>
#include <sys/fanotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "floor.h"
#include "reeved.h"

namespace reeve::perf {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr const char* kFile = "cgroup.max.depth";
constexpr const char* kWanted = "7";
constexpr const char* kForeign = "9";
constexpr int kRounds = 200;
constexpr auto kPause = 5ms;  // a lone write, not a storm
constexpr double kBudgetUsec = 1'000;
constexpr auto kIdle = 20s;
constexpr const char* kWakeUps = "voluntary_ctxt_switches";

void WriteTo(const std::string& file, const char* text) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0 || ::write(fd, text, std::strlen(text)) < 0) Fail("can not write " + file);
  ::close(fd);
}

std::string ReadFrom(const std::string& file) {
  std::array<char, 64> text;
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  const ssize_t got = fd < 0 ? -1 : ::read(fd, text.data(), text.size());
  if (fd >= 0) ::close(fd);
  return got <= 0 ? "" : std::string(text.data(), static_cast<std::size_t>(got) - 1);
}

// Nothing less repairs a value: a read that waits, and the write.
void RepairBarely(const std::string& root) {
  const int fan = ::fanotify_init(FAN_CLASS_NOTIF | FAN_CLOEXEC, O_RDONLY | O_CLOEXEC);
  if (fan < 0 ||
      ::fanotify_mark(
          fan, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_MODIFY, AT_FDCWD, root.c_str()) != 0) {
    Fail("fanotify can not be had: nothing to compare with");
  }
  alignas(fanotify_event_metadata) std::array<char, 4096> buffer;
  while (true) {
    ssize_t got = ::read(fan, buffer.data(), buffer.size());
    auto* event = reinterpret_cast<fanotify_event_metadata*>(buffer.data());
    for (; got > 0 && FAN_EVENT_OK(event, got); event = FAN_EVENT_NEXT(event, got)) {
      if (event->pid != ::getpid()) {
        std::array<char, 4096> path = {};
        const std::string link = fmt::format("/proc/self/fd/{}", event->fd);
        const bool known = ::readlink(link.c_str(), path.data(), path.size() - 1) > 0;
        if (known && std::strstr(path.data(), kFile) != nullptr) WriteTo(path.data(), kWanted);
      }
      ::close(event->fd);
    }
  }
}

// Microseconds from before the write until the value is read back. Another cgroup each time: who comes again and again
// to one key is slowed down on purpose.
std::vector<double> Drift(const std::string& root, std::size_t cgroups, std::size_t from) {
  std::vector<double> usec;
  for (int i = 0; i < kRounds; ++i) {
    const std::size_t number = (from + static_cast<std::size_t>(i) * 7) % cgroups;
    const std::string file = root + "/" + NameOf(number) + "/" + kFile;
    std::this_thread::sleep_for(kPause);
    const auto start = Clock::now();
    WriteTo(file, kForeign);
    while (ReadFrom(file) != kWanted) {
      if (Clock::now() - start > 5s) Fail("not put back: " + file);
    }
    usec.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
  }
  return usec;
}

double Percentile(std::vector<double> values, int percent) {
  std::sort(values.begin(), values.end());
  return values[(values.size() - 1) * static_cast<std::size_t>(percent) / 100];
}

bool Run(const std::string& root, const std::string& program, std::size_t cgroups) {
  const FileValues files = {{kFile, kWanted}};
  const int root_fd = ::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  FloorBuild(root_fd, cgroups, files);
  std::vector<double> floor;
  {
    const Running bare([&] { RepairBarely(root); });
    std::this_thread::sleep_for(200ms);
    floor = Drift(root, cgroups, 0);
  }
  const Reeved reeved(root, program);
  reeved.WritePolicy("perf", 0, cgroups, files);
  std::vector<double> ours;
  long idle = 0;
  {
    const Running running([&] { reeved.Exec(); });
    reeved.AwaitDescribed();
    std::this_thread::sleep_for(1s);
    ours = Drift(root, cgroups, 0);
    std::this_thread::sleep_for(3s);
    const long before = StatusOf(running.pid(), kWakeUps);
    std::this_thread::sleep_for(kIdle);
    idle = StatusOf(running.pid(), kWakeUps) - before;
  }
  FloorDestroy(root_fd, cgroups);
  ::close(root_fd);
  const double p50 = Percentile(ours, 50);
  const bool kept = p50 <= kBudgetUsec && idle == 0;
  std::printf(
      "foreign write to repaired, %6zu cgroups: p50 %6.0f us p99 %6.0f us  floor p50 %5.0f p99 "
      "%5.0f us  ratio %4.1f  "
      "budget %.0f us  idle wake-ups in %lld s: %ld  %s\n",
      cgroups,
      p50,
      Percentile(ours, 99),
      Percentile(floor, 50),
      Percentile(floor, 99),
      p50 / Percentile(floor, 50),
      kBudgetUsec,
      static_cast<long long>(std::chrono::seconds(kIdle).count()),
      idle,
      kept ? "PASS" : "FAIL");
  std::fflush(stdout);
  return kept;
}

}  // namespace
}  // namespace reeve::perf

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: reeve_perf_drift CGROUP_DIR REEVED [CGROUPS]...\n");
    return 64;
  }
  std::vector<std::size_t> sizes;
  for (int i = 3; i < argc; ++i) sizes.push_back(std::strtoul(argv[i], nullptr, 10));
  if (sizes.empty()) sizes = {300, 1'000};  // more than rounds: see Drift
  bool kept = true;
  for (const std::size_t size : sizes) kept = reeve::perf::Run(argv[1], argv[2], size) && kept;
  return kept ? 0 : 1;
}
