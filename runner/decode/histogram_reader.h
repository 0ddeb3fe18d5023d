// Reads the counts of a histogram in a row, one range after the other.
#pragma once

#include <cmath>
#include <limits>

#include "decode/field.h"
#include "decode/histogram.h"

namespace probe_run {

struct BucketCount {
  std::uint64_t number = 0;
  double real = 0;  // the same; for a rate, with its fraction
  bool floating = false;

  BucketCount& operator+=(const BucketCount& more) noexcept {
    floating = floating || more.floating;
    real += more.real;
    if (__builtin_add_overflow(number, more.number, &number))
      number = std::numeric_limits<std::uint64_t>::max();
    return *this;
  }
};

// An element of a histogram's array. A negative count or NaN, which only a faulty program produces, is 0. REQUIRES:
// `element` has the field's size
inline BucketCount bucket_count(const Field& field, Bytes element) noexcept {
  if (field.shape == Shape::floating) {
    const double value = load_float(field, element);
    return {0, std::isfinite(value) && value > 0 ? value : 0, true};
  }
  const std::uint64_t value = load(element, field.slot);
  if (field.slot.is_signed && static_cast<std::int64_t>(value) < 0) return {};
  return {value, static_cast<double>(value), false};
}

// REQUIRES: present(field, record), field.size == sizeof(ExponentialCounts). Untrusted numbers are limited
// to their ranges.
inline ExponentialCounts load_exponential(const Field& field, Bytes record) noexcept {
  auto counts = load_as<ExponentialCounts>(record.data() + field.offset());
  for (ExponentialCounts::Buckets* buckets : {&counts.positive, &counts.negative}) {
    if (buckets->used > ExponentialCounts::most_buckets) buckets->used = ExponentialCounts::most_buckets;
  }
  return counts;
}

// Where the sum of a histogram's values is: a number, and the bytes that have it. REQUIRES: present(field, record)
struct HistogramSum {
  const Field* field = nullptr;  // nullptr: unknown
  Bytes bytes;
};
inline HistogramSum sum_of(const Field& field, Bytes record) noexcept {
  const Histogram::Sum& sum = field.histogram->sum;
  if (sum.slot) {
    if (*sum.slot >= element_count(field, record)) return {};
    return {&field.fields[0], element(field, record, *sum.slot)};
  }
  if (!sum.field || !present(*sum.field, record)) return {};
  return {sum.field.get(), record};
}

// Each range with its count, including empty ones, in ascending order; for an exponential histogram those between the
// first and the last non-empty range of each sign. Ranges that the record is too short for are omitted.
// REQUIRES: field.histogram, present(field, record)
template <class Consume>  // void(const Histogram::Range&, const BucketCount&)
void for_each_bucket(const Field& field, Bytes record, Consume consume) {
  const Histogram& histogram = *field.histogram;
  if (histogram.kind != Histogram::Kind::exponential) {
    const std::uint32_t held = element_count(field, record);
    const auto ranges = static_cast<std::uint32_t>(histogram.ranges.size());
    for (std::uint32_t i = 0; i < held && i < ranges; ++i) {
      BucketCount count = bucket_count(field.fields[0], element(field, record, i));
      for (std::uint32_t more = ranges; i + 1 == ranges && more < held; ++more) {
        if (more != histogram.sum.slot) count += bucket_count(field.fields[0], element(field, record, more));
      }
      consume(histogram.ranges[i], count);
    }
    return;
  }
  const ExponentialCounts counts = load_exponential(field, record);
  const auto bound = [&](std::int64_t index) {
    return exponential_bound(counts.scale, static_cast<std::int32_t>(index));
  };
  const auto give = [&](double from, double to, std::uint64_t count) {
    Histogram::Range range;
    range.from = from;
    range.to = to;
    consume(range, BucketCount{count, static_cast<double>(count), false});
  };
  for (std::uint32_t i = counts.negative.used; i-- > 0;) {
    const std::int64_t index = std::int64_t{counts.negative.first} + i;
    give(-bound(index), -bound(index - 1), counts.negative.counts[i]);
  }
  if (counts.zeros > 0) give(0, 0, counts.zeros);
  for (std::uint32_t i = 0; i < counts.positive.used; ++i) {
    const std::int64_t index = std::int64_t{counts.positive.first} + i;
    give(bound(index - 1), bound(index), counts.positive.counts[i]);
  }
}

}  // namespace probe_run
