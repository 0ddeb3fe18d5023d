// What a spec says about a histogram's slots after their ranges: "last=26" is the last slot, which counts everything
// above; "sum=27" is the slot with the sum of the values, "sum=total" the field with it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "spec/string_place.h"
#include "support/source_text.h"

namespace probe_run {

struct Field;

struct SlotWords {
  static constexpr std::uint32_t most_slots = 1000;

  std::optional<FunctionCall::Word> last, sum;  // as written
  std::optional<std::uint32_t> last_slot;       // without `last`, the slot before that of the sum
  std::optional<std::uint32_t> sum_slot;        // nullopt: `sum` is a field

  bool names_field() const { return sum && !sum_slot; }
};

// Removes them from the arguments of `call`, which is in `text`. nullopt: a mistake was reported.
std::optional<SlotWords> take_slot_words(FunctionCall& call, const Located<std::string>& text,
                                         Diagnostics& diagnostics);

// The factor that makes `unit`, the unit of a histogram's ranges, of the unit of the field with their sum; 1 if one of
// them is unknown. nullopt: the field, or its unit, cannot be the sum, which has been reported for `word`.
std::optional<double> sum_factor(const Field& sum, const std::string& unit, const FunctionCall::Word& word,
                                 const Located<std::string>& text, Diagnostics& diagnostics);

}  // namespace probe_run
