// SPDX-License-Identifier: Apache-2.0
#include "core/model/unit_property.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "core/model/knob.h"

namespace reeve {
namespace {

TEST(UnitProperty, EveryRowIsOfAFileThatPoliciesKnow) {
  std::set<std::string_view> ended;
  std::string_view last;
  for (const UnitProperty& property : AllUnitProperties()) {
    const Knob* knob = FindKnob(property.file);
    ASSERT_NE(knob, nullptr) << property.file;
    EXPECT_FALSE(knob->host_only) << property.file;
    if (property.type == UnitPropertyType::kDevices && !property.column.empty()) {
      EXPECT_NE(knob->words.find(property.column), std::string_view::npos) << property.property;
    }
    if (property.file == last) continue;
    EXPECT_TRUE(ended.insert(property.file).second) << property.file << " stands in two places";
    last = property.file;
  }
}

TEST(UnitProperty, AFileCanBeSaidFromTheLastOfItsPropertiesOn) {
  EXPECT_EQ(UnitPropertiesOf("io.max").size(), 4U);
  EXPECT_EQ(UnitPropertiesOf("memory.high").size(), 1U);
  EXPECT_TRUE(UnitPropertiesOf("cpu.max.burst").empty());
  EXPECT_TRUE(UnitPropertiesOf("io.ma").empty());
  EXPECT_EQ(UnitFileSince("cpu.max"), 242);
  EXPECT_EQ(UnitFileSince("memory.zswap.max"), 253);
  EXPECT_EQ(UnitFileSince("cpu.uclamp.max"), std::nullopt);
}

}  // namespace
}  // namespace reeve
