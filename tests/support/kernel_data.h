// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/text.h"
#include "support/source_tree.h"

namespace reeve::test {

// Texts of real kernels, captured by tests/data/capture.py.
inline std::filesystem::path DataFolder(std::string_view below = "") {
  return support::SourceTree() / "tests/data" / below;
}

// "6.1", "6.12", ...
inline std::vector<std::string> KernelVersions() {
  std::vector<std::string> versions;
  for (const auto& entry : std::filesystem::directory_iterator(DataFolder())) {
    if (entry.is_directory()) versions.push_back(entry.path().filename().string());
  }
  EXPECT_GE(versions.size(), 4U);
  return versions;
}

// "6.1/fresh/cpu.max"
inline std::string ReadData(std::string_view name) {
  std::ifstream file(DataFolder(name), std::ios::binary);
  EXPECT_TRUE(file.good()) << name;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

struct DataFile {
  std::string version;
  std::string file;  // "cpu.max"
  std::string text;
};

// All files of one folder ("fresh", "used", "root") of all kernels that have it.
inline std::vector<DataFile> FilesOfAllKernels(std::string_view folder) {
  std::vector<DataFile> files;
  for (const std::string& version : KernelVersions()) {
    const std::filesystem::path path = DataFolder(version) / folder;
    if (!std::filesystem::exists(path)) continue;
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      const std::filesystem::path name =
          std::filesystem::path(version) / folder / entry.path().filename();
      files.push_back({version, entry.path().filename().string(), ReadData(name.string())});
    }
  }
  EXPECT_FALSE(files.empty()) << folder;
  return files;
}

// A line of writes.tsv: what a kernel did with a write.
struct KernelWrite {
  std::string version;
  std::string file;
  std::string written;
  std::string result;  // "ok", "EINVAL", ...
  std::string read;    // the file afterwards; "-" when it was refused

  bool accepted() const { return result == "ok"; }
};

inline std::string WithNewlines(std::string_view escaped) {
  std::string text;
  for (std::size_t i = 0; i < escaped.size(); ++i) {
    if (escaped.substr(i, 2) == "\\n") {
      text += '\n';
      ++i;
    } else {
      text += escaped[i];
    }
  }
  return text;
}

inline std::vector<KernelWrite> WritesOfAllKernels() {
  std::vector<KernelWrite> writes;
  for (const std::string& version : KernelVersions()) {
    if (!std::filesystem::exists(DataFolder(version) / "writes.tsv")) continue;
    const std::string text = ReadData(version + "/writes.tsv");
    for (std::string_view line : SplitLines(text)) {
      const std::vector<std::string_view> cells = Split(line, '\t');
      if (cells.size() != 4) {
        ADD_FAILURE() << version << "/writes.tsv: " << line;
        continue;
      }
      writes.push_back({version,
                        std::string(cells[0]),
                        WithNewlines(cells[1]),
                        std::string(cells[2]),
                        WithNewlines(cells[3])});
    }
  }
  EXPECT_GT(writes.size(), 1000U);
  return writes;
}

}  // namespace reeve::test
