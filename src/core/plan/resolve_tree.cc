// SPDX-License-Identifier: Apache-2.0
#include "core/plan/resolve_tree.h"

#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>

#include "core/plan/differ.h"

namespace reeve::plan {
namespace {

using Index = std::unordered_map<std::string_view, int>;

std::string_view ParentText(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

// The nearest cgroup above that has a node. Siblings follow each other mostly, so the last answer is
// tried first.
int FindParent(std::string_view path,
               const std::vector<Node>& nodes,
               const Index& index,
               int last) {
  for (std::string_view above = ParentText(path); !above.empty(); above = ParentText(above)) {
    if (last != Node::kNone && nodes[static_cast<std::size_t>(last)].path.text() == above) {
      return last;
    }
    const auto found = index.find(above);
    if (found != index.end()) return found->second;
  }
  return Node::kNone;
}

bool AsksForThreads(const Node& node) {
  if (node.self) return false;
  const auto type = node.settings->find("cgroup.type");
  if (type == node.settings->end()) return false;
  const auto* word = std::get_if<std::string>(&type->second.setting.value);
  return word != nullptr && *word == "threaded";
}

class Builder {
 public:
  explicit Builder(const policy::MergedTree& tree) : tree_(tree) {
    nodes_.reserve(tree.cgroups.size() + tree.self.size() + tree.observed_only.size());
    index_.reserve(tree.cgroups.size());
  }

  std::vector<Node> Build() && {
    for (const auto& [path, cgroup] : tree_.cgroups) {
      if (!path.is_root()) AddCgroup(path, cgroup);
    }
    for (const auto& [path, settings] : tree_.self) AddSelf(path, settings);
    for (const auto& [path, cgroup] : tree_.observed_only) {
      if (!path.is_root()) AddObserved(path, cgroup);
    }
    MarkThreaded();
    return std::move(nodes_);
  }

 private:
  // The place of the new node.
  int Add(Node node, const Index& index) {
    node.parent = FindParent(node.path.text(), nodes_, index, last_parent_);
    last_parent_ = node.parent;
    node.account = node.cgroup->account && (node.parent == Node::kNone || At(node.parent).account);
    nodes_.push_back(std::move(node));
    return static_cast<int>(nodes_.size()) - 1;
  }

  Node& At(int place) { return nodes_[static_cast<std::size_t>(place)]; }

  void AddCgroup(const CgroupPath& path, const policy::MergedCgroup& cgroup) {
    Node node;
    node.path = path;
    node.cgroup = &cgroup;
    node.settings = &cgroup.settings;
    index_[path.text()] = Add(std::move(node), index_);
  }

  void AddSelf(const CgroupPath& served, const MergedSettings& settings) {
    const auto found = tree_.cgroups.find(served);
    if (found == tree_.cgroups.end() || settings.empty()) return;
    Node node;
    node.path = served.Child(kSelfName);
    node.cgroup = &found->second;
    node.settings = &settings;
    node.self = true;
    Add(std::move(node), index_);
  }

  void AddObserved(const CgroupPath& path, const policy::MergedCgroup& cgroup) {
    Node node;
    node.path = path;
    node.cgroup = &cgroup;
    node.settings = &cgroup.settings;
    node.observed = true;
    const auto in_force = tree_.cgroups.find(path);
    if (in_force != tree_.cgroups.end()) node.below = &in_force->second.settings;
    // What is observed above counts before what is in force there.
    if (observed_.empty()) observed_ = index_;
    last_parent_ = Node::kNone;
    observed_[path.text()] = Add(std::move(node), observed_);
  }

  void MarkThreaded() {
    for (const Node& node : nodes_) {
      if (node.parent != Node::kNone && AsksForThreads(node)) At(node.parent).thread_root = true;
    }
    for (Node& node : nodes_) {
      if (node.parent == Node::kNone) {
        node.threaded = AsksForThreads(node);
        continue;
      }
      const Node& parent = At(node.parent);
      node.threaded = parent.thread_root || parent.threaded;
    }
  }

  const policy::MergedTree& tree_;
  std::vector<Node> nodes_;
  Index index_;     // by path, which the tree holds
  Index observed_;  // the same, with the observed ones laid over it
  int last_parent_ = Node::kNone;
};

}  // namespace

std::vector<Node> MakeNodes(const policy::MergedTree& tree) {
  return Builder(tree).Build();
}

}  // namespace reeve::plan
