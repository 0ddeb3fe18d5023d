#include "object/map_rules.h"

#include <fmt/format.h>
#include <linux/bpf.h>

#include <algorithm>
#include <set>

#include "spec/map_spec.h"
#include "spec/output_spec.h"
#include "spec/spec.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr std::uint32_t cookie_size = 8;

// "layout" and "key_layout" say what entries are, written or read.
bool is_about_reading(const MapSpec& map) {
  return map.type || !map.types.empty() || map.poll || map.read || map.only_keys || map.send ||
         !map.fields.empty() || map.lost || map.per_cpu;
}

void check_size(const MapSpec& wanted, const MapInfo& map, Diagnostics& diagnostics) {
  if (!wanted.max_entries || map.map_class() == MapClass::iterator) return;  // reported where it is read
  const Span at = wanted.max_entries->at;
  const std::string name = escape_for_terminal(map.name);
  const std::uint64_t entries = **wanted.max_entries;
  if (map.map_class() == MapClass::section) {
    diagnostics.error(at, fmt::format("the section \"{}\" has the size of its variables", name),
                      "remove \"max_entries\"");
  } else if (!map.traits().own_size) {
    diagnostics.error(at,
                      fmt::format("the {} \"{}\" has no size of its own: its entries are kept with what they "
                                  "belong to",
                                  map.type_name(), name),
                      "remove \"max_entries\"");
  } else if (entries == 0 || entries > UINT32_MAX) {
    diagnostics.error(at, fmt::format("the map \"{}\" cannot have {} entries", name, entries),
                      fmt::format("choose a number from 1 to {}", UINT32_MAX));
  }
}

void check_pin(const MapSpec& wanted, const MapInfo& map, Diagnostics& diagnostics) {
  if (!wanted.pin) return;
  const std::string name = escape_for_terminal(map.name);
  if (map.map_class() == MapClass::section) {
    diagnostics.error(
        wanted.pin->at,
        fmt::format("the section \"{}\" cannot be pinned: its variables start afresh in each run", name),
        "keep what should stay in a map");
  } else if (map.map_class() == MapClass::iterator) {
    diagnostics.error(wanted.pin->at, fmt::format("\"{}\" is a program, not a map", name), "remove \"pin\"");
  }
}

// What one map of the spec asks for.
class Rules {
 public:
  Rules(const MapSpec& spec, const MapInfo& map, const TypeTable& types, Diagnostics& diagnostics)
      : spec_(spec),
        map_(map),
        types_(types),
        class_(map.map_class()),
        name_(escape_for_terminal(map.name)),
        type_(map.type_name()),
        diagnostics_(diagnostics) {}

  bool check() {
    if (!check_class()) return false;
    check_read();
    check_iterator();
    check_keys();
    check_send();
    return good_;
  }

 private:
  void error(Span at, std::string what, std::string hint) {
    diagnostics_.error(at, std::move(what), std::move(hint));
    good_ = false;
  }

  bool check_class() {
    if (class_ == MapClass::unsupported) {
      const MapRefusal& refusal = map_.traits().not_read;
      error(spec_.name.at, fmt::format("a map of type {} {}", type_, refusal.why), std::string(refusal.hint));
    } else if (class_ == MapClass::sockets && map_.value_size != cookie_size) {
      error(
          spec_.name.at,
          fmt::format("the {} \"{}\" cannot be read: its values have {} bytes, and the kernel shows sockets "
                      "only as cookies of {} bytes",
                      type_, name_, map_.value_size, cookie_size),
          "give the map a value of type __u64 in the BPF program: __type(value, __u64)");
    } else if (class_ == MapClass::stack_trace && (map_.flags & BPF_F_STACK_BUILD_ID) != 0 &&
               !has_build_ids()) {
      error(spec_.name.at,
            fmt::format(
                "the stacks of \"{}\" are build ids with offsets (BPF_F_STACK_BUILD_ID), but the type of its "
                "values does not say so",
                name_),
            "define the map with __type(value, struct bpf_stack_build_id[N]) in the BPF program");
    }
    return good_;
  }

  bool has_build_ids() const {
    const Type* const type = types_.by_id(map_.value_type_id);
    if (type == nullptr || strip(*type).kind != Type::Kind::array) return false;
    return strip(*type).target->size == sizeof(bpf_stack_build_id);
  }

  void check_read() {
    const Reading reading = map_.traits().reading();
    const ReadMode mode = spec_.read ? **spec_.read : ReadMode::snapshot;
    switch (reading) {
      case Reading::none:
      case Reading::stream:
        if (!spec_.read) return;
        return error(spec_.read->at,
                     fmt::format("\"read\" is for maps that are polled; \"{}\" is of type {}", name_, type_),
                     "remove \"read\"");
      case Reading::removing:
        if (mode == ReadMode::drain) return;
        return error(
            spec_.read ? spec_.read->at : spec_.name.at,
            fmt::format("reading the {} \"{}\" removes what it reads, so that no other reader gets it", type_,
                        name_),
            "add \"read\": \"drain\" if you want that");
      case Reading::delta:
        if (mode != ReadMode::drain) return;
        return error(spec_.read->at,
                     fmt::format("a read cannot remove the entries of the {} \"{}\"", type_, name_),
                     "use \"read\": \"delta\": it gives what was added since the last read");
      case Reading::snapshot:
        if (mode == ReadMode::snapshot) return;
        return error(spec_.read->at,
                     fmt::format("the values of the {} \"{}\" are not counts: there is nothing to subtract",
                                 type_, name_),
                     "remove \"read\"");
      case Reading::places:
      case Reading::drain:
        return;
    }
  }

  void check_iterator() {
    if (class_ != MapClass::iterator) return;
    if (spec_.max_entries) {
      error(spec_.max_entries->at, fmt::format("\"{}\" is a program, not a map, and has no size", name_),
            "remove \"max_entries\"");
    }
    if (spec_.lost) {
      error(spec_.lost->at, fmt::format("the program \"{}\" cannot lose what it writes", name_),
            "remove \"lost\"");
    }
  }

  void check_keys() {
    if (!spec_.only_keys) {
      if (class_ == MapClass::bloom_filter) {
        error(spec_.name.at, fmt::format("the bloom_filter \"{}\" cannot list its values", name_),
              "list the values to ask it for: \"keys\": [...]");
      }
      return;
    }
    if (!map_.traits().is_polled() || map_.traits().keys == MapKeys::none) {
      error(spec_.only_keys->at, fmt::format("the {} \"{}\" has no keys", type_, name_), "remove \"keys\"");
    } else if (spec_.only_keys->value.empty()) {
      error(spec_.only_keys->at, "\"keys\" is empty: nothing would be read", "remove it to read every entry");
    }
  }

  void check_send() {
    if (class_ != MapClass::user_ring_buffer) {
      if (spec_.send) {
        error(spec_.send->at,
              fmt::format("\"send\" is for user ring buffers; \"{}\" is of type {}", name_, type_),
              "remove \"send\"");
      }
    } else if (!spec_.send) {
      error(
          spec_.name.at,
          fmt::format("\"{}\" cannot be read: it is a user ring buffer, which this program writes to", name_),
          "say what to write: \"type\": \"struct ...\", \"send\": [{ ... }]");
    } else if (spec_.send->value.empty()) {
      error(spec_.send->at, "\"send\" is empty", "list the values, or remove the map from \"maps\"");
    } else if (spec_.poll) {
      error(spec_.poll->at, fmt::format("nothing is read from the user ring buffer \"{}\"", name_),
            "remove \"poll\"");
    }
  }

  const MapSpec& spec_;
  const MapInfo& map_;
  const TypeTable& types_;
  MapClass class_;
  std::string name_, type_;
  Diagnostics& diagnostics_;
  bool good_ = true;
};

}  // namespace

bool is_set_up_only(const Spec& spec, const MapSpec& map, const MapInfo& info) {
  if (!map.entries && !map.pin && !map.max_entries) return false;
  if (is_about_reading(map)) return false;
  if (spec.outputs.empty()) return map.entries || info.map_class() == MapClass::unsupported;
  return std::none_of(spec.outputs.begin(), spec.outputs.end(),
                      [&](const OutputSpec& output) { return output.map && **output.map == *map.name; });
}

void check_map_set_up(const Spec& spec, const ObjectDescription& object, Diagnostics& diagnostics) {
  std::set<std::string> seen;
  for (const MapSpec& wanted : spec.maps) {
    const std::string name = escape_for_terminal(*wanted.name);
    const MapInfo* const map = object.find_map(*wanted.name);
    if (map == nullptr) {
      std::vector<std::string_view> names;
      for (const MapInfo& known : object.maps) names.push_back(known.name);
      diagnostics.error(wanted.name.at,
                        fmt::format("{} has no map \"{}\"", escape_for_terminal(object.path), name),
                        suggestion(*wanted.name, names, "its maps"));
      continue;
    }
    if (!seen.insert(*wanted.name).second)
      diagnostics.error(wanted.name.at, fmt::format("duplicate map \"{}\"", name));
    check_size(wanted, *map, diagnostics);
    check_pin(wanted, *map, diagnostics);
  }
}

std::optional<EntryRefusal> refuse_entries(const MapInfo& map) {
  if (map.traits().values == MapValues::refused) {
    const MapRefusal& refusal = map.traits().not_written;
    return EntryRefusal{std::string(refusal.why), std::string(refusal.hint)};
  }
  if ((map.flags & BPF_F_RDONLY) != 0) {
    return EntryRefusal{"the object makes the map read-only for user space (BPF_F_RDONLY)",
                        "define it without that flag in the BPF program"};
  }
  return std::nullopt;
}

bool check_map_rules(const MapSpec& spec, const MapInfo& map, const TypeTable& types,
                     Diagnostics& diagnostics) {
  return Rules(spec, map, types, diagnostics).check();
}

}  // namespace probe_run
