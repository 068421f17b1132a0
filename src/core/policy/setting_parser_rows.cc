// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/policy/expression.h"
#include "core/policy/setting_parser_parts.h"

namespace reeve::policy {
namespace {

using Kind = RowSelector::Kind;

// A number of operations that the kernel reads back as `max`, because it keeps 32 bits.
constexpr std::uint64_t kEndlessOps = 4'294'967'295;

// What rows of one file look like.
struct Shape {
  bool devices = false;                   // rows are for disks: device or mount
  bool default_row = false;               // {default: N}
  std::vector<std::string_view> columns;  // as a policy names them
  bool one_value = false;                 // the kernel gives the only column no name
};

Shape ShapeOf(const Knob& knob) {
  Shape shape;
  shape.devices = knob.kind == ValueKind::kDeviceLimits || knob.kind == ValueKind::kDeviceWeights ||
                  knob.kind == ValueKind::kDeviceLatency;
  shape.default_row = knob.kind == ValueKind::kDeviceWeights;
  shape.columns = SplitWords(knob.words);
  if (shape.columns.empty()) {
    shape.one_value = true;
    shape.columns.push_back(knob.kind == ValueKind::kDeviceWeights ? "weight" : "value");
  }
  return shape;
}

Terms TermsOfColumn(const Knob& knob, std::string_view subject, std::string_view column) {
  Terms terms;
  terms.subject = subject;
  terms.dimension = DimensionOf(knob);
  terms.max_allowed = knob.kind != ValueKind::kDeviceWeights;
  terms.min = knob.min;
  terms.max = knob.max;
  if (knob.kind == ValueKind::kDeviceLatency) {
    terms.syntax = "a time: 5ms";
  } else if (knob.kind == ValueKind::kNamedBytes) {
    terms.syntax = "4GiB, max";
  } else if (knob.kind != ValueKind::kDeviceLimits) {
    terms.syntax = knob.kind == ValueKind::kDeviceWeights ? "a number: 100" : "a number, max";
  } else if (column.ends_with("bps")) {
    terms.dimension = Dimension::kBytesPerSec;
    terms.syntax = "200MiB/s, a number of bytes, max";
    terms.max = std::min(terms.max, ~std::uint64_t{0} - 1);  // 64 ones are the kernel's `max`
  } else {
    terms.dimension = Dimension::kOpsPerSec;
    terms.syntax = "5000, 5000/s, max";
    terms.max = std::min(terms.max, kEndlessOps - 1);
  }
  return terms;
}

std::string Row(const RowText& row) {
  std::string text = "{";
  for (const auto& [key, value] : row.fields) {
    if (text.size() > 1) text += ", ";
    text += key.text;
    text += ": ";
    text += value.text;
  }
  return text + "}";
}

bool IsDeviceNumber(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return false;
  const auto is_number = [](std::string_view part) {
    const auto number = ParseDecimal(part);
    return number && *number <= 0xffffffffU;
  };
  return is_number(text.substr(0, colon)) && is_number(text.substr(colon + 1));
}

// A path that stays the same when it is normalized, but for slashes at its end.
bool IsPlainPath(std::string_view path) {
  if (!path.starts_with('/')) return false;
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  if (path.size() == 1) return true;
  for (std::string_view part : Split(path.substr(1), '/')) {
    if (part.empty() || part == "." || part == "..") return false;
  }
  return true;
}

// A name goes into the line for the kernel, so a blank in it would begin another word.
bool IsRowName(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && static_cast<unsigned char>(c) < 0x7f;
  });
}

class RowParser {
 public:
  RowParser(const Knob& knob, Findings& findings)
      : knob_(knob), shape_(ShapeOf(knob)), findings_(findings) {}

  // All that is wrong with a row is found; what is missing only in one that is right otherwise,
  // because a misspelled word is what is missing.
  std::optional<RowExpression> Parse(const RowText& text) {
    RowExpression row;
    bool selected = false;
    bool right = true;
    for (const auto& [key, value] : text.fields) {
      const std::optional<Kind> kind = SelectorKind(key.text);
      if (!kind) {
        right = ParseColumn(key, value, row) && right;
      } else if (selected) {
        findings_.Error("R0127", key.mark, "a row is about one thing", "make two rows of it");
        right = false;
      } else {
        selected = true;
        right = Select(*kind, value, row) && right;
      }
    }
    if (!right) return std::nullopt;
    if (!selected) {
      findings_.Error("R0214",
                      text.mark,
                      fmt::format("the row does not say which {}", Subject()),
                      fmt::format("{}: {}", knob_.file, knob_.syntax));
      return std::nullopt;
    }
    if (row.columns.empty()) {
      findings_.Error("R0214",
                      text.mark,
                      "the row sets nothing",
                      fmt::format("add {}", fmt::join(shape_.columns, ", ")));
      return std::nullopt;
    }
    return row;
  }

 private:
  std::string_view Subject() const {
    if (shape_.devices) return "device";
    return knob_.kind == ValueKind::kNamedBytes ? "region" : "resource";
  }

  std::optional<Kind> SelectorKind(std::string_view key) const {
    if (shape_.devices) {
      if (key == "device") return Kind::kDevice;
      if (key == "mount") return Kind::kMount;
      if (key == "default" && shape_.default_row) return Kind::kDefault;
      return std::nullopt;
    }
    return key == "name" ? std::optional(Kind::kName) : std::nullopt;
  }

  bool Select(Kind kind, const Scalar& value, RowExpression& row) {
    row.selector = {kind, value.text, value.mark};
    switch (kind) {
      case Kind::kDefault:
        row.selector.name.clear();
        return ParseValue("", "default", value, row);
      case Kind::kDevice:
        if (value.text.starts_with("/dev/") && IsPlainPath(value.text)) return true;
        if (IsDeviceNumber(value.text)) return true;
        findings_.Error("R0214",
                        value.mark,
                        fmt::format("`{}` is no device", value.text),
                        "write its node, `/dev/sda`, or its number, `8:0`");
        return false;
      case Kind::kMount:
        if (IsPlainPath(value.text)) {
          while (row.selector.name.size() > 1 && row.selector.name.ends_with('/')) {
            row.selector.name.pop_back();
          }
          return true;
        }
        findings_.Error("R0214",
                        value.mark,
                        fmt::format("`{}` is no mount point", value.text),
                        "write the absolute path where the file system is mounted: `/srv`");
        return false;
      case Kind::kName:
        if (IsRowName(value.text)) return true;
        findings_.Error("R0214",
                        value.mark,
                        fmt::format("`{}` is no name of a {}", value.text, Subject()),
                        "names have no blanks");
        return false;
    }
    return false;
  }

  bool ParseColumn(const Scalar& key, const Scalar& value, RowExpression& row) {
    if (std::find(shape_.columns.begin(), shape_.columns.end(), key.text) != shape_.columns.end()) {
      return ParseValue(shape_.one_value ? "" : std::string_view(key.text), key.text, value, row);
    }
    std::vector<std::string_view> known = shape_.columns;
    if (shape_.devices) known.insert(known.end(), {"device", "mount"});
    if (shape_.default_row) known.push_back("default");
    if (!shape_.devices) known.push_back("name");
    const auto nearest = NearestSpelling(key.text, known);
    findings_.Error("R0213",
                    key.mark,
                    fmt::format("{} has no column `{}`", knob_.file, key.text),
                    nearest ? fmt::format("did you mean `{}`?", *nearest)
                            : fmt::format("a row has {}", fmt::join(known, ", ")));
    return false;
  }

  bool ParseValue(std::string_view column,
                  std::string_view shown,
                  const Scalar& value,
                  RowExpression& row) {
    const std::string subject = fmt::format("{} {}", knob_.file, shown);
    if (Trim(value.text).empty()) {
      findings_.Error("R0116", value.mark, fmt::format("{} has no value", subject), "");
      return false;
    }
    const Terms terms = TermsOfColumn(knob_, subject, column);
    std::optional<Expression> e = ParseExpression({value, value.text, 0}, terms, findings_);
    if (!e || !JudgeConstant(value, *e, terms, findings_)) return false;
    CountInKernelUnit(*e, terms.dimension);
    row.columns.emplace_back(std::string(column), std::move(*e));
    return true;
  }

  const Knob& knob_;
  Shape shape_;
  Findings& findings_;
};

}  // namespace

std::optional<std::vector<RowExpression>> ParseRows(const SettingText& text,
                                                    const Knob& knob,
                                                    Findings& findings) {
  RowParser parser(knob, findings);
  std::vector<RowExpression> rows;
  std::map<std::pair<Kind, std::string>, SourceMark> seen;
  bool right = true;
  for (const RowText& row_text : text.rows) {
    std::optional<RowExpression> row = parser.Parse(row_text);
    if (!row) {
      right = false;
      continue;
    }
    const auto [place, is_new] =
        seen.try_emplace({row->selector.kind, row->selector.name}, row->selector.mark);
    if (!is_new) {
      Diagnostic& twice =
          findings.Error("R0215",
                         row->selector.mark,
                         row->selector.kind == Kind::kDefault
                             ? fmt::format("{} has two default rows", knob.file)
                             : fmt::format("{} has two rows for {}", knob.file, row->selector.name),
                         "make one row of both");
      twice.related = RelatedPlace{place->second, "the other row"};
      right = false;
    }
    rows.push_back(std::move(*row));
  }
  if (!right) return std::nullopt;
  if (rows.empty()) {
    findings.Error("R0116",
                   text.key_mark,
                   fmt::format("{} has no rows", knob.file),
                   fmt::format("{}: {}", knob.file, knob.syntax));
    return std::nullopt;
  }
  return rows;
}

std::string WrittenRows(const std::vector<RowText>& rows) {
  std::string written;
  for (const RowText& row : rows) {
    if (!written.empty()) written += ", ";
    written += Row(row);
  }
  return written;
}

}  // namespace reeve::policy
