#include "object/map_values.h"

#include <fmt/format.h>
#include <linux/bpf.h>

#include <cstring>
#include <span>

#include "object/encoder.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

std::vector<std::byte> encode_all(const std::vector<Value>& values, const Type& type,
                                  std::string_view subject, Diagnostics& diagnostics) {
  const std::size_t size = type.size;
  std::vector<std::byte> bytes(size * values.size());
  Encoder encoder{std::string(subject), diagnostics};
  for (std::size_t i = 0; i < values.size(); ++i) {
    encoder.encode(values[i], type, std::span(bytes).subspan(i * size, size));
  }
  return bytes;
}

// A number of so many bytes, where BTF has no better type. kind none where a number has no such size.
Type number_of(std::uint32_t size) {
  Type type;
  if (size != 1 && size != 2 && size != 4 && size != 8) return type;
  type.kind = Type::Kind::integer;
  type.name = fmt::format("a number of {} bytes", size);
  type.size = size;
  type.bits = size * 8;
  return type;
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
  const Type* type = object.types.by_id(is_filter ? map.value_type_id : map.key_type_id);
  const Type number = number_of(size);
  if (type == nullptr || type->size != size) type = &number;
  if (type->kind == Type::Kind::none) {
    diagnostics.error(
        spec.only_keys->at,
        fmt::format("the object does not say what the {} bytes of a key of \"{}\" mean", size, name),
        "define the map with __type(key, ...) in the BPF program");
    return {};
  }
  std::vector<std::byte> keys =
      encode_all(spec.only_keys->value, *type, fmt::format("a key of the map \"{}\"", name), diagnostics);
  if (map.map_class() == MapClass::array && size == sizeof(std::uint32_t)) {
    check_places(spec, map, keys, diagnostics);
  }
  return keys;
}

SentValues encode_sent(const MapSpec& spec, const ObjectDescription& object, Diagnostics& diagnostics) {
  if (!spec.send || !spec.type) return {};
  const Type* const type = object.types.find(**spec.type);
  if (type == nullptr) return {};  // said where the type is looked up
  if (type->size == 0) {
    diagnostics.error(spec.type->at, fmt::format("{} has no size: it cannot be sent", to_text(*type)));
    return {};
  }
  return {type->size,
          encode_all(spec.send->value, *type,
                     fmt::format("a value for \"{}\"", escape_for_terminal(*spec.name)), diagnostics)};
}

}  // namespace probe_run
