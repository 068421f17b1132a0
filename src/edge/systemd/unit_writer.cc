// SPDX-License-Identifier: Apache-2.0
#include "edge/systemd/unit_writer.h"

#include <utility>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/format/unit_file.h"
#include "edge/systemd/unit_values.h"

namespace reeve::systemd {
namespace {

// Below the time after which an applier goes on without an answer.
constexpr Usec kLimit{9'000'000};

Error FailedWrite(const port::SlowWriter::Write& write, const Error& error) {
  return {error.kind,
          error.errno_value,
          fmt::format("{}/{}", write.path.text(), write.file),
          fmt::format("setting \"{}\": {}", EscapeForTerminal(write.text), error.message)};
}

}  // namespace

UnitWriter::UnitWriter(Bus& bus, UnitFs& fs, std::function<void()> done)
    : bus_(bus), fs_(fs), done_(std::move(done)) {}

void UnitWriter::Start(Write write) {
  REEVE_CHECK(!in_flight_);
  in_flight_ = std::move(write);
  const std::uint64_t number = ++number_;
  const Knob* knob = FindKnob(in_flight_->file);
  const PropertyValues* now = fs_.PropertiesOf(in_flight_->path);
  if (knob == nullptr || now == nullptr) {
    result_ = FailedWrite(*in_flight_,
                          now == nullptr
                              ? Error{ErrorKind::kGone, 0, "", "the unit is not loaded any more"}
                              : Error{ErrorKind::kUnsupported, 0, "", "systemd has no such file"});
    return;
  }
  auto settings = format::UnitFileWrite(*knob, in_flight_->text, *now);
  if (!settings.has_value()) {
    result_ = FailedWrite(*in_flight_, settings.error());
    return;
  }
  bus_.Call({.member = "SetUnitProperties",
             .signature = "sba(sv)",
             .arguments = {in_flight_->path.text(), true, WriteProperties(*settings)},
             .limit = kLimit},
            [this, number](const Result<BusValue::List>& answer) {
              if (number != number_ || !in_flight_) return;
              if (!answer.has_value()) {
                return End(number, FailedWrite(*in_flight_, answer.error()));
              }
              fs_.Refresh(in_flight_->path, [this, number](const Result<>& read) {
                if (number != number_ || !in_flight_) return;
                End(number,
                    read.has_value() ? fs_.ReadFile(in_flight_->path, in_flight_->file)
                                     : Result<std::string>(FailedWrite(*in_flight_, read.error())));
              });
            });
}

void UnitWriter::End(std::uint64_t number, Result<std::string> result) {
  if (number != number_) return;
  result_ = std::move(result);
  done_();
}

std::optional<Result<std::string>> UnitWriter::Poll() {
  if (!in_flight_ || !result_) return std::nullopt;
  in_flight_.reset();
  return std::exchange(result_, std::nullopt);
}

}  // namespace reeve::systemd
