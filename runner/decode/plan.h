// The compiled layout of a map's records: the fields, their offsets, and how each is printed.
//
// A stream's record is the bytes that the program sent. An entry of a map is its key, padded to a multiple of 8 bytes,
// followed by its value; the plan then has the fields `key` and `value`. Rows computed by a view have a separate plan,
// so that formats only see records and plans.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decode/field.h"
#include "decode/field_compiler.h"
#include "object/description.h"
#include "support/source_text.h"

namespace probe_run {

struct MapSpec;

// How a stream's record compares with its type.
enum class Fit {
  whole,
  shorter,  // fields are missing
  longer,   // it is followed by bytes that are not shown
  unknown   // it matches no type in the spec
};

struct Plan {
  Field root;              // a structure
  std::uint32_t size = 0;  // bytes of a complete record

  // For streams. `slack`: padding that the kernel may have added after the record, bytes.
  Fit fit(Bytes record, std::uint32_t slack) const noexcept;

  // The record types that the spec selects by a field's value; each is also a field of root.
  struct Variant {
    std::shared_ptr<const Condition> when;
    std::uint32_t size = 0;
  };
  std::vector<Variant> variants;

  // The size that a record needs for all of its fields.
  struct Part {
    std::shared_ptr<const Condition> when;  // nullptr: every record
    std::uint32_t complete = 0;             // bytes
    bool open_end = false;                  // a field takes the rest of the record
  };
  std::vector<Part> parts;

  // "pid", "key.pid", "value.bytes"; a member of an entry's value, or else of its key, is also found by its own name,
  // and so is one of a record type if no other type has that name. nullptr if it is not found.
  const Field* find(std::string_view path) const;

  // All paths that find() accepts, for suggestions.
  std::vector<std::string> paths() const;

  // For groups: the row of all records beyond the limit on groups. The first `keys` fields of root are the keys of a
  // group, which are absent in that row.
  struct Other {
    std::size_t keys = 0;
    Slot slot;  // not 0 in that row
    bool is(Bytes row) const noexcept { return holds(row, slot) && load(row, slot) != 0; }
  };
  std::optional<Other> other;  // nullopt: no such row

  // For groups and the errors about them: the plan of the rows, which outlives this one, and columns whose definition
  // is wrong, which has been reported.
  const Plan* rows = nullptr;
  std::vector<std::string> undefined;

  std::deque<std::string> texts;  // names of values that fields point to
  std::vector<std::shared_ptr<const std::deque<Type>>>
      declared;  // types defined by layouts in the spec; fields point to them
};

// The plan of one map of the spec. Reports mistakes: unknown maps, types and fields, and unsuitable renderers.
// `possible_cpus` is the number of values in an entry of a per-CPU map. The plan points into `map` and `object`, which
// must outlive it.
std::optional<Plan> compile_plan(const MapSpec& map, const ObjectDescription& object,
                                 std::uint32_t possible_cpus, Diagnostics& diagnostics);

}  // namespace probe_run
