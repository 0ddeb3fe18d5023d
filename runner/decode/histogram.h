// How counts in a row stand for ranges of values. A field that has this (Field::histogram) is shown as a
// histogram by the formats that know of them.
//
// Of all kinds but exponential the field is an array of integers (or, of rates, of doubles): a count for each
// range. Of an exponential histogram it is bytes laid out as ExponentialCounts.
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
    linear,       // of one width
    fixed,        // with the bounds that the spec gives
    exponential,  // as Prometheus' native histograms; the ranges are in the row
  };

  // Of whole numbers both ends belong to the range; else it is above `from` and at most `to`, as with
  // Prometheus' "le". `from` and `to` are always set, of an open end to an infinity; `low` and `high` are
  // exact, of whole numbers with ends that are not open.
  struct Range {
    bool open_low = false, open_high = false;
    SignedWide low = 0, high = 0;
    double from = 0, to = 0;
  };

  Kind kind = Kind::log2;
  bool whole = true;                 // the values are whole numbers
  std::vector<Range> ranges;         // of each element, rising; none of exponential
  std::shared_ptr<const Field> sum;  // of the values: any number; its offset is from the row's start.
                                     // nullptr: not known
  std::string unit;                  // of the values, such as "ns"; may be empty
};

// An exponential histogram in a row. A bucket i holds values above base^(i-1) and at most base^i, with base =
// 2^(2^-scale): the schema of Prometheus' native histograms. Those of negative values hold the same of the
// absolute value.
struct ExponentialCounts {
  static constexpr std::uint32_t most_buckets = 160;  // of each sign
  static constexpr std::int32_t most_scale = 8, least_scale = -4;

  struct Buckets {
    std::int32_t first = 0;  // the index i of counts[0]
    std::uint32_t used = 0;  // those behind are zero
    std::array<std::uint64_t, most_buckets> counts{};
  };

  std::int32_t scale = most_scale;
  std::uint32_t padding = 0;
  std::uint64_t zeros = 0;  // values that are 0
  Buckets positive, negative;
};

// base^index, the upper bound of a bucket; infinite beyond what a double holds.
double exponential_bound(std::int32_t scale, std::int32_t index) noexcept;

// The ranges of an array of `count` slots. The last one is open unless it reaches the largest 64-bit number.
std::vector<Histogram::Range> log2_ranges(std::uint32_t count);
std::vector<Histogram::Range> exp2zero_ranges(std::uint32_t count);
// From `min`, each `step` wide.  REQUIRES: step > 0
std::vector<Histogram::Range> linear_ranges(std::uint32_t count, SignedWide min, SignedWide step);
std::vector<Histogram::Range> linear_ranges(std::uint32_t count, double min, double step);
// One more than there are bounds: up to each bound and with it, and above the last. REQUIRES: bounds rise
std::vector<Histogram::Range> fixed_ranges(const std::vector<SignedWide>& bounds);
std::vector<Histogram::Range> fixed_ranges(const std::vector<double>& bounds);

// The key "histogram" of a field: what the slots of an array of counts stand for.

// "log2", "exp2zero", "linear(MIN, STEP)" or "fixed(BOUND, BOUND...)" for `field`, of values in `unit`.
// Reports what does not fit; nullptr then.
std::shared_ptr<const Histogram> compile_histogram_option(const Located<std::string>& text,
                                                          const Field& field, const std::string& unit,
                                                          Diagnostics& diagnostics);

}  // namespace probe_run
