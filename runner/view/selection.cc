#include "view/selection.h"

namespace probe_run {

Selection::Selection(const OutputSpec& spec, const Plan& plan, bool batched, Diagnostics& diagnostics) {
  if (spec.where) filter_.emplace(*spec.where, plan, diagnostics);
  if (spec.sample) sample_ = **spec.sample;
  if (!spec.rate_limit) return;
  if (batched) {
    diagnostics.error(spec.rate_limit->at, "\"rate_limit\" is for rows that are shown one by one",
                      "rows that are shown together are cut by \"limit\"");
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
