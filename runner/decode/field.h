// A compiled field: everything needed to print one member of a record, prepared before the first record.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "decode/field_value.h"
#include "object/type_table.h"

namespace probe_run {

// When a field is present: an arm of a union, or the members of one of several record types.
struct Condition {
  Slot slot;                               // of the deciding number, in the same record
  std::vector<std::uint64_t> values;       // as returned by load(), sorted
  std::shared_ptr<const Condition> outer;  // must be met as well; nullptr for none

  // Not met by a record that is too short to have the number.
  bool met(Bytes record) const noexcept {
    for (const Condition* condition = this; condition != nullptr; condition = condition->outer.get()) {
      if (!holds(record, condition->slot)) return false;
      const std::uint64_t value = load(record, condition->slot);
      if (!std::binary_search(condition->values.begin(), condition->values.end(), value)) return false;
    }
    return true;
  }
};

// Met if both are. nullptr is always met.
inline std::shared_ptr<const Condition> both(const std::shared_ptr<const Condition>& condition,
                                             const std::shared_ptr<const Condition>& other) {
  if (!condition) return other;
  if (!other) return condition;
  auto copy = std::make_shared<Condition>(*condition);
  copy->outer = both(condition->outer, other);
  return copy;
}

// The same with other offsets, for a field that is moved. nullptr stays nullptr.
inline std::shared_ptr<const Condition> moved(const std::shared_ptr<const Condition>& condition,
                                              std::int64_t by) {
  if (!condition) return nullptr;
  auto copy = std::make_shared<Condition>(*condition);
  copy->slot.offset = static_cast<std::uint32_t>(copy->slot.offset + by);
  copy->outer = moved(condition->outer, by);
  return copy;
}

struct Renderer;
struct Histogram;

enum class Shape {
  unsigned_number,
  signed_number,
  wide_number,  // of more than 64 bits
  floating,
  boolean,
  text,      // a char array: up to its NUL, or all of it
  bytes,     // of a type without a better form: `renderer` prints them in hexadecimal
  rendered,  // by `renderer`, which the spec or the type chose
  structure,
  array
};

// What a renderer needs from the record in addition to the field.
struct RenderInputs {
  std::optional<std::uint32_t> stacks;  // the map whose stack ids the field holds
  std::optional<Slot> process;          // of the process id that addresses belong to
};

struct Field {
  std::string name;  // "pid"
  std::string path;  // "key.pid"; of an array's element: "hops[]", and of its members: "hops[].port"
  Shape shape = Shape::bytes;
  bool scalar = false;     // an integer, however it is printed: load() returns its value
  Slot slot;               // for scalars; for others, only the offset is used
  std::uint32_t size = 0;  // bytes in the record; 0 for a flexible array
  bool flexible = false;   // takes the rest of the record
  bool quotient = false;   // a rate or a mean, with few significant digits
  bool mistaken = false;   // its options are wrong, which has been reported: what follows from that is not
  bool partial = false;    // a rendered array that is present if its beginning is
  const Type* type = nullptr;  // nullptr if BTF has none
  const Renderer* renderer = nullptr;
  std::string unit;                                               // what it counts; "" if unknown
  std::vector<std::pair<std::uint64_t, std::string_view>> names;  // of its values, sorted
  std::shared_ptr<const Condition> when;                          // nullptr: always present
  std::shared_ptr<const RenderInputs> inputs;                     // nullptr: only the field
  std::shared_ptr<const Histogram> histogram;                     // nullptr: not a histogram
  std::optional<Slot> length;  // how many of its bytes or elements count: a number in the same record
  std::uint32_t count = 0;     // elements of an array
  std::vector<Field> fields;   // members; of an array: its element, with offsets from the element's start

  std::uint32_t offset() const { return slot.offset; }
};

// The bytes of an array's element `index`, for the field's fields[0]. REQUIRES: index < element_count(field,
// record)
inline Bytes element(const Field& field, Bytes record, std::uint32_t index) noexcept {
  const std::uint32_t stride = field.fields[0].size;
  return record.subspan(field.offset() + static_cast<std::size_t>(index) * stride, stride);
}

// As many of `held` bytes or elements as the field's length says.
inline std::size_t counted(const Field& field, Bytes record, std::size_t held) noexcept {
  if (!field.length) return held;
  if (!holds(record, *field.length)) return 0;
  const std::uint64_t length = load(record, *field.length);
  if (field.length->is_signed && static_cast<std::int64_t>(length) < 0) return 0;
  return length < held ? static_cast<std::size_t>(length) : held;
}

// The number of elements that the record contains completely.
inline std::uint32_t element_count(const Field& field, Bytes record) noexcept {
  const std::uint32_t stride = field.fields[0].size;
  if (stride == 0 || record.size() <= field.offset()) return 0;
  const std::size_t held = counted(field, record, (record.size() - field.offset()) / stride);
  if (field.flexible) return static_cast<std::uint32_t>(held);
  return held < field.count ? static_cast<std::uint32_t>(held) : field.count;
}

// Whether the record has the field: it is long enough, and meets the field's condition. An array is present if its
// beginning is: programs send only the used part.
inline bool present(const Field& field, Bytes record) noexcept {
  if (field.when && !field.when->met(record)) return false;
  switch (field.shape) {
    case Shape::text:
    case Shape::structure:
    case Shape::array:
      return record.size() >= field.offset();
    default:
      if (field.partial) return record.size() >= field.offset();
      return record.size() >= field.size && record.size() - field.size >= field.offset();
  }
}

// The bytes of a field that count. REQUIRES: present(field, record)
inline Bytes bytes_of(const Field& field, Bytes record) noexcept {
  Bytes rest = record.subspan(field.offset());
  if (!field.flexible && rest.size() > field.size) rest = rest.first(field.size);
  return rest.first(counted(field, record, rest.size()));
}

// The characters of a text field: all that count if it has a length, else those before the NUL.
// REQUIRES: present(field, record)
inline std::string_view text_of(const Field& field, Bytes record) noexcept {
  const Bytes rest = bytes_of(field, record);
  const void* const begin = rest.data();
  if (field.length) return {static_cast<const char*>(begin), rest.size()};
  const void* const nul = rest.empty() ? nullptr : std::memchr(begin, 0, rest.size());
  const char* const characters = static_cast<const char*>(begin);
  return {characters, nul != nullptr ? static_cast<std::size_t>(static_cast<const char*>(nul) - characters)
                                     : rest.size()};
}

// REQUIRES: present(field, record), a size of 2, 4 or 8
inline double load_float(const Field& field, Bytes record) noexcept {
  return load_real(record.data() + field.offset(), field.size);
}

}  // namespace probe_run
