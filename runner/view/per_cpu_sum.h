// Adds the values that a per-CPU map keeps for each CPU.
#pragma once

#include <cstdint>
#include <vector>

#include "decode/plan.h"
#include "view/numbers.h"

namespace probe_run {

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
