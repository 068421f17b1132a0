// SPDX-License-Identifier: Apache-2.0
#include "contract/helper_process.h"

#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

namespace reeve::contract {
namespace {

struct Order {
  char what;
  int argument;
};

int thread_answer[2];

void* RunThread(void*) {
  std::int64_t tid = ::syscall(SYS_gettid);
  if (::write(thread_answer[1], &tid, sizeof tid) != sizeof tid) std::abort();
  while (true) ::pause();
}

std::int64_t StartOneThread() {
  if (::pipe(thread_answer) != 0) return -errno;
  pthread_t thread;
  if (int error = ::pthread_create(&thread, nullptr, RunThread, nullptr)) return -error;
  std::int64_t tid = 0;
  if (::read(thread_answer[0], &tid, sizeof tid) != sizeof tid) return -EPIPE;
  return tid;
}

std::int64_t ForkOne(int socket) {
  pid_t pid = ::fork();
  if (pid != 0) return pid < 0 ? -errno : pid;
  ::close(socket);
  ::prctl(PR_SET_PDEATHSIG, 0);
  while (true) ::pause();
}

std::int64_t Touch(int mebibytes) {
  std::size_t size = static_cast<std::size_t>(mebibytes) << 20;
  void* memory = std::malloc(size);
  if (memory == nullptr) return -ENOMEM;
  // Not a constant, which the compiler could leave out because nobody reads it.
  std::memset(memory, static_cast<int>(::getpid() & 0xff) | 1, size);
  return *static_cast<volatile char*>(memory) == 0 ? -EIO : 0;
}

[[noreturn]] void Serve(int socket) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::signal(SIGCHLD, SIG_IGN);  // its children leave no zombies
  Order order;
  while (::read(socket, &order, sizeof order) == sizeof order) {
    std::int64_t answer = 0;
    if (order.what == 'f') answer = ForkOne(socket);
    if (order.what == 't') answer = StartOneThread();
    if (order.what == 'a') answer = Touch(order.argument);
    if (order.what == 'x') break;
    if (::write(socket, &answer, sizeof answer) != sizeof answer) break;
  }
  ::_exit(0);
}

}  // namespace

HelperProcess::HelperProcess() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) std::abort();
  pid_ = ::fork();
  if (pid_ < 0) std::abort();
  if (pid_ == 0) {
    ::close(ends[0]);
    Serve(ends[1]);
  }
  ::close(ends[1]);
  socket_ = UniqueFd(ends[0]);
}

HelperProcess::~HelperProcess() {
  if (reaped_) return;
  ::kill(pid_, SIGKILL);
  Reap();
}

std::int64_t HelperProcess::Ask(char what, int argument) {
  Order order{what, argument};
  std::int64_t answer = 0;
  if (::send(socket_.get(), &order, sizeof order, MSG_NOSIGNAL) != sizeof order) return -EPIPE;
  if (::recv(socket_.get(), &answer, sizeof answer, MSG_WAITALL) != sizeof answer) return -EPIPE;
  return answer;
}

void HelperProcess::End() {
  Order order{'x', 0};
  ::send(socket_.get(), &order, sizeof order, MSG_NOSIGNAL);
  siginfo_t info;
  ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT);
}

void HelperProcess::Reap() {
  ::waitpid(pid_, nullptr, 0);
  reaped_ = true;
}

bool IsDead(std::int64_t pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  if (!std::getline(stat, text)) return true;
  std::size_t end_of_name = text.rfind(')');
  if (end_of_name == std::string::npos || end_of_name + 2 >= text.size()) return true;
  char state = text[end_of_name + 2];
  return state == 'Z' || state == 'X';
}

}  // namespace reeve::contract
