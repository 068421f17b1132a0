// SPDX-License-Identifier: Apache-2.0
#include "edge/io/memory.h"

#include <malloc.h>

namespace reeve::io {

void MapLargeBlocks() {
#ifdef __GLIBC__
  (void)::mallopt(M_MMAP_THRESHOLD, 1 << 20);
#endif
}

void GiveBackMemory() {
#ifdef __GLIBC__
  (void)::malloc_trim(0);
#endif
}

}  // namespace reeve::io
