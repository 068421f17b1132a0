// SPDX-License-Identifier: Apache-2.0
#include "edge/systemd/unit_marks.h"

#include <dirent.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <utility>
#include <vector>

#include "edge/io/files.h"
#include "edge/systemd/unit_values.h"

namespace reeve::systemd {
namespace {

constexpr std::size_t kLargest = 16U << 10;
constexpr mode_t kDirectoryMode = 0755;
constexpr mode_t kFileMode = 0644;
constexpr std::string_view kLife = "life ";

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

// "life LIFE" is the first line, the mark the rest.
std::string TextOf(const UnitMarks::Mark& mark) {
  return std::string(kLife) + mark.life + "\n" + mark.text;
}

bool Read(std::string_view text, UnitMarks::Mark& mark) {
  const std::size_t end = text.find('\n');
  if (!text.starts_with(kLife) || end == std::string_view::npos) return false;
  mark.life = text.substr(kLife.size(), end - kLife.size());
  mark.text = text.substr(end + 1);
  return true;
}

}  // namespace

Result<UnitMarks> UnitMarks::Open(std::string directory) {
  UnitMarks marks(std::move(directory));
  REEVE_TRY_VOID(io::MakeDirectory(marks.directory_, kDirectoryMode));
  const std::unique_ptr<DIR, CloseDirectory> names(::opendir(marks.directory_.c_str()));
  if (names == nullptr) return ErrnoError(errno, marks.directory_, "opening");
  while (const dirent* entry = ::readdir(names.get())) {
    const std::string unit = entry->d_name;
    if (!HasCgroup(unit)) continue;
    const auto text = io::ReadWholeFile(marks.directory_ + "/" + unit, kLargest);
    Mark mark;
    if (text.has_value() && Read(*text, mark)) marks.marks_.emplace(unit, std::move(mark));
  }
  return marks;
}

const UnitMarks::Mark* UnitMarks::Find(const std::string& unit) const {
  const auto found = marks_.find(unit);
  return found == marks_.end() ? nullptr : &found->second;
}

Result<> UnitMarks::Write(const std::string& unit, Mark mark) {
  REEVE_TRY(const UniqueFd directory, io::MakeDirectory(directory_, kDirectoryMode));
  REEVE_TRY_VOID(io::WriteFileAtomically(directory.get(), unit, TextOf(mark), kFileMode));
  marks_.insert_or_assign(unit, std::move(mark));
  return {};
}

void UnitMarks::Forget(const std::string& unit) {
  if (marks_.erase(unit) == 0) return;
  (void)::unlink((directory_ + "/" + unit).c_str());
}

void UnitMarks::ForgetIf(const std::function<bool(const std::string&, const Mark&)>& which) {
  std::vector<std::string> gone;
  for (const auto& [unit, mark] : marks_) {
    if (which(unit, mark)) gone.push_back(unit);
  }
  for (const std::string& unit : gone) Forget(unit);
}

}  // namespace reeve::systemd
