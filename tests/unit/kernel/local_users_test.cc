// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/local_users.h"

#include <gtest/gtest.h>

namespace reeve::kernel {
namespace {

TEST(LocalUsers, NamesAreFoundByUid) {
  constexpr const char* kTable =
      "root:x:0:0:root:/root:/bin/bash\n"
      "# no user\n"
      "broken:x\n"
      "alice:x:1000:1000::/home/alice:/bin/sh";
  EXPECT_EQ(UserNameIn(kTable, 0), "root");
  EXPECT_EQ(UserNameIn(kTable, 1000), "alice");
  EXPECT_EQ(UserNameIn(kTable, 100), "");
  EXPECT_EQ(UserNameIn("", 0), "");
  EXPECT_EQ(LocalUserName(0), "root");
}

}  // namespace
}  // namespace reeve::kernel
