// Which maps a spec can fill with "entries".
#pragma once

#include <optional>
#include <string>

#include "object/description.h"

namespace probe_run {

struct EntryRefusal {
  std::string why;  // the end of: "entries" of "x" cannot be written: ...
  std::string hint;
};
// Nothing for maps that can be filled.
std::optional<EntryRefusal> refuse_entries(const MapInfo& map);

// Queues, stacks and Bloom filters.
bool has_values_only(const MapInfo& map);

// Of an LPM trie's key: the prefix length is a number of this machine in its first bytes.
inline constexpr std::uint32_t prefix_length_size = 4;

}  // namespace probe_run
