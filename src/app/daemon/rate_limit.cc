// SPDX-License-Identifier: Apache-2.0
#include "app/daemon/rate_limit.h"

#include <algorithm>
#include <chrono>

namespace reeve::daemon {
namespace {

constexpr std::size_t kBuckets = 256;

}  // namespace

double RateLimit::LeftIn(const Bucket& bucket, Usec now) const {
  const double seconds = std::chrono::duration<double>(now - bucket.filled).count();
  return std::min(bucket.left + seconds * rate_.per_second, rate_.burst);
}

void RateLimit::ForgetFull(Usec now) {
  std::erase_if(buckets_,
                [&](const auto& entry) { return LeftIn(entry.second, now) >= rate_.burst; });
}

std::optional<Usec> RateLimit::Take(uid_t uid, Usec now) {
  if (buckets_.size() >= kBuckets) ForgetFull(now);
  const auto [found, fresh] = buckets_.try_emplace(uid, Bucket{rate_.burst, now});
  Bucket& bucket = found->second;
  bucket.left = LeftIn(bucket, now);
  bucket.filled = now;
  if (bucket.left < 1) {
    return std::chrono::ceil<Usec>(
        std::chrono::duration<double>((1 - bucket.left) / rate_.per_second));
  }
  bucket.left -= 1;
  return std::nullopt;
}

}  // namespace reeve::daemon
