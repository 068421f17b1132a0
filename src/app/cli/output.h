// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace reeve::cli {

enum class Format { kTable, kJson, kYaml };
enum class ColorWish { kAuto, kAlways, kNever };

// What every verb can be asked for.
struct OutputOptions {
  Format format = Format::kTable;
  ColorWish color = ColorWish::kAuto;
};

// The exit codes, one meaning each over all verbs.
enum ExitCode {
  kDone = 0,          // done, or already so
  kFailed = 1,        // failed, findings, or the host differs
  kTrouble = 2,       // diff: could not compare; plan --detailed-exitcode: there are changes
  kNotFound = 3,      // no such cgroup, not running
  kRefused = 4,       // refused, or held back
  kUnreachable = 5,   // no daemon to ask
  kUsage = 64,        // the command line itself
  kTryAgain = 75,     // for now; the same command may work later
  kOwnFailure = 125,  // run: reevectl failed before the command began
  kNotExecutable = 126,
  kNoSuchCommand = 127,
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

  void Print(std::string_view text);

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

// Colours for those who want them; they underline what the words say already.
class Paint {
 public:
  explicit Paint(bool on) : on_(on) {}

  std::string Bold(std::string_view text) const { return Wrap("1", text); }

  std::string Red(std::string_view text) const { return Wrap("1;31", text); }

  std::string Green(std::string_view text) const { return Wrap("32", text); }

  std::string Yellow(std::string_view text) const { return Wrap("33", text); }

 private:
  std::string Wrap(std::string_view code, std::string_view text) const;

  bool on_;
};

}  // namespace reeve::cli
