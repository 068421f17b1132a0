// SPDX-License-Identifier: Apache-2.0
#include "edge/systemd/unit_calls.h"

namespace reeve::systemd {
namespace {

BusValue Dictionary(const std::vector<PropertySetting>& properties) {
  BusValue::List list;
  list.reserve(properties.size());
  for (const auto& [name, value] : properties) list.emplace_back(BusValue::List{name, value});
  return list;
}

BusValue Yes() {
  return BusValue::Variant("b", true);
}

BusValue Text(const std::string& text) {
  return BusValue::Variant("s", text);
}

BusValue Texts(const std::string& text) {
  return BusValue::Variant("as", BusValue::List{text});
}

}  // namespace

BusCall StartDelegatedScope(const DelegatedScope& scope) {
  std::vector<PropertySetting> properties = {
      {"Description", Text(scope.description)},
      {"Documentation", Texts(scope.documentation)},
      {"Slice", Text(scope.slice)},
      {"Before", Texts(scope.stopped_after)},
      // Every controller that systemd has.
      {"Delegate", Yes()},
      {"TasksMax", BusValue::Variant("t", kUnset)},
      {"RefuseManualStop", Yes()},
      {"IgnoreOnIsolate", Yes()},
      {"PIDs", BusValue::Variant("au", BusValue::List{scope.pid})},
  };
  if (scope.oom_policy) properties.emplace_back("OOMPolicy", Text("continue"));
  return {.member = "StartTransientUnit",
          .signature = "ssa(sv)a(sa(sv))",
          .arguments = {scope.name, "fail", Dictionary(properties), BusValue::List{}}};
}

BusCall SetUnitProperties(std::string_view unit, const std::vector<PropertySetting>& properties) {
  constexpr bool kUntilReboot = true;
  return {.member = "SetUnitProperties",
          .signature = "sba(sv)",
          .arguments = {unit, kUntilReboot, Dictionary(properties)}};
}

}  // namespace reeve::systemd
