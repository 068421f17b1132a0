// SPDX-License-Identifier: Apache-2.0
#include "support/fake_kernel.h"

#include <cerrno>
#include <utility>

#include "support/fake_files.h"

namespace reeve::support {
namespace {

constexpr std::size_t kMostXattrs = 128;

// "a/b" -> "a", leaving "b"; the last part leaves "".
std::string_view TakePart(std::string_view* path) {
  std::size_t slash = path->find('/');
  std::string_view part = path->substr(0, slash);
  *path = slash == std::string_view::npos ? std::string_view() : path->substr(slash + 1);
  return part;
}

std::size_t MostBytes(const FakeKernel& kernel, std::string_view file) {
  if (file == "cpuset.cpus" || file == "cpuset.cpus.exclusive") {
    return std::max<std::size_t>(kPageSize, 100 + 6 * kernel.options().cpus);
  }
  return kPageSize;
}

}  // namespace

FakeKernel::FakeKernel(FakeKernelOptions options)
    : options_(std::move(options)), root_(std::make_unique<FakeCgroup>()) {
  root_->id = next_id_++;
  self_ = NewTask(*root_, 0);
  for (FakeFile& file : CoreFiles::Make(*this)) AddFile(std::move(file));
  for (FakeFile& file : PressureFiles(*this)) AddFile(std::move(file));
  for (FakeFile& file : CpuFiles(*this)) AddFile(std::move(file));
  for (FakeFile& file : CpusetFiles(*this)) AddFile(std::move(file));
  for (FakeFile& file : IoFiles(*this)) AddFile(std::move(file));
  for (FakeFile& file : MemoryFiles::Make(*this)) AddFile(std::move(file));
  for (FakeFile& file : PidsFiles(*this)) AddFile(std::move(file));
  for (FakeFile& file : NamedLimitFiles(*this)) AddFile(std::move(file));
}

void FakeKernel::AddFile(FakeFile file) {
  if (options_.without_files.count(file.name) != 0) return;
  std::string name = file.name;
  files_[name] = std::move(file);
}

FakeCgroup* FakeKernel::Find(std::string_view path) {
  FakeCgroup* cgroup = root_.get();
  while (!path.empty()) {
    auto child = cgroup->children.find(TakePart(&path));
    if (child == cgroup->children.end()) return nullptr;
    cgroup = child->second.get();
  }
  return cgroup;
}

FakeCgroup* FakeKernel::FindParent(std::string_view path, std::string_view* name) {
  std::size_t slash = path.rfind('/');
  *name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  return Find(slash == std::string_view::npos ? std::string_view() : path.substr(0, slash));
}

bool FakeKernel::FileExists(const FakeCgroup& cgroup,
                            const FakeFile& file,
                            ControllerSet control) const {
  if (file.controller != Controller::kCore && !control.Has(file.controller)) return false;
  if (file.place == FakeFile::Place::kNotRoot && cgroup.is_root()) return false;
  if (file.place == FakeFile::Place::kOnlyRoot && !cgroup.is_root()) return false;
  return !file.visible || file.visible(cgroup);
}

const FakeFile* FakeKernel::FindFile(const FakeCgroup& cgroup, std::string_view file) const {
  auto found = files_.find(file);
  if (found == files_.end() || !FileExists(cgroup, found->second, Control(cgroup))) return nullptr;
  return &found->second;
}

std::vector<std::string> FakeKernel::Files(std::string_view path) {
  std::vector<std::string> names;
  FakeCgroup* cgroup = Find(path);
  if (cgroup == nullptr) return names;
  for (const auto& [name, file] : files_) {
    if (FileExists(*cgroup, file, Control(*cgroup))) names.push_back(name);
  }
  return names;
}

Errno FakeKernel::Read(std::string_view path, std::string_view file, std::string* text) {
  FakeCgroup* cgroup = Find(path);
  if (cgroup == nullptr) return ENOENT;
  const FakeFile* found = FindFile(*cgroup, file);
  if (found == nullptr) return ENOENT;
  if (!found->read) return EINVAL;
  FakeFile::Text result = found->read(*cgroup);
  *text = std::move(result.text);
  return result.error;
}

Errno FakeKernel::Write(std::string_view path, std::string_view file, std::string_view text) {
  FakeCgroup* cgroup = Find(path);
  if (cgroup == nullptr) return ENOENT;
  const FakeFile* found = FindFile(*cgroup, file);
  if (found == nullptr) return ENOENT;
  if (text.size() > MostBytes(*this, file)) return E2BIG;
  if (!found->write) return EINVAL;
  // The kernel works on a C string.
  return found->write(*cgroup, text.substr(0, text.find('\0')));
}

Errno FakeKernel::SetXattr(std::string_view path, const std::string& name, std::string_view value) {
  FakeCgroup* cgroup = Find(path);
  if (cgroup == nullptr) return ENOENT;
  if (name.compare(0, 5, "user.") == 0 && cgroup->xattrs.count(name) == 0) {
    std::size_t used = 0;
    for (const auto& [other, text] : cgroup->xattrs) used += other.compare(0, 5, "user.") == 0;
    if (used >= kMostXattrs) return ENOSPC;
  }
  cgroup->xattrs[name] = std::string(value);
  return 0;
}

}  // namespace reeve::support
