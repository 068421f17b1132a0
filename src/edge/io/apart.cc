// SPDX-License-Identifier: Apache-2.0
#include "edge/io/apart.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "core/base/text.h"
#include "edge/io/unique_fd.h"

namespace reeve::io {
namespace {

using Texts = Apart::Texts;
using Clock = std::chrono::steady_clock;

// Texts of any bytes as one: "SIZE:BYTES" for each.
std::string Pack(const Texts& texts) {
  std::string packed;
  for (const std::string& text : texts) {
    packed += fmt::format("{}:", text.size());
    packed += text;
  }
  return packed;
}

// nullopt for half of an answer.
std::optional<Texts> Unpack(std::string_view packed) {
  Texts texts;
  while (!packed.empty()) {
    const std::size_t colon = packed.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto size = ParseDecimal(packed.substr(0, colon));
    packed.remove_prefix(colon + 1);
    if (!size || *size > packed.size()) return std::nullopt;
    texts.emplace_back(packed.substr(0, *size));
    packed.remove_prefix(*size);
  }
  return texts;
}

// The first text says which of the two follows.
Texts Said(Result<Texts> result) {
  if (!result.has_value()) {
    const Error& error = result.error();
    return {"error",
            fmt::format("{}", static_cast<int>(error.kind)),
            fmt::format("{}", error.errno_value),
            error.subject,
            error.message};
  }
  Texts said = *std::move(result);
  said.insert(said.begin(), "done");
  return said;
}

std::optional<Result<Texts>> Heard(std::string_view packed) {
  auto texts = Unpack(packed);
  if (!texts || texts->empty()) return std::nullopt;
  if (texts->front() == "done") {
    texts->erase(texts->begin());
    return Result<Texts>(*std::move(texts));
  }
  if (texts->size() != 5) return std::nullopt;
  const auto kind = ParseDecimal((*texts)[1]);
  const auto number = ParseDecimal((*texts)[2]);
  if (!kind || !number) return std::nullopt;
  return Result<Texts>(Error{static_cast<ErrorKind>(*kind),
                             static_cast<int>(*number),
                             std::move((*texts)[3]),
                             std::move((*texts)[4])});
}

[[noreturn]] void Child(int answer, const std::function<Result<Texts>()>& work) {
  constexpr int kAnswer = 3;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (answer != kAnswer) ::dup2(answer, kAnswer);
  // Not even the standard streams: whoever reads our output to its end would wait for this child.
  ::closefrom(kAnswer + 1);
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = 0; fd < kAnswer && null >= 0; ++fd) ::dup2(null, fd);
  if (null > kAnswer) ::close(null);
  const std::string packed = Pack(Said(work()));
  std::string_view rest = packed;
  while (!rest.empty()) {
    const ssize_t size = ::write(kAnswer, rest.data(), rest.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) ::_exit(1);
    rest.remove_prefix(static_cast<std::size_t>(size));
  }
  ::_exit(0);
}

// Everything until the other end closes; false when that is not before the deadline.
bool ReadAll(int fd, Clock::time_point deadline, std::string* text) {
  std::array<char, 64 << 10> buffer;
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    pollfd wait = {fd, POLLIN, 0};
    const int ready = ::poll(&wait, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return false;
    const ssize_t size = ::read(fd, buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return size == 0;
    text->append(buffer.data(), static_cast<std::size_t>(size));
  }
}

}  // namespace

Apart::~Apart() {
  if (child_ != 0) ::kill(child_, SIGKILL);
}

Result<Texts> Apart::Run(const std::string& subject, const std::function<Result<Texts>()>& work) {
  int status = 0;
  if (Clock::now() < refuse_until_ || (child_ != 0 && !Ends(Clock::now(), &status))) {
    return NoAnswer(subject);
  }
  refuse_until_ = {};
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return ErrnoError(errno, subject, "pipe");
  const UniqueFd answer(ends[0]);
  UniqueFd answering(ends[1]);
  child_ = ::fork();
  if (child_ < 0) {
    child_ = 0;
    return ErrnoError(errno, subject, "fork");
  }
  if (child_ == 0) Child(answering.get(), work);
  answering.reset();
  const Clock::time_point deadline = Clock::now() + patience_;
  std::string packed;
  if (!ReadAll(answer.get(), deadline, &packed) || !Ends(deadline, &status)) {
    ::kill(child_, SIGKILL);
    refuse_until_ = Clock::now() + 5 * patience_;
    return NoAnswer(subject);
  }
  auto heard = Heard(packed);
  if (heard && status == 0) return *std::move(heard);
  return Error{ErrorKind::kInternal,
               0,
               subject,
               WIFSIGNALED(status)
                   ? fmt::format("the process that read it died of signal {}", WTERMSIG(status))
                   : "the process that read it broke off"};
}

bool Apart::Ends(Time deadline, int* status) {
  while (true) {
    const pid_t ended = ::waitpid(child_, status, WNOHANG);
    // ECHILD: SIGCHLD is ignored, then there is no status to be had.
    if (ended == child_ || (ended < 0 && errno == ECHILD)) {
      child_ = 0;
      return true;
    }
    if (Clock::now() >= deadline) return false;
    ::poll(nullptr, 0, 1);
  }
}

Error Apart::NoAnswer(const std::string& subject) {
  return Error{ErrorKind::kBusy,
               ETIMEDOUT,
               subject,
               fmt::format("not read within {} s: its file system does not answer",
                           std::chrono::duration<double>(patience_).count())};
}

}  // namespace reeve::io
