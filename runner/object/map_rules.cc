#include "object/map_rules.h"

#include <fmt/format.h>
#include <linux/bpf.h>

#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr std::uint32_t cookie_size = 8;

class Rules {
 public:
  Rules(const MapSpec& spec, const MapInfo& map, const TypeTable& types, Diagnostics& diagnostics)
      : spec_(spec),
        map_(map),
        types_(types),
        class_(map.map_class()),
        name_(escape_for_terminal(map.name)),
        type_(class_ == MapClass::section ? "section" : map_type_name(map.type)),
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
      const MapType* const known = find_map_type(map_.type);
      error(
          spec_.name.at,
          fmt::format("a map of type {} {}", type_,
                      known != nullptr ? known->refusal : "cannot be read: this probe-run does not know it"),
          std::string(known != nullptr ? known->hint : "remove it from \"maps\""));
    } else if (class_ == MapClass::sockets && map_.value_size != cookie_size) {
      error(
          spec_.name.at,
          fmt::format("the {} \"{}\" cannot be read: its values have {} bytes, and the kernel shows sockets "
                      "only as cookies of {} bytes",
                      type_, name_, map_.value_size, cookie_size),
          "give the map a value of __u64 in the BPF program: __type(value, __u64)");
    } else if (class_ == MapClass::stack_trace && (map_.flags & BPF_F_STACK_BUILD_ID) != 0 &&
               !has_build_ids()) {
      error(spec_.name.at,
            fmt::format(
                "the stacks of \"{}\" are build ids with offsets (BPF_F_STACK_BUILD_ID), and its values have "
                "no type that says so",
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

  bool is_polled() const { return !map_.is_stream() && class_ != MapClass::user_ring_buffer; }

  void check_read() {
    const ReadMode mode = spec_.read ? **spec_.read : ReadMode::snapshot;
    if (!is_polled()) {
      if (spec_.read) {
        error(spec_.read->at,
              fmt::format("\"read\" is for maps that are polled; \"{}\" is of type {}", name_, type_),
              "remove \"read\"");
      }
      return;
    }
    if (class_ == MapClass::queue) {
      if (mode == ReadMode::drain) return;
      error(spec_.read ? spec_.read->at : spec_.name.at,
            fmt::format("reading the {} \"{}\" removes what it reads, so that nobody else gets it", type_,
                        name_),
            "say that this is meant: \"read\": \"drain\"");
      return;
    }
    switch (class_) {
      case MapClass::array:  // nothing can be removed from it: drain is delta
      case MapClass::hash:
      case MapClass::lpm_trie:
        return;
      case MapClass::cgroup_storage:
      case MapClass::task_storage:
      case MapClass::cgrp_storage:
      case MapClass::section:
        if (mode == ReadMode::drain) {
          error(spec_.read->at,
                fmt::format("the entries of the {} \"{}\" are not removed by a read", type_, name_),
                "\"read\": \"delta\" gives what was added since the last read");
        }
        return;
      default:
        if (mode != ReadMode::snapshot) {
          error(spec_.read->at,
                fmt::format("the values of the {} \"{}\" are no counts: there is nothing to subtract", type_,
                            name_),
                "remove \"read\"");
        }
        return;
    }
  }

  void check_iterator() {
    if (class_ != MapClass::iterator) return;
    if (spec_.max_entries) {
      error(spec_.max_entries->at, fmt::format("the program \"{}\" is no map and has no size", name_),
            "remove \"max_entries\"");
    }
    if (spec_.lost) {
      error(spec_.lost->at, fmt::format("nothing is lost of what the program \"{}\" writes", name_),
            "remove \"lost\"");
    }
  }

  void check_keys() {
    if (!spec_.only_keys) {
      if (class_ == MapClass::bloom_filter) {
        error(spec_.name.at, fmt::format("the bloom_filter \"{}\" cannot list what it holds", name_),
              "ask it for values: \"keys\": [...]");
      }
      return;
    }
    if (!is_polled() || class_ == MapClass::queue || class_ == MapClass::section) {
      error(spec_.only_keys->at, fmt::format("the {} \"{}\" has no keys", type_, name_), "remove \"keys\"");
    } else if (spec_.only_keys->value.empty()) {
      error(spec_.only_keys->at, "\"keys\" is an empty list: nothing would be read",
            "leave it out to read every entry");
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
          fmt::format("there is nothing to read in \"{}\": a user ring buffer is written to by this program",
                      name_),
          "say what: \"type\": \"struct ...\", \"send\": [{ ... }]");
    } else if (spec_.send->value.empty()) {
      error(spec_.send->at, "\"send\" is an empty list", "list the values, or remove the map from \"maps\"");
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

bool check_map_rules(const MapSpec& spec, const MapInfo& map, const TypeTable& types,
                     Diagnostics& diagnostics) {
  return Rules(spec, map, types, diagnostics).check();
}

}  // namespace probe_run
