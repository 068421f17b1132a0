// SPDX-License-Identifier: Apache-2.0
#include "core/model/unit_name.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

TEST(UnitName, WhatSystemdTakesWithACgroup) {
  for (const char* name : {"nginx.service",
                           "user-1000.slice",
                           "session-c2.scope",
                           "-.mount",
                           "postgresql@15-main.service",
                           "dev-disk-by\\x2dlabel-a.swap",
                           "a:b_c.socket"}) {
    EXPECT_EQ(WhyNotUnitName(name), "") << name;
  }
  EXPECT_EQ(WhyNotUnitName("nginx"),
            "it has no type; units end in .service, .slice, .scope, .socket, .mount or .swap");
  EXPECT_EQ(WhyNotUnitName("backup.timer"),
            "a timer has no processes; name the service that it starts");
  EXPECT_EQ(WhyNotUnitName("a b.service"),
            "' ' is not allowed; letters, digits and : - _ . \\ @ are");
  EXPECT_EQ(WhyNotUnitName("getty@.service"),
            "it is a template; `getty@<instance>.service` is every instance of it");
  EXPECT_EQ(WhyNotUnitName(".service"), "there is nothing before its type");
  EXPECT_NE(WhyNotUnitName(std::string(250, 'a') + ".service"), "");
}

TEST(UnitName, ReevesOwnAreLeftAlone) {
  for (const char* name :
       {"reeve.slice", "reeve-tree.scope", "reeved.service", "init.scope", "-.slice"}) {
    EXPECT_NE(WhyLeftAlone(name), "") << name;
  }
  EXPECT_EQ(WhyLeftAlone("reeves.service"), "");
  EXPECT_EQ(WhyLeftAlone("-.mount"), "");
}

TEST(UnitName, SlicesLieInEachOtherByName) {
  EXPECT_EQ(SliceAbove("user-1000.slice"), "user.slice");
  EXPECT_EQ(SliceAbove("a-b-c.slice"), "a-b.slice");
  EXPECT_EQ(SliceAbove("user.slice"), "");
  EXPECT_EQ(SliceAbove("-.slice"), "");
  EXPECT_EQ(SliceAbove("a-b.service"), "");
}

TEST(UnitName, LogindNamesUsersByNumber) {
  EXPECT_EQ(UidOfUnit("user-1000.slice"), 1000U);
  EXPECT_EQ(UidOfUnit("user@0.service"), 0U);
  EXPECT_EQ(UidOfUnit("user-runtime-dir@7.service"), 7U);
  EXPECT_EQ(UidOfUnit("user.slice"), std::nullopt);
  EXPECT_EQ(UidOfUnit("user-a.slice"), std::nullopt);
  EXPECT_EQ(UidOfUnit("user-.slice"), std::nullopt);
}

}  // namespace
}  // namespace reeve
