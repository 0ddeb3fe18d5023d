#include "object/map_values.h"

#include <fmt/format.h>
#include <linux/bpf.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <memory>
#include <span>

#include "object/encoder.h"
#include "object/layout.h"
#include "object/type_choice.h"
#include "spec/map_spec.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// One after the other, each of `size` bytes: a layout's end is padded as C does, an entry need not be.
std::vector<std::byte> encode_all(const std::vector<Value>& values, const Type& type, std::uint32_t size,
                                  std::string_view subject, Diagnostics& diagnostics) {
  std::vector<std::byte> bytes;
  Encoder encoder{std::string(subject), diagnostics};
  for (const Value& value : values) {
    std::vector<std::byte> one(std::max(strip(type).size, size));
    encoder.encode(value, type, std::span(one).first(strip(type).size));
    bytes.insert(bytes.end(), one.begin(), one.begin() + size);
  }
  return bytes;
}

// An array's keys are places in it.
void check_places(const MapSpec& spec, const MapInfo& map, std::span<const std::byte> keys,
                  Diagnostics& diagnostics) {
  const std::uint64_t entries = spec.max_entries ? **spec.max_entries : map.max_entries;
  for (std::size_t i = 0; i < spec.only_keys->value.size(); ++i) {
    std::uint32_t place = 0;
    std::memcpy(&place, keys.data() + i * sizeof place, sizeof place);
    if (place < entries) continue;
    diagnostics.error(spec.only_keys->value[i].at,
                      fmt::format("the array \"{}\" has no entry {}", escape_for_terminal(map.name), place),
                      fmt::format("its entries are 0 to {}", entries - 1));
  }
}

}  // namespace

std::vector<std::byte> encode_keys(const MapSpec& spec, const MapInfo& map, const ObjectDescription& object,
                                   Diagnostics& diagnostics) {
  if (!spec.only_keys) return {};
  const std::string name = escape_for_terminal(map.name);
  const bool is_filter = map.map_class() == MapClass::bloom_filter;
  const std::uint32_t size = map.entry_key_size();
  const EntryType type(size, is_filter ? map.value_type_id : map.key_type_id, spec.key_layout, "key", map,
                       object, diagnostics);
  if (type.type() == nullptr) {
    if (!spec.key_layout.empty()) return {};  // reported of the layout
    diagnostics.error(
        spec.only_keys->at,
        fmt::format("the object does not say what the {} bytes of a key of \"{}\" mean", size, name),
        "define the map with __type(key, ...) in the BPF program, or list its members in \"key_layout\"");
    return {};
  }
  std::vector<std::byte> keys = encode_all(spec.only_keys->value, *type.type(), size,
                                           fmt::format("a key of the map \"{}\"", name), diagnostics);
  if (map.map_class() == MapClass::array && size == sizeof(std::uint32_t)) {
    check_places(spec, map, keys, diagnostics);
  }
  return keys;
}

SentValues encode_sent(const MapSpec& spec, const MapInfo& map, const ObjectDescription& object,
                       Diagnostics& diagnostics) {
  if (!spec.send) return {};
  std::shared_ptr<const std::deque<Type>> declared;
  const Type* type = nullptr;
  if (!spec.layout.empty()) {
    declared = declare_type(spec.layout, object, diagnostics);
    if (declared) type = &declared->back();
  } else if (spec.type) {
    type = choose_type(object, **spec.type).type;
  } else if (map.value_type_id != 0) {
    type = object.types.by_id(map.value_type_id);
  }
  if (type == nullptr) return {};  // reported where the type is looked up
  if (type->size == 0) {
    diagnostics.error(!spec.layout.empty() ? spec.layout.front().name.at
                      : spec.type          ? spec.type->at
                                           : spec.name.at,
                      fmt::format("{} has no size: it cannot be sent", to_text(*type)));
    return {};
  }
  return {type->size,
          encode_all(spec.send->value, *type, type->size,
                     fmt::format("a value for \"{}\"", escape_for_terminal(*spec.name)), diagnostics)};
}

}  // namespace probe_run
