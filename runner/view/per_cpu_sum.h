// Adds the values that a per-CPU map keeps for each CPU.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <vector>

#include "decode/plan.h"
#include "decode/renderer.h"

namespace probe_run {

class PerCpuSum {
 public:
  // `plan` is of the summed entries: a key and one value.
  PerCpuSum(const Plan& plan, std::uint32_t key_size, std::uint32_t value_size, std::uint32_t possible_cpus);

  // `entry` is a padded key and a padded value for each CPU. Numbers are added (and wrap); what is no number
  // is taken from the first CPU. The result is valid until the next call.
  Bytes add(Bytes entry) noexcept;

 private:
  // A number to be added; its offset is from the value's start.
  struct Number {
    Slot slot;
    bool is_float = false;
    std::shared_ptr<const Condition> when;  // of the whole entry; the first CPU's value decides
  };

  void collect(const Field& field, std::int64_t shift, const std::set<std::uint32_t>& deciders,
               const std::shared_ptr<const Condition>& outer);
  bool take_bits(const Slot& slot) noexcept;
  void choose() noexcept;
  void add_part(const Number& number, std::byte* value, const std::byte* part) noexcept;

  std::vector<bool> taken_;      // bits of the value that are added already
  std::vector<Number> chosen_;   // those with a condition
  std::vector<Number> numbers_;  // those without, which share no bits
  std::vector<bool> active_;     // of the entry at hand: chosen_, then numbers_
  std::uint32_t key_size_, stride_, possible_cpus_;
  std::vector<std::byte> sum_;
};

}  // namespace probe_run
