// Selects the rows that an output processes: by "where", "sample" and "rate_limit", in this order.
#pragma once

#include <cstdint>
#include <optional>

#include "filter/filter.h"
#include "spec/rate_limit.h"
#include "support/source_text.h"

namespace probe_run {

struct OutputSpec;

// Limits the number of rows in a unit of time.
//
// A token bucket in whole numbers, so that the same times give the same decisions. It begins full, with the rows of
// one second, or with one row if that is less.
class TokenBucket {
 public:
  explicit TokenBucket(const RateLimit& limit);

  void time(std::int64_t monotonic) noexcept;  // nanoseconds; a step back is ignored
  // Takes the credit for one row. False: not enough.
  bool take() noexcept;

 private:
  // Credit is in rows times nanoseconds: each nanosecond adds `rows_`, each row costs `cost_`.
  std::int64_t rows_;
  std::int64_t cost_;
  std::int64_t most_;
  std::int64_t credit_;
  std::optional<std::int64_t> last_;
};

class Selection {
 public:
  // `plan` describes the rows and must outlive the selection. `batched`: they are not shown one by one. Reports
  // mistakes.
  Selection(const OutputSpec& spec, const Plan& plan, bool batched, Diagnostics& diagnostics);

  bool takes(Bytes row, const RenderContext& context) noexcept;
  void time(std::int64_t monotonic) noexcept;

  std::uint64_t sampled_out() const { return sampled_out_; }
  std::uint64_t rate_limited() const { return rate_limited_; }

 private:
  std::optional<Filter> filter_;
  std::uint64_t sample_ = 1;
  std::uint64_t until_next_ = 0;  // rows to skip before the next one
  std::optional<TokenBucket> bucket_;
  std::uint64_t sampled_out_ = 0;
  std::uint64_t rate_limited_ = 0;
};

}  // namespace probe_run
