// SPDX-License-Identifier: Apache-2.0
#include "edge/io/journal.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace reeve::io {
namespace {

constexpr int kWarning = 4;

// A newline would begin another field.
void Add(std::string& record, std::string_view name, std::string_view value) {
  record += name;
  record += '=';
  for (const char c : value) record += c == '\n' ? ' ' : c;
  record += '\n';
}

std::string Record(int priority, std::string_view message, const Fields& fields) {
  std::string record;
  Add(record, "MESSAGE", message);
  Add(record, "PRIORITY", fmt::format("{}", priority));
  Add(record, "SYSLOG_IDENTIFIER", "reeved");
  for (const Field& field : fields) Add(record, field.name, field.value);
  return record;
}

}  // namespace

std::optional<Journal> Journal::Open(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return std::nullopt;
  std::memcpy(address.sun_path, path.data(), path.size());
  UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.valid()) return std::nullopt;
  // Connected for life: systemd holds the receiving end, also while journald is started anew.
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return std::nullopt;
  return Journal(std::move(socket));
}

bool Journal::Deliver(const std::string& record) {
  return ::send(socket_.get(), record.data(), record.size(), MSG_NOSIGNAL) >= 0;
}

void Journal::Send(int priority, std::string_view message, const Fields& fields) {
  if (!Deliver(Record(priority, message, fields))) {
    ++lost_;
    return;
  }
  if (lost_ == 0) return;
  const std::string said =
      fmt::format("{} lines before this one are lost: the journal took none", lost_);
  if (Deliver(Record(kWarning, said, {}))) lost_ = 0;
}

}  // namespace reeve::io
