// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

// What people can look up about the language. All of it is made from the tables that the reader
// itself uses (fields.h, model/knob.h, codes.h), so none of it can say something else than the
// reader does.
namespace reeve::policy {

// The text of `reevectl help TOPIC`, at most 80 columns wide: an interface file (also one that can
// only be read), a key, a code, a chapter ("values"). Empty when there is no such topic.
std::string HelpText(std::string_view topic);

// All topics, sorted; families of files once ("hugetlb.<size>.max").
std::vector<std::string> HelpTopics();

// The topic that is spelled most alike; "" when none is near.
std::string NearestHelpTopic(std::string_view topic);

// config/policy-reference.md: every key, file and code.
std::string ReferenceMarkdown();

// config/policy-v1.schema.json: JSON Schema draft 7, for editors. Accepts every policy that the
// reader accepts; refuses unknown keys, wrong shapes and values that no host could understand.
std::string JsonSchema();

}  // namespace reeve::policy
