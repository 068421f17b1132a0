// SPDX-License-Identifier: Apache-2.0
#include "app/cli/render_doctor.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace reeve::cli {
namespace {

using kernel::Health;

HostFacts Host() {
  HostFacts facts;
  facts.host = "login03";
  facts.os = "debian 12";
  facts.kernel = "6.1.0-56";
  facts.reeve = "0.1.0";
  return facts;
}

TEST(RenderDoctor, NamesTroubleFirstAndTheRemedyBelowEach) {
  EXPECT_EQ(RenderDoctor(Host(),
                         {{Health::kOk, "cgroup v2", "/sys/fs/cgroup (nsdelegate)", ""},
                          {Health::kFail,
                           "managed root",
                           "is mounted read-only, so no limit can be set on this host",
                           "mount -o remount,rw /sys/fs/cgroup"},
                          {Health::kWarn,
                           "clock",
                           "NTP is not in step",
                           "systemctl enable --now systemd-timesyncd"}},
                         Paint(false)),
            "login03: NEEDS CARE: 1 FAIL, 1 WARN\n"
            "Debian 12, kernel 6.1.0-56, reeve 0.1.0\n"
            "\n"
            "ok    cgroup v2     /sys/fs/cgroup (nsdelegate)\n"
            "FAIL  managed root  is mounted read-only, so no limit can be set on this host\n"
            "                    Fix: mount -o remount,rw /sys/fs/cgroup\n"
            "WARN  clock         NTP is not in step\n"
            "                    Fix: systemctl enable --now systemd-timesyncd\n"
            "\n"
            "Exit 1. FAIL: reeve cannot work like this. WARN: something does not work here.\n");
}

TEST(RenderDoctor, StaysWithinEightyColumns) {
  const std::string text =
      RenderDoctor(Host(),
                   {{Health::kWarn,
                     "neighbours",
                     std::string(300, 'x') + " and words that go on for a while",
                     std::string(200, 'y')}},
                   Paint(false));

  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = text.find('\n', from);
    EXPECT_LE(end - from, 80U) << text.substr(from, end - from);
    from = end + 1;
  }
}

TEST(RenderDoctor, FailsOnlyForFailures) {
  EXPECT_EQ(DoctorExitCode({{Health::kWarn, "a", "b", ""}}), 0);
  EXPECT_EQ(DoctorExitCode({{Health::kFail, "a", "b", ""}}), 1);
  EXPECT_EQ(RenderDoctor(Host(), {{Health::kOk, "a", "b", ""}}, Paint(false)),
            "login03: OK\n"
            "Debian 12, kernel 6.1.0-56, reeve 0.1.0\n"
            "\n"
            "ok    a             b\n"
            "\n"
            "Exit 0.\n");
}

TEST(DoctorJson, HasACheckForEachLine) {
  EXPECT_EQ(DoctorJson(Host(), {{Health::kWarn, "clock", "late", "mend it"}})["checks"].dump(),
            "[{\"health\":\"warn\",\"topic\":\"clock\",\"text\":\"late\",\"fix\":\"mend it\"}]");
}

}  // namespace
}  // namespace reeve::cli
