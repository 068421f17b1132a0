// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace reeve::kernel {

// Why a name in a policy directory is not read: "left by rpm", "backup of an editor". "" for
// `*.yaml`.
std::string WhyIgnored(std::string_view name);

// Names that are nobody's business at all and are not even listed as ignored: what Kubernetes keeps
// beside its files.
bool IsVolumeInternal(std::string_view name);

}  // namespace reeve::kernel
