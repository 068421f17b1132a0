// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "core/port/slow_writer.h"
#include "edge/systemd/bus.h"
#include "edge/systemd/unit_fs.h"

namespace reeve::systemd {

// Writes interface files of units by SetUnitProperties, for as long as this boot lasts, and reads back what
// systemd made of it. Works while the loop runs.
class UnitWriter final : public port::SlowWriter {
 public:
  // All of them must outlive it. `done` is called when a write has ended, before Poll gives its result.
  UnitWriter(Bus& bus, UnitFs& fs, std::function<void()> done);

  void Start(Write write) override;

  const Write* in_flight() const override { return in_flight_ ? &*in_flight_ : nullptr; }

  std::optional<Result<std::string>> Poll() override;

  // systemd can not be asked to leave off; its answer is awaited as long as any.
  void Interrupt() override {}

 private:
  void End(std::uint64_t number, Result<std::string> result);

  Bus& bus_;
  UnitFs& fs_;
  std::function<void()> done_;
  std::uint64_t number_ = 0;  // of the write in flight
  std::optional<Write> in_flight_;
  std::optional<Result<std::string>> result_;
};

}  // namespace reeve::systemd
