// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

// fuse DIRECTORY FILE: mounts a file system at DIRECTORY that holds FILE, under its name and with
// its bytes of now. From SIGUSR1 on it takes every request and answers none, so that whoever asks is
// stuck in state D, which no signal ends. Returns 1 when something does not work.
int ServeFuse(const std::string& directory, const std::string& file);
