// Units of numbers that are known: what "unit" can scale.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace probe_run {

enum class Dimension : std::uint8_t { none, time, size };

struct KnownUnit {
  std::string_view name;
  Dimension dimension;
  std::uint64_t factor;  // nanoseconds or bytes
};

// Also by its other names, "microseconds" and "usec"; and of a rate, "us/s". nullopt for any other text.
std::optional<KnownUnit> known_unit(std::string_view name);

// "ns, us, ms or s": for messages.
std::string unit_names(Dimension dimension);

}  // namespace probe_run
