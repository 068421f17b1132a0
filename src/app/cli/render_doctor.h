// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "app/cli/output.h"
#include "app/show/paint.h"
#include "app/show/printing.h"
#include "core/model/host_facts.h"
#include "edge/kernel/doctor.h"

namespace reeve::cli {

// It ends up in mails and tickets.
inline constexpr std::size_t kDoctorWidth = 80;

// First line with the verdict, what this host is, a line a check with its remedy, what to do next.
std::string RenderDoctor(const HostFacts& facts,
                         const std::vector<kernel::HealthCheck>& checks,
                         const Paint& paint);

Json DoctorJson(const HostFacts& facts, const std::vector<kernel::HealthCheck>& checks);

// 1 when a check failed; warnings are no failure.
int DoctorExitCode(const std::vector<kernel::HealthCheck>& checks);

}  // namespace reeve::cli
