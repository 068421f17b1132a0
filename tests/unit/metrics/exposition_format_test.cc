// SPDX-License-Identifier: Apache-2.0
#include "edge/metrics/exposition_format.h"

#include <gtest/gtest.h>

namespace reeve::metrics {
namespace {

void ExpectText(std::string_view accept) {
  EXPECT_EQ(ChooseFormat(accept), Format::kText) << accept;
}

void ExpectOpenMetrics(std::string_view accept) {
  EXPECT_EQ(ChooseFormat(accept), Format::kOpenMetrics) << accept;
}

TEST(ChooseFormat, PrometheusItself) {
  ExpectOpenMetrics(  // 2.42
      "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;"
      "q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1");
  ExpectOpenMetrics(  // 3
      "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
      "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;"
      "escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1");
  ExpectText("text/plain;version=0.0.4;q=1,*/*;q=0.1");  // before 2.5
}

TEST(ChooseFormat, PeopleGetText) {
  ExpectText("");
  ExpectText("*/*");  // curl
  ExpectText("text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8");
  ExpectText("text/plain");
}

TEST(ChooseFormat, WhatIsLikedBetterIsGiven) {
  ExpectText("application/openmetrics-text;version=1.0.0;q=0.4, text/plain;q=0.5");
  ExpectOpenMetrics("application/openmetrics-text;version=1.0.0;q=0.5, text/plain;q=0.5");
  ExpectOpenMetrics("application/openmetrics-text");
  ExpectOpenMetrics("application/*, text/plain;q=0.1");
  ExpectOpenMetrics("text/plain;q=0, application/openmetrics-text;q=0.001");
}

TEST(ChooseFormat, OtherVersionsAreNotOurs) {
  ExpectText("application/openmetrics-text;version=0.0.1");
  ExpectText("application/openmetrics-text;version=2.0.0,*/*;q=0.1");
  ExpectText("application/openmetrics-text;version=1.0.0;q=0");
}

TEST(ChooseFormat, SpellingDoesNotMatter) {
  ExpectOpenMetrics(" Application/OpenMetrics-Text ; Version = \"1.0.0\" ; Q=1.000 ");
  ExpectOpenMetrics("x/y;note=\"a,b;version=2\",application/openmetrics-text;version=1.0.0");
}

TEST(ChooseFormat, NonsenseGetsText) {
  for (std::string_view accept : {",,,;;;===",
                                  "application/openmetrics-text;q=2",
                                  "application/openmetrics-text;q=-1",
                                  "application/openmetrics-text;q=0.5x",
                                  "application/openmetrics-text;q=",
                                  "\"application/openmetrics-text",
                                  "application/json"}) {
    ExpectText(accept);
  }
}

TEST(WantsGzip, WhoNamesItAndLikesItNoLess) {
  EXPECT_TRUE(WantsGzip("gzip"));  // Prometheus
  EXPECT_TRUE(WantsGzip("deflate, GZIP ;Q=0.5, br"));
  EXPECT_TRUE(WantsGzip("gzip;q=1.0, identity; q=0.5, *;q=0"));
  EXPECT_TRUE(WantsGzip("*"));
  EXPECT_FALSE(WantsGzip(""));
  EXPECT_FALSE(WantsGzip("identity"));
  EXPECT_FALSE(WantsGzip("br, deflate"));
  EXPECT_FALSE(WantsGzip("gzip;q=0, *"));
  EXPECT_FALSE(WantsGzip("gzip;q=0.5, identity"));
  EXPECT_FALSE(WantsGzip("gzip;q=2"));
  EXPECT_FALSE(WantsGzip("gzipped"));
}

TEST(ContentType, NamesVersionAndEncoding) {
  EXPECT_EQ(ContentType(Format::kText), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(ContentType(Format::kOpenMetrics),
            "application/openmetrics-text; version=1.0.0; charset=utf-8");
}

}  // namespace
}  // namespace reeve::metrics
