// Numbers.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "decode/field_value.h"
#include "decode/renderer.h"
#include "support/integer.h"

namespace probe_run {
namespace {

void print_dec(const Field& field, Bytes record, const RenderContext&, TextBuffer& out) noexcept {
  if (!field.scalar) return append_wide(out, load_wide(record, field.slot), field.slot.is_signed);
  const std::uint64_t value = load(record, field.slot);
  if (field.slot.is_signed) {
    append_number(out, static_cast<std::int64_t>(value));
  } else {
    append_number(out, value);
  }
}

void print_hex(const Field& field, Bytes record, const RenderContext&, TextBuffer& out) noexcept {
  out.append("0x");
  if (field.scalar) return append_digits(out, load_bits(record, field.slot), 4);
  Slot slot = field.slot;
  slot.is_signed = false;
  const Wide value = load_wide(record, slot);
  const auto low = static_cast<std::uint64_t>(value);
  const auto high = static_cast<std::uint64_t>(value >> 64);
  if (high == 0) return append_digits(out, low, 4);
  append_digits(out, high, 4);
  for (int shift = 60; shift >= 0; shift -= 4) out.append("0123456789abcdef"[(low >> shift) & 0xf]);
}

void print_oct(const Field& field, Bytes record, const RenderContext&, TextBuffer& out) noexcept {
  const std::uint64_t value = load_bits(record, field.slot);
  if (value != 0) out.append('0');
  append_digits(out, value, 3);
}

void print_bin(const Field& field, Bytes record, const RenderContext&, TextBuffer& out) noexcept {
  out.append("0b");
  append_digits(out, load_bits(record, field.slot), 1);
}

void print_bool(const Field& field, Bytes record, const RenderContext&, TextBuffer& out) noexcept {
  out.append(load(record, field.slot) != 0 ? "true" : "false");
}

template <class T>
void print_big_endian(const Field& field, Bytes record, const RenderContext&, TextBuffer& out) noexcept {
  append_number(out, load_big_endian(record.data() + field.offset(), sizeof(T)));
}

// Of numbers of the unit `first`: 0 for bytes, 1 for KiB.
template <std::size_t first>
void print_size(const Field& field, Bytes record, const RenderContext&, TextBuffer& out) noexcept {
  static constexpr std::array<std::string_view, 7> units{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  const std::uint64_t value = load(record, field.slot);
  const bool negative = field.slot.is_signed && static_cast<std::int64_t>(value) < 0;
  const std::uint64_t magnitude = negative ? 0 - value : value;
  std::size_t unit = first;
  auto scaled = static_cast<double>(magnitude);
  // A number that would be rounded up to 1024.0 is shown in the next unit.
  while (scaled >= (unit == 0 ? 1024 : 1023.95) && unit + 1 < units.size()) {
    scaled /= 1024;
    ++unit;
  }
  if (negative) out.append('-');
  char text[32];
  const auto end = unit == 0 ? fmt::format_to_n(text, sizeof text, "{}B", magnitude)
                             : fmt::format_to_n(text, sizeof text, "{:.1f}{}", scaled, units[unit]);
  out.append(std::string_view(text, end.size));
}

void print_percent(const Field& field, Bytes record, const RenderContext& context, TextBuffer& out) noexcept {
  if (field.scalar) {
    print_dec(field, record, context, out);
  } else {
    char text[400];  // the largest double has 309 digits before its decimal point
    const auto end = fmt::format_to_n(text, sizeof text, "{:.1f}", load_float(field, record));
    out.append(std::string_view(text, std::min(end.size, sizeof text)));
  }
  out.append('%');
}

using Arithmetic = Renderer::Arithmetic;
using enum Renderer::Takes;
using Form = Renderer::Form;
constexpr Renderer table[] = {
    {.name = "dec",
     .doc = "Decimal.",
     .takes = wide_integer,
     .form = Form::number,
     .print = print_dec,
     .arithmetic = Arithmetic::sum},
    {.name = "hex",
     .doc = "Hexadecimal with 0x.",
     .takes = wide_integer,
     .form = Form::string,
     .print = print_hex,
     .arithmetic = Arithmetic::order},
    {.name = "oct",
     .doc = "Octal with a leading 0.",
     .takes = integer,
     .form = Form::string,
     .print = print_oct,
     .arithmetic = Arithmetic::order},
    {.name = "bin",
     .doc = "Binary with 0b.",
     .takes = integer,
     .form = Form::string,
     .print = print_bin,
     .arithmetic = Arithmetic::order},
    {.name = "bool",
     .doc = "true, or false for 0.",
     .takes = integer,
     .form = Form::boolean,
     .print = print_bool},
    {.name = "size",
     .doc = "A number of bytes, or of the field's unit, with a binary unit: 1.5KiB.",
     .takes = integer,
     .form = Form::string,
     .print = print_size<0>,
     .arithmetic = Arithmetic::sum,
     .unit = "bytes"},
    {.name = "percent",
     .doc = "A percentage: 42%; a floating-point number with one decimal place.",
     .takes = any_number,
     .form = Form::string,
     .print = print_percent,
     .arithmetic = Arithmetic::mean},
    {.name = "be16",
     .doc = "A 16-bit number in network byte order.",
     .takes = bytes_2_or_integer,
     .form = Form::number,
     .print = print_big_endian<std::uint16_t>,
     .network_bytes = 2},
    {.name = "be32",
     .doc = "A 32-bit number in network byte order.",
     .takes = bytes_4,
     .form = Form::number,
     .print = print_big_endian<std::uint32_t>,
     .network_bytes = 4},
    {.name = "be64",
     .doc = "A 64-bit number in network byte order.",
     .takes = bytes_8,
     .form = Form::number,
     .print = print_big_endian<std::uint64_t>,
     .network_bytes = 8},
};

template <std::size_t first>
constexpr Renderer size_in(std::string_view unit) {
  return {.name = "size",
          .doc = "",
          .takes = integer,
          .form = Form::string,
          .print = print_size<first>,
          .arithmetic = Arithmetic::sum,
          .unit = unit};
}
constexpr Renderer sizes[] = {size_in<1>("KiB"), size_in<2>("MiB"), size_in<3>("GiB")};

}  // namespace

std::span<const Renderer> sizes_in_units() {
  return sizes;
}

std::span<const Renderer> number_renderers() {
  return table;
}

}  // namespace probe_run
