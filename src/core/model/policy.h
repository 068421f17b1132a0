// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/model/source_mark.h"

namespace reeve {

// What people wrote, after the structure was judged and before any host is known. Values are still
// text, because a template's variables are filled in later; their marks lead back to the file.

struct Scalar {
  std::string text;
  SourceMark mark;
  bool quoted = false;
};

// One item of a list such as io.max: {device: /dev/sda, rbps: 1MiB/s}.
struct RowText {
  SourceMark mark;
  std::vector<std::pair<Scalar, Scalar>> fields;
};

// An interface file with what it shall hold: either one scalar or rows.
struct SettingText {
  std::string file;
  SourceMark key_mark;
  Scalar value;
  std::vector<RowText> rows;
  bool is_rows = false;
  bool raw = false;  // from `raw:`: written as it stands, compared as text
};

// Where a template's rows come from.
struct ForEach {
  enum class Source { kList, kFile, kPath };

  SourceMark mark;
  Source source = Source::kList;
  Scalar name;  // kFile: name or path of the data file; kPath: glob over files or directories
  std::vector<std::vector<std::pair<Scalar, Scalar>>> list;  // kList: rows of variable -> value
  std::vector<std::pair<Scalar, Scalar>> filters;  // further keys: row must have this value
};

enum class Shrink { kWait, kGentle, kKill };
enum class OnDrift { kRepair, kReport, kAdopt };

// One test of `when:` or `where:`. All members of a map hold (kAll); a list of values or `any:` needs one
// (kAny).
struct Condition {
  enum class Kind { kAll, kAny, kNot, kFact };

  Kind kind = Kind::kAll;  // kAll without children is true
  SourceMark mark;
  std::vector<Condition> children;
  std::string fact;  // kFact: its name
  std::vector<Scalar>
      values;  // kFact: alternatives: glob, number, range "16GiB..", version "1.4.."
};

// What a policy says about a cgroup of reeve's tree, or about a unit of systemd (`units:`).
struct CgroupSpec {
  Scalar name;  // may hold <variables>
  std::vector<SettingText> settings;
  std::vector<SettingText> self;  // knobs of the implicit leaf _self
  std::vector<Scalar> use;
  std::optional<ForEach> for_each;
  Condition where;  // of a unit: which of those that fit the name are meant; no children = all
  std::vector<std::pair<std::string, Scalar>> labels;
  std::vector<Scalar> require;  // interface files whose absence makes the host "not as described"
  bool account = true;          // false: `account: none`
  std::optional<Shrink> shrink;
  std::optional<OnDrift> on_drift;
  std::optional<std::uint64_t> max_instances;
  std::optional<Scalar> expires;  // date or time; judged against the clock when resolving
  std::string why;
  std::vector<CgroupSpec> children;
};

enum class Mode { kEnforce, kObserve };

struct Metadata {
  Scalar name;
  std::vector<std::pair<std::string, Scalar>> labels;
  std::string owner;
  std::string why;
  std::int64_t priority = 0;
  Mode mode = Mode::kEnforce;
  std::optional<Scalar> expires;
  std::optional<Scalar> boot;
};

struct Profile {
  Scalar name;
  std::vector<SettingText> settings;
};

struct Document {
  SourceMark mark;
  Metadata metadata;
  Condition when;
  std::vector<Profile> profiles;
  std::vector<CgroupSpec> cgroups;
  std::vector<CgroupSpec> units;  // flat: without children, self and for_each
  std::vector<Scalar> require;
};

// A document in `mode: observe` that counts on a host: planned and shown, never written.
struct WatchedDocument {
  std::string name;
  SourceMark mark;

  bool operator==(const WatchedDocument&) const = default;
};

// All documents of one generation, in order: layer, file name, position.
struct Policy {
  std::vector<Document> documents;
};

}  // namespace reeve
