// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/model/knob.h"
#include "core/model/knob_value.h"
#include "core/model/source_mark.h"

namespace reeve {

// What an amount counts; two amounts can only be added when it is the same.
enum class Dimension : std::uint8_t {
  kPlain,        // a number without a unit
  kBytes,        //
  kCores,        // CPU bandwidth; 1 core = one CPU's full time
  kTime,         // microseconds
  kBytesPerSec,  //
  kOpsPerSec,    //
};

// An amount as written: a tree of numbers, references and operators. A number is whole units of its
// dimension (byte, core, microsecond) plus millionths of one, so "2.5 cores" and "12.5%" are exact
// and the whole 64 bits of the kernel fit. A tree without references is kept folded into one
// number.
struct Expression {
  enum class Op : std::uint8_t {
    kNumber,   // number, dimension
    kMaximum,  // the word max
    kHost,     // what reeve may use of the host, in the knob's dimension
    kParent,   // nearest ancestor's finite value of the same file, at last the host
    kKey,      // value of the file `key`, nearest finite one from this cgroup up, at last the host
    kPercentOf,  // number and millionths percent of operand 0
    kAdd,
    kSubtract,
    kMultiply,  // one side is kPlain
    kMin,       // functions with any number of operands
    kMax,
  };

  Op op = Op::kNumber;
  Dimension dimension = Dimension::kPlain;
  std::uint64_t number = 0;
  std::uint32_t millionths = 0;  // 0..999'999
  std::string key;
  std::vector<Expression> operands;

  bool operator==(const Expression&) const = default;
};

// Which row of a table: a device by node, by-id path or number, the disk below a mount point, the
// default row, or a resource's or region's name.
struct RowSelector {
  enum class Kind : std::uint8_t { kDevice, kMount, kDefault, kName };

  Kind kind = Kind::kName;
  std::string name;
  SourceMark mark;
};

struct RowExpression {
  RowSelector selector;
  std::vector<std::pair<std::string, Expression>> columns;  // column "" in one-value files
  // Of the place that says so. Rows of several documents are joined: where two of them turn out to be the
  // same device and set the same column, the stronger wins, and equal ones must agree.
  int strength = 0;
};

struct CpuMaxExpression {
  Expression quota;                // in cores, or kPlain = microseconds as written in kernel text
  std::uint64_t period = 100'000;  // microseconds
};

// An interface file with its value, understood but not yet resolved for a host.
struct Setting {
  std::string file;
  const Knob* knob = nullptr;  // nullptr for raw
  std::variant<Expression, CpuMaxExpression, std::vector<RowExpression>, IdSet, std::string> value;
  std::string written;  // the text of the policy, for plans
  SourceMark mark;      // of the value
  SourceMark key_mark;
};

}  // namespace reeve
