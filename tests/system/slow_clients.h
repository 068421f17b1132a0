// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

// slow ADDRESS SILENT BYTES DEAF: clients of reeved at 127.0.0.1:PORT or at a socket's path, that many of each kind:
// who connect and say nothing, who send a request that never ends, a byte each 100 ms, and who ask for /metrics and
// never read the answer. Whoever is thrown out comes again. Prints a line when all have connected.
[[noreturn]] void BeSlowClients(const std::string& address, int silent, int bytes, int deaf);

// post SOCKET PATH N: that many requests to change something, one after the other without a pause. Prints the status of
// each answer, a line each, and when to come again ("429 after 1"); ends.
int PostAgainAndAgain(const std::string& socket, const std::string& path, int count);
