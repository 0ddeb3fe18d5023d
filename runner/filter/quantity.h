// Numbers in expressions: 42, -1, 0x1f, 1.5, 10ms, 4KiB.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "decode/field_value.h"
#include "decode/renderers/unit.h"

namespace probe_run {

struct Quantity {
  bool negative = false;
  bool floating = false;
  Wide magnitude = 0;                     // nanoseconds with a unit of time, bytes with one of size
  double real = 0;                        // for a floating-point number, with its sign
  Dimension dimension = Dimension::none;  // of its unit
};

// nullopt with `mistake` set for anything else, for numbers of more than 128 bits, and for fractions of the smallest
// unit (0.5ns).
std::optional<Quantity> parse_quantity(std::string_view text, std::string& mistake);

// The length of the number at the beginning of `text`: "1.5ms" of "1.5ms)". Includes a decimal point, the sign of an
// exponent and letters.
std::size_t quantity_length(std::string_view text);

}  // namespace probe_run
