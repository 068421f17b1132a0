// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/dir_watch.h"

#include <sys/inotify.h>

#include <algorithm>
#include <utility>

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

std::string WithoutTrailingSlash(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

}  // namespace

Result<DirWatch> DirWatch::Make(std::vector<std::string> directories) {
  for (std::string& directory : directories) directory = WithoutTrailingSlash(std::move(directory));
  REEVE_TRY(Inotify inotify, Inotify::Make());
  DirWatch watch(std::move(directories), std::move(inotify));
  REEVE_TRY_VOID(watch.Arm());
  return watch;
}

Result<> DirWatch::Arm() {
  content_.clear();
  names_.clear();
  for (const std::string& directory : directories_) {
    const auto content = inotify_.Watch(directory, kContent);
    if (content.has_value()) {
      content_.insert(*content);
    } else if (content.error().kind == ErrorKind::kBusy) {
      return content.error();
    }
    // Also when it is there: it may be moved away and another put in its place.
    std::string below = directory;
    while (below != "/" && below != ".") {
      const std::string above = ParentOf(below);
      const auto parent = inotify_.Watch(above, kParent);
      if (parent.has_value()) {
        names_[*parent].insert(below.substr(below.find_last_of('/') + 1));
        break;
      }
      if (parent.error().kind == ErrorKind::kBusy) return parent.error();
      below = above;
    }
  }
  return {};
}

Result<bool> DirWatch::Read() {
  REEVE_TRY(const std::vector<Inotify::Event> events, inotify_.Read());
  return std::any_of(events.begin(), events.end(), [this](const Inotify::Event& event) {
    if ((event.mask & IN_Q_OVERFLOW) != 0 || content_.contains(event.watch)) return true;
    const auto names = names_.find(event.watch);
    // What else happens in a parent (/etc, /tmp) is no news.
    return names != names_.end() && (event.name.empty() || names->second.contains(event.name));
  });
}

}  // namespace reeve::kernel
