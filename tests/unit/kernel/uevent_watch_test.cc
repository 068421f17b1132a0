// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/uevent_watch.h"

#include <poll.h>

#include <fstream>
#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace reeve::kernel {
namespace {

using namespace std::string_literals;

TEST(IsAboutFacts, CpusMemoryAndDisksAre) {
  for (const std::string& message : {"offline@/devices/system/cpu/cpu1\0ACTION=offline\0"s,
                                     "online@/devices/system/cpu/cpu1"s,
                                     "offline@/devices/system/memory/memory33"s,
                                     "add@/devices/pci0000:00/0000:00:05.0/virtio2/block/vda"s,
                                     "change@/devices/virtual/block/loop3\0X"s,
                                     "remove@/devices/virtual/block/loop3"s}) {
    EXPECT_TRUE(IsAboutFacts(message)) << message;
  }
}

TEST(IsAboutFacts, OthersAreNot) {
  for (const std::string& message : {"add@/devices/virtual/net/veth0"s,
                                     "add@/module/loop"s,
                                     "change@/devices/virtual/tty/x\0/block/"s,
                                     "bind@/devices/pci0000:00/0000:00:05.0/block/x"s,
                                     "/block/"s,
                                     "\0"s,
                                     ""s}) {
    EXPECT_FALSE(IsAboutFacts(message)) << message;
  }
}

// The kernel repeats an event for a device when it is asked to.
class UeventWatchTest : public testing::Test {
 protected:
  void SetUp() override {
    auto watch = UeventWatch::Make();
    if (!watch.has_value()) GTEST_SKIP() << watch.error().ToString();
    watch_ = std::make_unique<UeventWatch>(*std::move(watch));
  }

  static bool Ask(const std::string& device, const std::string& action) {
    std::ofstream file("/sys" + device + "/uevent");
    file << action << std::flush;
    return file.good();
  }

  bool Wakes() {
    pollfd ready{watch_->fd(), POLLIN, 0};
    return ::poll(&ready, 1, 200) > 0;
  }

  std::unique_ptr<UeventWatch> watch_;
};

TEST_F(UeventWatchTest, ACpuWakesAndIsHeard) {
  if (!Ask("/devices/system/cpu/cpu0", "online")) GTEST_SKIP() << "/sys is read-only here";

  EXPECT_TRUE(Wakes());
  EXPECT_TRUE(watch_->Read());
  EXPECT_FALSE(watch_->Read());
}

TEST_F(UeventWatchTest, AVirtualDeviceThatIsNoDiskWakesNobody) {
  if (!Ask("/devices/virtual/mem/null", "change")) GTEST_SKIP() << "/sys is read-only here";

  EXPECT_FALSE(Wakes());
}

}  // namespace
}  // namespace reeve::kernel
