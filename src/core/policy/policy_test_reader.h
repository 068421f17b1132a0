// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/model/policy_test.h"
#include "core/policy/diagnostic.h"
#include "core/policy/facts_reader.h"

namespace reeve::policy {

// Reads the file that a test names as its `host`.
//   name       as it stands in the test
//   findings   takes what is wrong in that file; errors: it can not be read at all
using HostReader = std::function<Result<RecordedHost>(const std::string& name, Findings& findings)>;

// The tests of a file, in order; its policies are passed over. What is wrong with a test is in
// `findings`, and the test is left out.
std::vector<PolicyTest> ReadPolicyTests(const std::shared_ptr<const SourceFile>& file,
                                        const HostReader& read_host,
                                        Findings& findings);

}  // namespace reeve::policy
