// SPDX-License-Identifier: Apache-2.0
// From somebody else's write to the value being back, with reeved as it ships and with the least any program can do
// (hear of it, one write), measured from outside in one run; and what reeved does while nothing happens.
// Usage: reeve_perf_drift CGROUP_DIR REEVED     (an empty cgroup of its own). Exit 1 when a budget is missed.
#include <fcntl.h>
#include <signal.h>
#include <sys/fanotify.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "floor.h"
#include "measure.h"

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

[[noreturn]] void Fail(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  std::exit(2);
}

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

// A process for as long as this lives.
class Running {
 public:
  template <typename Body>
  explicit Running(Body body) : pid_(::fork()) {
    if (pid_ != 0) return;
    body();
    ::_exit(127);
  }

  ~Running() {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }

  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  pid_t pid() const { return pid_; }

 private:
  pid_t pid_;
};

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

long WakeUps(pid_t pid) {
  std::ifstream status(fmt::format("/proc/{}/status", pid));
  std::string line;
  while (std::getline(status, line)) {
    if (line.starts_with("voluntary_ctxt_switches:")) return std::atol(line.c_str() + 24);
  }
  Fail("reeved has ended");
}

class Bench {
 public:
  Bench(std::string root, std::string reeved) : root_(std::move(root)), reeved_(std::move(reeved)) {
    work_ = (std::filesystem::temp_directory_path() / fmt::format("reeve-perf-{}", ::getpid()))
                .string();
    std::filesystem::create_directories(work_ + "/policy.d");
    std::filesystem::create_directories(work_ + "/facts.d");
  }

  ~Bench() { std::filesystem::remove_all(work_); }

  bool Run(std::size_t cgroups) {
    const FileValues files = {{kFile, kWanted}};
    const int root = ::open(root_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    FloorBuild(root, cgroups, files);
    std::vector<double> floor;
    {
      const Running bare([this] { RepairBarely(root_); });
      std::this_thread::sleep_for(200ms);
      floor = Drift(root_, cgroups, 0);
    }
    std::ofstream policy(work_ + "/policy.d/perf.yaml");
    policy << "apiVersion: reeve/v1\nkind: Policy\nmetadata: {name: perf}\ncgroups:\n";
    for (std::size_t i = 0; i < cgroups; ++i) {
      policy << "  " << NameOf(i) << ": {" << kFile << ": " << kWanted << "}\n";
    }
    policy.close();
    std::vector<double> ours;
    long idle = 0;
    {
      const Running reeved([this] { Exec(); });
      const std::string probe = root_ + "/" + NameOf(cgroups - 1) + "/" + kFile;
      std::this_thread::sleep_for(3s + std::chrono::milliseconds(cgroups));
      WriteTo(probe, kForeign);
      for (int i = 0; ReadFrom(probe) != kWanted; ++i) {
        if (i > 300) Fail("reeved does not put anything back; see " + work_);
        std::this_thread::sleep_for(100ms);
      }
      ours = Drift(root_, cgroups, 0);
      std::this_thread::sleep_for(3s);
      const long before = WakeUps(reeved.pid());
      std::this_thread::sleep_for(kIdle);
      idle = WakeUps(reeved.pid()) - before;
    }
    FloorDestroy(root, cgroups);
    ::close(root);
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

 private:
  void Exec() const {
    const int log = ::open((work_ + "/log").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ::dup2(log, 1);
    ::dup2(log, 2);
    ::execl(reeved_.c_str(),
            "reeved",
            "--root",
            root_.c_str(),
            "--policy-dir",
            (work_ + "/policy.d").c_str(),
            "--facts-dir",
            (work_ + "/facts.d").c_str(),
            "--state-dir",
            (work_ + "/state").c_str(),
            "--socket",
            (work_ + "/control.sock").c_str(),
            "--web.listen-address",
            "127.0.0.1:19797",
            nullptr);
  }

  std::string root_;
  std::string reeved_;
  std::string work_;
};

}  // namespace
}  // namespace reeve::perf

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: reeve_perf_drift CGROUP_DIR REEVED [CGROUPS]...\n");
    return 64;
  }
  reeve::perf::Bench bench(argv[1], argv[2]);
  std::vector<std::size_t> sizes;
  for (int i = 3; i < argc; ++i) sizes.push_back(std::strtoul(argv[i], nullptr, 10));
  if (sizes.empty()) sizes = {300};
  bool kept = true;
  for (const std::size_t size : sizes) kept = bench.Run(size) && kept;
  return kept ? 0 : 1;
}
