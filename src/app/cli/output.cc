// SPDX-License-Identifier: Apache-2.0
#include "app/cli/output.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <system_error>

#include <fmt/format.h>

#include "app/show/printing.h"

namespace reeve::cli {
namespace {

std::string_view Environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody sets it here
  return value == nullptr ? std::string_view() : value;
}

//   source   no-color.org: any value that is not empty
bool WantsColor(ColorWish wish, std::FILE* stream) {
  if (wish != ColorWish::kAuto) return wish == ColorWish::kAlways;
  const int descriptor = ::fileno(stream);
  return Environment("NO_COLOR").empty() && !Environment("TERM").empty() &&
         Environment("TERM") != "dumb" && descriptor >= 0 && ::isatty(descriptor) != 0;
}

}  // namespace

Output::Output(const OutputOptions& options, std::FILE* out, std::FILE* err)
    : options_(options),
      out_(out),
      err_(err),
      color_out_(options.format == Format::kTable && WantsColor(options.color, out)),
      color_err_(WantsColor(options.color, err)) {}

void Output::Print(std::string_view text) {
  if (write_errno_ != 0) return;
  if (std::fwrite(text.data(), 1, text.size(), out_) != text.size()) write_errno_ = errno;
}

std::optional<std::size_t> Output::columns() const {
  constexpr std::size_t kLeast = 20;
  const int descriptor = ::fileno(out_);
  if (descriptor < 0 || ::isatty(descriptor) == 0) return std::nullopt;
  winsize size = {};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return std::nullopt;
  return std::max<std::size_t>(size.ws_col, kLeast);
}

bool Output::Flush() {
  if (std::fflush(out_) != 0 && write_errno_ == 0) write_errno_ = errno;
  return write_errno_ == 0;
}

void Output::PrintValue(const nlohmann::ordered_json& value) {
  Print(options_.format == Format::kYaml ? PrintYaml(value) : PrintJson(value));
}

void Output::Complain(std::string_view text) {
  // The result goes first where both meet on one terminal. Nobody can be told when stderr fails.
  (void)std::fflush(out_);
  (void)std::fwrite(text.data(), 1, text.size(), err_);
  (void)std::fflush(err_);
}

int Output::Finish(int code) {
  (void)Flush();
  if (write_errno_ == 0 || write_errno_ == EPIPE) return code;
  Complain(fmt::format("reevectl: writing the result: {}\n",
                       std::generic_category().message(write_errno_)));
  return code == kDone ? kFailed : code;
}

}  // namespace reeve::cli
