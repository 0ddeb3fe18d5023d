// Numbers and histograms as metrics hold them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <variant>
#include <vector>

#include "decode/field.h"

namespace probe_run {

// Whole numbers of 64 bits are kept as they are.
using MetricNumber = std::variant<std::uint64_t, std::int64_t, double>;

// A number or a boolean that can be measured, however it is printed.
bool is_measurable(const Field& field);

// REQUIRES: is_measurable(field), present(field, row)
MetricNumber load_number(const Field& field, Bytes row) noexcept;

double to_double(const MetricNumber& number) noexcept;
// A factor such as 1e-9 has no exact double: 3 * 1e-9 is 3.0000000000000004e-09, and 3 / 1e9 is 3e-09.
double scaled(double number, double factor) noexcept;
MetricNumber scaled(const MetricNumber& number, double factor) noexcept;
// Naturals wrap as the kernel's own counters do.
MetricNumber sum(const MetricNumber& a, const MetricNumber& b) noexcept;

struct MetricHistogram {
  struct Bucket {
    double upper = 0;  // values up to this one, and with it
    std::uint64_t count = 0;
  };
  std::vector<Bucket> buckets;  // rising; the last one may be infinite
  std::uint64_t count = 0;
  std::optional<MetricNumber> sum;

  // Of exponential histograms instead of `buckets`: a bucket i holds values above base^(i-1) and at most
  // base^i, with base = 2^(2^-scale).
  bool exponential = false;
  std::int32_t scale = 0;
  std::uint64_t zeros = 0;
  std::map<std::int32_t, std::uint64_t> positive, negative;

  void add(const MetricHistogram& other);
};

// Counts of rates are no histogram: they fall.
bool is_histogram(const Field& field);

// REQUIRES: is_histogram(field), present(field, row)
MetricHistogram load_histogram(const Field& field, Bytes row, double factor);

// The buckets of any histogram by their upper bounds; those of an exponential one are joined to powers of
// two, so that there are few, and they are the same from one scrape to the next.
std::vector<MetricHistogram::Bucket> classic_buckets(const MetricHistogram& histogram);

}  // namespace probe_run
