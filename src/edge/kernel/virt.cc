// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/virt.h"

#include <sys/stat.h>

#include <array>
#include <cstring>
#include <string_view>
#include <utility>

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

#include "core/base/text.h"
#include "edge/io/files.h"

namespace reeve::kernel {
namespace {

bool Exists(const std::string& path) {
  struct stat found = {};
  return ::lstat(path.c_str(), &found) == 0;
}

std::string FirstLine(const std::string& path) {
  const auto text = io::ReadWholeFile(path);
  if (!text.has_value()) return "";
  const auto lines = SplitLines(*text);
  return lines.empty() ? "" : std::string(Trim(lines.front()));
}

// "" when nothing says that this is a container.
std::string Container(const FactsOptions& options) {
  if (Exists(options.proc + "/vz") && !Exists(options.proc + "/bc")) return "openvz";
  const std::string release = FirstLine(options.proc + "/sys/kernel/osrelease");
  if (release.find("Microsoft") != std::string::npos || release.find("WSL") != std::string::npos) {
    return "wsl";
  }
  // What the manager told pid 1, kept by systemd for everybody and otherwise readable for root.
  std::string told = FirstLine(options.run + "/systemd/container");
  if (told.empty()) {
    if (const auto environment = io::ReadWholeFile(options.proc + "/1/environ")) {
      for (const std::string_view entry : Split(*environment, '\0')) {
        if (entry.starts_with("container=")) told = entry.substr(std::strlen("container="));
      }
    }
  }
  if (!told.empty()) {
    for (const std::string_view known : {"lxc",
                                         "lxc-libvirt",
                                         "systemd-nspawn",
                                         "docker",
                                         "podman",
                                         "rkt",
                                         "wsl",
                                         "proot",
                                         "pouch"}) {
      if (told == known) return told;
    }
    if (told == "oci") return Exists(options.run + "/.containerenv") ? "podman" : "docker";
    return "container-other";
  }
  if (Exists(options.run + "/.containerenv")) return "podman";
  if (Exists(options.slash + ".dockerenv")) return "docker";
  return "";
}

std::string MachineByFirmware(const FactsOptions& options) {
  static constexpr std::pair<std::string_view, std::string_view> kVendors[] = {
      {"KVM", "kvm"},
      {"OpenStack", "kvm"},
      {"KubeVirt", "kvm"},
      {"Amazon EC2", "amazon"},
      {"QEMU", "qemu"},
      {"VMware", "vmware"},
      {"VMW", "vmware"},
      {"innotek GmbH", "oracle"},
      {"VirtualBox", "oracle"},
      {"Xen", "xen"},
      {"Bochs", "bochs"},
      {"Parallels", "parallels"},
      {"BHYVE", "bhyve"},
      {"Hyper-V", "microsoft"},
      {"Apple Virtualization", "apple"},
      {"Google Compute Engine", "google"},
  };
  for (const char* field :
       {"product_name", "sys_vendor", "board_vendor", "bios_vendor", "product_version"}) {
    const std::string text = FirstLine(options.sys + "/class/dmi/id/" + field);
    for (const auto& [prefix, name] : kVendors) {
      if (text.starts_with(prefix)) return std::string(name);
    }
  }
  return "";
}

// The hypervisor's own signature; only asked when the processor's flags say that there is one.
std::string MachineByProcessor() {
#if defined(__x86_64__) || defined(__i386__)
  static constexpr std::pair<std::string_view, std::string_view> kSignatures[] = {
      {"XenVMMXenVMM", "xen"},
      {"KVMKVMKVM", "kvm"},
      {"Linux KVM Hv", "kvm"},
      {"TCGTCGTCGTCG", "qemu"},
      {"VMwareVMware", "vmware"},
      {"Microsoft Hv", "microsoft"},
      {"bhyve bhyve ", "bhyve"},
      {"QNXQVMBSQG", "qnx"},
      {"ACRNACRNACRN", "acrn"},
      {"SRESRESRESRE", "lockheed-martin"},
  };
  unsigned eax = 0;
  std::array<unsigned, 3> words = {};
  __cpuid(0x40000000U, eax, words[0], words[1], words[2]);
  std::array<char, sizeof words + 1> signature = {};
  std::memcpy(signature.data(), words.data(), sizeof words);
  for (const auto& [text, name] : kSignatures) {
    if (text == signature.data()) return std::string(name);
  }
#endif
  return "vm-other";
}

}  // namespace

std::string DetectVirt(const FactsOptions& options) {
  if (std::string container = Container(options); !container.empty()) return container;
  const auto processors = io::ReadWholeFile(options.proc + "/cpuinfo");
  const std::string_view cpuinfo = processors.has_value() ? *processors : std::string_view();
  if (cpuinfo.find("User Mode Linux") != std::string_view::npos) return "uml";
  if (std::string machine = MachineByFirmware(options); !machine.empty()) return machine;
  if (const std::string type = FirstLine(options.sys + "/hypervisor/type"); type == "xen") {
    return "xen";
  }
  for (const std::string_view line : SplitLines(cpuinfo)) {
    if (!line.starts_with("flags")) continue;
    for (const std::string_view flag : SplitWords(line)) {
      if (flag == "hypervisor") return MachineByProcessor();
    }
    break;
  }
  return "none";
}

}  // namespace reeve::kernel
