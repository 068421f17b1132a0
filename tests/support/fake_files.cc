// SPDX-License-Identifier: Apache-2.0
#include "support/fake_files.h"

#include <algorithm>
#include <cerrno>

namespace reeve::support {

Errno ParsePages(const FakeKernel& kernel, std::string_view text, std::uint64_t* pages) {
  text = Strstrip(text);
  if (text == "max") {
    *pages = kPagesMax;
    return 0;
  }
  std::uint64_t bytes = Memparse(&text, kernel.overflow());
  if (!text.empty()) return EINVAL;
  *pages = std::min(bytes / kPageSize, kPagesMax);
  return 0;
}

Errno ParseSwitch(std::string_view text, Errno outside, bool* value) {
  int number = 0;
  if (Errno error = Kstrtoint(Strstrip(text), &number)) return error;
  if (number != 0 && number != 1) return outside;
  *value = number == 1;
  return 0;
}

Errno ParseDevice(const FakeKernel& kernel,
                  std::string_view text,
                  const FakeDevice** device,
                  std::string_view* rest) {
  std::uint64_t major = 0, minor = 0;
  if (!ScanUnsigned(&text, &major, Overflow::kWraps) || text.empty() || text.front() != ':')
    return EINVAL;
  text.remove_prefix(1);
  if (!ScanUnsigned(&text, &minor, Overflow::kWraps)) return EINVAL;
  if (text.empty() || SkipSpaces(text.substr(0, 1)).size() == 1) return EINVAL;
  *rest = SkipSpaces(text);
  std::string number = std::to_string(major) + ":" + std::to_string(minor);
  for (const FakeDevice& known : kernel.options().devices) {
    if (known.number != number) continue;
    if (known.partition) return ENODEV;
    *device = &known;
    return 0;
  }
  return ENODEV;
}

}  // namespace reeve::support
