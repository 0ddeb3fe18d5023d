// At most so many rows in a unit of time.
#pragma once

#include <cstdint>
#include <optional>

#include "spec/spec.h"

namespace probe_run {

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

}  // namespace probe_run
