#include "format/metric_value.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "decode/field_value.h"
#include "decode/histogram_reader.h"
#include "decode/renderer.h"
#include "view/numbers.h"

namespace probe_run {
namespace {

// The bucket that contains bucket i after lowering the scale by `by`: i / 2^by, rounded up.
std::int32_t coarser(std::int32_t i, std::int32_t by) {
  const std::int64_t steps = std::int64_t{1} << by;
  const std::int64_t shifted = i >= 0 ? (std::int64_t{i} + steps - 1) / steps : -(-std::int64_t{i} / steps);
  return static_cast<std::int32_t>(shifted);
}

std::map<std::int32_t, std::uint64_t> coarser(const std::map<std::int32_t, std::uint64_t>& buckets,
                                              std::int32_t by) {
  std::map<std::int32_t, std::uint64_t> result;
  for (const auto& [index, count] : buckets) result[coarser(index, by)] += count;
  return result;
}

void lower_scale(MetricHistogram& histogram, std::int32_t scale) {
  if (histogram.scale <= scale) return;
  histogram.positive = coarser(histogram.positive, histogram.scale - scale);
  histogram.negative = coarser(histogram.negative, histogram.scale - scale);
  histogram.scale = scale;
}

void load_exponential_into(MetricHistogram& histogram, const Field& field, Bytes row) {
  const ExponentialCounts counts = load_exponential(field, row);
  histogram.exponential = true;
  histogram.scale = std::clamp(counts.scale, ExponentialCounts::least_scale, ExponentialCounts::most_scale);
  histogram.zeros = histogram.count = counts.zeros;
  const auto take = [&](const ExponentialCounts::Buckets& from, std::map<std::int32_t, std::uint64_t>& to) {
    for (std::uint32_t i = 0; i < from.used; ++i) {
      if (from.counts[i] == 0) continue;
      const std::int64_t index = std::int64_t{from.first} + i;
      constexpr std::int64_t most = std::int64_t{1} << 20;  // far beyond the range of doubles
      to[static_cast<std::int32_t>(std::clamp(index, -most, most))] += from.counts[i];
      histogram.count += from.counts[i];
    }
  };
  take(counts.positive, histogram.positive);
  take(counts.negative, histogram.negative);
}

}  // namespace

bool is_measurable(const Field& field) {
  if (field.shape == Shape::boolean || field.shape == Shape::floating || field.shape == Shape::wide_number) {
    return true;
  }
  if (field.shape != Shape::rendered) return field.scalar;
  if (field.renderer->form == Renderer::Form::number) return is_numeric(field);
  return arithmetic_of(field) >= Renderer::Arithmetic::mean;
}

MetricNumber load_number(const Field& field, Bytes row) noexcept {
  if (is_floating(field)) return load_float(field, row);
  if (is_wide(field)) {
    const Wide value = load_wide(row, field.slot);
    if (field.slot.is_signed && static_cast<SignedWide>(value) < 0) {
      const auto number = static_cast<SignedWide>(value);
      if (number >= std::numeric_limits<std::int64_t>::min()) return static_cast<std::int64_t>(number);
      return static_cast<double>(number);
    }
    if (value <= std::numeric_limits<std::uint64_t>::max()) return static_cast<std::uint64_t>(value);
    return static_cast<double>(value);
  }
  const std::uint64_t value = load_integer(field, row);
  if (is_signed_integer(field)) return static_cast<std::int64_t>(value);
  return value;
}

double to_double(const MetricNumber& number) noexcept {
  return std::visit([](const auto value) { return static_cast<double>(value); }, number);
}

double scaled(double number, double factor) noexcept {
  const double divisor = std::round(1 / factor);
  return factor < 1 && 1 / divisor == factor ? number / divisor : number * factor;
}

MetricNumber scaled(const MetricNumber& number, double factor) noexcept {
  return factor == 1 ? number : MetricNumber(scaled(to_double(number), factor));
}

MetricNumber sum(const MetricNumber& a, const MetricNumber& b) noexcept {
  const auto* x = std::get_if<std::uint64_t>(&a);
  const auto* y = std::get_if<std::uint64_t>(&b);
  if (x != nullptr && y != nullptr) return *x + *y;
  if (std::holds_alternative<double>(a) || std::holds_alternative<double>(b)) {
    return to_double(a) + to_double(b);
  }
  const auto wide = [](const MetricNumber& number) {
    const auto* natural = std::get_if<std::uint64_t>(&number);
    return natural != nullptr ? static_cast<SignedWide>(*natural)
                              : SignedWide{std::get<std::int64_t>(number)};
  };
  const SignedWide total = wide(a) + wide(b);
  if (total < 0) {
    if (total >= std::numeric_limits<std::int64_t>::min()) return static_cast<std::int64_t>(total);
    return static_cast<double>(total);
  }
  if (total <= std::numeric_limits<std::uint64_t>::max()) return static_cast<std::uint64_t>(total);
  return static_cast<double>(total);
}

double MetricHistogram::estimated_sum() const noexcept {
  double total = 0;
  for (const Bucket& bucket : buckets) total += static_cast<double>(bucket.count) * bucket.middle;
  return total;
}

void MetricHistogram::add(const MetricHistogram& other) {
  count += other.count;
  sum = sum && other.sum ? std::optional(probe_run::sum(*sum, *other.sum)) : std::nullopt;
  // The same field has the same bounds; a truncated row has fewer.
  if (buckets.size() < other.buckets.size()) {
    for (std::size_t i = buckets.size(); i < other.buckets.size(); ++i) {
      buckets.push_back({other.buckets[i].upper, 0, other.buckets[i].middle});
    }
  }
  for (std::size_t i = 0; i < other.buckets.size(); ++i) buckets[i].count += other.buckets[i].count;
  zeros += other.zeros;
  if (!exponential) return;
  MetricHistogram same = other;
  lower_scale(same, scale);
  lower_scale(*this, same.scale);
  for (const auto& [index, number] : same.positive) positive[index] += number;
  for (const auto& [index, number] : same.negative) negative[index] += number;
}

bool is_histogram(const Field& field) {
  if (!field.histogram) return false;
  if (field.histogram->kind == Histogram::Kind::exponential) return field.size == sizeof(ExponentialCounts);
  return field.shape == Shape::array && field.fields[0].scalar;
}

MetricHistogram load_histogram(const Field& field, Bytes row, double factor) {
  MetricHistogram histogram;
  const Histogram& kind = *field.histogram;
  histogram.stated = kind.stated;
  if (const HistogramSum sum = sum_of(field, row); sum.field != nullptr) {
    histogram.sum = scaled(scaled(load_number(*sum.field, sum.bytes), kind.sum.factor), factor);
  }
  if (kind.kind == Histogram::Kind::exponential) {
    load_exponential_into(histogram, field, row);
    return histogram;
  }
  for_each_bucket(field, row, [&](const Histogram::Range& range, const BucketCount& count) {
    const double middle = range.open_high  ? range.from
                          : range.open_low ? range.to
                                           : (range.from + range.to) / 2;
    histogram.buckets.push_back(
        {range.open_high ? range.to : scaled(range.to, factor), count.number, scaled(middle, factor)});
    histogram.count += count.number;
  });
  return histogram;
}

std::vector<MetricHistogram::Bucket> classic_buckets(const MetricHistogram& histogram) {
  if (!histogram.exponential) return histogram.buckets;
  MetricHistogram coarse;
  coarse.scale = histogram.scale;
  coarse.positive = histogram.positive;
  coarse.negative = histogram.negative;
  lower_scale(coarse, 0);
  std::vector<MetricHistogram::Bucket> buckets;
  const auto add = [&](double upper, std::uint64_t count) {
    if (buckets.empty() || buckets.back().upper < upper) {
      buckets.push_back({upper, count, 0});
    } else {
      buckets.back().count += count;
    }
  };
  for (auto i = coarse.negative.rbegin(); i != coarse.negative.rend(); ++i) {
    add(-exponential_bound(coarse.scale, i->first), 0);
    add(-exponential_bound(coarse.scale, i->first - 1), i->second);
  }
  if (histogram.zeros > 0) add(0, histogram.zeros);
  for (const auto& [index, count] : coarse.positive) {
    add(exponential_bound(coarse.scale, index - 1), 0);
    add(exponential_bound(coarse.scale, index), count);
  }
  return buckets;
}

}  // namespace probe_run
