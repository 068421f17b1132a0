// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/engine/event_log.h"
#include "core/model/writer.h"
#include "edge/http/message.h"

// What stands on record of a request that changes something, whatever became of it.
namespace reeve::daemon {

// What a request asks for: the last part of its path, of `overrides` the verb in its body.
std::string VerbOf(const http::Request& request);

// Whether root is to have this at any time: what takes limits and trials back.
bool IsWayOut(std::string_view verb);

// The peer as the socket knows it, with what /proc said of its process in `seen` unless that is
// another one by now.
std::shared_ptr<const Writer> WhoAsks(const http::Peer& peer,
                                      const std::shared_ptr<const Writer>& seen,
                                      std::string user);

// The record before it is known what becomes of it.
engine::Audit BeginAudit(const http::Request& request, std::uint64_t generation);

// "apply {"why":"INC-7"}: done, generation 41 -> 42", on one line.
std::string DescribeAudit(const engine::Audit& audit);

}  // namespace reeve::daemon
