// SPDX-License-Identifier: Apache-2.0
#include "reeved.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <utility>

#include <fmt/format.h>

namespace reeve::perf {

using namespace std::chrono_literals;

void Fail(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  std::exit(2);
}

Running::Running(const std::function<void()>& body) : pid_(::fork()) {
  if (pid_ != 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);  // a benchmark that fails leaves nobody behind
  body();
  ::_exit(127);
}

Running::~Running() {
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
}

long StatusOf(pid_t pid, const std::string& key) {
  std::ifstream status(fmt::format("/proc/{}/status", pid));
  std::string line;
  while (std::getline(status, line)) {
    if (line.starts_with(key + ":")) return std::atol(line.c_str() + key.size() + 1);
  }
  Fail("reeved has ended");
}

Reeved::Reeved(std::string root, std::string program)
    : root_(std::move(root)), program_(std::move(program)) {
  work_ =
      (std::filesystem::temp_directory_path() / fmt::format("reeve-perf-{}", ::getpid())).string();
  std::filesystem::create_directories(work_ + "/policy.d");
  std::filesystem::create_directories(work_ + "/facts.d");
}

Reeved::~Reeved() {
  std::filesystem::remove_all(work_);
}

void Reeved::WritePolicy(const std::string& name,
                         std::size_t first,
                         std::size_t end,
                         const FileValues& values) const {
  const std::string path = work_ + "/policy.d/" + name + ".yaml";
  {
    std::ofstream policy(path + ".new");
    policy << "apiVersion: reeve/v1\nkind: Policy\nmetadata: {name: " << name << "}\ncgroups:\n";
    for (std::size_t i = first; i < end; ++i) {
      policy << "  " << NameOf(i) << ":\n";
      for (const auto& [file, value] : values) policy << "    " << file << ": " << value << "\n";
    }
  }
  std::filesystem::rename(path + ".new", path);
}

void Reeved::Exec() const {
  const int log = ::open((work_ + "/log").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ::dup2(log, 1);
  ::dup2(log, 2);
  ::execl(program_.c_str(),
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
          fmt::format("127.0.0.1:{}", kPort).c_str(),
          nullptr);
}

void Reeved::AwaitDescribed() const {
  for (int i = 0; i < 600; ++i) {
    std::ifstream log(work_ + "/log");
    const std::string text((std::istreambuf_iterator<char>(log)), std::istreambuf_iterator<char>());
    if (text.find("AS DESCRIBED") != std::string::npos) return;
    std::this_thread::sleep_for(100ms);
  }
  Fail("reeved does not get there; see " + work_);
}

}  // namespace reeve::perf
