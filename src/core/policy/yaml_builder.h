// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/policy/diagnostic.h"
#include "core/policy/yaml_text.h"
#include "core/policy/yaml_tree_data.h"

namespace reeve::policy {

// Makes one YamlTree of one document's events and judges what only the events know: duplicate keys,
// tags, merge keys, aliases, depth. After a call that returned false the document has ended: no
// more events, then Take.
class YamlBuilder {
 public:
  YamlBuilder(YamlText text, Findings& findings);

  // `anchor`: 0 = none; else numbered from 1 in the order of their first appearance.
  bool Null(YamlPlace place, std::size_t anchor);
  bool Scalar(YamlPlace place, std::size_t anchor, const std::string& value);
  bool Alias(YamlPlace place, std::size_t anchor);
  bool Start(YamlPlace place, std::size_t anchor, YamlNode::Kind kind);
  void End();

  // A second document begins where none may.
  bool SecondDocument(YamlPlace place);

  // The reader has stopped: with a complaint about a place, or because it found nothing for too
  // long.
  void StopAtSyntaxError(YamlPlace place, std::string_view complaint);
  void StopAfterLastNode(std::string code, std::string message, std::string hint);

  // nullptr when the document is empty. Ends whatever is still open.
  std::unique_ptr<YamlTree> Take();

 private:
  struct Anchor {
    std::uint32_t node = 0;
    std::size_t weight = 0;  // nodes it stands for, those behind aliases inside counted in full
    std::size_t height = 0;  // levels of maps and lists
    bool closed = false;
  };

  // A map or sequence that has not ended yet.
  struct Open {
    YamlPlace place;
    std::uint32_t node = 0;
    std::size_t first_pending = 0;
    std::size_t anchor = 0;
    std::size_t weight = 1;
    std::size_t height = 1;
    bool inside_key = false;           // of what was refused as a key, and so judged no further
    std::vector<std::size_t> dropped;  // indices in pending_ of keys that were refused
  };

  bool IsMap(const Open& open) const;
  bool IsKey() const;
  bool IsMapValue() const;
  YamlPlace StepOverProperties(YamlPlace place);
  bool SetScalarText(YamlTree::Node& node, const YamlPlace& place, const std::string& value);
  void JudgeKey(const YamlTree::Node& key, const YamlPlace& place);
  void RefuseKey(SourceMark mark, std::string message);
  std::uint32_t AddNode(YamlTree::Node node, const YamlPlace& place);
  void AddLeaf(const YamlTree::Node& node, const YamlPlace& place, std::size_t anchor);
  void AddChild(std::uint32_t node, std::size_t weight, std::size_t height);
  void SetAnchor(std::size_t anchor, Anchor value);
  void FindDuplicates(Open& open);
  void Drop(const Open& open);
  SourceMark MarkOf(std::uint32_t node) const;
  bool TooDeep(const YamlPlace& place);
  bool Stop(Diagnostic& finding, std::uint32_t line);
  bool IsBlock(const Open& open) const;

  bool TooManyErrors() const { return findings_.error_count() - first_error_ >= kMaxErrors; }

  bool GoOn(const YamlPlace& place);

  // After this many the document is cut short: it was written for something else.
  static constexpr std::size_t kMaxErrors = 1000;

  YamlText text_;
  Findings& findings_;
  std::unique_ptr<YamlTree> tree_;
  std::vector<Open> open_;
  std::vector<std::uint32_t> pending_;  // children of all open nodes, innermost last
  std::vector<std::size_t> sorted_;
  std::vector<Anchor> anchors_;
  std::size_t alias_nodes_ = 0;
  YamlPlace last_;
  std::size_t first_error_;
  bool has_root_ = false;
};

}  // namespace reeve::policy
