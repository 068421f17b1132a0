// SPDX-License-Identifier: Apache-2.0
#include "edge/systemd/listen_fds.h"

#include <systemd/sd-daemon.h>

#include <cstdlib>

namespace reeve::systemd {

Result<std::vector<PassedSocket>> TakePassedSockets() {
  char** names = nullptr;
  const int count = sd_listen_fds_with_names(1, &names);
  if (count < 0) return ErrnoError(-count, "LISTEN_FDS", "taking the sockets of the supervisor");
  std::vector<PassedSocket> passed;
  for (int i = 0; i < count; ++i) {
    passed.push_back({UniqueFd(SD_LISTEN_FDS_START + i), names[i]});
    std::free(names[i]);
  }
  std::free(names);
  return passed;
}

}  // namespace reeve::systemd
