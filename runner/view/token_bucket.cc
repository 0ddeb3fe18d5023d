#include "view/token_bucket.h"

#include <algorithm>

namespace probe_run {

TokenBucket::TokenBucket(const RateLimit& limit)
    : rows_(static_cast<std::int64_t>(limit.rows)),
      cost_(limit.per.count()),
      most_(std::max<std::int64_t>(rows_ * 1'000'000'000, cost_)),
      credit_(most_) {}

void TokenBucket::time(std::int64_t monotonic) noexcept {
  if (last_ && monotonic <= *last_) return;
  if (last_) {
    // As unsigned numbers: a hostile recording's times may be as far apart as can be.
    const std::uint64_t elapsed = static_cast<std::uint64_t>(monotonic) - static_cast<std::uint64_t>(*last_);
    const auto missing = static_cast<std::uint64_t>(most_ - credit_);
    const auto rows = static_cast<std::uint64_t>(rows_);
    credit_ = elapsed > missing / rows ? most_ : credit_ + static_cast<std::int64_t>(elapsed * rows);
  }
  last_ = monotonic;
}

bool TokenBucket::take() noexcept {
  if (credit_ < cost_) return false;
  credit_ -= cost_;
  return true;
}

}  // namespace probe_run
