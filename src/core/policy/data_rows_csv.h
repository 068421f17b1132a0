// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "core/policy/data_rows.h"

namespace reeve::policy {

DataTable ReadCsvRows(const std::shared_ptr<const SourceFile>& file, Findings& findings);

}  // namespace reeve::policy
