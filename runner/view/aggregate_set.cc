#include "view/aggregate_set.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "decode/renderer.h"
#include "view/numbers.h"
#include "view/row_value.h"
#include "view/sketch.h"

namespace probe_run {
namespace {

using Function = Aggregate::Function;

// Its bits, saturated to the range of the result's type of 64 or 128 bits.
Wide saturated(Wide value, bool is_signed, std::uint32_t size) noexcept {
  if (size >= sizeof(Wide)) return value;
  if (is_signed) {
    const auto number = static_cast<SignedWide>(value);
    return static_cast<Wide>(std::clamp<SignedWide>(number, std::numeric_limits<std::int64_t>::min(),
                                                    std::numeric_limits<std::int64_t>::max()));
  }
  return std::min<Wide>(value, std::numeric_limits<std::uint64_t>::max());
}

double as_double(Wide value, bool is_signed) noexcept {
  return is_signed ? static_cast<double>(static_cast<SignedWide>(value)) : static_cast<double>(value);
}

// Neumaier's sum, which does not lose small numbers among large ones.
void add_real(double value, double& sum, double& rest) noexcept {
  const double total = sum + value;
  if (std::isfinite(total)) {
    rest += std::fabs(sum) >= std::fabs(value) ? (sum - total) + value : (value - total) + sum;
  }
  sum = total;
}

}  // namespace

std::uint64_t AggregateSet::most_bytes() const noexcept {
  std::uint64_t bytes = columns_.list.size() * sizeof(State);
  for (const Source& source : columns_.sketched) {
    const Slot& slot = source.field->slot;
    const unsigned bits = width_of(slot);
    const bool both_signs = source.floating || source.is_signed;
    const std::uint64_t side =
        source.floating ? QuantileSketch::most_floating_bytes() : QuantileSketch::most_bytes(bits);
    bytes += sizeof(QuantileSketch) + side * (both_signs ? 2 : 1);
  }
  bytes += columns_.distinct * (sizeof(DistinctCount) + DistinctCount::most_bytes);
  return bytes + columns_.exponential * sizeof(ExponentialCounts);
}

void AggregateSet::add_group() {
  states_.resize(states_.size() + columns_.list.size());
  sketches_.resize(sketches_.size() + columns_.sketched.size());
  distincts_.resize(distincts_.size() + columns_.distinct);
  exponentials_.resize(exponentials_.size() + columns_.exponential);
}

void AggregateSet::add(std::size_t group, std::byte* row, Bytes record) noexcept {
  State* const states = states_.data() + group * columns_.list.size();
  for (std::size_t i = 0; i < columns_.list.size(); ++i)
    add_to(columns_.list[i], states[i], group, row, record);
  for (std::size_t i = 0; i < columns_.sketched.size(); ++i) {
    const Source& source = columns_.sketched[i];
    const auto number = number_of(source, record);
    if (!number) continue;
    QuantileSketch& sketch = sketches_[group * columns_.sketched.size() + i];
    source.floating ? sketch.add(number->real) : sketch.add(Integer::of(number->bits, source.is_signed));
  }
}

// NaN counts as absent.
std::optional<AggregateSet::Number> AggregateSet::number_of(const Source& source, Bytes record) noexcept {
  const Field& field = *source.field;
  if (!present(field, record)) return std::nullopt;
  if (source.floating) {
    const double real = load_float(field, record);
    if (std::isnan(real)) return std::nullopt;
    return Number{0, real};
  }
  if (source.wide) return Number{load_wide(record, field.slot), 0};
  const std::uint64_t value = load(record, field.slot);
  if (source.boolean) return Number{value != 0 ? Wide{1} : Wide{0}, 0};
  if (source.is_signed) return Number{static_cast<Wide>(SignedWide{static_cast<std::int64_t>(value)}), 0};
  return Number{value, 0};
}

void AggregateSet::add_sum(const Source& source, const Number& number, State& state) noexcept {
  if (source.floating) return add_real(number.real, state.real, state.rest);
  if (source.is_signed) {
    auto sum = static_cast<SignedWide>(state.sum);
    const auto value = static_cast<SignedWide>(number.bits);
    if (__builtin_add_overflow(sum, value, &sum)) {
      const SignedWide most = static_cast<SignedWide>(~Wide{0} >> 1);
      sum = value < 0 ? -most - 1 : most;
    }
    state.sum = static_cast<Wide>(sum);
  } else if (__builtin_add_overflow(state.sum, number.bits, &state.sum)) {
    state.sum = ~Wide{0};
  }
}

void AggregateSet::keep_extreme(const Column& column, const Number& number, State& state) noexcept {
  const bool least = column.what.function == Function::min;
  if (column.floating) {
    const bool further = least ? number.real < state.real : number.real > state.real;
    if (state.count == 1 || further) state.real = number.real;
    return;
  }
  const auto less = [&](Wide a, Wide b) {
    return column.source.is_signed ? static_cast<SignedWide>(a) < static_cast<SignedWide>(b) : a < b;
  };
  const bool further = least ? less(number.bits, state.sum) : less(state.sum, number.bits);
  if (state.count == 1 || further) state.sum = number.bits;
}

std::uint32_t AggregateSet::slot_of(const Column& column, const Number& number) noexcept {
  const Histogram& histogram = *column.what.histogram;
  const std::vector<Histogram::Range>& ranges = histogram.ranges;
  const std::uint32_t last = column.slots - 1;
  using Kind = Histogram::Kind;
  if (histogram.kind == Kind::log2 || histogram.kind == Kind::exp2 || histogram.kind == Kind::exp2zero) {
    const bool is_signed = column.source.is_signed;
    const bool negative =
        column.source.floating ? number.real <= -1 : is_signed && static_cast<SignedWide>(number.bits) < 0;
    if (negative) return 0;
    constexpr double beyond = 18446744073709551616.0;  // 2^64
    if (column.source.floating ? number.real >= beyond : (number.bits >> 64) != 0) return last;
    const bool up = histogram.kind == Kind::exp2;
    const double real = std::max(up ? std::ceil(number.real) : number.real, 0.0);
    // All doubles below 2^64 that have a fraction are far below it.
    auto whole =
        column.source.floating ? static_cast<std::uint64_t>(real) : static_cast<std::uint64_t>(number.bits);
    if (up && whole > 0) --whole;
    auto slot = static_cast<std::uint32_t>(std::bit_width(whole));
    if (histogram.kind == Kind::log2 && slot > 0) --slot;
    return std::min(slot + (column.negatives ? 1 : 0), last);
  }
  const auto in_whole = [&](SignedWide value) {
    const auto found = std::partition_point(ranges.begin(), ranges.end(), [&](const Histogram::Range& range) {
      return !range.open_high && range.high < value;
    });
    return static_cast<std::uint32_t>(found - ranges.begin());
  };
  if (histogram.whole) {
    // An unsigned number of 128 bits can be greater than all bounds.
    if (!column.source.is_signed && (number.bits >> 127) != 0) return last;
    return std::min(in_whole(static_cast<SignedWide>(number.bits)), last);
  }
  const double real = column.source.floating ? number.real : as_double(number.bits, column.source.is_signed);
  const auto found = std::partition_point(ranges.begin(), ranges.end(), [&](const Histogram::Range& range) {
    return !range.open_high && range.to < real;
  });
  return std::min(static_cast<std::uint32_t>(found - ranges.begin()), last);
}

namespace {

void add_count(std::byte* at, std::uint64_t more) noexcept {
  auto count = load_as<std::uint64_t>(at);
  if (__builtin_add_overflow(count, more, &count)) count = std::numeric_limits<std::uint64_t>::max();
  std::memcpy(at, &count, sizeof count);
}

}  // namespace

void AggregateSet::count_slot(const Column& column, const Number& number, std::byte* row) noexcept {
  add_count(row + column.slot.offset + std::size_t{slot_of(column, number)} * AggregateColumns::slot_size, 1);
}

void AggregateSet::add_to(const Column& column, State& state, std::size_t group, std::byte* row,
                          Bytes record) noexcept {
  const Aggregate& what = column.what;
  switch (what.function) {
    case Function::count:
      ++state.count;
      return;
    case Function::first:
      if (state.count == 0 && column.kept->keep(record, row)) state.count = 1;
      return;
    case Function::last:
      column.kept->keep(record, row);
      return;
    case Function::distinct:
      if (!present(*what.field, record)) return;
      copy_canonical(*what.field, record, value_.data());
      return distincts_[group * columns_.distinct + column.part].add(Bytes(value_).first(what.field->size));
    case Function::percentile:
      return;  // several columns may share its sketch
    case Function::slots: {
      if (what.sum != nullptr) {
        if (const auto sum = number_of(column.summed, record)) add_sum(column.summed, *sum, state);
      }
      const auto count = number_of(column.source, record);
      if (!count || !present(*what.field, record)) return;
      const std::uint64_t index = load(record, what.field->slot);
      if (what.field->slot.is_signed && static_cast<std::int64_t>(index) < 0) return;
      if (column.source.is_signed && static_cast<SignedWide>(count->bits) < 0) return;
      if (index == column.sum_slot) return add_sum(column.summed, *count, state);
      const std::uint64_t slot = std::min<std::uint64_t>(index, column.slots - 1);
      return add_count(row + column.slot.offset + slot * AggregateColumns::slot_size,
                       static_cast<std::uint64_t>(count->bits));
    }
    case Function::rate:
      if (what.field == nullptr) {
        ++state.count;
        return;
      }
      [[fallthrough]];
    case Function::sum:
    case Function::avg:
    case Function::min:
    case Function::max:
    case Function::histogram:
    case Function::exponential:
      break;
  }
  const auto number = number_of(column.source, record);
  if (!number) return;
  ++state.count;
  if (what.function == Function::min || what.function == Function::max) {
    return keep_extreme(column, *number, state);
  }
  add_sum(column.source, *number, state);
  if (what.function == Function::histogram) return count_slot(column, *number, row);
  if (what.function == Function::exponential) {
    const double real =
        column.source.floating ? number->real : as_double(number->bits, column.source.is_signed);
    count_in(exponentials_[group * columns_.exponential + column.part], real);
  }
}

void AggregateSet::show(std::size_t group, std::byte* row, std::optional<double> seconds) noexcept {
  const State* const states = states_.data() + group * columns_.list.size();
  for (std::size_t i = 0; i < columns_.list.size(); ++i)
    show_column(columns_.list[i], states[i], group, row, seconds);
}

void AggregateSet::show_column(const Column& column, const State& state, std::size_t group, std::byte* row,
                               std::optional<double> seconds) noexcept {
  const Source& summed = column.summed;
  const bool is_signed = summed.is_signed;
  const auto sum = [&] {
    return summed.floating ? state.real + state.rest : as_double(state.sum, is_signed);
  };
  const auto put_sum = [&](const Slot& slot) {
    if (summed.floating) return store_real(row, slot, sum());
    store(row, slot, saturated(state.sum, is_signed, slot.size));
  };
  const auto has_value = [&](bool has) { row[column.presence] = static_cast<std::byte>(has ? 1 : 0); };
  switch (column.what.function) {
    case Function::count:
      return store(row, column.slot, state.count);
    case Function::distinct:
      return store(row, column.slot, distincts_[group * columns_.distinct + column.part].count());
    case Function::rate:
      has_value(seconds.has_value());
      if (!seconds) return;
      return store_real(row, column.slot,
                        (column.what.field == nullptr ? static_cast<double>(state.count) : sum()) / *seconds);
    case Function::sum:
      has_value(state.count > 0);
      return put_sum(column.slot);
    case Function::min:
    case Function::max:
      has_value(state.count > 0);
      if (column.floating) return store_real(row, column.slot, state.real);
      return store(row, column.slot, state.sum);
    case Function::avg:
      has_value(state.count > 0);
      if (state.count == 0) return;
      if (column.floating) return store_real(row, column.slot, sum() / static_cast<double>(state.count));
      if (is_signed) {
        const auto total = static_cast<SignedWide>(state.sum);
        const auto count = static_cast<SignedWide>(state.count);
        return store(row, column.slot, static_cast<Wide>((total + (total < 0 ? -count : count) / 2) / count));
      }
      return store(row, column.slot, (state.sum + state.count / 2) / state.count);
    case Function::percentile: {
      const QuantileSketch& sketch = sketches_[group * columns_.sketched.size() + column.part];
      has_value(sketch.count() > 0);
      if (sketch.count() == 0) return;
      if (column.floating) return store_real(row, column.slot, sketch.real_at(column.what.percent));
      return store(row, column.slot, sketch.integer_at(column.what.percent).value());
    }
    case Function::exponential:
      std::memcpy(row + column.slot.offset, &exponentials_[group * columns_.exponential + column.part],
                  sizeof(ExponentialCounts));
      return put_sum(*column.sum);
    case Function::histogram:
      return put_sum(*column.sum);
    case Function::slots:
      if (column.sum) put_sum(*column.sum);
      return;
    case Function::first:
    case Function::last:
      return;  // already in the row
  }
}

void AggregateSet::clear() noexcept {
  states_.clear();
  sketches_.clear();
  distincts_.clear();
  exponentials_.clear();
}

void AggregateSet::restart_rates() noexcept {
  for (std::size_t i = 0; i < states_.size(); ++i) {
    if (columns_.list[i % columns_.list.size()].what.function == Function::rate) states_[i] = {};
  }
}

}  // namespace probe_run
