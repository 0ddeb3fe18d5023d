#include "view/per_cpu_sum.h"

#include <algorithm>
#include <cstring>

#include "decode/wide.h"

namespace probe_run {
namespace {

template <class T>
void add_as(std::byte* sum, const std::byte* part) noexcept {
  T a{};
  T b{};
  std::memcpy(&a, sum, sizeof a);
  std::memcpy(&b, part, sizeof b);
  a = static_cast<T>(a + b);
  std::memcpy(sum, &a, sizeof a);
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
