// Which of the rows that come an output takes at all: "where", "sample" and "rate_limit", in this order.
#pragma once

#include <cstdint>
#include <optional>

#include "filter/filter.h"
#include "spec/rate_limit.h"
#include "support/source_text.h"

namespace probe_run {

struct OutputSpec;

// At most so many rows in a unit of time.
//
// A token bucket in whole numbers: the same times, the same decisions. It begins full, with one second's
// worth of rows, or with one row where that is less.
class TokenBucket {
 public:
  explicit TokenBucket(const RateLimit& limit);

  void time(std::int64_t monotonic) noexcept;  // nanoseconds; what goes back is ignored
  // Takes a row's worth. False: there is none.
  bool take() noexcept;

 private:
  // Credit is rows times nanoseconds: each nanosecond brings `rows_`, each row costs `cost_`.
  std::int64_t rows_;
  std::int64_t cost_;
  std::int64_t most_;
  std::int64_t credit_;
  std::optional<std::int64_t> last_;
};

class Selection {
 public:
  // `plan` is of the rows and must outlive the selection. `batched`: they are not shown one by one. Reports
  // what does not fit.
  Selection(const OutputSpec& spec, const Plan& plan, bool batched, Diagnostics& diagnostics);

  bool takes(Bytes row, const RenderContext& context) noexcept;
  void time(std::int64_t monotonic) noexcept;

  std::uint64_t sampled_out() const { return sampled_out_; }
  std::uint64_t rate_limited() const { return rate_limited_; }

 private:
  std::optional<Filter> filter_;
  std::uint64_t sample_ = 1;
  std::uint64_t until_next_ = 0;  // rows to leave out before the next that is taken
  std::optional<TokenBucket> bucket_;
  std::uint64_t sampled_out_ = 0;
  std::uint64_t rate_limited_ = 0;
};

}  // namespace probe_run
