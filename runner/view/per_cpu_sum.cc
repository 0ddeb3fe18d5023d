#include "view/per_cpu_sum.h"

#include <algorithm>
#include <cstring>

#include "decode/wide.h"
#include "support/error.h"

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
    case 16:
      return add_as<Wide>(sum, part);
    default:
      return;
  }
}

// Within its own bits: the neighbours in the same bytes stay as they are.
void add_bits(std::byte* sum, const std::byte* part, const Slot& slot) noexcept {
  Slot here = slot;
  here.offset = 0;
  const Wide total = load_wide(Bytes(sum, slot.size), here) + load_wide(Bytes(part, slot.size), here);
  for (unsigned bit = 0; bit < slot.bits; ++bit) {
    std::byte& byte = sum[(slot.shift + bit) / 8];
    const auto mask = static_cast<std::byte>(1u << ((slot.shift + bit) % 8));
    byte = ((total >> bit) & 1) != 0 ? byte | mask : byte & ~mask;
  }
}

// A size or a duration is a number to be added; an address or the name of an enum is not.
bool is_sum(const Field& field) {
  if (field.shape == Shape::wide_number) return true;
  if (field.shape == Shape::boolean) return false;
  if (field.shape != Shape::rendered) return field.scalar;
  // A number of more than 64 bits is no scalar, but "dec" takes nothing besides numbers.
  const std::string_view name = field.renderer->name;
  return name == "dec" || name == "size" || name == "duration";
}

// Offsets of fields that choose others: they are not added. An array's elements are records of their own.
void collect_deciders(const Field& field, std::set<std::uint32_t>& deciders) {
  for (const Condition* c = field.when.get(); c != nullptr; c = c->outer.get())
    deciders.insert(c->slot.offset);
  if (field.shape == Shape::array) return;
  for (const Field& member : field.fields) collect_deciders(member, deciders);
}

constexpr std::size_t slot_limit = 1u << 20;

}  // namespace

PerCpuSum::PerCpuSum(const Plan& plan, std::uint32_t key_size, std::uint32_t value_size,
                     std::uint32_t possible_cpus)
    : taken_(std::size_t{padded(value_size)} * 8),
      key_size_(padded(key_size)),
      stride_(padded(value_size)),
      possible_cpus_(possible_cpus),
      sum_(plan.size) {
  const Field* const value = plan.find("value");
  if (value == nullptr) return;
  std::set<std::uint32_t> deciders;
  collect_deciders(*value, deciders);
  collect(*value, -std::int64_t{key_size_}, deciders, nullptr);
  active_.assign(chosen_.size() + numbers_.size(), true);
}

bool PerCpuSum::take_bits(const Slot& slot) noexcept {
  const std::size_t begin = std::size_t{slot.offset} * 8 + slot.shift;
  const std::size_t end = begin + (slot.bits != 0 ? slot.bits : std::size_t{slot.size} * 8);
  const auto first = taken_.begin() + static_cast<std::ptrdiff_t>(begin);
  const auto last = taken_.begin() + static_cast<std::ptrdiff_t>(end);
  if (std::find(first, last, true) != last) return false;
  std::fill(first, last, true);
  return true;
}

// `shift`: from the place where the field's offset counts to the value's start; `outer`: the conditions of
// the arrays that the field is in, of the whole entry.
void PerCpuSum::collect(const Field& field, std::int64_t shift, const std::set<std::uint32_t>& deciders,
                        const std::shared_ptr<const Condition>& outer) {
  if (numbers_.size() + chosen_.size() > slot_limit) {
    throw Error("a per-CPU value has too many numbers to add", "\"per_cpu\": true shows the values apart");
  }
  Slot slot = field.slot;
  slot.offset = static_cast<std::uint32_t>(slot.offset + shift);
  if (field.shape == Shape::structure) {
    for (const Field& member : field.fields) collect(member, shift, deciders, outer);
  } else if (field.shape == Shape::array) {
    // An element's offsets are from its own start.
    std::set<std::uint32_t> in_element;
    collect_deciders(field.fields[0], in_element);
    const auto when = both(moved(field.when, shift + std::int64_t{key_size_}), outer);
    for (std::uint32_t i = 0; i < field.count; ++i) {
      collect(field.fields[0], std::int64_t{slot.offset} + std::int64_t{i} * field.fields[0].size, in_element,
              when);
    }
  } else if (field.shape == Shape::floating || is_sum(field)) {
    if (deciders.contains(field.offset()) || std::uint64_t{slot.offset} + slot.size > stride_) return;
    const auto when = both(moved(field.when, shift + std::int64_t{key_size_}), outer);
    const Number number{slot, field.shape == Shape::floating, when};
    if (when) {
      chosen_.push_back(number);
    } else if (take_bits(slot)) {
      numbers_.push_back(number);
    }
  }
}

// Arms of a union share their bytes, and only one of them is added: one whose condition is met, else the
// first without a condition.
void PerCpuSum::choose() noexcept {
  std::fill(taken_.begin(), taken_.end(), false);
  std::size_t at = 0;
  for (const Number& number : chosen_) active_[at++] = number.when->met(sum_) && take_bits(number.slot);
  for (const Number& number : numbers_) active_[at++] = take_bits(number.slot);
}

void PerCpuSum::add_part(const Number& number, std::byte* value, const std::byte* part) noexcept {
  std::byte* const to = value + number.slot.offset;
  const std::byte* const from = part + number.slot.offset;
  if (number.is_float) {
    if (number.slot.size == 4) add_as<float>(to, from);
    if (number.slot.size == 8) add_as<double>(to, from);
  } else if (number.slot.bits != 0) {
    add_bits(to, from, number.slot);
  } else {
    add_number(to, from, number.slot.size);
  }
}

Bytes PerCpuSum::add(Bytes entry) noexcept {
  const std::size_t complete = key_size_ + std::size_t{stride_} * possible_cpus_;
  std::fill(sum_.begin(), sum_.end(), std::byte{0});
  std::copy_n(entry.begin(), std::min(entry.size(), sum_.size()), sum_.begin());
  if (entry.size() < complete) return sum_;
  if (!chosen_.empty()) choose();
  std::byte* const value = sum_.data() + key_size_;
  for (std::uint32_t cpu = 1; cpu < possible_cpus_; ++cpu) {
    const std::byte* const part = entry.data() + key_size_ + std::size_t{stride_} * cpu;
    std::size_t at = 0;
    for (const Number& number : chosen_) {
      if (active_[at++]) add_part(number, value, part);
    }
    for (const Number& number : numbers_) {
      if (active_[at++]) add_part(number, value, part);
    }
  }
  return sum_;
}

}  // namespace probe_run
