// SPDX-License-Identifier: Apache-2.0
// What reeved takes of its own (RssAnon; libraries are shared) at rest with 100 cgroups, and with 10,000 at rest, while
// it is scraped and after a reload.
// Usage: reeve_perf_memory CGROUP_DIR REEVED     (an empty cgroup of its own). Exit 1 when a budget is missed.
#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>
#include <thread>

#include <fmt/format.h>

#include "reeved.h"

namespace reeve::perf {
namespace {

using namespace std::chrono_literals;

constexpr int kScrapes = 3;
constexpr auto kRest = 3s;

FileValues Values(std::string_view depth) {
  return {{"cgroup.freeze", "false"},
          {"cgroup.max.depth", std::string(depth)},
          {"cgroup.max.descendants", "9"},
          {"cgroup.pressure", "true"}};
}

double MegabytesOf(pid_t pid) {
  return static_cast<double>(StatusOf(pid, "RssAnon")) / 1024;
}

// Bytes of the answer.
std::size_t Scrape() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(Reeved::kPort);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    Fail("nobody answers scrapes");
  }
  constexpr std::string_view kAsk =
      "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  if (::write(fd, kAsk.data(), kAsk.size()) < 0) Fail("a scrape can not be asked for");
  static std::array<char, 65536> buffer;
  std::size_t bytes = 0;
  for (ssize_t got = 1; got > 0; bytes += static_cast<std::size_t>(std::max<ssize_t>(got, 0))) {
    got = ::read(fd, buffer.data(), buffer.size());
  }
  ::close(fd);
  return bytes;
}

// The most it takes meanwhile.
double MegabytesWhileScraped(pid_t pid, std::size_t cgroups) {
  std::atomic<bool> done = false;
  std::size_t bytes = 0;
  std::thread scraper([&] {
    for (int i = 0; i < kScrapes; ++i) bytes = Scrape();
    done = true;
  });
  double most = 0;
  while (!done) {
    most = std::max(most, MegabytesOf(pid));
    std::this_thread::sleep_for(2ms);
  }
  scraper.join();
  if (bytes < cgroups * 100) Fail("a scrape does not tell of all cgroups");
  return most;
}

bool Print(std::size_t cgroups, const char* when, double megabytes, double budget) {
  const bool kept = megabytes <= budget;
  std::printf("private memory, %6zu cgroups, %-28s %6.1f MB  budget %3.0f MB  %s\n",
              cgroups,
              when,
              megabytes,
              budget,
              kept ? "PASS" : "FAIL");
  std::fflush(stdout);
  return kept;
}

bool Measure(const std::string& root, const std::string& program, std::size_t cgroups) {
  const bool large = cgroups > 1'000;
  const std::size_t files = large ? 100 : 1;
  const double budget = large ? 60 : 4;
  const Reeved reeved(root, program);
  for (std::size_t i = 0; i < files; ++i) {
    reeved.WritePolicy(
        fmt::format("p{:03}", i), cgroups * i / files, cgroups * (i + 1) / files, Values("7"));
  }
  bool kept = true;
  {
    const Running running([&] { reeved.Exec(); });
    reeved.AwaitDescribed();
    std::this_thread::sleep_for(kRest);
    kept = Print(cgroups, "built, at rest", MegabytesOf(running.pid()), budget);
    if (large) {
      kept =
          Print(cgroups, "scraped", MegabytesWhileScraped(running.pid(), cgroups), budget) && kept;
      reeved.WritePolicy("p000", 0, cgroups / files, Values("8"));
      std::this_thread::sleep_for(2 * kRest);
      kept = Print(cgroups,
                   "a file reloaded, then scraped",
                   MegabytesWhileScraped(running.pid(), cgroups),
                   budget) &&
             kept;
    }
  }
  {
    const Running again([&] { reeved.Exec(); });
    reeved.AwaitDescribed();
    std::this_thread::sleep_for(kRest);
    kept = Print(cgroups, "started anew, at rest", MegabytesOf(again.pid()), budget) && kept;
  }
  const int fd = ::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  FloorDestroy(fd, cgroups);
  ::close(fd);
  return kept;
}

}  // namespace
}  // namespace reeve::perf

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: reeve_perf_memory CGROUP_DIR REEVED\n");
    return 64;
  }
  bool kept = reeve::perf::Measure(argv[1], argv[2], 100);
  kept = reeve::perf::Measure(argv[1], argv[2], 10'000) && kept;
  return kept ? 0 : 1;
}
