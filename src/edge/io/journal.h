// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "edge/io/unique_fd.h"

namespace reeve::io {

// A field of a journal record beside its message.
struct Field {
  std::string_view name;  // upper case letters, digits and _; does not begin with _
  std::string value;      // one line
};

using Fields = std::vector<Field>;

inline constexpr const char* kJournalSocket = "/run/systemd/journal/socket";

// Records for journald, by its own protocol (systemd's JOURNAL_NATIVE_PROTOCOL): one datagram each.
// Not by libsystemd, whose sd_journal_sendv waits while journald hangs or its queue is full; this
// never waits.
class Journal {
 public:
  // nullopt when nothing can be sent there.
  static std::optional<Journal> Open(const std::string& path = kJournalSocket);

  // `priority` is syslog's. What the journal does not take at once is lost and counted; the next
  // record that it takes is followed by one that says how many were.
  void Send(int priority, std::string_view message, const Fields& fields);

  std::uint64_t lost() const { return lost_; }

 private:
  explicit Journal(UniqueFd socket) : socket_(std::move(socket)) {}

  bool Deliver(const std::string& record);

  UniqueFd socket_;
  std::uint64_t lost_ = 0;  // since it was last said
};

}  // namespace reeve::io
