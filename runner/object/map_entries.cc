#include "object/map_entries.h"

#include <fmt/format.h>
#include <linux/bpf.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "object/encoder.h"
#include "object/entry_object.h"
#include "object/layout.h"
#include "object/map_rules.h"
#include "spec/map_spec.h"
#include "spec/program_spec.h"
#include "spec/spec.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// Values of devmap and cpumap: a number, and, where there is room, the descriptor of a program.
constexpr std::uint32_t redirect_number = 4;
constexpr std::uint32_t redirect_with_program = 8;

// Of an LPM trie's key: the prefix length is a number of this machine in its first bytes.
constexpr std::uint32_t prefix_length_size = 4;

std::string in_quotes(std::string_view name) {
  return fmt::format("\"{}\"", escape_for_terminal(name));
}

// The size of a map as the spec has it, or else the object.
std::uint32_t size_of(const Spec& spec, const MapInfo& map) {
  for (const MapSpec& wanted : spec.maps) {
    if (*wanted.name == map.name && wanted.max_entries && **wanted.max_entries <= UINT32_MAX)
      return static_cast<std::uint32_t>(**wanted.max_entries);
  }
  return map.max_entries;
}

// Entries of one map.
class EntryCompiler {
 public:
  EntryCompiler(const Spec& spec, const ObjectDescription& object, const MapInfo& map, std::string title,
                Diagnostics& diagnostics)
      : spec_(spec), object_(object), map_(map), title_(std::move(title)), diagnostics_(diagnostics) {}

  MapEntries compile(const Located<std::vector<Located<MapEntry>>>& entries, std::uint32_t max_entries,
                     const std::vector<LayoutMember>& key_layout, const std::vector<LayoutMember>& layout) {
    MapEntries result{&map_, max_entries, {}};
    if (const auto refusal = refuse_entries(map_)) {
      error(entries.at, fmt::format("\"entries\" of {} cannot be written: {}", title_, refusal->why),
            refusal->hint);
      return result;
    }
    if (max_entries != 0 && entries->size() > max_entries) {
      error(entries.at,
            fmt::format("{} has room for {} entr{}, but the spec has {}", title_, max_entries,
                        max_entries == 1 ? "y" : "ies", entries->size()),
            "raise \"max_entries\"");
    }
    const EntryType key(map_.key_size, map_.key_type_id, key_layout, "key", map_, object_, diagnostics_);
    const EntryType value(map_.value_size, map_.value_type_id, layout, "value", map_, object_, diagnostics_);
    result.entries.resize(entries->size());
    for (std::size_t i = 0; i < entries->size(); ++i) {
      const Located<MapEntry>& entry = entries.value[i];
      EncodedEntry& encoded = result.entries[i];
      encoded.at = entry.at;
      if (give_key(entry, key, encoded)) check_key(*entry->key, encoded, max_entries);
      give_value(entry, value, encoded);
    }
    return result;
  }

 private:
  void error(Span at, std::string what, std::string hint = {}) {
    diagnostics_.error(at, std::move(what), std::move(hint));
  }

  static Span begin(const Located<MapEntry>& entry) { return {entry.at.begin, entry.at.begin + 1}; }

  std::optional<std::vector<std::byte>> encode(const Value& value, const EntryType& type, std::uint32_t size,
                                               std::string_view part) {
    if (type.type() == nullptr) {
      if (type.has_layout()) return std::nullopt;  // reported of the layout
      error(
          value.at,
          fmt::format("the object does not say what the {} bytes of a {} of {} mean", size, part, title_),
          fmt::format("define the map with __type({}, ...) in the BPF program, or list its members in \"{}\"",
                      part, part == "key" ? "key_layout" : "layout"));
      return std::nullopt;
    }
    const std::size_t used = strip(*type.type()).size;
    std::vector<std::byte> bytes(std::max<std::size_t>(used, size));
    Encoder encoder(fmt::format("a {} of {}", part, title_), diagnostics_);
    encoder.encode(value, *type.type(), std::span(bytes).first(used));
    if (!encoder.good()) return std::nullopt;
    bytes.resize(size);  // a layout's end is padded as C does, an entry need not be
    return bytes;
  }

  bool give_key(const Located<MapEntry>& entry, const EntryType& type, EncodedEntry& encoded) {
    if (map_.traits().keys == MapKeys::none || map_.traits().keys == MapKeys::the_value) {
      if (entry->key) error(entry->key->at, fmt::format("{} has no keys", title_), "remove \"key\"");
      return false;
    }
    if (!entry->key) {
      error(begin(entry), fmt::format("an entry of {} needs a \"key\"", title_));
      return false;
    }
    auto bytes = encode(*entry->key, type, map_.key_size, "key");
    if (bytes) encoded.key = std::move(*bytes);
    return bytes.has_value();
  }

  bool is_indexed() const {
    return map_.traits().keys == MapKeys::index && map_.key_size == sizeof(std::uint32_t);
  }

  static std::uint32_t number_at_begin(const std::vector<std::byte>& bytes) {
    std::uint32_t number = 0;
    std::memcpy(&number, bytes.data(), sizeof number);
    return number;
  }

  void check_key(const Value& written, EncodedEntry& encoded, std::uint32_t max_entries) {
    if (is_indexed() && number_at_begin(encoded.key) >= max_entries) {
      return error(written.at, fmt::format("{} has no entry {}", title_, number_at_begin(encoded.key)),
                   fmt::format("its entries are 0 to {}", max_entries == 0 ? 0 : max_entries - 1));
    }
    std::vector<std::byte> key = encoded.key;
    if (map_.traits().keys == MapKeys::prefix && map_.key_size > prefix_length_size) {
      const std::uint32_t bits = (map_.key_size - prefix_length_size) * 8;
      const std::uint32_t prefix = number_at_begin(key);
      if (prefix > bits) {
        return error(written.at,
                     fmt::format("a key of {} has {} bits, but this prefix has {}", title_, bits, prefix));
      }
      // What the kernel does not look at makes no difference between keys.
      for (std::uint32_t bit = prefix; bit < bits; ++bit)
        key[prefix_length_size + bit / 8] &= ~static_cast<std::byte>(0x80u >> (bit % 8));
    }
    const auto [first, is_new] = keys_.try_emplace(std::move(key), written.at);
    if (is_new) return;
    error(written.at, fmt::format("{} has two entries with this key", title_),
          fmt::format("the first is in line {}", diagnostics_.source().line(first->second.begin)));
  }

  void give_value(const Located<MapEntry>& entry, const EntryType& type, EncodedEntry& encoded) {
    if (!entry->value) return error(begin(entry), fmt::format("an entry of {} needs a \"value\"", title_));
    const Value& value = *entry->value;
    encoded.value.resize(map_.value_size);
    switch (map_.traits().values) {
      case MapValues::program:
        if (const auto name = name_in(value, "a program's name")) refer_to_program(*name, 0, encoded);
        return;
      case MapValues::cgroup:
        if (const auto name = name_in(value, "a cgroup's path"))
          encoded.references.push_back({EntryReference::Kind::cgroup, *name, 0});
        return;
      case MapValues::map:
        return give_map(value, encoded);
      case MapValues::device:
        return give_device(value, encoded);
      case MapValues::cpu:
        return give_cpu(value, encoded);
      case MapValues::data:
      case MapValues::refused:
        if (auto bytes = encode(value, type, map_.value_size, "value")) encoded.value = std::move(*bytes);
    }
  }

  std::optional<Located<std::string>> name_in(const Value& value, std::string_view form) {
    if (const auto* const text = std::get_if<std::string>(&value.data))
      return Located<std::string>{*text, value.at};
    if (!std::holds_alternative<Value::Unknown>(value.data))
      error(value.at, fmt::format("a value of {} is {}, not {}", title_, form, value.kind()));
    return std::nullopt;
  }

  void refer_to_program(const Located<std::string>& name, std::uint32_t offset, EncodedEntry& encoded) {
    std::vector<std::string_view> names;
    for (const ProgramSpec* program : every_program(spec_)) names.push_back(*program->name);
    if (std::find(names.begin(), names.end(), *name) == names.end()) {
      const bool known = object_.find_program(*name) != nullptr;
      return error(name.at, fmt::format("the spec's \"programs\" have no {}", in_quotes(*name)),
                   known ? fmt::format("the object has it; add {{ \"name\": {} }} to \"programs\" to load it",
                                       in_quotes(*name))
                         : suggestion(*name, names, "its programs"));
    }
    encoded.references.push_back({EntryReference::Kind::program, name, offset});
  }

  void give_map(const Value& value, EncodedEntry& encoded) {
    if (map_.inner.empty()) {
      return error(value.at, fmt::format("the object does not say what the maps in {} are like", title_),
                   "define it with __array(values, struct ...) in the BPF program");
    }
    const MapInfo& inner = map_.inner.front();
    if (std::holds_alternative<Value::Object>(value.data)) return give_new_map(value, inner, encoded);
    const auto name = name_in(value, "a map's name or an object with \"entries\"");
    if (!name) return;
    const MapInfo* const named = object_.find_map(**name);
    if (named == nullptr || named->map_class() == MapClass::section ||
        named->map_class() == MapClass::iterator) {
      std::vector<std::string_view> names;
      for (const MapInfo& known : object_.maps) names.push_back(known.name);
      return error(name->at,
                   fmt::format("{} has no map {}", escape_for_terminal(object_.path), in_quotes(**name)),
                   suggestion(**name, names, "its maps"));
    }
    const std::uint32_t size = size_of(spec_, *named);
    if (!is_like(*named, size, inner)) {
      return error(
          name->at, fmt::format("the map {} does not match the maps in {}", in_quotes(**name), title_),
          fmt::format("it is {}; they are {}", likeness(*named, size), likeness(inner, inner.max_entries)));
    }
    encoded.references.push_back({EntryReference::Kind::map, *name, 0});
  }

  static bool is_like(const MapInfo& map, std::uint32_t size, const MapInfo& inner) {
    return map.type == inner.type && map.key_size == inner.key_size && map.value_size == inner.value_size &&
           map.flags == inner.flags && (!has_fixed_size(inner) || size == inner.max_entries);
  }

  // Of an array alone the verifier has relied on the size.
  static bool has_fixed_size(const MapInfo& inner) {
    return inner.map_class() == MapClass::array && !inner.is_per_cpu() &&
           (inner.flags & BPF_F_INNER_MAP) == 0;
  }

  static std::string likeness(const MapInfo& map, std::uint32_t size) {
    return fmt::format("of type {} with keys of {} and values of {} bytes, {} entries and flags {:#x}",
                       map_type_name(map.type), map.key_size, map.value_size, size, map.flags);
  }

  void give_new_map(const Value& value, const MapInfo& inner, EncodedEntry& encoded) {
    const auto object = read_inner_map(value, diagnostics_);
    if (!object) return;
    std::uint32_t size = inner.max_entries;
    if (object->max_entries) {
      const std::uint64_t wanted = **object->max_entries;
      if (wanted == 0 || wanted > UINT32_MAX) {
        return error(object->max_entries->at,
                     fmt::format("a map in {} cannot have {} entries", title_, wanted),
                     fmt::format("from 1 to {}", UINT32_MAX));
      }
      if (has_fixed_size(inner) && wanted != size) {
        return error(object->max_entries->at,
                     fmt::format("an array in {} must have {} entries, as in the object", title_, size),
                     "with BPF_F_INNER_MAP (Linux 5.10) as its map_flags in the BPF program it can have "
                     "another size");
      }
      size = static_cast<std::uint32_t>(wanted);
    }
    EntryCompiler compiler(spec_, object_, inner, fmt::format("a map in {}", title_), diagnostics_);
    encoded.inner = std::make_shared<const MapEntries>(compiler.compile(object->entries, size, {}, {}));
  }

  void give_device(const Value& value, EncodedEntry& encoded) {
    if (!check_redirect_size(value)) return;
    std::optional<Located<std::string>> iface;
    if (std::holds_alternative<Value::Object>(value.data)) {
      const auto object = read_redirect(value, "iface", diagnostics_);
      if (!object) return;
      iface = object->iface;
      give_redirect_program(object->program, encoded);
    } else {
      iface = name_in(value, "an interface's name, or an object with \"iface\" and \"program\"");
    }
    if (iface) encoded.references.push_back({EntryReference::Kind::interface, *iface, 0});
  }

  void give_cpu(const Value& value, EncodedEntry& encoded) {
    if (!check_redirect_size(value)) return;
    Value qsize = value;
    if (std::holds_alternative<Value::Object>(value.data)) {
      const auto object = read_redirect(value, "qsize", diagnostics_);
      if (!object) return;
      qsize = *object->qsize;
      give_redirect_program(object->program, encoded);
    }
    const auto* const frames = std::get_if<std::uint64_t>(&qsize.data);
    constexpr std::uint64_t most = 16384;  // as the kernel has it
    if (frames == nullptr || *frames == 0 || *frames > most) {
      return error(qsize.at, fmt::format("a value of {} is a queue's size in packets", title_),
                   fmt::format("from 1 to {}, or an object with it as \"qsize\" and a \"program\"", most));
    }
    const auto number = static_cast<std::uint32_t>(*frames);
    std::memcpy(encoded.value.data(), &number, sizeof number);
  }

  bool check_redirect_size(const Value& value) {
    if (map_.value_size == redirect_number || map_.value_size == redirect_with_program) return true;
    error(value.at,
          fmt::format("{} has values of {} bytes, and the kernel takes 4 or 8", title_, map_.value_size));
    return false;
  }

  void give_redirect_program(const std::optional<Located<std::string>>& program, EncodedEntry& encoded) {
    if (!program) return;
    if (map_.value_size == redirect_with_program) {
      return refer_to_program(*program, redirect_number, encoded);
    }
    error(program->at, fmt::format("{} has no room for a program in its values", title_),
          fmt::format("define it with __type(value, struct bpf_{}_val) in the BPF program",
                      map_.traits().values == MapValues::cpu ? "cpumap" : "devmap"));
  }

  const Spec& spec_;
  const ObjectDescription& object_;
  const MapInfo& map_;
  std::string title_;
  Diagnostics& diagnostics_;
  std::map<std::vector<std::byte>, Span> keys_;
};

void collect_called(const MapEntries& entries, std::set<std::string>& names) {
  for (const EncodedEntry& entry : entries.entries) {
    for (const EntryReference& reference : entry.references) {
      if (reference.kind == EntryReference::Kind::program) names.insert(*reference.name);
    }
    if (entry.inner) collect_called(*entry.inner, names);
  }
}

}  // namespace

std::vector<MapEntries> compile_map_entries(const Spec& spec, const ObjectDescription& object,
                                            Diagnostics& diagnostics) {
  std::vector<MapEntries> all;
  for (const MapSpec& wanted : spec.maps) {
    if (!wanted.entries) continue;
    const MapInfo* const map = object.find_map(*wanted.name);
    if (map == nullptr) continue;  // reported where the maps are set up
    EntryCompiler compiler(spec, object, *map,
                           fmt::format("the {} {}", map->type_name(), in_quotes(map->name)), diagnostics);
    all.push_back(compiler.compile(*wanted.entries, size_of(spec, *map), wanted.key_layout, wanted.layout));
  }
  return all;
}

void check_called_programs(const Spec& spec, const ObjectDescription& object,
                           const std::vector<MapEntries>& entries, Diagnostics& diagnostics) {
  std::set<std::string> called;
  for (const MapEntries& map : entries) collect_called(map, called);
  // The object may fill a program array by itself.
  const bool fills_itself = std::any_of(object.maps.begin(), object.maps.end(), [](const MapInfo& map) {
    return map.traits().values == MapValues::program;
  });
  for (const ProgramSpec* program : every_program(spec)) {
    if (!program->attach.items.empty() || called.contains(*program->name) || fills_itself) continue;
    if (object.find_program(*program->name) == nullptr) continue;  // reported where the programs are selected
    diagnostics.error(
        program->name.at,
        fmt::format("nothing runs the program {}: it has no \"attach\"", in_quotes(*program->name)),
        "say where it attaches, or let the \"entries\" of a program array name it");
  }
}

}  // namespace probe_run
