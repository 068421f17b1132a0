// SPDX-License-Identifier: Apache-2.0
#include "core/base/result.h"
#include "core/policy/yaml_tree_data.h"

namespace reeve::policy {

YamlNode::Kind YamlNode::kind() const {
  return tree_->nodes[index_].kind;
}

std::string_view YamlNode::text() const {
  return tree_->nodes[index_].text;
}

bool YamlNode::quoted() const {
  return tree_->nodes[index_].quoted;
}

SourceMark YamlNode::mark() const {
  const YamlTree::Node& node = tree_->nodes[index_];
  return {tree_->file, node.line, node.column, node.length};
}

std::size_t YamlNode::size() const {
  const YamlTree::Node& node = tree_->nodes[index_];
  return node.kind == Kind::kMap ? node.count / 2 : node.count;
}

YamlNode YamlNode::Key(std::size_t entry) const {
  REEVE_CHECK(IsMap() && entry < size());
  return {*tree_, tree_->children[tree_->nodes[index_].first + 2 * entry]};
}

YamlNode YamlNode::Value(std::size_t entry) const {
  REEVE_CHECK(IsMap() && entry < size());
  return {*tree_, tree_->children[tree_->nodes[index_].first + 2 * entry + 1]};
}

YamlNode YamlNode::Item(std::size_t item) const {
  REEVE_CHECK(IsSequence() && item < size());
  return {*tree_, tree_->children[tree_->nodes[index_].first + item]};
}

std::optional<YamlNode> YamlNode::Find(std::string_view key) const {
  if (!IsMap()) return std::nullopt;
  for (std::size_t i = 0; i < size(); ++i) {
    if (Key(i).text() == key) return Value(i);
  }
  return std::nullopt;
}

YamlDocument::YamlDocument(std::unique_ptr<YamlTree> tree) : tree_(std::move(tree)) {}

YamlDocument::YamlDocument(YamlDocument&&) noexcept = default;
YamlDocument& YamlDocument::operator=(YamlDocument&&) noexcept = default;
YamlDocument::~YamlDocument() = default;

YamlNode YamlDocument::root() const {
  return {*tree_, tree_->root};
}

bool YamlDocument::truncated() const {
  return tree_->truncated;
}

}  // namespace reeve::policy
