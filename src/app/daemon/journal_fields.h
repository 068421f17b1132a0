// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/event_log.h"
#include "core/policy/diagnostic.h"
#include "edge/io/journal.h"

// What a line of the journal is about, as fields to search by (`journalctl REEVE_CGROUP=web`), and
// the MESSAGE_ID under which the catalog (deploy/systemd/reeve.catalog) says what it means.
namespace reeve::daemon {

io::Fields FieldsOf(const engine::Event& event);

// Of an event that is about no cgroup.
io::Fields FieldsOf(engine::Event::Kind kind);

// A mistake in a policy: REEVE_CODE and its place.
io::Fields FieldsOf(const policy::Diagnostic& finding);

// A set of policies that is not used.
io::Fields FieldsOfBroken();

}  // namespace reeve::daemon
