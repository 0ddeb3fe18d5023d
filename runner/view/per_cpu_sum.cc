#include "view/per_cpu_sum.h"

#include <algorithm>
#include <cstring>

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

void add_number(std::byte* sum, const std::byte* part, std::uint32_t size) noexcept {
  switch (size) {
    case 1:
      return add_as<std::uint8_t>(sum, part);
    case 2:
      return add_as<std::uint16_t>(sum, part);
    case 4:
      return add_as<std::uint32_t>(sum, part);
    case 8:
      return add_as<std::uint64_t>(sum, part);
    default:
      return;
  }
}

}  // namespace

PerCpuSum::PerCpuSum(const Plan& plan, std::uint32_t key_size, std::uint32_t value_size,
                     std::uint32_t possible_cpus)
    : key_size_(padded(key_size)),
      stride_(padded(value_size)),
      possible_cpus_(possible_cpus),
      sum_(plan.size) {
  if (const Field* value = plan.find("value")) collect(*value, key_size_);
}

void PerCpuSum::collect(const Field& field, std::uint32_t base) {
  switch (field.shape) {
    case Shape::unsigned_number:
    case Shape::signed_number:
      if (field.slot.bits == 0) {
        numbers_.push_back(field.slot);
        numbers_.back().offset -= base;
      }
      return;
    case Shape::floating:
      floats_.push_back(field.slot);
      floats_.back().offset -= base;
      return;
    case Shape::rendered:
      // A size or a duration is a number to be added; an address or the name of an enum is not.
      if (field.renderer->name == "dec" || field.renderer->name == "size" ||
          field.renderer->name == "duration") {
        numbers_.push_back(field.slot);
        numbers_.back().offset -= base;
      }
      return;
    case Shape::structure:
      for (const Field& member : field.fields) collect(member, base);
      return;
    case Shape::array:
      for (std::uint32_t i = 0; i < field.count; ++i) {
        Field item = field.fields[0];
        if (item.shape != Shape::unsigned_number && item.shape != Shape::signed_number) return;
        item.slot.offset = field.offset() + i * item.size;
        collect(item, base);
      }
      return;
    case Shape::boolean:
    case Shape::text:
    case Shape::bytes:
      return;
  }
}

Bytes PerCpuSum::add(Bytes entry) noexcept {
  const std::size_t complete = key_size_ + std::size_t{stride_} * possible_cpus_;
  std::fill(sum_.begin(), sum_.end(), std::byte{0});
  std::memcpy(sum_.data(), entry.data(), std::min(entry.size(), sum_.size()));
  if (entry.size() < complete) return sum_;
  std::byte* const value = sum_.data() + key_size_;
  for (std::uint32_t cpu = 1; cpu < possible_cpus_; ++cpu) {
    const std::byte* const part = entry.data() + key_size_ + std::size_t{stride_} * cpu;
    for (const Slot& slot : numbers_) add_number(value + slot.offset, part + slot.offset, slot.size);
    for (const Slot& slot : floats_) {
      if (slot.size == 4) add_as<float>(value + slot.offset, part + slot.offset);
      if (slot.size == 8) add_as<double>(value + slot.offset, part + slot.offset);
    }
  }
  return sum_;
}

}  // namespace probe_run
