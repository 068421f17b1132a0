// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/dir_watch.h"

#include <sys/inotify.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "core/base/text.h"
#include "edge/kernel/mounts.h"

namespace reeve::kernel {
namespace {

constexpr std::uint32_t kContent = IN_CREATE | IN_CLOSE_WRITE | IN_MODIFY | IN_DELETE |
                                   IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF |
                                   IN_MOVE_SELF | IN_ONLYDIR;
// In a parent only names matter; files written there are nobody's policy. IN_MASK_ADD, because it
// may be one of the watched directories as well.
constexpr std::uint32_t kParent = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO |
                                  IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_MASK_ADD;

std::string ParentOf(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

bool HasParent(const std::string& path) {
  return path != "/" && path != ".";
}

std::string WithoutTrailingSlash(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

}  // namespace

Result<DirWatch> DirWatch::Make(std::vector<std::string> directories, io::Apart* apart) {
  for (std::string& directory : directories) directory = WithoutTrailingSlash(std::move(directory));
  REEVE_TRY(Inotify inotify, Inotify::Make());
  return DirWatch(std::move(directories), std::move(inotify), apart);
}

Result<> DirWatch::Arm() {
  content_.clear();
  names_.clear();
  REEVE_TRY(const Places places, FindPlaces());
  armed_.clear();
  for (const auto& place : places) armed_.emplace(place.second, 0);
  REEVE_TRY(armed_, MountsOf(armed_));
  std::optional<Error> deaf;
  for (const std::string& directory : directories_) {
    const auto content = WatchPlace(places, directory, kContent);
    if (content.has_value()) {
      content_.insert(*content);
    } else if (content.error().kind == ErrorKind::kBusy) {
      return content.error();
    } else if (content.error().kind == ErrorKind::kUnsupported) {
      deaf = content.error();
    }
    // Also when it is there: it may be moved away and another put in its place.
    std::string below = directory;
    while (HasParent(below)) {
      const std::string above = ParentOf(below);
      const auto parent = WatchPlace(places, above, kParent);
      if (parent.has_value()) {
        names_[*parent].insert(below.substr(below.find_last_of('/') + 1));
        break;
      }
      if (parent.error().kind == ErrorKind::kBusy) return parent.error();
      if (parent.error().kind == ErrorKind::kUnsupported) {
        deaf = parent.error();
        break;
      }
      below = above;
    }
  }
  if (deaf) return *std::move(deaf);
  return {};
}

Result<DirWatch::Places> DirWatch::FindPlaces() {
  std::set<std::string> names;
  for (const std::string& directory : directories_) {
    names.insert(directory);
    for (std::string path = directory; HasParent(path);) {
      path = ParentOf(path);
      names.insert(path);
    }
  }
  const auto find = [&]() -> Result<io::Apart::Texts> {
    io::Apart::Texts found;
    for (const std::string& name : names) {
      std::error_code error;
      const auto path = std::filesystem::canonical(name, error);
      if (!error) found.insert(found.end(), {name, path.string()});
    }
    return found;
  };
  REEVE_TRY(const io::Apart::Texts found,
            apart_ == nullptr ? find() : apart_->Run(Join(directories_, ", "), find));
  Places places;
  for (std::size_t i = 0; i + 1 < found.size(); i += 2) places.emplace(found[i], found[i + 1]);
  return places;
}

Result<DirWatch::Mounts> DirWatch::MountsOf(Mounts places) {
  REEVE_TRY(const MountTable table, MountTable::Read());
  for (auto& [path, id] : places) {
    const format::Mount* mount = table.Of(path);
    id = mount == nullptr ? 0 : mount->id;
  }
  return places;
}

bool DirWatch::LeadElsewhere() const {
  const auto now = MountsOf(armed_);
  return !now.has_value() || *now != armed_;
}

Result<int> DirWatch::WatchPlace(const Places& places,
                                 const std::string& path,
                                 std::uint32_t mask) {
  const auto place = places.find(path);
  if (place == places.end()) return ErrnoError(ENOENT, path, "watching");
  if (apart_ != nullptr) {
    REEVE_TRY(const MountTable mounts, MountTable::Read());
    const format::Mount* mount = mounts.Of(place->second);
    if (mount != nullptr && WaitsForOthers(mount->type)) {
      return Error{ErrorKind::kUnsupported,
                   0,
                   path,
                   fmt::format("{} does not tell of changes", EscapeForTerminal(mount->type))};
    }
  }
  return inotify_.Watch(place->second, mask);
}

Result<DirWatch::Heard> DirWatch::Read() {
  REEVE_TRY(const std::vector<Inotify::Event> events, inotify_.Read());
  Heard heard;
  for (const Inotify::Event& event : events) {
    const bool overflow = (event.mask & IN_Q_OVERFLOW) != 0;
    const auto names = names_.find(event.watch);
    heard.overflow = heard.overflow || overflow;
    // What else happens in a parent (/etc, /tmp) is no news.
    heard.changed =
        heard.changed || overflow || content_.contains(event.watch) ||
        (names != names_.end() && (event.name.empty() || names->second.contains(event.name)));
  }
  return heard;
}

}  // namespace reeve::kernel
