// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace reeve::io {

// For a program that runs for months and is large only now and then. Blocks of a megabyte and more are mapped by
// themselves from now on, so that they go back when they are freed and leave no holes in the heap. (By default glibc
// gives that up for good after the first such block.) Call it before threads begin.
void MapLargeBlocks();

// Gives memory that is free inside the heap back to the system, which the allocator alone does only for its end. Worth
// it after work that took much more than stays: some milliseconds for 100 MB.
void GiveBackMemory();

}  // namespace reeve::io
