// SPDX-License-Identifier: Apache-2.0
#include "core/policy/policy_reader.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/policy/condition.h"
#include "core/policy/field_reader.h"
#include "core/policy/policy_reader_parts.h"

namespace reeve::policy {
namespace {

constexpr std::string_view kApiVersion = "reeve/v1";
constexpr std::string_view kHead = "a policy begins with `apiVersion: reeve/v1` and `kind: Policy`";

// Whether the document is a policy of this version. What is none gets one finding and is not judged
// further.
bool JudgeHead(const YamlNode& root, bool truncated, Findings& findings) {
  const auto version = root.Find("apiVersion");
  const auto kind = root.Find("kind");
  const auto other = [&](const YamlNode& place, std::string message) {
    findings.Error("R0118", place.mark(), std::move(message), std::string(kHead)).note =
        "the rest of this document was not judged";
    return false;
  };
  const auto shown = [](const YamlNode& node) { return EscapeForTerminal(node.text()); };
  if (!version && !kind && !root.Find("metadata") && !root.Find("cgroups") && !root.Find("units")) {
    if (truncated) return false;
    return other(root, "this is no policy: `apiVersion` and `kind` are missing");
  }
  if (version && version->text() != kApiVersion) {
    return other(*version,
                 fmt::format("`{}` is no version that this reeve knows", shown(*version)));
  }
  // A configuration repository keeps its tests where it likes, beside the policies as well.
  if (kind && kind->text() == "PolicyTest") return false;
  if (kind && kind->text() == "Tariff") {
    findings.Error("R0119",
                   kind->mark(),
                   "documents of the kind Tariff come with accounting; this version does not know "
                   "them yet",
                   "take the document out for now");
    return false;
  }
  if (kind && kind->text() != "Policy") {
    return other(*kind, fmt::format("`{}` is no kind of document that reeve knows", shown(*kind)));
  }
  return true;
}

// A boot id with a typing error would be that of no boot, and the document silently expired.
std::optional<Scalar> ReadBoot(std::optional<Scalar> boot, Findings& findings) {
  constexpr std::string_view kShape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  if (!boot) return std::nullopt;
  const bool good = std::ranges::equal(boot->text, kShape, [](char c, char shape) {
    if (shape == '-') return c == '-';
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
  if (good) return boot;
  findings.Error("R0201",
                 boot->mark,
                 fmt::format("`{}` is no boot id", EscapeForTerminal(boot->text)),
                 "write what /proc/sys/kernel/random/boot_id says");
  return std::nullopt;
}

Metadata ReadMetadata(const YamlNode& map, FieldReader& reader) {
  Metadata metadata;
  for (const FieldEntry& entry : reader.Judge(map, SectionOf(SectionId::kMetadata)).fields) {
    const std::string_view key = entry.field->key;
    const auto text = [&] { return reader.Text(entry.value, fmt::format("`{}`", key)); };
    if (key == "name") {
      const auto name = text();
      if (name && reader.JudgeName(name->text, name->mark, "a document", true)) {
        metadata.name = *name;
      }
    } else if (key == "labels") {
      metadata.labels = reader.Labels(entry);
    } else if (key == "mode") {
      if (reader.Word(entry) == "observe") metadata.mode = Mode::kObserve;
    } else if (key == "expires") {
      metadata.expires = reader.Moment(entry);
    } else if (key == "boot") {
      metadata.boot = ReadBoot(text(), reader.findings());
    } else if (key == "priority") {
      metadata.priority = reader.Integer(entry).value_or(0);
    } else if (const auto words = text()) {
      (key == "owner" ? metadata.owner : metadata.why) = words->text;
    }
  }
  return metadata;
}

bool MentionsVersion(const Condition& condition) {
  return condition.fact == "reeve" || std::ranges::any_of(condition.children, MentionsVersion);
}

// A document that `when: {reeve: ...}` keeps from this version: only what names it, and the
// condition. What a later version may have put beside it is not judged.
std::optional<Document> ReadExcluded(const YamlDocument& yaml, std::string_view version) {
  const auto when = yaml.root().Find("when");
  if (version.empty() || !when || !(when->IsMap() || when->IsSequence())) return std::nullopt;
  Findings unused;
  FieldReader reader(unused, true);
  Document document;
  document.when = ReadCondition(*when, SectionId::kWhen, reader);
  if (unused.has_errors()) {
    // A condition that is only half understood says nothing, except where all of it must hold.
    if (document.when.kind != Condition::Kind::kAll) return std::nullopt;
    std::erase_if(document.when.children,
                  [](const Condition& child) { return child.fact != "reeve"; });
  }
  if (!MentionsVersion(document.when) || !ExcludedByVersion(document.when, version)) {
    return std::nullopt;
  }
  document.mark = yaml.root().mark();
  if (const auto metadata = yaml.root().Find("metadata")) {
    if (const auto name = metadata->Find("name")) document.metadata.name = MakeScalar(*name);
  }
  return document;
}

void ReadField(const FieldEntry& entry, FieldReader& reader, Document& document) {
  const std::string_view key = entry.field->key;
  if (key == "metadata") {
    document.metadata = ReadMetadata(entry.value, reader);
  } else if (key == "when") {
    document.when = ReadCondition(entry.value, SectionId::kWhen, reader);
    JudgeCondition(document.when, reader.findings());
  } else if (key == "profiles") {
    document.profiles = ReadProfiles(entry.value, reader);
  } else if (key == "cgroups") {
    document.cgroups = ReadCgroups(entry.value, reader);
  } else if (key == "units") {
    document.units = ReadUnits(entry.value, reader);
  } else if (key == "require") {
    document.require = reader.Keys(entry);
  }
}

}  // namespace

std::optional<Document> ReadDocument(const YamlDocument& yaml,
                                     std::string_view version,
                                     Findings& findings) {
  const YamlNode root = yaml.root();
  FieldReader reader(findings, yaml.truncated());
  if (!reader.WantMap(root, "a policy", kHead)) return std::nullopt;
  // Before anything is judged: a later version may have other kinds and other keys.
  if (auto excluded = ReadExcluded(yaml, version)) return excluded;
  if (!JudgeHead(root, yaml.truncated(), findings)) return std::nullopt;
  Document document;
  document.mark = root.mark();
  for (const FieldEntry& entry : reader.Judge(root, SectionOf(SectionId::kDocument)).fields) {
    ReadField(entry, reader, document);
  }
  if (reader.TooManyErrors()) {
    findings
        .Error("R0132",
               root.mark(),
               fmt::format("this document has more than {} errors", FieldReader::kMaxErrors))
        .note = "the rest of it was not judged";
  }
  return document;
}

}  // namespace reeve::policy
