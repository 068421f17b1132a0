// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "core/policy/fields.h"

// The parts of the table in fields.h; only fields.cc joins them.
namespace reeve::policy {

std::span<const Field> DocumentFields();
std::span<const Field> MetadataFields();
std::span<const Field> WhenFields();
std::span<const Field> CgroupFields();
std::span<const Field> UnitFields();
std::span<const Field> WhereFields();
std::span<const Field> SelfFields();
std::span<const Field> ProfileFields();
std::span<const Field> ForEachFields();
std::span<const Field> IoMaxRowFields();
std::span<const Field> IoWeightRowFields();
std::span<const Field> IoLatencyRowFields();
std::span<const Field> RdmaRowFields();
std::span<const Field> MiscRowFields();
std::span<const Field> DmemRowFields();
std::span<const Field> TestFields();
std::span<const Field> TestMetadataFields();
std::span<const Field> ExpectFields();
std::span<const Field> ExpectedFindingFields();
std::span<const Field> ExpectedGapFields();
std::span<const Field> ExpectedCareFields();
std::span<const Field> ExpectedHeldFields();

}  // namespace reeve::policy
