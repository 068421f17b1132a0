// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/policy_names.h"

#include <gtest/gtest.h>

namespace reeve::kernel {
namespace {

TEST(PolicyNames, OnlyYamlIsRead) {
  EXPECT_EQ(WhyIgnored("20-login.yaml"), "");
  EXPECT_EQ(WhyIgnored("a b.yaml"), "");
  EXPECT_EQ(WhyIgnored("20-login.yml"), "ends in .yml; only .yaml is read");
  EXPECT_EQ(WhyIgnored("README"), "does not end in .yaml");
  EXPECT_EQ(WhyIgnored("x.yaml.bak"), "does not end in .yaml");
}

TEST(PolicyNames, WhatToolsLeaveBehindIsNamedAfterThem) {
  EXPECT_EQ(WhyIgnored(".20-login.yaml.swp"), "hidden");
  EXPECT_EQ(WhyIgnored(".ansible_tmpab12x.yaml"), "being written by Ansible");
  EXPECT_EQ(WhyIgnored("20-login.yaml~"), "backup of an editor");
  EXPECT_EQ(WhyIgnored("20-login.yaml.swp"), "backup of an editor");
  EXPECT_EQ(WhyIgnored("#20-login.yaml#"), "backup of an editor");
  EXPECT_EQ(WhyIgnored("20-login.yaml.dpkg-new"), "left by dpkg");
  EXPECT_EQ(WhyIgnored("20-login.yaml.dpkg-dist"), "left by dpkg");
  EXPECT_EQ(WhyIgnored("20-login.yaml.rpmsave"), "left by rpm");
  EXPECT_EQ(WhyIgnored("20-login.yaml.rpmnew"), "left by rpm");
}

TEST(PolicyNames, KubernetesKeepsNamesWithTwoDots) {
  EXPECT_TRUE(IsVolumeInternal("..data"));
  EXPECT_TRUE(IsVolumeInternal("..2026_11_21_21_00_00.123"));
  EXPECT_FALSE(IsVolumeInternal(".hidden"));
}

}  // namespace
}  // namespace reeve::kernel
