// Assigns ranges of values to counts in a row. A field with this (Field::histogram) is shown as a histogram by the
// formats that support them.
//
// For all kinds except exponential, the field is an array of integers (or, for rates, of doubles): a count for each
// range. For an exponential histogram, it is bytes with the layout of ExponentialCounts.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "decode/field.h"
#include "decode/field_value.h"
#include "support/source_text.h"

namespace probe_run {

struct Field;

struct Histogram {
  enum class Kind {
    log2,         // 0..1, 2..3, 4..7, ...
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

  Kind kind = Kind::log2;
  bool whole = true;                 // the values are whole numbers
  std::vector<Range> ranges;         // of each element, ascending; none for exponential
  std::shared_ptr<const Field> sum;  // of the values: any number; its offset is relative to the row.
  // nullptr: unknown
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
std::vector<Histogram::Range> exp2zero_ranges(std::uint32_t count);
// From `min`, each `step` wide. REQUIRES: step > 0
std::vector<Histogram::Range> linear_ranges(std::uint32_t count, SignedWide min, SignedWide step);
std::vector<Histogram::Range> linear_ranges(std::uint32_t count, double min, double step);
// One more range than bounds: up to and including each bound, and above the last. REQUIRES: ascending bounds
std::vector<Histogram::Range> fixed_ranges(const std::vector<SignedWide>& bounds);
std::vector<Histogram::Range> fixed_ranges(const std::vector<double>& bounds);

// Compiles the key "histogram" of a field: the ranges for the slots of an array of counts.

// "log2", "exp2zero", "linear(MIN, STEP)" or "fixed(BOUND, BOUND...)" for `field`, of values in `unit`.
// Reports mistakes and then returns nullptr.
std::shared_ptr<const Histogram> compile_histogram_option(const Located<std::string>& text,
                                                          const Field& field, const std::string& unit,
                                                          Diagnostics& diagnostics);

}  // namespace probe_run
