// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/local_accounts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reeve::kernel {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* kPasswd =
    "root:x:0:0:root:/root:/bin/bash\n"
    "not an account\n"
    "ito:x:1000:100:Ito:/home/ito:/bin/sh\n"
    "again:x:1000:999::/:/bin/sh\n";
constexpr const char* kGroup =
    "root:x:0:\n"
    "users:x:100:\n"
    "students:x:2000:ito,mori\n"
    "staff:x:50:mori\n";

TEST(LocalAccounts, AUserIsInTheirPrimaryGroupAndInThoseThatNameThem) {
  const LocalAccounts accounts(kPasswd, kGroup);

  EXPECT_EQ(accounts.UidOf("ito"), 1000);
  EXPECT_EQ(accounts.NameOf(1000), "ito");
  EXPECT_THAT(accounts.GroupsOf("ito"), ElementsAre("students", "users"));
}

TEST(LocalAccounts, WhoIsNotThereHasNothing) {
  const LocalAccounts accounts(kPasswd, kGroup);

  EXPECT_EQ(accounts.UidOf("tanaka"), std::nullopt);
  EXPECT_EQ(accounts.UidOf("4711"), 4711);
  EXPECT_EQ(accounts.NameOf(4711), "");
  EXPECT_THAT(accounts.GroupsOf("tanaka"), IsEmpty());
}

}  // namespace
}  // namespace reeve::kernel
