// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/model/policy.h"
#include "core/policy/diagnostic.h"
#include "core/policy/fields.h"
#include "core/policy/yaml_tree.h"

namespace reeve::policy {

struct YamlEntry {
  YamlNode key;
  YamlNode value;
};

struct FieldEntry {
  const Field* field = nullptr;
  YamlNode key;
  YamlNode value;
};

// The entries of one map, sorted by what they are; whatever may not stand there is left out and
// found.
struct MapEntries {
  std::vector<FieldEntry> fields;   // in order of the text; values have the shape of their field
  std::vector<YamlEntry> settings;  // interface files of the knob table; values of any shape
  std::vector<YamlEntry> others;    // sections that take more than their table has
};

// Judges maps against the table of keys (fields.h), and reads single values. Everything wrong is a
// finding; what is returned is the part that was right.
class FieldReader {
 public:
  //   truncated   a syntax error ended the text: what is missing may stand below it
  FieldReader(Findings& findings, bool truncated)
      : findings_(findings), truncated_(truncated), first_error_(findings.error_count()) {}

  Findings& findings() { return findings_; }

  // Unknown keys, keys of later versions, interface files where none may stand, empty values, wrong
  // shapes, missing keys.
  MapEntries Judge(const YamlNode& map, const Section& section);

  // A finding unless the node is a map; `what` as in "`web`" or "a row".
  bool WantMap(const YamlNode& node, std::string_view what, std::string_view example);

  // A single value. Not nothing, not a plain word or number that YAML readers disagree about.
  std::optional<Scalar> Text(const YamlNode& node, std::string_view what);

  // The same for a value that has a grammar of its own (units, dates): only its shape is judged.
  std::optional<Scalar> Value(const YamlNode& node, std::string_view what);

  // One value or a list of them.
  std::vector<Scalar> Texts(const YamlNode& node, std::string_view what);

  // One of the field's words.
  std::optional<std::string_view> Word(const FieldEntry& entry);

  std::optional<std::int64_t> Integer(const FieldEntry& entry);
  std::optional<std::uint64_t> Count(const FieldEntry& entry);
  std::optional<Scalar> Moment(const FieldEntry& entry);

  // Interface files that exist, whether or not they can be written.
  std::vector<Scalar> Keys(const FieldEntry& entry);

  // A map of names and texts.
  std::vector<std::pair<std::string, Scalar>> Labels(const FieldEntry& entry);

  // The name of a document, profile, label or fact.
  bool JudgeName(std::string_view name, const SourceMark& mark, std::string_view what, bool dots);

  // A plain word or number that YAML 1.1 and 1.2, or two readers, understand differently.
  bool JudgePlain(const YamlNode& node);

  // After this many errors in one document the rest is not worth reading.
  bool TooManyErrors() const { return findings_.error_count() - first_error_ >= kMaxErrors; }

  bool truncated() const { return truncated_; }

  static constexpr std::size_t kMaxErrors = 1000;

 private:
  void JudgeShape(const Field& field, const YamlNode& key, const YamlNode& value, MapEntries& out);
  bool JudgeBytes(const YamlNode& node, std::string_view what);
  void UnknownKey(const YamlNode& key, const Section& section);

  Findings& findings_;
  bool truncated_;
  std::size_t first_error_;
};

// "a map", "a list", "a single value", "nothing"
std::string_view KindInWords(YamlNode::Kind kind);

Scalar MakeScalar(const YamlNode& node);

// Why a key of cgroups makes no sense under `units:`, in words; "" for all other keys.
std::string WhyNoKeyOfUnit(std::string_view key);

}  // namespace reeve::policy
