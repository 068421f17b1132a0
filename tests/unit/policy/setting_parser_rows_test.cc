// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "unit/policy/setting_parser_testing.h"

namespace reeve::policy {
namespace {

TEST(SettingParserRows, DevicesHaveRates) {
  EXPECT_EQ(
      RowMeaning("io.max",
                 {{{"device", "/dev/disk/by-id/nvme-X"}, {"rbps", "200MiB/s"}, {"wiops", "5000"}},
                  {{"mount", "/srv/"}, {"wbps", "50 MB/s"}, {"rbps", "max"}},
                  {{"device", "8:0"}, {"riops", "100/s"}, {"wbps", "1048576"}}}),
      "device /dev/disk/by-id/nvme-X: rbps=209715200 wiops=5000; mount /srv: wbps=50000000 "
      "rbps=max; device 8:0: riops=100 wbps=1048576");
}

TEST(SettingParserRows, WeightsHaveADefault) {
  EXPECT_EQ(RowMeaning("io.weight", {{{"default", "10"}}, {{"mount", "/"}, {"weight", "1000"}}}),
            "default : =10; mount /: =1000");
  EXPECT_EQ(Meaning("io.weight", "250"), "default : =250");
  EXPECT_EQ(Meaning("io.bfq.weight", "2 * 100"), "default : =200");
}

TEST(SettingParserRows, LatencyTargetsAreTimes) {
  EXPECT_EQ(RowMeaning("io.latency",
                       {{{"mount", "/var/lib/postgresql"}, {"target", "5ms"}},
                        {{"device", "8:16"}, {"target", "75"}}}),
            "mount /var/lib/postgresql: target=5000; device 8:16: target=75");
}

TEST(SettingParserRows, ResourcesHaveNames) {
  EXPECT_EQ(
      RowMeaning("rdma.max", {{{"name", "mlx5_0"}, {"hca_handle", "2"}, {"hca_object", "max"}}}),
      "name mlx5_0: hca_handle=2 hca_object=max");
  EXPECT_EQ(RowMeaning("misc.max", {{{"name", "sev"}, {"value", "10"}}}), "name sev: =10");
  EXPECT_EQ(RowMeaning("dmem.min", {{{"name", "drm/0000:03:00.0/vram0"}, {"value", "1GiB"}}}),
            "name drm/0000:03:00.0/vram0: =1073741824");
}

TEST(SettingParserRows, AreShownAsAPolicyWouldWriteThem) {
  Findings findings;

  const std::optional<Setting> setting =
      ParseSetting(MakeRows("io.max",
                            {{{"mount", "/srv"}, {"rbps", "40MB/s"}, {"wbps", "20MB/s"}},
                             {{"device", "8:0"}, {"rbps", "max"}}}),
                   findings);

  ASSERT_TRUE(setting.has_value());
  EXPECT_EQ(setting->written,
            "{mount: /srv, rbps: 40MB/s, wbps: 20MB/s}, {device: 8:0, rbps: max}");
}

struct Case {
  const char* file;
  std::vector<Fields> rows;
  const char* expected;
};

TEST(SettingParserRows, SayExactlyWhatIsWrong) {
  const Case cases[] = {
      {"io.max",
       {{{"mount", "/srv"}, {"rbps", "200MiB"}}},
       "2:23+6 R0218: `200MiB` does not say per what | write `200MiB/s`"},
      {"io.max",
       {{{"mount", "/srv"}, {"rbps", "200M/s"}}},
       "2:23+6 R0202: `200M` can be read in two ways | `200MiB/s` (209715200 bytes) or `200MB/s` "
       "(200000000 bytes)"},
      {"io.max",
       {{{"mount", "/srv"}, {"rbps", "200MiB/min"}}},
       "2:23+10 R0203: `/min` is no rate | rates are per second: `200MiB/s`"},
      {"io.max",
       {{{"mount", "/srv"}, {"rbps", "5000/s"}}},
       "2:23+6 R0203: `5000/s` is a rate of operations | rates are per second: `200MiB/s`"},
      {"io.max",
       {{{"mount", "/srv"}, {"riops", "200MiB/s"}}},
       "2:24+8 R0203: io.max riops does not count in `MiB` | io.max riops takes 5000, 5000/s, "
       "max"},
      {"io.max",
       {{{"mount", "/srv"}, {"rbps", "50% of host"}}},
       "2:23+3 R0203: a percentage cannot stand in io.max rbps | io.max rbps takes 200MiB/s, a "
       "number of bytes, max"},
      {"io.max",
       {{{"mount", "/srv"}, {"rbps", "0"}}},
       "2:23+1 R0205: io.max rbps takes 2B/s and more, not 0"},
      {"io.max",
       {{{"mount", "/srv"}, {"wiops", "4294967295"}}},
       "2:24+10 R0205: io.max wiops takes 2/s to 4294967294/s, not 4294967295 | `max` means no "
       "limit"},
      {"io.max",
       {{{"mount", "/srv"}, {"rbsp", "1"}}},
       "2:17+4 R0213: io.max has no column `rbsp` | did you mean `rbps`?"},
      {"io.max",
       {{{"mount", "/srv"}, {"default", "1"}}},
       "2:17+7 R0213: io.max has no column `default` | a row has rbps, wbps, riops, wiops, device, "
       "mount"},
      {"io.max",
       {{{"rbps", "1MB/s"}}},
       "2:3+1 R0214: the row does not say which device | io.max: [{device: /dev/sda, rbps: "
       "200MiB/s, wiops: 5000}, {mount: /srv, wbps: max}]"},
      {"io.max",
       {{{"mount", "/srv"}}},
       "2:3+1 R0214: the row sets nothing | add rbps, wbps, riops, wiops"},
      {"io.max",
       {{{"device", "sda"}, {"rbps", "max"}}},
       "2:12+3 R0214: `sda` is no device | write its node, `/dev/sda`, or its number, `8:0`"},
      {"io.max",
       {{{"device", "/dev/../etc"}, {"rbps", "max"}}},
       "2:12+11 R0214: `/dev/../etc` is no device | write its node, `/dev/sda`, or its number, "
       "`8:0`"},
      {"io.max",
       {{{"device", "8:00"}, {"rbps", "max"}}},
       "2:12+4 R0214: `8:00` is no device | write its node, `/dev/sda`, or its number, `8:0`"},
      {"io.max",
       {{{"mount", "srv"}, {"rbps", "max"}}},
       "2:11+3 R0214: `srv` is no mount point | write the absolute path where the file system is "
       "mounted: `/srv`"},
      {"io.max",
       {{{"mount", "/srv"}, {"device", "8:0"}, {"rbps", "max"}}},
       "2:17+6 R0127: a row is about one thing | make two rows of it"},
      {"io.max",
       {{{"mount", "/srv"}, {"rbps", "max"}}, {{"mount", "/srv/"}, {"wbps", "max"}}},
       "3:11+5 R0215: io.max has two rows for /srv | make one row of both"},
      {"io.weight",
       {{{"default", "1"}}, {{"default", "2"}}},
       "3:13+1 R0215: io.weight has two default rows | make one row of both"},
      {"io.weight",
       {{{"mount", "/srv"}, {"weight", "0"}}},
       "2:25+1 R0205: io.weight weight takes 1 to 10000, not 0"},
      {"io.weight",
       {{{"mount", "/srv"}, {"weight", "max"}}},
       "2:25+3 R0219: io.weight weight has no `max` | it takes 1 to 10000"},
      {"io.latency",
       {{{"mount", "/srv"}, {"target", "5GiB"}}},
       "2:25+4 R0203: io.latency target does not count in `GiB` | io.latency target takes a time: "
       "5ms"},
      {"misc.max",
       {{{"name", "a b"}, {"value", "1"}}},
       "2:10+3 R0214: `a b` is no name of a resource | names have no blanks"},
      {"misc.max",
       {{{"value", "1"}}},
       "2:3+1 R0214: the row does not say which resource | misc.max: [{name: sev, value: 10}]"},
      {"dmem.max",
       {{{"name", "vram"}, {"value", "4G"}}},
       "2:23+2 R0202: `4G` can be read in two ways | `4GiB` (4294967296 bytes) or `4GB` "
       "(4000000000 bytes)"},
      {"io.max",
       {},
       "1+6 R0116: io.max has no rows | io.max: [{device: /dev/sda, rbps: 200MiB/s, "
       "wiops: 5000}, {mount: /srv, wbps: max}]"},
      {"memory.max",
       {{{"mount", "/srv"}, {"rbps", "max"}}},
       "1+10 R0216: memory.max takes a single value, not a list | memory.max takes 4GiB, 25% of "
       "host, 50% of parent, min(4GiB, 10% of host), max"},
  };
  for (const Case& c : cases) EXPECT_EQ(RowComplaint(c.file, c.rows), c.expected);
}

TEST(SettingParserRows, AllThatIsWrongInAnyRowIsSaid) {
  EXPECT_EQ(RowComplaint("io.max",
                         {{{"mount", "srv"}, {"rbsp", "1"}, {"wbps", "200MiB"}},
                          {{"mount", "/a"}, {"rbps", "max"}},
                          {{"rbps", "1MB/s"}},
                          {{"mount", "/a"}, {"wbps", "max"}},
                          {{"device", "8:0"}, {"riops", "0"}}}),
            "2:11+3 R0214: `srv` is no mount point | write the absolute path where the file "
            "system is mounted: `/srv`\n"
            "2:16+4 R0213: io.max has no column `rbsp` | did you mean `rbps`?\n"
            "2:31+6 R0218: `200MiB` does not say per what | write `200MiB/s`\n"
            "4:3+1 R0214: the row does not say which device | io.max: [{device: /dev/sda, rbps: "
            "200MiB/s, wiops: 5000}, {mount: /srv, wbps: max}]\n"
            "5:11+2 R0215: io.max has two rows for /a | make one row of both\n"
            "6:24+1 R0205: io.max riops takes 2/s to 4294967294/s, not 0");
}

TEST(SettingParserRows, AScalarIsNoTable) {
  EXPECT_EQ(Complaint("io.max", "max"),
            "1+3 R0216: io.max takes a list of rows | io.max: [{device: /dev/sda, rbps: 200MiB/s, "
            "wiops: 5000}, {mount: /srv, wbps: max}]");
}

TEST(SettingParserRows, ARepeatedRowNamesTheOther) {
  Findings findings;

  ParseSetting(MakeRows("io.weight", {{{"default", "1"}}, {{"default", "2"}}}), findings);

  ASSERT_EQ(findings.all().size(), 1U);
  ASSERT_TRUE(findings.all()[0].related.has_value());
  EXPECT_EQ(findings.all()[0].related->mark.line, 2U);
  EXPECT_EQ(findings.all()[0].related->message, "the other row");
}

}  // namespace
}  // namespace reeve::policy
