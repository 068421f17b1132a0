// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reeve {

// kCore: cgroup.* files, which exist without any controller.
enum class Controller : std::uint8_t {
  kCore,
  kCpuset,
  kCpu,
  kIo,
  kMemory,
  kHugetlb,
  kPids,
  kRdma,
  kMisc,
  kDmem,
};

inline constexpr int kControllerCount = 10;

std::string_view ControllerName(Controller controller);

// nullopt for names this reeve does not know; such controllers are left alone.
std::optional<Controller> ControllerByName(std::string_view name);

// cpu, cpuset and pids can live in threaded cgroups, and enabling them on a populated cgroup turns
// it into `domain threaded` instead of failing (measured on 6.1 and 6.12).
bool IsThreaded(Controller controller);

// A set of controllers, kept as bits; iterates in the kernel's own order.
class ControllerSet {
 public:
  constexpr ControllerSet() = default;

  constexpr ControllerSet(std::initializer_list<Controller> list) {
    for (Controller c : list) Add(c);
  }

  // Text of cgroup.controllers or cgroup.subtree_control; unknown names are passed over.
  static ControllerSet Parse(std::string_view text);

  constexpr void Add(Controller c) { bits_ |= Bit(c); }

  constexpr void Remove(Controller c) { bits_ &= static_cast<std::uint16_t>(~Bit(c)); }

  constexpr bool Has(Controller c) const { return (bits_ & Bit(c)) != 0; }

  constexpr bool empty() const { return bits_ == 0; }

  constexpr ControllerSet operator|(ControllerSet o) const { return FromBits(bits_ | o.bits_); }

  constexpr ControllerSet operator&(ControllerSet o) const { return FromBits(bits_ & o.bits_); }

  // Those of this set that are not in the other.
  constexpr ControllerSet operator-(ControllerSet o) const { return FromBits(bits_ & ~o.bits_); }

  std::vector<Controller> List() const;

  // "cpu memory pids"; with a sign "+cpu +memory +pids".
  std::string ToString(std::string_view sign = "") const;

  constexpr bool operator==(const ControllerSet&) const = default;

 private:
  static constexpr std::uint16_t Bit(Controller c) {
    return static_cast<std::uint16_t>(1U << static_cast<unsigned>(c));
  }

  static constexpr ControllerSet FromBits(int bits) {
    ControllerSet set;
    set.bits_ = static_cast<std::uint16_t>(bits);
    return set;
  }

  std::uint16_t bits_ = 0;
};

}  // namespace reeve
