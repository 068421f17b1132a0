// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>

#include "core/model/desired.h"

namespace reeve::engine {

// The desired tree that the engine keeps: the generation's own, shared, because a large one takes megabytes. A copy from
// the moment on when something is laid over it (an adopted value, a brake).
class SharedDesired {
 public:
  SharedDesired() : SharedDesired(std::make_shared<const Desired>()) {}

  explicit SharedDesired(std::shared_ptr<const Desired> tree) : tree_(std::move(tree)) {}

  const Desired& operator*() const { return *tree_; }

  const Desired* operator->() const { return tree_.get(); }

  // To be changed; nobody else sees it.
  Desired& Own() {
    if (!own_) {
      own_ = std::make_shared<Desired>(*tree_);
      tree_ = own_;
    }
    return *own_;
  }

  // The tree as it is now, for whoever keeps it longer. Nothing may be laid over it afterwards.
  std::shared_ptr<const Desired> Give() && { return std::move(tree_); }

 private:
  std::shared_ptr<const Desired> tree_;
  std::shared_ptr<Desired> own_;  // null: tree_ is somebody else's as well
};

}  // namespace reeve::engine
