// Whole numbers as people write them in keys: "6", "-1", "0x1f".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace probe_run {

// Decimal, negative too, or hexadecimal with 0x, and nothing else. Negative ones come in two's complement;
// what does not fit 64 bits is refused.
std::optional<std::uint64_t> parse_number(std::string_view text);

// The same language for JSON Schema; the keys that a dictionary ignores as well.
inline constexpr std::string_view number_pattern = "^(-?[0-9]{1,20}|0[xX][0-9a-fA-F]{1,16}|\\$.*)$";

}  // namespace probe_run
