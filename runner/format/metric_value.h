// Numbers and histograms of metrics.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <variant>
#include <vector>

#include "decode/field.h"

namespace probe_run {

// Whole numbers of 64 bits are exact.
using MetricNumber = std::variant<std::uint64_t, std::int64_t, double>;

// A number or a boolean that can be measured, however it is printed.
bool is_measurable(const Field& field);

// REQUIRES: is_measurable(field), present(field, row)
MetricNumber load_number(const Field& field, Bytes row) noexcept;

double to_double(const MetricNumber& number) noexcept;
// A factor such as 1e-9 has no exact double: 3 * 1e-9 is 3.0000000000000004e-09, and 3 / 1e9 is 3e-09.
double scaled(double number, double factor) noexcept;
MetricNumber scaled(const MetricNumber& number, double factor) noexcept;
// Naturals wrap like the kernel's own counters.
MetricNumber sum(const MetricNumber& a, const MetricNumber& b) noexcept;

struct MetricHistogram {
  struct Bucket {
    double upper = 0;  // values up to and including this one
    std::uint64_t count = 0;
    double middle =
        0;  // between the least and the greatest of its values; of an open one, the bound that there is
  };
  std::vector<Bucket> buckets;  // ascending; the last one may be infinite
  bool stated = true;           // the number of buckets is that of the spec
  std::uint64_t count = 0;
  std::optional<MetricNumber> sum;

  // As if each value were in the middle of its bucket.
  double estimated_sum() const noexcept;

  // For exponential histograms instead of `buckets`: bucket i has values above base^(i-1) and at most base^i, with
  // base = 2^(2^-scale).
  bool exponential = false;
  std::int32_t scale = 0;
  std::uint64_t zeros = 0;
  std::map<std::int32_t, std::uint64_t> positive, negative;

  void add(const MetricHistogram& other);
};

// Rates of counts are not a histogram of metrics: they can decrease.
bool is_histogram(const Field& field);

// REQUIRES: is_histogram(field), present(field, row)
MetricHistogram load_histogram(const Field& field, Bytes row, double factor);

// The buckets of any histogram by their upper bounds; those of an exponential one are merged to powers of two, so that
// they are few. Each that has values follows the one below it, where readers take its lower bound from.
std::vector<MetricHistogram::Bucket> classic_buckets(const MetricHistogram& histogram);

}  // namespace probe_run
