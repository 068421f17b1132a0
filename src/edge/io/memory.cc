// SPDX-License-Identifier: Apache-2.0
#include "edge/io/memory.h"

#ifdef REEVE_JEMALLOC
#include <jemalloc/jemalloc.h>

// One arena, because one thread does nearly all; no caches of each thread's own.
extern "C" const char* malloc_conf;
const char* malloc_conf = "narenas:1,tcache:false,muzzy_decay_ms:0";
#else
#include <malloc.h>
#endif

namespace reeve::io {

void MapLargeBlocks() {
#if defined(__GLIBC__) && !defined(REEVE_JEMALLOC)
  (void)::mallopt(M_MMAP_THRESHOLD, 1 << 20);
#endif
}

void GiveBackMemory() {
#if defined(REEVE_JEMALLOC)
  (void)::mallctl("arena.0.purge", nullptr, nullptr, nullptr, 0);
#elif defined(__GLIBC__)
  (void)::malloc_trim(0);
#endif
}

}  // namespace reeve::io
