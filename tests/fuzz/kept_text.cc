// SPDX-License-Identifier: Apache-2.0
// The texts of the state directory: a damaged disk writes anything. What is read is written and read
// again as the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/engine/clamp.h"
#include "edge/store/generation_store.h"
#include "edge/store/kept_text.h"
#include "fuzz/judge.h"

namespace {

using reeve::fuzz::Require;

void TryClamp(std::string_view text) {
  const auto clamp = reeve::engine::ParseClamp(text);
  if (!clamp.has_value()) return;
  const auto again = reeve::engine::ParseClamp(reeve::engine::FormatClamp(*clamp));
  Require(again.has_value() && *again == *clamp, "a clamp that changed", text);
}

void TryKept(std::string_view text) {
  const auto kept = reeve::store::ParseKept(text);
  if (!kept.has_value()) return;
  const std::string written = reeve::store::FormatKept(*kept);
  const auto again = reeve::store::ParseKept(written);
  Require(again.has_value(), "a generation that can not be read again", text);
  Require(reeve::store::FormatKept(*again) == written, "a generation that changed", text);
}

void TryBooks(std::string_view text) {
  const auto books = reeve::store::ParseBooks(text);
  if (!books.has_value()) return;
  const std::string written = reeve::store::FormatBooks(*books);
  const auto again = reeve::store::ParseBooks(written);
  Require(again.has_value(), "books that can not be read again", text);
  Require(reeve::store::FormatBooks(*again) == written, "books that changed", text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  TryClamp(text);
  TryKept(text);
  TryBooks(text);
  return 0;
}
