// SPDX-License-Identifier: Apache-2.0
// Keeps the cgroup that it is put into: there is somebody in it for as long as this lives.
#include <unistd.h>

int main() {
  for (;;) {
    ::pause();
  }
}
