// Renderers: the named ways to print a field ("as": "ipv4").
//
// To add one: a function in the file of its family in decode/renderers/ and its row in that file's table. The row has
// everything that other rooms need; none of them compares its name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "decode/field.h"
#include "decode/time_format.h"
#include "support/names.h"
#include "support/text_buffer.h"

namespace probe_run {

// What printing may depend on in addition to the record.
struct RenderContext {
  WallClock clock;             // of CLOCK_MONOTONIC
  WallClock boot_clock;        // of CLOCK_BOOTTIME
  Names* names = nullptr;      // names for numbers; nullptr: none
  mutable TextBuffer scratch;  // for text that must be escaped before it is written
};

// The bits of a name: (number & mask) == wanted.
struct NamedBits {
  std::uint64_t mask = 0, wanted = 0;
};

// Converts names back to the numbers that are printed as them.
struct ValueNames {
  // All numbers, as returned by load(), that are printed as this name; empty for none.
  std::vector<std::uint64_t> (*numbers)(const Field&, std::string_view name);
  std::vector<std::string> (*all)(const Field&);
  std::optional<NamedBits> (*bits)(const Field&, std::string_view name);  // nullopt: not the name of bits
};

struct Renderer {
  // Which fields it can print.
  enum class Takes {
    byte,
    integer,       // of up to 8 bytes
    wide_integer,  // of up to 16
    any_number,    // an integer or a floating-point number
    named,         // an integer whose values have names
    bytes_2_or_integer,
    bytes_4,
    bytes_6,
    bytes_8,
    bytes_16,
    bytes_4_or_16,
    any_bytes,
    address,  // 8 bytes, or an array of such
    stack     // an array of addresses or of struct bpf_stack_build_id, or a stack id
  };
  // The kind of output, which determines how JSON and other formats write it.
  enum class Form {
    number,
    string,   // printable ASCII without quotes and backslashes
    boolean,  // true or false
    text,     // any bytes: to be escaped
    lines,    // several texts, each ended by a newline
    strings   // the same, each ended by a NUL: any other byte can be in them
  };
  // What can be computed from its numbers. Each value includes those before it.
  enum class Arithmetic {
    none,   // numbers that identify something
    order,  // min and max: a time, bits
    mean,   // also avg, percentiles and histograms: a percentage
    sum     // also the sum over CPUs and the difference of two reads: an amount
  };
  // What "where" can compare the field with.
  enum class Compared {
    number,     // or true and false, if the form is boolean
    names,      // names of values, or numbers; the printed text if the values have no names
    text,       // the printed text, or its number if it has one
    functions,  // names of functions: those of any of its frames
    ip,         // IP addresses and blocks of them
    mac         // Ethernet addresses
  };
  // The clock of a point in time, in nanoseconds.
  enum class Clock {
    monotonic,  // CLOCK_MONOTONIC
    boot,       // CLOCK_BOOTTIME
    wall        // since 1970
  };
  // Whether it accepts the field's key "values".
  enum class Values { refused, accepted, needed };

  using Print = void (*)(const Field&, Bytes record, const RenderContext&, TextBuffer& out) noexcept;
  using NamesOf = std::vector<std::pair<std::uint64_t, std::string>> (*)(const std::string& machine);

  std::string_view name;
  std::string_view doc;
  Takes takes;
  Form form;
  Print print;  // REQUIRES: present(field, record)
  Arithmetic arithmetic = Arithmetic::none;
  Compared compared = Compared::number;
  std::string_view unit = {};       // of its numbers, if implied
  std::optional<Clock> clock = {};  // of a point in time
  Values values = Values::refused;
  NamesOf names = nullptr;                  // of values on a machine such as "x86_64", sorted by value
  const ValueNames* value_names = nullptr;  // nullptr: the field's own names, if it has any
  std::optional<NameKind> asks = {};        // the names that it looks up
  unsigned network_bytes = 0;               // of a number in network byte order; 0: in this machine's
  Shape shape = Shape::rendered;            // of a field that has this renderer
  std::size_t width = 10;                   // in a table, before there are rows: characters
};

// The kind of output of `field.renderer` for this field. REQUIRES: field.renderer is not nullptr
inline Renderer::Form form_of(const Field& field) noexcept {
  const bool one_address = field.renderer->takes == Renderer::Takes::address && field.fields.empty();
  return one_address ? Renderer::Form::text : field.renderer->form;
}

// Whether it prints several texts, and what ends each.
inline bool is_several(Renderer::Form form) noexcept {
  return form == Renderer::Form::lines || form == Renderer::Form::strings;
}
inline char end_of_text(Renderer::Form form) noexcept {
  return form == Renderer::Form::lines ? '\n' : '\0';
}

inline unsigned network_bytes(const Field& field) noexcept {
  return field.shape == Shape::rendered ? field.renderer->network_bytes : 0;
}

// The integer: the result of load(), converted from network byte order if the renderer uses it.
// REQUIRES: field.scalar, present(field, record)
inline std::uint64_t load_integer(const Field& field, Bytes record) noexcept {
  const unsigned bytes = network_bytes(field);
  return bytes == 0 ? load(record, field.slot) : load_big_endian(record.data() + field.offset(), bytes);
}
inline bool is_signed_integer(const Field& field) noexcept {
  return field.slot.is_signed && network_bytes(field) == 0;
}

// Whether it is a number of more than 64 bits, or a floating-point number, however it is printed.
inline bool is_wide(const Field& field) noexcept {
  return field.shape == Shape::wide_number || (field.shape == Shape::rendered && !field.scalar &&
                                               field.renderer->takes == Renderer::Takes::wide_integer);
}
inline bool is_floating(const Field& field) noexcept {
  return field.shape == Shape::floating || (field.shape == Shape::rendered && !field.scalar &&
                                            field.renderer->takes == Renderer::Takes::any_number);
}

// Whether each value of the field is one number, however it is printed.
inline bool is_numeric(const Field& field) noexcept {
  return field.scalar || is_wide(field) || is_floating(field);
}

// true or false, however many bytes it has.
inline bool is_boolean(const Field& field) noexcept {
  if (field.shape == Shape::rendered) return field.scalar && field.renderer->form == Renderer::Form::boolean;
  return field.shape == Shape::boolean;
}

// nullopt: the field is not known to be a point in time.
inline std::optional<Renderer::Clock> clock_of(const Field& field) noexcept {
  return field.shape == Shape::rendered ? field.renderer->clock : std::nullopt;
}

// The time of day, in ns since 1970, of a number of that clock; without one, of CLOCK_MONOTONIC.
inline std::int64_t wall_time(std::optional<Renderer::Clock> clock, std::uint64_t time,
                              const RenderContext& context) noexcept {
  if (clock == Renderer::Clock::wall) return static_cast<std::int64_t>(time);
  return clock == Renderer::Clock::boot ? context.boot_clock.at(time) : context.clock.at(time);
}

// What can be computed from the field's values.
Renderer::Arithmetic arithmetic_of(const Field& field) noexcept;

// nullptr when there is none.
const Renderer* find_renderer(std::string_view name);
// The same for numbers of another unit of its dimension, such as a duration in "us"; nullptr when there is none.
const Renderer* in_unit(const Renderer& renderer, std::string_view unit);
std::vector<std::string_view> renderer_names();
std::vector<const Renderer*> all_renderers();

// What a field has without asking: of a pointer, of an enum, of one with the key "values", of nanoseconds of
// CLOCK_MONOTONIC, and of anything that has no better form.
const Renderer& pointer_renderer();
const Renderer& enum_renderer();
const Renderer& values_renderer();
const Renderer& kernel_time_renderer();
const Renderer& bytes_renderer();

bool takes(const Renderer& renderer, const Field& field);
std::string_view taken(Renderer::Takes takes);  // "an integer", "4 bytes", ...

// Whether the addresses that it prints belong to a process.
inline bool needs_process(const Renderer& renderer) noexcept {
  return renderer.asks == NameKind::user_symbol;
}

// Names in Field::names.
std::vector<std::uint64_t> field_numbers(const Field& field, std::string_view name);
std::vector<std::string> field_names(const Field& field);
std::optional<NamedBits> field_bits(const Field& field, std::string_view name);  // also "0x10"

// Whether numbers of this field are shown by names that can be turned back, such as those of an enum, and how.
bool has_value_names(const Field& field) noexcept;
const ValueNames& value_names_of(const Field& field) noexcept;

// The families.
std::span<const Renderer> number_renderers();
std::span<const Renderer> text_renderers();
std::span<const Renderer> address_renderers();
std::span<const Renderer> time_renderers();
std::span<const Renderer> name_renderers();
std::span<const Renderer> flag_renderers();
std::span<const Renderer> host_renderers();
std::span<const Renderer> symbol_renderers();

// Of the same names, for numbers of other units.
std::span<const Renderer> durations_in_units();
std::span<const Renderer> sizes_in_units();

}  // namespace probe_run
