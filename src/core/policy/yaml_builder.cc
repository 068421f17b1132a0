// SPDX-License-Identifier: Apache-2.0
#include "core/policy/yaml_builder.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/policy/load.h"
#include "core/policy/yaml_syntax.h"

namespace reeve::policy {
namespace {

constexpr auto kDepth = static_cast<std::size_t>(kMaxDepth);

bool IsBlank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0';
}

std::string_view AliasWord(std::string_view text) {
  return text.substr(0, std::min(text.find_first_of(" \t\r\n,]}"), text.size()));
}

}  // namespace

YamlBuilder::YamlBuilder(YamlText text, Findings& findings)
    : text_(std::move(text)),
      findings_(findings),
      tree_(std::make_unique<YamlTree>()),
      last_(text_.Beginning()),
      first_error_(findings.error_count()) {
  tree_->file = text_.file();
}

bool YamlBuilder::IsMap(const Open& open) const {
  return tree_->nodes[open.node].kind == YamlNode::Kind::kMap;
}

// Written by indentation, not in brackets.
bool YamlBuilder::IsBlock(const Open& open) const {
  const char first = text_.CharAt(open.place.offset);
  return first != '{' && first != '[';
}

bool YamlBuilder::IsKey() const {
  return !open_.empty() && IsMap(open_.back()) &&
         (pending_.size() - open_.back().first_pending) % 2 == 0;
}

bool YamlBuilder::IsMapValue() const {
  return !open_.empty() && IsMap(open_.back()) && !IsKey();
}

SourceMark YamlBuilder::MarkOf(std::uint32_t node) const {
  const YamlTree::Node& n = tree_->nodes[node];
  return {tree_->file, n.line, n.column, n.length};
}

// The place of a node with an anchor or a tag is that of the anchor or tag.
YamlPlace YamlBuilder::StepOverProperties(YamlPlace place) {
  while (text_.CharAt(place.offset) == '&' || text_.CharAt(place.offset) == '!') {
    const YamlPlace property = place;
    while (!IsBlank(text_.CharAt(place.offset))) text_.Step(place);
    if (text_.CharAt(property.offset) == '!') {
      const std::string_view tag = text_.From(property).substr(0, place.offset - property.offset);
      findings_.Error("R0112",
                      text_.Mark(property, tag.size()),
                      fmt::format("tags are not allowed: `{}`", EscapeForTerminal(tag)),
                      "remove it, or put the value in quotes");
    }
    while (IsBlank(text_.CharAt(place.offset)) && !text_.From(place).empty()) text_.Step(place);
  }
  last_ = place;
  return place;
}

bool YamlBuilder::Null(YamlPlace place, std::size_t anchor) {
  place = StepOverProperties(place);
  const std::string_view rest = text_.From(place);
  YamlTree::Node node;
  const std::string_view word =
      rest.substr(0, std::min(rest.find_first_of(" \t\r\n,]}"), rest.size()));
  if (word == "null" || word == "Null" || word == "NULL") {
    node.length = 4;
  } else if (word != "~") {
    // Nothing is written, and the place is that of whatever comes next.
    if (IsMapValue()) {
      const YamlTree::Node& key = tree_->nodes[pending_.back()];
      place = {key.line, key.column, place.offset};
      node.length = key.length;
    } else if (!open_.empty() && IsBlock(open_.back())) {
      place = text_.ItemSignBefore(place);
    }
  }
  if (IsKey()) RefuseKey(text_.Mark(place, node.length), "the key is empty");
  AddLeaf(node, place, anchor);
  return GoOn(place);
}

bool YamlBuilder::Scalar(YamlPlace place, std::size_t anchor, const std::string& value) {
  place = StepOverProperties(place);
  YamlTree::Node node;
  node.kind = YamlNode::Kind::kScalar;
  if (!SetScalarText(node, place, value)) return false;
  if (IsKey()) JudgeKey(node, place);
  AddLeaf(node, place, anchor);
  return GoOn(place);
}

bool YamlBuilder::SetScalarText(YamlTree::Node& node,
                                const YamlPlace& place,
                                const std::string& value) {
  if (value.size() > kMaxScalarBytes) {
    return Stop(
        findings_.Error(
            "R0130",
            text_.Mark(place, 1),
            fmt::format("the value has {} bytes; {} are allowed", value.size(), kMaxScalarBytes)),
        place.line);
  }
  const char first = text_.CharAt(place.offset);
  std::string_view raw = text_.From(place).substr(0, value.size());
  node.quoted = first == '"' || first == '\'' || first == '|' || first == '>';
  node.length = static_cast<std::uint32_t>(std::max<std::size_t>(value.size(), 1));
  if (first == '"' || first == '\'') {
    const std::size_t end = text_.EndOfQuoted(place);
    if (end == std::string_view::npos) {
      // yaml-cpp takes the end of the text for the closing quote and reports nothing.
      return Stop(findings_.Error("R0109", text_.Mark(place, 1), "this quote is never closed"),
                  place.line);
    }
    raw = text_.From(place).substr(1, end - place.offset - 1);
    node.length = static_cast<std::uint32_t>(raw.size() + 2);
    node.several_lines = raw.find('\n') != std::string_view::npos;
  }
  if (raw == value) {
    node.text = raw;
  } else {
    node.text = tree_->unescaped.emplace_back(value);
    node.several_lines = node.several_lines || first == '|' || first == '>' || !node.quoted;
  }
  if (node.several_lines) {
    const std::size_t line = Trim(text_.LineFrom(place)).size();
    node.length = static_cast<std::uint32_t>(std::max<std::size_t>(line, 1));
  }
  return true;
}

bool YamlBuilder::Alias(YamlPlace place, std::size_t anchor) {
  last_ = place;
  const std::string_view word = AliasWord(text_.From(place));
  const Anchor& target = anchors_[anchor - 1];
  if (IsKey()) RefuseKey(text_.Mark(place, word.size()), "an alias cannot be a key");
  if (!target.closed) {
    Diagnostic& finding = findings_.Error(
        "R0123",
        text_.Mark(place, word.size()),
        fmt::format("`{}` stands inside the value that it names, which so never ends",
                    EscapeForTerminal(word)),
        "name what is shared as a profile and take it with use: [NAME]");
    finding.related = RelatedPlace{MarkOf(target.node), "the value begins here"};
    return Stop(finding, place.line);
  }
  alias_nodes_ += target.weight;
  if (alias_nodes_ > kMaxAliasNodes) {
    return Stop(findings_.Error("R0108",
                                text_.Mark(place, word.size()),
                                fmt::format("the aliases of this document stand for more than {} "
                                            "values",
                                            kMaxAliasNodes),
                                "name what is shared as a profile and take it with use: [NAME]"),
                place.line);
  }
  if (open_.size() + target.height > kDepth) return TooDeep(place);
  AddChild(target.node, target.weight, target.height);
  return true;
}

bool YamlBuilder::Start(YamlPlace place, std::size_t anchor, YamlNode::Kind kind) {
  place = StepOverProperties(place);
  if (IsKey()) RefuseKey(text_.Mark(place, 1), "a map or list cannot be a key");
  if (open_.size() >= kDepth) return TooDeep(place);
  YamlTree::Node node;
  node.kind = kind;
  Open open;
  open.place = place;
  open.node = AddNode(node, place);
  open.first_pending = pending_.size();
  open.anchor = anchor;
  open.inside_key = IsKey() || (!open_.empty() && open_.back().inside_key);
  if (anchor != 0) SetAnchor(anchor, {open.node, 0, 0, false});
  if (open_.empty()) {
    tree_->root = open.node;
    has_root_ = true;
  }
  open_.push_back(std::move(open));
  return GoOn(place);
}

void YamlBuilder::End() {
  Open open = std::move(open_.back());
  open_.pop_back();
  if (IsMap(open)) {
    FindDuplicates(open);
    if (!open.dropped.empty()) Drop(open);
  }
  YamlTree::Node& node = tree_->nodes[open.node];
  node.first = static_cast<std::uint32_t>(tree_->children.size());
  node.count = static_cast<std::uint32_t>(pending_.size() - open.first_pending);
  const auto first = pending_.begin() + static_cast<std::ptrdiff_t>(open.first_pending);
  tree_->children.insert(tree_->children.end(), first, pending_.end());
  pending_.erase(first, pending_.end());
  if (open.anchor != 0) SetAnchor(open.anchor, {open.node, open.weight, open.height, true});
  if (!open_.empty()) AddChild(open.node, open.weight, open.height);
}

void YamlBuilder::JudgeKey(const YamlTree::Node& key, const YamlPlace& place) {
  YamlPlace tab;
  // In brackets indentation means nothing, and a line may hold all keys of a file.
  if (IsBlock(open_.back()) && text_.FindIndentationTab(place, &tab)) {
    findings_.Error("R0111", text_.Mark(tab, 1), "a tab in the indentation", "indent with spaces");
  }
  if (key.text.empty()) {
    RefuseKey(text_.Mark(place, key.length), "the key is empty");
  } else if (key.text == "<<" && !key.quoted) {
    findings_.Error("R0113",
                    text_.Mark(place, 2),
                    "merge keys (`<<`) are not supported",
                    "name what is shared as a profile and take it with use: [NAME]");
    open_.back().dropped.push_back(pending_.size());
  } else if (key.several_lines) {
    RefuseKey(text_.Mark(place, key.length), "the key goes over several lines");
  }
}

void YamlBuilder::RefuseKey(SourceMark mark, std::string message) {
  if (!open_.back().inside_key) {
    findings_.Error("R0124", std::move(mark), std::move(message), "a key is a single word");
  }
  open_.back().dropped.push_back(pending_.size());
}

std::uint32_t YamlBuilder::AddNode(YamlTree::Node node, const YamlPlace& place) {
  node.line = place.line;
  node.column = place.column;
  tree_->nodes.push_back(node);
  return static_cast<std::uint32_t>(tree_->nodes.size() - 1);
}

void YamlBuilder::AddLeaf(const YamlTree::Node& node, const YamlPlace& place, std::size_t anchor) {
  const std::uint32_t index = AddNode(node, place);
  if (anchor != 0) SetAnchor(anchor, {index, 1, 0, true});
  if (open_.empty()) {
    tree_->root = index;
    has_root_ = node.kind != YamlNode::Kind::kNull;  // a document without a word is none
    return;
  }
  AddChild(index, 1, 0);
}

void YamlBuilder::AddChild(std::uint32_t node, std::size_t weight, std::size_t height) {
  pending_.push_back(node);
  open_.back().weight += weight;
  open_.back().height = std::max(open_.back().height, height + 1);
}

void YamlBuilder::SetAnchor(std::size_t anchor, Anchor value) {
  if (anchors_.size() < anchor) anchors_.resize(anchor);
  anchors_[anchor - 1] = value;
}

// Sorting instead of hashing: nobody can choose keys that make it slow.
void YamlBuilder::FindDuplicates(Open& open) {
  sorted_.clear();
  for (std::size_t i = open.first_pending; i + 1 < pending_.size(); i += 2) {
    if (!std::ranges::binary_search(open.dropped, i)) sorted_.push_back(i);
  }
  const auto key = [&](std::size_t i) { return tree_->nodes[pending_[i]].text; };
  std::ranges::sort(sorted_, [&](std::size_t a, std::size_t b) {
    return std::pair(key(a), a) < std::pair(key(b), b);
  });
  for (std::size_t i = 1, first = 0; i < sorted_.size(); ++i) {
    if (key(sorted_[i]) != key(sorted_[first])) {
      first = i;
      continue;
    }
    open.dropped.push_back(sorted_[i]);
    if (TooManyErrors()) continue;
    Diagnostic& finding = findings_.Error(
        "R0102",
        MarkOf(pending_[sorted_[i]]),
        fmt::format("the key `{}` stands here twice", EscapeForTerminal(key(sorted_[i]))),
        "keep one of the two");
    finding.related = RelatedPlace{MarkOf(pending_[sorted_[first]]), "the first one"};
  }
}

void YamlBuilder::Drop(const Open& open) {
  std::vector<std::size_t> dropped = open.dropped;
  std::ranges::sort(dropped);  // refused keys came in order, duplicates by name
  std::size_t keep = open.first_pending;
  for (std::size_t i = open.first_pending; i + 1 < pending_.size(); i += 2) {
    if (std::ranges::binary_search(dropped, i)) continue;
    pending_[keep++] = pending_[i];
    pending_[keep++] = pending_[i + 1];
  }
  pending_.resize(keep);
}

bool YamlBuilder::SecondDocument(YamlPlace place) {
  return Stop(findings_.Error("R0109",
                              text_.Mark(place, 1),
                              "the document has ended before this",
                              "a second document begins with a line `---`"),
              place.line);
}

void YamlBuilder::StopAtSyntaxError(YamlPlace place, std::string_view complaint) {
  SyntaxWords words =
      DescribeSyntaxError(complaint, text_.LineBefore(place), text_.LineFrom(place));
  if (words.code == "R0109" && text_.FindIndentationTab(place, &place)) {
    words = DescribeSyntaxError("illegal tab when looking for indentation", "", "");
  }
  Diagnostic& finding =
      findings_.Error(words.code, text_.Mark(place, words.length), words.message, words.hint);
  if (words.names_opener && !open_.empty()) {
    const char opener = text_.CharAt(open_.back().place.offset);
    if (opener == '{' || opener == '[') {
      finding.related = RelatedPlace{MarkOf(open_.back().node), "opened here"};
    }
  }
  if (YamlPlace line; complaint == "illegal map value" && text_.FindKeyWithoutColon(place, &line)) {
    finding.related =
        RelatedPlace{text_.Mark(line, Trim(text_.LineFrom(line)).size()), "a `:` is missing here"};
  }
  Stop(finding, place.line);
  // yaml-cpp has often joined the value of the line above with the text that it then stumbles over.
  if (open_.empty()) {
    has_root_ = has_root_ && tree_->nodes[tree_->root].kind != YamlNode::Kind::kScalar;
  } else if (pending_.size() > open_.back().first_pending && !IsMapValue()) {
    const YamlTree::Node& last = tree_->nodes[pending_.back()];
    const bool leaf = last.kind == YamlNode::Kind::kScalar || last.kind == YamlNode::Kind::kNull;
    if (leaf && (last.line >= place.line || last.several_lines)) pending_.pop_back();
  }
}

void YamlBuilder::StopAfterLastNode(std::string code, std::string message, std::string hint) {
  Stop(findings_.Error(std::move(code), text_.Mark(last_, 1), std::move(message), std::move(hint)),
       last_.line);
}

bool YamlBuilder::GoOn(const YamlPlace& place) {
  if (!TooManyErrors()) return true;
  return Stop(findings_.Error(
                  "R0132", text_.Mark(place, 1), fmt::format("{} errors up to here", kMaxErrors)),
              place.line);
}

bool YamlBuilder::TooDeep(const YamlPlace& place) {
  return Stop(findings_.Error("R0106",
                              text_.Mark(place, 1),
                              fmt::format("maps and lists lie more than {} deep", kMaxDepth)),
              place.line);
}

bool YamlBuilder::Stop(Diagnostic& finding, std::uint32_t line) {
  finding.note = text_.NotJudgedBelow(line);
  tree_->truncated = true;
  return false;
}

std::unique_ptr<YamlTree> YamlBuilder::Take() {
  while (!open_.empty()) {
    if (IsMapValue()) pending_.pop_back();  // a key whose value never came
    End();
  }
  return has_root_ ? std::move(tree_) : nullptr;
}

}  // namespace reeve::policy
