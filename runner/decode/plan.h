// The compiled layout of a map's records: which fields, where, and how each is printed.
//
// A stream's record is the bytes that the program sent. An entry of a map is its key, padded to a multiple of
// 8 bytes, and its value behind it; the plan has the fields `key` and `value` then. What a view computes has
// a plan of its own, so that formats see nothing but records and plans.
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
  longer,   // there are bytes behind it that no field shows
  unknown   // of none of the types that the spec names
};

struct Plan {
  Field root;              // a structure
  std::uint32_t size = 0;  // bytes of a complete record

  // Streams. `slack`: bytes that the kernel may have added behind the record.
  Fit fit(Bytes record, std::uint32_t slack) const noexcept;

  // The record types that the spec chooses by a field's value; each is also a field of root.
  struct Variant {
    std::shared_ptr<const Condition> when;
    std::uint32_t size = 0;
  };
  std::vector<Variant> variants;

  // What a record needs for all the fields that it has.
  struct Part {
    std::shared_ptr<const Condition> when;  // nullptr: every record
    std::uint32_t complete = 0;             // bytes
    bool open_end = false;                  // a field takes the rest of the record
  };
  std::vector<Part> parts;

  // "pid", "key.pid", "value.bytes"; a member of an entry's value, or else of its key, is also found by its
  // own name, and so is one of a record type if no other type has that name. nullptr when there is none.
  const Field* find(std::string_view path) const;

  // Every path that find() knows, for suggestions.
  std::vector<std::string> paths() const;

  // Of groups: the row of all records that came when no further group could be made. The first `keys` fields
  // of root are what makes a group, and that row has none of them.
  struct Other {
    std::size_t keys = 0;
    Slot slot;  // not 0 in that row
    bool is(Bytes row) const noexcept { return holds(row, slot) && load(row, slot) != 0; }
  };
  std::optional<Other> other;  // nullopt: there is no such row

  std::deque<std::string> texts;  // names of values that fields point to
  std::vector<std::shared_ptr<const std::deque<Type>>>
      declared;  // types that the spec lays out; fields point to them
};

// The plan of one map of the spec. Reports what does not fit: a map that the object lacks, a type that BTF
// lacks, a field that the type lacks, a renderer that the field does not take. `possible_cpus` is the number
// of values that a per-CPU map keeps apart. Pointers in the plan are to `map` and `object`, which must
// outlive it.
std::optional<Plan> compile_plan(const MapSpec& map, const ObjectDescription& object,
                                 std::uint32_t possible_cpus, Diagnostics& diagnostics);

}  // namespace probe_run
