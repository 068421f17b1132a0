// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "core/model/source_mark.h"
#include "core/policy/diagnostic.h"

namespace reeve::policy {

struct YamlTree;  // yaml_tree_data.h

// One node of a YAML document: a small handle, valid as long as its YamlDocument. Nodes behind an
// alias are those of the anchor, so their place is where the text stands.
class YamlNode {
 public:
  enum class Kind : std::uint8_t { kNull, kScalar, kMap, kSequence };

  YamlNode(const YamlTree& tree, std::uint32_t index) : tree_(&tree), index_(index) {}

  Kind kind() const;

  bool IsScalar() const { return kind() == Kind::kScalar; }

  bool IsMap() const { return kind() == Kind::kMap; }

  bool IsSequence() const { return kind() == Kind::kSequence; }

  // "", also for `null` and `~`: nothing was written that could be a value.
  bool IsNull() const { return kind() == Kind::kNull; }

  // Of a scalar; "" for all others.
  std::string_view text() const;

  // '...', "..." and the block forms | and >. A plain `true` is a boolean, a quoted one is a text.
  bool quoted() const;

  // For maps and sequences the place where they begin, one byte long.
  SourceMark mark() const;

  // Entries of a map, items of a sequence, 0 for scalars. Keys are always scalars, and each is
  // there once.
  std::size_t size() const;
  YamlNode Key(std::size_t entry) const;
  YamlNode Value(std::size_t entry) const;
  YamlNode Item(std::size_t item) const;

  // The value of a map's key. Walks the entries: for maps known to be small.
  std::optional<YamlNode> Find(std::string_view key) const;

 private:
  const YamlTree* tree_;
  std::uint32_t index_;
};

// One document of a file. Holds the file, because texts point into it.
class YamlDocument {
 public:
  explicit YamlDocument(std::unique_ptr<YamlTree> tree);
  YamlDocument(YamlDocument&&) noexcept;
  YamlDocument& operator=(YamlDocument&&) noexcept;
  ~YamlDocument();

  YamlNode root() const;

  // A syntax error ended the document early: what came before it is here, what is missing may stand
  // below.
  bool truncated() const;

 private:
  std::unique_ptr<YamlTree> tree_;
};

// Reads all documents of a file; empty ones are left out. Everything that is wrong is in
// `findings`, and the result is what could be read nevertheless, so that one mistake does not hide
// the next. JSON is YAML.
//   refused as a whole   over 8 MiB, not UTF-8 (a UTF-8 byte order mark is passed over), control
//   bytes, more
//                        nodes than kMaxYamlNodes
//   refused in place     duplicate keys, tags, merge keys, keys that are no scalar, aliases in a
//   circle ends a document      syntax errors, depth over kMaxDepth (load.h), a value over
//   kMaxScalarBytes, more
//                        than kMaxAliasNodes nodes that exist only by aliases
// Cost is bounded before yaml-cpp sees a byte, and while it reads ahead without giving us anything.
std::vector<YamlDocument> ReadYaml(const std::shared_ptr<const SourceFile>& file,
                                   Findings& findings);

// 10,000 cgroups with ten keys each fit twice; a million keys do not.
inline constexpr std::size_t kMaxYamlNodes = 500'000;

// Of one document. A block of ten keys may be used about five hundred times; the classic alias
// bombs have thousands of times more.
inline constexpr std::size_t kMaxAliasNodes = 10'000;

inline constexpr std::size_t kMaxScalarBytes = 64U << 10;

}  // namespace reeve::policy
