// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "support/fake_kernel.h"

// What the files of the fake kernel's controllers have in common.
namespace reeve::support {

struct CoreFiles {
  static std::vector<FakeFile> Make(FakeKernel& kernel);
};

struct MemoryFiles {
  static std::vector<FakeFile> Make(FakeKernel& kernel);
};

inline FakeFile::Text Line(std::string text) {
  return {0, std::move(text) + "\n"};
}

// "max" for kPagesMax, else bytes.
inline FakeFile::Text PagesLine(std::uint64_t pages) {
  return Line(pages >= kPagesMax ? "max" : std::to_string(pages * kPageSize));
}

// page_counter_memparse: bytes with suffix or `max`, down to whole pages.
Errno ParsePages(const FakeKernel& kernel, std::string_view text, std::uint64_t* pages);

// kstrtoint(strstrip(text)) for switches.
//   outside   the errno of a number that is neither 0 nor 1
Errno ParseSwitch(std::string_view text, Errno outside, bool* value);

// "MAJ:MIN" and a space at the front of a line to a per-device file, as blkg_conf_prep takes it;
// `rest` starts with the key after it.
//   errors   EINVAL, ENODEV for unknown devices and partitions
Errno ParseDevice(const FakeKernel& kernel,
                  std::string_view text,
                  const FakeDevice** device,
                  std::string_view* rest);

}  // namespace reeve::support
