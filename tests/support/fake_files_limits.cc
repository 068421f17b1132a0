// SPDX-License-Identifier: Apache-2.0
// pids.*, and the limits by name: hugetlb, rdma, misc, dmem.
#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

#include "support/fake_files.h"

namespace reeve::support {
namespace {

using Text = FakeFile::Text;

FakeFile Reader(std::string name,
                Controller controller,
                std::function<Text(const FakeCgroup&)> read) {
  FakeFile file;
  file.name = std::move(name);
  file.controller = controller;
  file.read = std::move(read);
  return file;
}

std::uint64_t PagesOf(std::string_view huge_page) {
  std::string_view text = huge_page.substr(0, huge_page.size() - 1);  // "2MB" is "2M" to memparse
  return Memparse(&text, Overflow::kWraps) / kPageSize;
}

FakeFile HugetlbFile(const FakeKernel& k,
                     const std::string& size,
                     const std::string& suffix,
                     std::map<std::string, std::uint64_t> HugetlbState::*member) {
  std::uint64_t unit = PagesOf(size);
  std::uint64_t most = kPagesMax / unit * unit;
  FakeFile file =
      Reader("hugetlb." + size + suffix, Controller::kHugetlb, [=](const FakeCgroup& c) {
        auto found = (c.hugetlb.*member).find(size);
        std::uint64_t pages = found == (c.hugetlb.*member).end() ? most : found->second;
        return Line(pages == most ? "max" : std::to_string(pages * kPageSize));
      });
  file.write = [=, &k](FakeCgroup& c, std::string_view text) {
    std::uint64_t pages = 0;
    if (Errno error = ParsePages(k, text, &pages)) return error;
    (c.hugetlb.*member)[size] = pages / unit * unit;
    return 0;
  };
  return file;
}

Text MiscText(const FakeKernel& kernel, const FakeCgroup& c) {
  Text result;
  for (const auto& [name, capacity] : kernel.options().misc_capacity) {
    auto found = c.misc.limits.find(name);
    result.text += name + " " +
                   (found == c.misc.limits.end() ? "max" : std::to_string(found->second.at(""))) +
                   "\n";
  }
  return result;
}

Errno WriteMisc(const FakeKernel& kernel, FakeCgroup& c, std::string_view text) {
  text = Strstrip(text);
  std::size_t space = text.find(' ');
  if (space == std::string_view::npos) return EINVAL;
  std::string name(text.substr(0, space));
  std::string_view value = text.substr(space + 1);
  if (kernel.options().misc_capacity.count(name) == 0) return EINVAL;
  if (value == "max") {
    c.misc.limits.erase(name);
    return 0;
  }
  std::uint64_t limit = 0;
  if (Errno error = Kstrtoull(value, &limit)) return error;
  c.misc.limits[name][""] = limit;
  return 0;
}

Text RdmaText(const FakeKernel& kernel, const FakeCgroup& c) {
  Text result;
  for (const std::string& device : kernel.options().rdma_devices) {
    result.text += device;
    for (const char* column : {"hca_handle", "hca_object"}) {
      std::string value = "max";
      auto row = c.rdma.limits.find(device);
      if (row != c.rdma.limits.end() && row->second.count(column) != 0) {
        value = std::to_string(row->second.at(column));
      }
      result.text += std::string(" ") + column + "=" + value;
    }
    result.text += "\n";
  }
  return result;
}

Errno WriteRdma(const FakeKernel& kernel, FakeCgroup& c, std::string_view text) {
  text = Strstrip(text);
  std::string device(ScanWord(&text, text.size()));
  std::map<std::string, std::optional<int>> limits;
  while (!(text = SkipSpaces(text)).empty()) {
    std::string_view word = ScanWord(&text, text.size());
    std::size_t equals = word.find('=');
    if (equals == std::string_view::npos) return EINVAL;
    std::string key(word.substr(0, equals));
    std::string_view value = word.substr(equals + 1);
    if (key != "hca_handle" && key != "hca_object") return EINVAL;
    int number = 0;
    if (value == "max") {
      limits[key] = std::nullopt;
    } else if (Kstrtoint(value, &number) != 0 || number < 0) {
      return EINVAL;
    } else {
      limits[key] = number;
    }
  }
  if (kernel.options().rdma_devices.count(device) == 0) return ENODEV;
  for (const auto& [key, value] : limits) {
    if (value) {
      c.rdma.limits[device][key] = static_cast<std::uint64_t>(*value);
    } else {
      c.rdma.limits[device].erase(key);
    }
  }
  return 0;
}

FakeFile DmemFile(const FakeKernel& k, const std::string& column, std::uint64_t fresh) {
  FakeFile file =
      Reader("dmem." + column, Controller::kDmem, [&k, column, fresh](const FakeCgroup& c) {
        Text result;
        for (const auto& [region, size] : k.options().dmem_regions) {
          std::uint64_t value = fresh;
          auto row = c.dmem.limits.find(region);
          if (row != c.dmem.limits.end() && row->second.count(column) != 0)
            value = row->second.at(column);
          result.text += region + " " + (value == kU64Max ? "max" : std::to_string(value)) + "\n";
        }
        return result;
      });
  file.write = [&k, column](FakeCgroup& c, std::string_view text) -> Errno {
    text = Strstrip(text);
    std::string region(ScanWord(&text, text.size()));
    text = Strstrip(text);
    if (k.options().dmem_regions.count(region) == 0 || text.empty()) return EINVAL;
    std::uint64_t value = kU64Max;
    if (text != "max") {
      value = Memparse(&text, k.overflow()) / kPageSize * kPageSize;
      if (!text.empty()) return EINVAL;
    }
    c.dmem.limits[region][column] = value;
    return 0;
  };
  return file;
}

}  // namespace

std::vector<FakeFile> PidsFiles(const FakeKernel& k) {
  std::vector<FakeFile> files;
  files.push_back(Reader("pids.current", Controller::kPids, [&k](const FakeCgroup& c) {
    return Line(std::to_string(k.PidsCurrent(c)));
  }));
  files.push_back(Reader("pids.max", Controller::kPids, [](const FakeCgroup& c) {
    return Line(c.pids.max == kPidsMax ? "max" : std::to_string(c.pids.max));
  }));
  files.back().write = [](FakeCgroup& c, std::string_view text) -> Errno {
    text = Strstrip(text);
    std::int64_t limit = kPidsMax;
    if (text != "max") {
      if (Errno error = Kstrtoll(text, &limit)) return error;
      if (limit < 0 || limit >= static_cast<std::int64_t>(kPidsMax)) return EINVAL;
    }
    c.pids.max = static_cast<std::uint64_t>(limit);
    return 0;
  };
  if (k.options().version >= 601) {
    files.push_back(Reader("pids.peak", Controller::kPids, [](const FakeCgroup& c) {
      return Line(std::to_string(c.pids.peak));
    }));
  }
  files.push_back(Reader("pids.events", Controller::kPids, [](const FakeCgroup& c) {
    return Line("max " + std::to_string(c.pids.events_max));
  }));
  return files;
}

std::vector<FakeFile> NamedLimitFiles(const FakeKernel& k) {
  std::vector<FakeFile> files;
  for (const std::string& size : k.options().huge_pages) {
    files.push_back(Reader("hugetlb." + size + ".current",
                           Controller::kHugetlb,
                           [](const FakeCgroup&) { return Line("0"); }));
    files.push_back(Reader("hugetlb." + size + ".events",
                           Controller::kHugetlb,
                           [](const FakeCgroup&) { return Line("max 0"); }));
    files.push_back(HugetlbFile(k, size, ".max", &HugetlbState::max));
    files.push_back(HugetlbFile(k, size, ".rsvd.max", &HugetlbState::rsvd_max));
  }
  files.push_back(
      Reader("misc.max", Controller::kMisc, [&k](const FakeCgroup& c) { return MiscText(k, c); }));
  files.back().write = [&k](FakeCgroup& c, std::string_view text) { return WriteMisc(k, c, text); };
  files.push_back(Reader("misc.capacity", Controller::kMisc, [&k](const FakeCgroup&) {
    Text result;
    for (const auto& [name, capacity] : k.options().misc_capacity) {
      result.text += name + " " + std::to_string(capacity) + "\n";
    }
    return result;
  }));
  files.back().place = FakeFile::Place::kOnlyRoot;
  files.push_back(
      Reader("rdma.max", Controller::kRdma, [&k](const FakeCgroup& c) { return RdmaText(k, c); }));
  files.back().write = [&k](FakeCgroup& c, std::string_view text) { return WriteRdma(k, c, text); };
  files.push_back(DmemFile(k, "min", 0));
  files.push_back(DmemFile(k, "low", 0));
  files.push_back(DmemFile(k, "max", kU64Max));
  return files;
}

}  // namespace reeve::support
