// SPDX-License-Identifier: Apache-2.0
#include "core/policy/fields.h"

#include <algorithm>
#include <array>

#include "core/base/result.h"
#include "core/policy/fields_rows.h"

namespace reeve::policy {
namespace {

const std::array<Section, 23>& Sections() {
  static const std::array<Section, 23> sections = {{
      {.id = SectionId::kDocument,
       .name = "document",
       .title = "A document",
       .doc = "A file `*.yaml` in a policy directory holds one or more documents, separated by "
              "lines `---`.",
       .fields = DocumentFields()},
      {.id = SectionId::kMetadata,
       .name = "metadata",
       .title = "metadata",
       .doc = "Who a document is and how long it lives.",
       .fields = MetadataFields()},
      {.id = SectionId::kWhen,
       .name = "when",
       .title = "when",
       .doc = "Facts of the host. All keys of a map must hold; of a list of values one.",
       .others =
           "a fact of your own, from /etc/reeve/facts.d/*.yaml: a value, a pattern, or a list "
           "of which one must fit",
       .fields = WhenFields()},
      {.id = SectionId::kProfile,
       .name = "profile",
       .title = "A profile",
       .doc = "A fragment that cgroups take with `use:`: interface files.",
       .settings = true,
       .fields = ProfileFields()},
      {.id = SectionId::kCgroup,
       .name = "cgroup",
       .title = "A cgroup",
       .doc = "A key with a dot is an interface file; all others are these.",
       .settings = true,
       .fields = CgroupFields()},
      {.id = SectionId::kUnit,
       .name = "unit",
       .title = "A unit of systemd",
       .doc = "A key with a dot is an interface file, which systemd sets; all others are these. "
              "Nothing but the keys that stand here is touched.",
       .settings = true,
       .fields = UnitFields()},
      {.id = SectionId::kWhere,
       .name = "where",
       .title = "where",
       .doc = "Which loaded units a template means, among those whose name fits. All keys of a map "
              "must hold; of a list of values one.",
       .fields = WhereFields()},
      {.id = SectionId::kSelf,
       .name = "self",
       .title = "self",
       .doc = "The leaf `_self` of a cgroup with children: interface files.",
       .settings = true,
       .fields = SelfFields()},
      {.id = SectionId::kForEach,
       .name = "for_each",
       .title = "for_each",
       .doc = "Where a template's rows come from: exactly one of `list`, `file` and `path`.",
       .others = "a filter: only rows that have this value in this column count",
       .fields = ForEachFields()},
      {.id = SectionId::kIoMaxRow,
       .name = "io.max row",
       .title = "A row of io.max",
       .doc =
           "One disk: `device` or `mount`, and at least one limit. What is not said stays `max`.",
       .file = "io.max",
       .fields = IoMaxRowFields()},
      {.id = SectionId::kIoWeightRow,
       .name = "io.weight row",
       .title = "A row of io.weight",
       .doc = "One disk with its weight, or the default for all others. io.bfq.weight has the "
              "same rows.",
       .file = "io.weight",
       .fields = IoWeightRowFields()},
      {.id = SectionId::kIoLatencyRow,
       .name = "io.latency row",
       .title = "A row of io.latency",
       .doc = "One disk with its target.",
       .file = "io.latency",
       .fields = IoLatencyRowFields()},
      {.id = SectionId::kRdmaRow,
       .name = "rdma.max row",
       .title = "A row of rdma.max",
       .doc = "One RDMA device.",
       .file = "rdma.max",
       .fields = RdmaRowFields()},
      {.id = SectionId::kMiscRow,
       .name = "misc.max row",
       .title = "A row of misc.max",
       .doc = "One scalar resource.",
       .file = "misc.max",
       .fields = MiscRowFields()},
      {.id = SectionId::kDmemRow,
       .name = "dmem row",
       .title = "A row of dmem.max, dmem.low and dmem.min",
       .doc = "One region of device memory.",
       .file = "dmem.max",
       .fields = DmemRowFields()},
      {.id = SectionId::kTest,
       .name = "policy-test",
       .title = "A policy test",
       .doc = "What policies shall mean on a host. `reevectl test FILE` judges it without that "
              "host, and without a kernel. A file may hold several, separated by lines `---`.",
       .test = true,
       .fields = TestFields()},
      {.id = SectionId::kTestMetadata,
       .name = "metadata of a test",
       .title = "metadata of a test",
       .doc = "What the test shows.",
       .test = true,
       .fields = TestMetadataFields()},
      {.id = SectionId::kExpect,
       .name = "expect",
       .title = "expect",
       .doc = "What shall come of the policies. A list that is not there is not looked at; one "
              "that is there is complete.",
       .test = true,
       .fields = ExpectFields()},
      {.id = SectionId::kExpectedCgroup,
       .name = "expected cgroup",
       .title = "An expected cgroup",
       .doc = "Values of interface files, in units of a policy or of the kernel; `absent` where "
              "nothing shall be set.",
       .settings = true,
       .test = true,
       .fields = SelfFields()},
      {.id = SectionId::kExpectedFinding,
       .name = "expected finding",
       .title = "An expected finding",
       .doc = "One error or warning about the policies.",
       .test = true,
       .fields = ExpectedFindingFields()},
      {.id = SectionId::kExpectedGap,
       .name = "expected gap",
       .title = "An expected gap",
       .doc = "One key that the host can not have now.",
       .test = true,
       .fields = ExpectedGapFields()},
      {.id = SectionId::kExpectedCare,
       .name = "expected care",
       .title = "An expected care",
       .doc = "One thing that the plan warns of.",
       .test = true,
       .fields = ExpectedCareFields()},
      {.id = SectionId::kExpectedHeld,
       .name = "expected held value",
       .title = "An expected held value",
       .doc = "One value that the plan does not set now.",
       .test = true,
       .fields = ExpectedHeldFields()},
  }};
  return sections;
}

}  // namespace

std::span<const Section> AllSections() {
  return Sections();
}

const Section& SectionOf(SectionId id) {
  const auto& sections = Sections();
  const auto* found = std::ranges::find(sections, id, &Section::id);
  REEVE_CHECK(found != sections.end());
  return *found;
}

const Field* FindField(const Section& section, std::string_view key) {
  const auto found = std::ranges::find(section.fields, key, &Field::key);
  return found == section.fields.end() ? nullptr : &*found;
}

}  // namespace reeve::policy
