// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/systemd_version.h"

#include <filesystem>
#include <vector>

#include "core/base/text.h"
#include "edge/io/files.h"

namespace reeve::kernel {
namespace {

namespace fs = std::filesystem;

// ".../libsystemd-shared-252.so" -> "252"
std::string VersionIn(std::string_view text) {
  constexpr std::string_view kPrefix = "libsystemd-shared-";
  const std::size_t at = text.find(kPrefix);
  if (at == std::string_view::npos) return "";
  const std::string_view rest = text.substr(at + kPrefix.size());
  const std::size_t end = rest.find(".so");
  return end == std::string_view::npos ? "" : std::string(rest.substr(0, end));
}

std::string VersionIn(const fs::path& directory) {
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    std::string version = VersionIn(std::string_view(entry->path().filename().native()));
    if (!version.empty()) return version;
  }
  return "";
}

}  // namespace

std::string SystemdVersion(const FactsOptions& options) {
  std::error_code error;
  // sd_booted(3)'s own test.
  if (!fs::is_directory(options.run + "/systemd/system", error)) return "";
  if (const auto maps = io::ReadWholeFile(options.proc + "/1/maps")) {
    if (std::string version = VersionIn(std::string_view(*maps)); !version.empty()) return version;
  }
  // Debian keeps it below the multiarch directory, others directly in lib.
  std::vector<fs::path> places = {fs::path(options.usr) / "lib/systemd",
                                  fs::path(options.usr) / "lib64/systemd"};
  for (fs::directory_iterator entry(fs::path(options.usr) / "lib", error), end;
       !error && entry != end;
       entry.increment(error)) {
    if (entry->path().filename().native().ends_with("-linux-gnu")) {
      places.push_back(entry->path() / "systemd");
    }
  }
  for (const fs::path& place : places) {
    if (std::string version = VersionIn(place); !version.empty()) return version;
  }
  return "";
}

}  // namespace reeve::kernel
