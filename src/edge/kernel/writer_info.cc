// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/writer_info.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/format/proc_text.h"
#include "edge/io/files.h"

namespace reeve::kernel {
namespace {

constexpr std::uint32_t kNobodyLoggedIn = 4294967295;
constexpr std::size_t kUserTableLimit = 4U << 20;

std::optional<std::uint32_t> ParseUid(std::string_view text) {
  const auto number = ParseDecimal(text);
  if (!number || *number >= kNobodyLoggedIn) return std::nullopt;
  return static_cast<std::uint32_t>(*number);
}

// "Uid:\t1000\t1000\t1000\t1000": the real one is first.
std::optional<std::uint32_t> RealUid(std::string_view status) {
  for (const std::string_view line : SplitLines(status)) {
    const std::vector<std::string_view> words = SplitWords(line);
    if (words.size() > 1 && words[0] == "Uid:") return ParseUid(words[1]);
  }
  return std::nullopt;
}

}  // namespace

// As the kernel packs a device number for stat: minor in bits 0-7 and 20-31, major in 8-19.
std::string TtyName(std::int64_t number) {
  const std::int64_t major_number = (number >> 8) & 0xfff;
  const std::int64_t minor_number = (number & 0xff) | ((number >> 12) & 0xfff00);
  // 136..143 are the pseudo terminals of devpts, 256 each.
  if (major_number >= 136 && major_number <= 143) {
    return fmt::format("pts/{}", (major_number - 136) * 256 + minor_number);
  }
  if (major_number != 4) return "";
  return minor_number < 64 ? fmt::format("tty{}", minor_number)
                           : fmt::format("ttyS{}", minor_number - 64);
}

std::shared_ptr<const Writer> WriterInfo::Of(pid_t pid) {
  Writer writer;
  writer.pid = pid;
  if (pid == 0) return std::make_shared<const Writer>(std::move(writer));
  const std::string directory = fmt::format("{}/{}/", proc_, pid);
  const auto text = io::ReadWholeFile(directory + "stat");
  const auto stat =
      text.has_value() ? format::ParseProcStat(*text) : Result<ProcessStat>(text.error());
  if (!stat.has_value()) {
    writer.gone = true;
    return std::make_shared<const Writer>(std::move(writer));
  }
  writer.program = stat->comm;
  writer.tty = TtyName(stat->tty_nr);
  writer.start_time = stat->starttime;
  writer.exe = io::TargetOf(directory + "exe");
  if (const auto status = io::ReadWholeFile(directory + "status"); status.has_value()) {
    writer.uid = RealUid(*status);
  }
  if (const auto login = io::ReadWholeFile(directory + "loginuid"); login.has_value()) {
    writer.login = ParseUid(Trim(*login));
  }
  if (writer.uid) writer.user = UserName(*writer.uid);
  if (writer.login) writer.login_name = UserName(*writer.login);
  return std::make_shared<const Writer>(std::move(writer));
}

std::string WriterInfo::UserName(std::uint32_t uid) {
  ReadUsers();
  const auto found = users_.find(uid);
  return found == users_.end() ? "" : found->second;
}

void WriterInfo::ReadUsers() {
  struct stat found = {};
  if (::stat(user_table_.c_str(), &found) != 0) return;
  const std::int64_t changed =
      std::int64_t{found.st_mtim.tv_sec} * 1'000'000'000 + found.st_mtim.tv_nsec;
  if (changed == users_changed_) return;
  const auto text = io::ReadWholeFile(user_table_, kUserTableLimit);
  if (!text.has_value()) return;
  users_changed_ = changed;
  users_.clear();
  for (const std::string_view line : SplitLines(*text)) {
    const std::vector<std::string_view> cells = Split(line, ':');
    if (cells.size() < 3) continue;
    // The first of several names of a uid is the one that the system's own tools show.
    if (const auto uid = ParseUid(cells[2])) users_.emplace(*uid, cells[0]);
  }
}

}  // namespace reeve::kernel
