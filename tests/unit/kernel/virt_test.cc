// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/virt.h"

#include <gtest/gtest.h>

#include "edge/kernel/systemd_version.h"
#include "unit/kernel/scratch.h"

namespace reeve::kernel {
namespace {

class VirtTest : public testing::Test {
 protected:
  VirtTest() {
    options_.sys = host_ / "sys";
    options_.proc = host_ / "proc";
    options_.etc = host_ / "etc";
    options_.run = host_ / "run";
    options_.usr = host_ / "usr";
    options_.slash = host_.path() + "/";
    host_.Write("proc/sys/kernel/osrelease", "6.1.0-56-amd64\n");
    host_.Write("proc/cpuinfo", "processor : 0\nflags : fpu vme\n");
  }

  TempDir host_;
  FactsOptions options_;
};

TEST_F(VirtTest, BareMetalIsNone) {
  host_.Write("sys/class/dmi/id/sys_vendor", "LENOVO\n");

  EXPECT_EQ(DetectVirt(options_), "none");
}

TEST_F(VirtTest, FirmwareNamesTheMachine) {
  host_.Write("sys/class/dmi/id/product_name", "KVM\n");

  EXPECT_EQ(DetectVirt(options_), "kvm");
}

TEST_F(VirtTest, UserModeLinuxSaysSoInCpuinfo) {
  host_.Write("proc/cpuinfo", "processor\t: 0\nvendor_id\t: User Mode Linux\n");

  EXPECT_EQ(DetectVirt(options_), "uml");
}

TEST_F(VirtTest, AFlagWithoutANameIsAnyMachine) {
  host_.Write("proc/cpuinfo", "processor : 0\nflags\t\t: fpu hypervisor\n");

  EXPECT_NE(DetectVirt(options_), "none");
}

TEST_F(VirtTest, AContainerComesBeforeItsMachine) {
  host_.Write("sys/class/dmi/id/product_name", "KVM\n");
  host_.Write("proc/1/environ", std::string("PATH=/bin\0container=lxc\0", 23));

  EXPECT_EQ(DetectVirt(options_), "lxc");

  host_.Write("run/systemd/container", "systemd-nspawn\n");
  EXPECT_EQ(DetectVirt(options_), "systemd-nspawn");

  host_.Write("run/systemd/container", "something\n");
  EXPECT_EQ(DetectVirt(options_), "container-other");
}

TEST_F(VirtTest, FilesThatManagersLeaveTellThem) {
  host_.Write(".dockerenv", "");
  EXPECT_EQ(DetectVirt(options_), "docker");

  host_.Write("run/.containerenv", "");
  EXPECT_EQ(DetectVirt(options_), "podman");

  host_.Write("run/systemd/container", "oci\n");
  EXPECT_EQ(DetectVirt(options_), "podman");
}

TEST_F(VirtTest, SystemdIsOnlyThereWhenItBootedTheHost) {
  host_.Write("usr/lib/x86_64-linux-gnu/systemd/libsystemd-shared-252.so", "");
  EXPECT_EQ(SystemdVersion(options_), "");

  host_.Write("run/systemd/system/x", "");
  EXPECT_EQ(SystemdVersion(options_), "252");

  host_.Write("proc/1/maps",
              "7f0 r--p 0 08:01 42    /usr/lib/systemd/libsystemd-shared-254.10-1.fc39.so\n");
  EXPECT_EQ(SystemdVersion(options_), "254.10-1.fc39");
}

}  // namespace
}  // namespace reeve::kernel
