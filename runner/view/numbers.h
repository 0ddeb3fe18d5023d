// The numbers of a map's value that can be added and subtracted.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "decode/field_value.h"
#include "decode/plan.h"

namespace probe_run {

// An integer or a floating-point number of 4 or 8 bytes, shown plainly or as dec, size or duration; not an address
// or an enum.
bool is_summable(const Field& field);

struct Number {
  Slot slot;                              // relative to the row, also for an array's element
  std::shared_ptr<const Condition> when;  // in the whole row; nullptr: always present
  // Conditions of other numbers with the same bits, in arms of a union: one that is met takes the bits.
  std::vector<std::shared_ptr<const Condition>> unless;
  const Field* field = nullptr;  // in the plan; for an array, its element
  bool is_float = false;
};

// Whether the row's bits belong to this number.
bool counts(const Number& number, Bytes row) noexcept;

// The numbers of the plan in the row's bytes from `begin` to `end`, including those in structs, arrays and arrays of
// structs, in the plan's order; without numbers that select other fields ("when"). Of arms of a union that share bits,
// the one whose condition is met is added, else the first without a condition. Throws Error if there are too many.
std::vector<Number> find_numbers(const Plan& plan, std::uint32_t begin, std::uint32_t end);

// Adds the values that a per-CPU map keeps for each CPU.
class PerCpuSum {
 public:
  // `plan` describes the summed entries: a key and one value.
  PerCpuSum(const Plan& plan, std::uint32_t key_size, std::uint32_t value_size, std::uint32_t possible_cpus);

  // `entry` is a padded key and a padded value for each CPU. Numbers are added (and wrap); other fields are those of
  // the first CPU. The result is valid until the next call.
  Bytes add(Bytes entry) noexcept;

 private:
  std::vector<Number> numbers_;
  std::uint32_t key_size_, stride_, possible_cpus_;
  std::vector<std::byte> sum_;
};

}  // namespace probe_run
