#include "view/numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <set>
#include <string_view>

#include "decode/field_value.h"
#include "decode/renderer.h"
#include "support/error.h"

namespace probe_run {
namespace {

constexpr std::size_t number_limit = 1u << 20;
constexpr std::size_t arm_limit = 64;  // arms of a union that share bits with one number

// Offsets of fields that select others. An array's elements are separate records.
void collect_deciders(const Field& field, std::set<std::uint32_t>& deciders) {
  for (const Condition* c = field.when.get(); c != nullptr; c = c->outer.get())
    deciders.insert(c->slot.offset);
  if (field.shape == Shape::array) return;
  for (const Field& member : field.fields) collect_deciders(member, deciders);
}

class Finder {
 public:
  Finder(std::uint32_t begin, std::uint32_t end) : begin_(begin), end_(end) {}

  std::vector<Number> find(const Field& root) {
    std::set<std::uint32_t> deciders;
    collect_deciders(root, deciders);
    collect(root, 0, nullptr, deciders);
    part_arms();
    return std::move(numbers_);
  }

 private:
  // `shift`: added to the field's offset to get the offset in the row. `outer`: the condition of the enclosing array.
  void collect(const Field& field, std::uint32_t shift, const std::shared_ptr<const Condition>& outer,
               const std::set<std::uint32_t>& deciders) {
    if (field.shape == Shape::structure) {
      for (const Field& member : field.fields) collect(member, shift, outer, deciders);
    } else if (field.shape == Shape::array) {
      // An element's offsets are from its own start.
      const Field& item = field.fields[0];
      std::set<std::uint32_t> in_element;
      collect_deciders(item, in_element);
      const auto when = both(moved(field.when, shift), outer);
      for (std::uint32_t i = 0; i < field.count; ++i) {
        const std::uint64_t start = std::uint64_t{shift} + field.offset() + std::uint64_t{i} * item.size;
        if (start >= end_) return;
        collect(item, static_cast<std::uint32_t>(start), when, in_element);
      }
    } else if (is_summable(field) && !deciders.contains(field.offset())) {
      add(field, shift, both(moved(field.when, shift), outer));
    }
  }

  void add(const Field& field, std::uint32_t shift, std::shared_ptr<const Condition> when) {
    if (std::uint64_t{shift} + field.offset() + field.slot.size > end_) return;
    Slot slot = field.slot;
    slot.offset += shift;
    if (slot.offset < begin_) return;
    if (!when && !take_bits(slot)) return;
    if (numbers_.size() == number_limit) {
      throw Error(
          fmt::format("the map's value has too many numbers to add or subtract: more than {}", number_limit),
          "use \"per_cpu\": true and \"read\": \"snapshot\" to show the values unchanged");
    }
    numbers_.push_back({slot, std::move(when), {}, &field, field.shape == Shape::floating});
  }

  static std::size_t first_bit(const Number& number) {
    return std::size_t{number.slot.offset} * 8 + number.slot.shift;
  }
  static std::size_t end_bit(const Number& number) {
    const Slot& slot = number.slot;
    return first_bit(number) + width_of(slot);
  }

  // Of two numbers that share bits, the one without a condition yields, otherwise the later one.
  void part_arms() {
    const auto has_condition = [](const Number& number) { return number.when != nullptr; };
    if (std::none_of(numbers_.begin(), numbers_.end(), has_condition)) return;
    std::vector<std::size_t> order(numbers_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return first_bit(numbers_[a]) < first_bit(numbers_[b]);
    });
    for (std::size_t i = 0; i < order.size(); ++i) {
      for (std::size_t j = i + 1; j < order.size(); ++j) {
        Number* first = &numbers_[std::min(order[i], order[j])];
        Number* second = &numbers_[std::max(order[i], order[j])];
        if (first_bit(numbers_[order[j]]) >= end_bit(numbers_[order[i]])) break;
        if (!first->when) std::swap(first, second);
        if (first->when && second->unless.size() < arm_limit) second->unless.push_back(first->when);
      }
    }
  }

  // Whether the number shares no bits with an earlier one.
  bool take_bits(const Slot& slot) {
    const std::size_t begin = std::size_t{slot.offset} * 8 + slot.shift;
    const std::size_t end = begin + width_of(slot);
    if (taken_.size() < end) taken_.resize(end);
    const auto first = taken_.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto last = taken_.begin() + static_cast<std::ptrdiff_t>(end);
    if (std::find(first, last, true) != last) return false;
    std::fill(first, last, true);
    return true;
  }

  std::uint32_t begin_, end_;
  std::vector<bool> taken_;
  std::vector<Number> numbers_;
};

}  // namespace

bool is_summable(const Field& field) {
  return arithmetic_of(field) >= Renderer::Arithmetic::sum;
}

std::vector<Number> find_numbers(const Plan& plan, std::uint32_t begin, std::uint32_t end) {
  return Finder(begin, end).find(plan.root);
}

bool counts(const Number& number, Bytes row) noexcept {
  if (number.when && !number.when->met(row)) return false;
  return std::none_of(number.unless.begin(), number.unless.end(),
                      [&](const auto& condition) { return condition->met(row); });
}

namespace {

template <class T>
void add_as(std::byte* sum, const std::byte* part) noexcept {
  const T total = load_as<T>(sum) + load_as<T>(part);
  std::memcpy(sum, &total, sizeof total);
}

// Both rows begin at the same offset of the value. The sum wraps in the number's own bits.
void add_number(const Number& number, std::byte* sum, const std::byte* part) noexcept {
  Slot slot = number.slot;
  sum += slot.offset;
  part += slot.offset;
  slot.offset = 0;
  if (number.is_float) {
    slot.size == sizeof(float) ? add_as<float>(sum, part) : add_as<double>(sum, part);
  } else if (!number.field->scalar) {
    store(sum, slot, load_wide(Bytes(sum, slot.size), slot) + load_wide(Bytes(part, slot.size), slot));
  } else {
    store(sum, slot, load(Bytes(sum, slot.size), slot) + load(Bytes(part, slot.size), slot));
  }
}

}  // namespace

PerCpuSum::PerCpuSum(const Plan& plan, std::uint32_t key_size, std::uint32_t value_size,
                     std::uint32_t possible_cpus)
    : numbers_(
          find_numbers(plan, padded(key_size), std::min(padded(key_size) + padded(value_size), plan.size))),
      key_size_(padded(key_size)),
      stride_(padded(value_size)),
      possible_cpus_(possible_cpus),
      sum_(plan.size) {}

Bytes PerCpuSum::add(Bytes entry) noexcept {
  const std::size_t complete = key_size_ + std::size_t{stride_} * possible_cpus_;
  std::fill(sum_.begin(), sum_.end(), std::byte{0});
  std::copy_n(entry.begin(), std::min(entry.size(), sum_.size()), sum_.begin());
  if (entry.size() < complete) return sum_;
  for (std::uint32_t cpu = 1; cpu < possible_cpus_; ++cpu) {
    const std::byte* const part = entry.data() + std::size_t{stride_} * cpu;
    for (const Number& number : numbers_) {
      if (!counts(number, sum_)) continue;
      add_number(number, sum_.data(), part);
    }
  }
  return sum_;
}

}  // namespace probe_run
