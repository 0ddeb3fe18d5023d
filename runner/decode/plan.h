// The compiled layout of a map's records: which fields, where, and how each is printed.
//
// A stream's record is the bytes that the program sent. An entry of a map is its key, padded to a multiple of
// 8 bytes, and its value behind it; the plan has the fields `key` and `value` then. What a view computes has
// a plan of its own, so that formats see nothing but records and plans.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "decode/field.h"
#include "object/description.h"
#include "spec/spec.h"

namespace probe_run {

struct Plan {
  Field root;              // a structure
  std::uint32_t size = 0;  // bytes of a complete record

  // "pid", "key.pid", "value.bytes"; a member of an entry's value, or else of its key, is also found by its
  // own name. nullptr when there is none.
  const Field* find(std::string_view path) const;

  // Every path that find() knows, for suggestions.
  std::vector<std::string> paths() const;
};

inline constexpr std::uint32_t padded(std::uint32_t size) {
  return (size + 7) & ~std::uint32_t{7};
}

// The plan of one map of the spec. Reports what does not fit: a map that the object lacks, a type that BTF
// lacks, a field that the type lacks, a renderer that the field does not take. `possible_cpus` is the number
// of values that a per-CPU map keeps apart. Pointers in the plan are to `object`, which must outlive it.
std::optional<Plan> compile_plan(const MapSpec& map, const ObjectDescription& object,
                                 std::uint32_t possible_cpus, Diagnostics& diagnostics);

// One field of `type` at `offset`.
Field compile_field(std::string name, std::string path, const Type& type, std::uint32_t offset);

}  // namespace probe_run
