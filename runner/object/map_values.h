// The keys and values that a map's spec writes, as bytes.
#pragma once

#include <cstddef>
#include <vector>

#include "object/description.h"
#include "support/source_text.h"

namespace probe_run {

struct MapSpec;

// "keys" of the spec, one after the other, each of the map's entry_key_size(). Reports what does not fit.
// Empty where the spec has none.
std::vector<std::byte> encode_keys(const MapSpec& spec, const MapInfo& map, const ObjectDescription& object,
                                   Diagnostics& diagnostics);

// "send" of the spec, each of the size of its type.
struct SentValues {
  std::uint32_t size = 0;
  std::vector<std::byte> bytes;
};
SentValues encode_sent(const MapSpec& spec, const MapInfo& map, const ObjectDescription& object,
                       Diagnostics& diagnostics);

}  // namespace probe_run
