// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "app/show/exit_code.h"
#include "app/show/paint.h"

namespace reeve::cli {

using namespace show;  // a verb is mostly what it shows

enum class Format { kTable, kJson, kYaml };
enum class ColorWish { kAuto, kAlways, kNever };

// What every verb can be asked for.
struct OutputOptions {
  Format format = Format::kTable;
  ColorWish color = ColorWish::kAuto;
};

// Where a verb's words go. Results on stdout, findings and complaints on stderr. A reader that went
// away
// (`| head`) is no error and says nothing; a full disk is one.
class Output {
 public:
  explicit Output(const OutputOptions& options, std::FILE* out = stdout, std::FILE* err = stderr);

  Format format() const { return options_.format; }

  bool is_table() const { return options_.format == Format::kTable; }

  // Whether what Print and Complain show may be coloured.
  bool color_out() const { return color_out_; }

  bool color_err() const { return color_err_; }

  // Columns of the terminal that Print reaches, at least 20; nullopt when it is none.
  std::optional<std::size_t> columns() const;

  void Print(std::string_view text);

  // Sends on what was printed. False when nobody takes it any more.
  bool Flush();

  // JSON or YAML, as asked for; not to be called for tables.
  void PrintValue(const nlohmann::ordered_json& value);

  void Complain(std::string_view text);

  // `code`, or 1 when stdout could not take what was printed. Call last.
  int Finish(int code);

 private:
  OutputOptions options_;
  std::FILE* out_;
  std::FILE* err_;
  bool color_out_;
  bool color_err_;
  int write_errno_ = 0;
};

}  // namespace reeve::cli
