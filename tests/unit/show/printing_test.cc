// SPDX-License-Identifier: Apache-2.0
#include "app/show/printing.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace reeve::show {
namespace {

Json Sample() {
  Json value = Json::object();
  value["zulu"] = 1;
  value["alpha"] = Json::array({"one", true, nullptr});
  value["empty"] = Json::object();
  value["rows"] = Json::array({Json{{"a", 1}, {"b", Json::array({2})}}});
  return value;
}

TEST(PrintJson, KeepsTheOrderOfKeys) {
  EXPECT_EQ(PrintJson(Json{{"zulu", 1}, {"alpha", 2}}), "{\n  \"zulu\": 1,\n  \"alpha\": 2\n}\n");
}

TEST(PrintJson, IsAsciiAndReadsBackEqual) {
  const std::string hostile =
      "\x1b]52;c;x\x07 \x7f K\xc3\xb6ln \xf0\x9f\x98\x80 \xe2\x80\xae \"quoted\"\n";

  const std::string text = PrintJson(Json{{"name", JsonString(hostile)}});

  for (char c : text) EXPECT_TRUE(c == '\n' || (c >= 0x20 && c < 0x7F)) << static_cast<int>(c);
  EXPECT_EQ(Json::parse(text)["name"].get<std::string>(), hostile);
}

TEST(JsonString, TakesBytesThatAreNoText) {
  EXPECT_EQ(JsonString("a\xff").get<std::string>(), "a\\xff");
}

TEST(PrintYaml, SaysTheSameAsTheJson) {
  EXPECT_EQ(PrintYaml(Sample()),
            "zulu: 1\n"
            "alpha:\n"
            "  - one\n"
            "  - true\n"
            "  - null\n"
            "empty: {}\n"
            "rows:\n"
            "  - a: 1\n"
            "    b:\n"
            "      - 2\n");
}

TEST(PrintYaml, QuotesWhatAnotherReaderTakesForANumberOrABoolean) {
  EXPECT_EQ(PrintYaml(Json{{"a", "no"}, {"b", "1e3"}, {"c", "12:30"}, {"d", ""}, {"y", "Null"}}),
            "a: \"no\"\n"
            "b: \"1e3\"\n"
            "c: \"12:30\"\n"
            "d: \"\"\n"
            "\"y\": \"Null\"\n");
}

TEST(PrintYaml, WritesACharacterBeyondTheFirstPlaneAsOne) {
  EXPECT_EQ(PrintYaml(Json{{"a", "\xf0\x9f\x98\x80 K\xc3\xb6ln \\ \x1b"}}),
            "a: \"\\U0001f600 K\\u00f6ln \\\\ \\u001b\"\n");
}

TEST(PrintYaml, PrintsAListAndAScalarAtTheTop) {
  EXPECT_EQ(PrintYaml(Json::array({1, 2})), "- 1\n- 2\n");
  EXPECT_EQ(PrintYaml(Json::array()), "[]\n");
}

}  // namespace
}  // namespace reeve::show
