// SPDX-License-Identifier: Apache-2.0
#include "edge/http/target.h"

#include <gtest/gtest.h>

namespace reeve::http {
namespace {

TEST(Target, PathAndQueryAreDecoded) {
  EXPECT_EQ(ParseTarget("/v1/explain?cgroup=web%2Fapi&key=memory.max&q"),
            (Target{"/v1/explain", {{"cgroup", "web/api"}, {"key", "memory.max"}, {"q", ""}}}));
  EXPECT_EQ(ParseTarget("/a%20b+c"), (Target{"/a b+c", {}}));
  EXPECT_EQ(ParseTarget("/?a+b=c+d"), (Target{"/", {{"a b", "c d"}}}));
  EXPECT_EQ(ParseTarget("/?a=1=2&&"), (Target{"/", {{"a", "1=2"}}}));
  EXPECT_EQ(ParseTarget("/?a=?/x"), (Target{"/", {{"a", "?/x"}}}));
}

TEST(Target, WhatCouldBeReadInTwoWaysIsRefused) {
  for (const char* text : {"",
                           "*",
                           "http://host/",
                           "status",
                           "/%",
                           "/%2",
                           "/%g0",
                           "/a%00b",
                           "/?a=%",
                           "/?%zz=1",
                           "/?a=%00",
                           "/?a=1&a=2",
                           "/?a=1&%61=2"})
    EXPECT_EQ(ParseTarget(text), std::nullopt) << text;
}

TEST(Target, WhatIsEncodedComesBack) {
  std::string all;
  for (int byte = 1; byte < 256; ++byte) all += static_cast<char>(byte);
  const std::string encoded = EncodeComponent(all);
  EXPECT_EQ(ParseTarget("/" + encoded)->path, "/" + all);
  EXPECT_EQ(ParseTarget("/?" + encoded + "=" + encoded)->query, (Query{{all, all}}));
  EXPECT_EQ(EncodeComponent("web/api 1+1&x=%"), "web%2Fapi%201%2B1%26x%3D%25");
}

}  // namespace
}  // namespace reeve::http
