// Values of entries that are objects of the spec's language rather than of a C type.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "spec/map_spec.h"
#include "support/source_text.h"

namespace probe_run {

// { "max_entries": N, "entries": [...] }: a new inner map.
struct InnerMapObject {
  std::optional<Located<std::uint64_t>> max_entries;
  Located<std::vector<Located<MapEntry>>> entries;
};

// { "iface": "eth0", "program": "name" } of a list of devices, { "qsize": 192, "program": "name" } of CPUs.
struct RedirectObject {
  std::optional<Located<std::string>> iface;
  std::optional<Value> qsize;
  std::optional<Located<std::string>> program;
};

// Report keys that there are not, and values of another kind; nullopt then.
std::optional<InnerMapObject> read_inner_map(const Value& value, Diagnostics& diagnostics);
// `first`: "iface" or "qsize", which it needs.
std::optional<RedirectObject> read_redirect(const Value& value, std::string_view first,
                                            Diagnostics& diagnostics);

}  // namespace probe_run
