// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace reeve::testing {

inline std::string ReadWhole(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The case folders of a suite, by name.
inline std::vector<std::string> GoldenCases(const std::filesystem::path& suite) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(suite)) {
    if (entry.is_directory()) names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// Compares with the file, or writes it when REEVE_UPDATE_GOLDEN is set.
inline void ExpectGolden(const std::filesystem::path& file, const std::string& actual) {
  if (std::getenv("REEVE_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(file, std::ios::binary) << actual;
    return;
  }
  EXPECT_EQ(ReadWhole(file), actual) << file << "; REEVE_UPDATE_GOLDEN=1 writes it anew";
}

}  // namespace reeve::testing
