// A compiled field: everything needed to print one member of a record, prepared before the first record.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "decode/condition.h"
#include "decode/slot.h"
#include "object/type.h"

namespace probe_run {

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
  bool scalar = false;         // an integer, however it is printed: load() returns its value
  Slot slot;                   // for scalars; for others, only the offset is used
  std::uint32_t size = 0;      // bytes in the record; 0 for a flexible array
  bool flexible = false;       // takes the rest of the record
  bool quotient = false;       // a rate or a mean, with few significant digits
  bool partial = false;        // a rendered array that is present if its beginning is
  const Type* type = nullptr;  // nullptr if BTF has none
  const Renderer* renderer = nullptr;
  std::string unit;                                               // what it counts; "" if unknown
  std::vector<std::pair<std::uint64_t, std::string_view>> names;  // of its values, sorted
  std::shared_ptr<const Condition> when;                          // nullptr: always present
  std::shared_ptr<const RenderInputs> inputs;                     // nullptr: only the field
  std::shared_ptr<const Histogram> histogram;                     // nullptr: not a histogram
  std::uint32_t count = 0;                                        // elements of an array
  std::vector<Field> fields;  // members; of an array: its element, with offsets from the element's start

  std::uint32_t offset() const { return slot.offset; }
};

// The bytes of an array's element `index`, for the field's fields[0]. REQUIRES: index < element_count(field,
// record)
inline Bytes element(const Field& field, Bytes record, std::uint32_t index) noexcept {
  const std::uint32_t stride = field.fields[0].size;
  return record.subspan(field.offset() + static_cast<std::size_t>(index) * stride, stride);
}

// The number of elements that the record contains completely.
inline std::uint32_t element_count(const Field& field, Bytes record) noexcept {
  const std::uint32_t stride = field.fields[0].size;
  if (stride == 0 || record.size() <= field.offset()) return 0;
  const std::size_t held = (record.size() - field.offset()) / stride;
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

// The characters of a text field, without the NUL. REQUIRES: present(field, record)
inline std::string_view text_of(const Field& field, Bytes record) noexcept {
  Bytes rest = record.subspan(field.offset());
  if (!field.flexible && rest.size() > field.size) rest = rest.first(field.size);
  const void* const begin = rest.data();
  const void* const nul = rest.empty() ? nullptr : std::memchr(begin, 0, rest.size());
  const char* const characters = static_cast<const char*>(begin);
  return {characters, nul != nullptr ? static_cast<std::size_t>(static_cast<const char*>(nul) - characters)
                                     : rest.size()};
}

double load_float(const Field& field, Bytes record) noexcept;  // REQUIRES: present; size 2, 4, 8

}  // namespace probe_run
