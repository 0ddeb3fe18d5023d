// Renderers: the named ways to print a field ("as": "ipv4").
//
// To add one: a function in the file of its family in decode/renderers/ (or a new file) and its row in that
// file's table; a new file's table is named once, in renderer.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "decode/field.h"
#include "decode/wall_clock.h"
#include "support/names.h"
#include "support/text_buffer.h"

namespace probe_run {

// What printing may depend on besides the record.
struct RenderContext {
  WallClock clock;
  Names* names = nullptr;      // what numbers stand for; nullptr: nothing is known
  mutable TextBuffer scratch;  // for text that must be escaped before it is written
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
  // What it prints, and so how JSON and the others write it.
  enum class Form {
    number,
    string,   // printable ASCII without quotes and backslashes
    boolean,  // true or false
    text,     // any bytes: to be escaped
    lines     // several texts, each ended by a newline
  };

  using Print = void (*)(const Field&, Bytes record, const RenderContext&, TextBuffer& out) noexcept;
  using NamesOf = std::vector<std::pair<std::uint64_t, std::string>> (*)(const std::string& machine);

  std::string_view name;
  std::string_view doc;
  Takes takes;
  Form form;
  Print print;                        // REQUIRES: present(field, record)
  NamesOf names = nullptr;            // names of values on a machine such as "x86_64", sorted by value
  std::optional<NameKind> asks = {};  // what it asks Names for
  unsigned network_bytes = 0;         // of a number in network byte order; 0: it is in this machine's
};

// What `field.renderer` prints of this field. REQUIRES: field.renderer is not nullptr
inline Renderer::Form form_of(const Field& field) noexcept {
  const bool one_address = field.renderer->takes == Renderer::Takes::address && field.fields.empty();
  return one_address ? Renderer::Form::text : field.renderer->form;
}

inline unsigned network_bytes(const Field& field) noexcept {
  return field.shape == Shape::rendered ? field.renderer->network_bytes : 0;
}

// The integer that is meant: what load() gives, but of network byte order where the renderer reads it so.
// REQUIRES: field.scalar, present(field, record)
inline std::uint64_t load_integer(const Field& field, Bytes record) noexcept {
  const unsigned bytes = network_bytes(field);
  if (bytes == 0) return load(record, field.slot);
  std::uint64_t value = 0;
  for (unsigned i = 0; i < bytes; ++i)
    value = value << 8 | std::to_integer<std::uint64_t>(record[field.offset() + i]);
  return value;
}
inline bool is_signed_integer(const Field& field) noexcept {
  return field.slot.is_signed && network_bytes(field) == 0;
}

// Whether it is a number of more than 64 bits, or one with a point, however it is printed.
inline bool is_wide(const Field& field) noexcept {
  return field.shape == Shape::wide_number || (field.shape == Shape::rendered && !field.scalar &&
                                               field.renderer->takes == Renderer::Takes::wide_integer);
}
inline bool is_floating(const Field& field) noexcept {
  return field.shape == Shape::floating || (field.shape == Shape::rendered && !field.scalar &&
                                            field.renderer->takes == Renderer::Takes::any_number);
}

// nullptr when there is none.
const Renderer* find_renderer(std::string_view name);
std::vector<std::string_view> renderer_names();
std::vector<const Renderer*> all_renderers();

bool takes(const Renderer& renderer, const Field& field);
std::string_view taken(Renderer::Takes takes);  // "an integer", "4 bytes", ...

// The families.
std::span<const Renderer> number_renderers();
std::span<const Renderer> text_renderers();
std::span<const Renderer> address_renderers();
std::span<const Renderer> time_renderers();
std::span<const Renderer> name_renderers();
std::span<const Renderer> flag_renderers();
std::span<const Renderer> host_renderers();
std::span<const Renderer> symbol_renderers();

}  // namespace probe_run
