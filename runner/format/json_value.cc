#include "format/json_value.h"

#include <array>
#include <cmath>

#include "decode/field_value.h"
#include "format/histogram_value.h"
#include "format/plain_value.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// Characters that need no escape in a JSON string.
constexpr std::array<bool, 256> plain = [] {
  std::array<bool, 256> table{};
  for (unsigned c = 0x20; c < 0x7f; ++c) table[c] = c != '"' && c != '\\';
  return table;
}();

void append_code_unit(TextBuffer& out, unsigned unit) noexcept {
  char* p = out.room(6);
  p[0] = '\\', p[1] = 'u';
  for (unsigned i = 0; i < 4; ++i) p[2 + i] = "0123456789abcdef"[(unit >> (12 - 4 * i)) & 0xf];
  out.commit(6);
}

// Also escapes control characters of terminals, so that JSON lines are safe to display.
void append_special(TextBuffer& out, std::string_view text, const Utf8Character& character) noexcept {
  if (!character.valid) return out.append("\xef\xbf\xbd");
  const char32_t c = character.code_point;
  switch (c) {
    case '"':
      return out.append("\\\"");
    case '\\':
      return out.append("\\\\");
    case '\n':
      return out.append("\\n");
    case '\t':
      return out.append("\\t");
    case '\r':
      return out.append("\\r");
    default:
      break;
  }
  if (!must_escape(c)) return out.append(text.substr(0, character.length));
  if (c < 0x10000) return append_code_unit(out, static_cast<unsigned>(c));
  append_code_unit(out, static_cast<unsigned>(0xd800 + ((c - 0x10000) >> 10)));
  append_code_unit(out, static_cast<unsigned>(0xdc00 + ((c - 0x10000) & 0x3ff)));
}

void append_members(const Field& field, Bytes record, const RenderContext& context,
                    TextBuffer& out) noexcept {
  char separator = '{';
  for (const Field& member : field.fields) {
    if (member.when && !member.when->met(record)) continue;  // another arm of a union
    out.append(separator);
    separator = ',';
    append_json_string(out, member.name);
    out.append(':');
    append_json(member, record, context, out);
  }
  out.append(separator == '{' ? "{}" : "}");
}

void append_elements(const Field& field, Bytes record, const RenderContext& context,
                     TextBuffer& out) noexcept {
  const std::uint32_t count = element_count(field, record);
  out.append('[');
  for (std::uint32_t i = 0; i < count; ++i) {
    if (i > 0) out.append(',');
    append_json(field.fields[0], element(field, record, i), context, out);
  }
  out.append(']');
}

void append_rendered(const Field& field, Bytes record, const RenderContext& context,
                     TextBuffer& out) noexcept {
  switch (form_of(field)) {
    case Renderer::Form::number:
    case Renderer::Form::boolean:
      return field.renderer->print(field, record, context, out);
    case Renderer::Form::string:
      out.append('"');
      field.renderer->print(field, record, context, out);
      return out.append('"');
    case Renderer::Form::text:
      context.scratch.clear();
      field.renderer->print(field, record, context, context.scratch);
      return append_json_string(out, context.scratch.view());
    case Renderer::Form::lines:
    case Renderer::Form::strings: {
      context.scratch.clear();
      field.renderer->print(field, record, context, context.scratch);
      char separator = '[';
      for (std::string_view text = context.scratch.view(); !text.empty();) {
        const std::size_t end = text.find(end_of_text(form_of(field)));
        out.append(separator);
        separator = ',';
        append_json_string(out, text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
      }
      return out.append(separator == '[' ? "[]" : "]");
    }
  }
}

}  // namespace

void append_json_string(TextBuffer& out, std::string_view text) noexcept {
  out.append('"');
  while (!text.empty()) {
    std::size_t run = 0;
    while (run < text.size() && plain[static_cast<unsigned char>(text[run])]) ++run;
    out.append(text.substr(0, run));
    text.remove_prefix(run);
    if (text.empty()) break;
    const Utf8Character character = next_utf8(text);
    append_special(out, text, character);
    text.remove_prefix(character.length);
  }
  out.append('"');
}

void append_json(const Field& field, Bytes record, const RenderContext& context, TextBuffer& out) noexcept {
  if (!present(field, record)) return out.append("null");
  if (field.histogram) return append_json_histogram(field, record, context, out);
  switch (field.shape) {
    case Shape::unsigned_number:
      return append_number(out, load(record, field.slot));
    case Shape::signed_number:
      return append_number(out, static_cast<std::int64_t>(load(record, field.slot)));
    case Shape::wide_number:
      return append_wide(out, load_wide(record, field.slot), field.slot.is_signed);
    case Shape::boolean:
      return out.append(load(record, field.slot) != 0 ? "true" : "false");
    case Shape::floating: {
      const double value = load_float(field, record);
      if (!std::isfinite(value)) return out.append("null");
      return append_float(out, value, field.size);
    }
    case Shape::bytes:
    case Shape::rendered:
      return append_rendered(field, record, context, out);
    case Shape::text:
      return append_json_string(out, text_of(field, record));
    case Shape::structure:
      return append_members(field, record, context, out);
    case Shape::array:
      return append_elements(field, record, context, out);
  }
}

}  // namespace probe_run
