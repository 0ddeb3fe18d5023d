// Assigns ranges of values to counts in a row. A field with this (Field::histogram) is shown as a histogram by the
// formats that support them.
//
// For all kinds except exponential, the field is an array of integers (or, for rates, of doubles): a count for each
// range. For an exponential histogram, it is bytes with the layout of ExponentialCounts.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decode/field.h"
#include "decode/field_value.h"

namespace probe_run {

struct Field;

struct Histogram {
  enum class Kind {
    log2,         // 0..1, 2..3, 4..7, ...
    exp2,         // 0..1, 2, 3..4, 5..8, ...
    exp2zero,     // 0, 1, 2..3, 4..7, ...
    linear,       // of equal width
    fixed,        // with bounds from the spec
    exponential,  // as native histograms of Prometheus; the ranges are in the row
  };

  // For whole numbers both ends belong to the range; otherwise it is above `from` and at most `to`, like "le" of
  // Prometheus. `from` and `to` are always set, to an infinity for an open end; `low` and `high` are exact, and set
  // for whole numbers with closed ends.
  struct Range {
    bool open_low = false, open_high = false;
    SignedWide low = 0, high = 0;
    double from = 0, to = 0;
  };

  // The sum of the values: a number in the row, or one more element of the array; neither if it is unknown.
  struct Sum {
    std::shared_ptr<const Field> field;  // its offset is relative to the row
    std::optional<std::uint32_t> slot;
    double factor = 1;  // makes the unit of the ranges of its unit
  };

  Kind kind = Kind::log2;
  bool whole = true;  // the values are whole numbers
  std::vector<Range>
      ranges;  // of each element, ascending; none for exponential. What further elements count, except
               // for the sum, belongs to the last one
  // The spec says how many ranges there are. Otherwise the empty ones at the end tell nothing, and metrics omit them.
  bool stated = false;
  Sum sum;
  std::string unit;  // of the values, such as "ns"; may be empty
};

// An exponential histogram in a row. A bucket i holds values above base^(i-1) and at most base^i, with base =
// 2^(2^-scale): the schema of native histograms of Prometheus. Buckets for negative values use the absolute value.
struct ExponentialCounts {
  static constexpr std::uint32_t most_buckets = 160;  // of each sign
  static constexpr std::int32_t most_scale = 8, least_scale = -4;

  struct Buckets {
    std::int32_t first = 0;  // the index i of counts[0]
    std::uint32_t used = 0;  // the others are zero
    std::array<std::uint64_t, most_buckets> counts{};
  };

  std::int32_t scale = most_scale;
  std::uint32_t padding = 0;
  std::uint64_t zeros = 0;  // values that are 0
  Buckets positive, negative;
};

// base^index, the upper bound of a bucket; infinite beyond the range of doubles.
double exponential_bound(std::int32_t scale, std::int32_t index) noexcept;

// The ranges of an array of `count` slots. The last one is open unless it reaches the largest 64-bit number.
std::vector<Histogram::Range> log2_ranges(std::uint32_t count);
std::vector<Histogram::Range> exp2_ranges(std::uint32_t count);
std::vector<Histogram::Range> exp2zero_ranges(std::uint32_t count);
// The same by kind. REQUIRES: log2, exp2 or exp2zero
std::vector<Histogram::Range> power_ranges(Histogram::Kind kind, std::uint32_t count);
// As many of them as 64-bit numbers need. REQUIRES: the same
std::uint32_t most_power_ranges(Histogram::Kind kind);
// "log2", "exp2" or "exp2zero"; nullopt for any other word.
std::optional<Histogram::Kind> power_kind(std::string_view word);
// Makes the last range the one for everything above.
void open_end(std::vector<Histogram::Range>& ranges);
// From `min`, each `step` wide. REQUIRES: step > 0
std::vector<Histogram::Range> linear_ranges(std::uint32_t count, SignedWide min, SignedWide step);
std::vector<Histogram::Range> linear_ranges(std::uint32_t count, double min, double step);
// One more range than bounds: up to and including each bound, and above the last. REQUIRES: ascending bounds
std::vector<Histogram::Range> fixed_ranges(const std::vector<SignedWide>& bounds);
std::vector<Histogram::Range> fixed_ranges(const std::vector<double>& bounds);

}  // namespace probe_run
