#include "view/selection.h"

#include <algorithm>

#include "spec/output_spec.h"
#include "spec/rate_limit.h"

namespace probe_run {

TokenBucket::TokenBucket(const RateLimit& limit)
    : rows_(static_cast<std::int64_t>(limit.rows)),
      cost_(limit.per.count()),
      most_(std::max<std::int64_t>(rows_ * 1'000'000'000, cost_)),
      credit_(most_) {}

void TokenBucket::time(std::int64_t monotonic) noexcept {
  if (last_ && monotonic <= *last_) return;
  if (last_) {
    // As unsigned numbers: times in a hostile recording may have any distance.
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

Selection::Selection(const OutputSpec& spec, const Plan& plan, bool batched, Diagnostics& diagnostics) {
  if (spec.where) filter_.emplace(*spec.where, plan, diagnostics);
  if (spec.sample) sample_ = **spec.sample;
  if (!spec.rate_limit) return;
  if (batched) {
    diagnostics.error(spec.rate_limit->at, "\"rate_limit\" applies only to rows that are shown one by one",
                      "use \"limit\" for rows that are shown together");
  }
  bucket_.emplace(**spec.rate_limit);
}

bool Selection::takes(Bytes row, const RenderContext& context) noexcept {
  if (filter_ && !filter_->passes(row, context)) return false;
  if (until_next_ > 0) {
    --until_next_;
    ++sampled_out_;
    return false;
  }
  until_next_ = sample_ - 1;
  if (bucket_ && !bucket_->take()) {
    ++rate_limited_;
    return false;
  }
  return true;
}

void Selection::time(std::int64_t monotonic) noexcept {
  if (bucket_) bucket_->time(monotonic);
}

}  // namespace probe_run
