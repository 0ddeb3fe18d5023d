#include "object/map_pins.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include "object/map_type.h"
#include "spec/map_spec.h"
#include "spec/spec.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr std::size_t kernel_name = BPF_OBJ_NAME_LEN - 1;  // of a map's name the kernel keeps so much
constexpr std::uint32_t read_only_for_programs = 1u << 7;

std::string subject_of(const MapSpec& map) {
  return fmt::format("the map \"{}\"", escape_for_terminal(*map.name));
}

// In what two maps differ, the same on both sides.
struct Difference {
  std::vector<std::string> pinned, wanted;

  template <class T>
  void add(const char* form, const T& is, const T& want) {
    if (is == want) return;
    pinned.push_back(fmt::format(fmt::runtime(form), is));
    wanted.push_back(fmt::format(fmt::runtime(form), want));
  }
};

Difference compare(const bpf_map_info& pinned, const bpf_map* wanted) {
  Difference difference;
  const std::string name = std::string(bpf_map__name(wanted)).substr(0, kernel_name);
  // With a token libbpf leaves the names of maps out.
  if (pinned.name[0] != '\0')
    difference.add("the name \"{}\"", escape_for_terminal(pinned.name), escape_for_terminal(name));
  difference.add("the type {}", map_type_name(pinned.type), map_type_name(bpf_map__type(wanted)));
  difference.add("keys of {} bytes", pinned.key_size, bpf_map__key_size(wanted));
  difference.add("values of {} bytes", pinned.value_size, bpf_map__value_size(wanted));
  // 0 leaves the size to libbpf or the kernel.
  if (bpf_map__max_entries(wanted) != 0)
    difference.add("{} entries", pinned.max_entries, bpf_map__max_entries(wanted));
  // The kernel adds this one to lists of devices.
  std::uint32_t flags = pinned.map_flags;
  if (map_type(pinned.type).values == MapValues::device)
    flags &= ~read_only_for_programs | bpf_map__map_flags(wanted);
  difference.add("the flags {:#x}", flags, bpf_map__map_flags(wanted));
  return difference;
}

// Whether there is one.
bool take(bpf_map* map, const MapSpec& wanted) {
  const std::string subject = subject_of(wanted);
  const std::string& path = **wanted.pin;
  const std::string shown = escape_for_terminal(path);
  bpf_map__set_pin_path(map, nullptr);  // of the object's own: the spec decides
  const Pinned pinned = look_up_pin(subject, path);
  if (pinned.kind == PinnedKind::none) return false;
  if (pinned.kind != PinnedKind::map) {
    throw Error(
        fmt::format("{} cannot be pinned at {}: {} is pinned there", subject, shown, words_for(pinned.kind)),
        "choose another path");
  }
  if (!wanted.reuse_pin) {
    throw Error(fmt::format("{} cannot be pinned at {}: a map is pinned there already", subject, shown),
                fmt::format("\"reuse_pin\": true takes that map, with what is in it; `rm {}` removes the pin",
                            shown));
  }
  bpf_map_info info{};
  std::uint32_t size = sizeof info;
  if (bpf_obj_get_info_by_fd(pinned.fd.get(), &info, &size) != 0) {
    throw Error(
        fmt::format("cannot ask the kernel about the map pinned at {}: {}", shown, errno_text(errno)));
  }
  const Difference difference = compare(info, map);
  if (!difference.pinned.empty()) {
    throw Error(fmt::format("the map pinned at {} does not fit \"{}\": it has {}, the object wants {}", shown,
                            escape_for_terminal(*wanted.name), join(views(difference.pinned)),
                            join(views(difference.wanted))),
                fmt::format("`rm {}` removes the pin, and the next run makes the map anew", shown));
  }
  if (const int error = bpf_map__reuse_fd(map, pinned.fd.get()); error != 0)
    throw Error(fmt::format("cannot take the map pinned at {}: {}", shown, errno_text(error)));
  return true;
}

// Adds the place in the spec to what the call throws.
template <class Call>
void at_place_of(const MapSpec& map, const Spec& spec, const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    const Diagnostic& said = error.diagnostics().front();
    throw Error(said.what, said.hint, spec.source->excerpt(map.pin->at));
  }
}

}  // namespace

std::vector<const MapSpec*> take_pinned_maps(bpf_object* object, const Spec& spec) {
  std::vector<const MapSpec*> others;
  for (const MapSpec& wanted : spec.maps) {
    if (!wanted.pin) continue;
    at_place_of(wanted, spec, [&] {
      if (!take(bpf_object__find_map_by_name(object, wanted.name->c_str()), wanted))
        others.push_back(&wanted);
    });
  }
  return others;
}

void pin_maps(bpf_object* object, const Spec& spec, const std::vector<const MapSpec*>& maps, Pins& pins) {
  for (const MapSpec* const wanted : maps) {
    at_place_of(*wanted, spec, [&] {
      const bpf_map* const map = bpf_object__find_map_by_name(object, wanted->name->c_str());
      pins.pin(subject_of(*wanted), bpf_map__fd(map), **wanted->pin);
    });
  }
}

}  // namespace probe_run
