// Numbers as expressions have them: 42, -1, 0x1f, 1.5, 10ms, 4KiB.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "decode/field_value.h"

namespace probe_run {

struct Quantity {
  bool negative = false;
  bool floating = false;
  Wide magnitude = 0;  // nanoseconds with a unit of time, bytes with one of size
  double real = 0;     // of a floating one, with its sign
};

// nullopt with `mistake` set for anything else, for what 128 bits do not hold, and for a unit's part that is
// no whole number (0.5ns).
std::optional<Quantity> parse_quantity(std::string_view text, std::string& mistake);

// How much of `text` may be a number: "1.5ms" of "1.5ms)". A point, an exponent's sign and letters belong to
// it.
std::size_t quantity_length(std::string_view text);

}  // namespace probe_run
