// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace reeve::policy {

// The shape of a key's value.
enum class FieldKind : std::uint8_t {
  kText,         // one value, taken as it stands
  kWord,         // one of the field's words
  kInteger,      // whole number, may be negative
  kCount,        // whole number from 1 up
  kMoment,       // date, or date and time with its zone
  kTextList,     // one value or a list of values
  kKeyList,      // the same, of interface files
  kSection,      // a map with the keys of `section`
  kSections,     // a map of names, each with such a map
  kSectionList,  // a list of such maps
  kRows,         // a list of maps of names and values
  kTexts,        // a map of names and values
  kFree,         // a map that another reader judges
  kCondition,    // `when:`: a map of facts
  kColumn,       // a column of a row in the list of an interface file; its value has units
};

enum class SectionId : std::uint8_t {
  kNone,
  kDocument,
  kMetadata,
  kWhen,
  kProfile,
  kCgroup,
  kUnit,
  kWhere,
  kSelf,
  kForEach,
  kIoMaxRow,
  kIoWeightRow,
  kIoLatencyRow,
  kRdmaRow,
  kMiscRow,
  kDmemRow,
  kTest,
  kTestMetadata,
  kExpect,
  kExpectedCgroup,
  kExpectedFinding,
  kExpectedGap,
  kExpectedCare,
  kExpectedHeld,
};

// One key that people write. Keys with a dot are interface files and stand in the knob table
// (model/knob.h).
struct Field {
  std::string_view key = "";
  FieldKind kind = FieldKind::kText;
  bool required = false;
  std::string_view words = "";           // kWord: allowed words, separated by blanks
  SectionId section = SectionId::kNone;  // kSection, kSections, kSectionList
  std::string_view later = "";           // what brings the key in a later version; "" = works now
  std::string_view example = "";         // the value, as YAML in one line
  std::string_view doc = "";             // one paragraph for people
};

// A place where keys stand.
struct Section {
  SectionId id = SectionId::kNone;
  std::string_view name = "";   // "cgroup"; unique, for the reference and the schema
  std::string_view title = "";  // "A cgroup"
  std::string_view doc = "";
  bool settings = false;         // interface files may stand here, and `raw:`
  bool test = false;             // part of a policy test, not of a policy
  std::string_view others = "";  // what keys mean that are not in the table; "" = they are errors
  std::string_view file =
      "";  // rows: the interface file (the first of its kind) whose rows these are
  std::span<const Field> fields = {};
};

// The one table of the language's keys, in the order of the reference. The reader, `reevectl help`,
// the reference and the JSON Schema all come from it: adding a key is adding a row, and a line
// where it is read.
std::span<const Section> AllSections();

const Section& SectionOf(SectionId id);

// nullptr when the section has no such key.
const Field* FindField(const Section& section, std::string_view key);

}  // namespace reeve::policy
