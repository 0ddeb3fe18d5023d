#include "format/plain_value.h"

#include <fmt/format.h>

#include "format/float_text.h"

namespace probe_run {
namespace {

void append_members(const Field& field, Bytes record, const RenderContext& context, Reader reader,
                    TextBuffer& out) noexcept {
  out.append('{');
  bool first = true;
  for (const Field& member : field.fields) {
    if (!first) out.append(", ");
    first = false;
    out.append(member.name);
    out.append('=');
    append_plain(member, record, context, reader, out);
  }
  out.append('}');
}

void append_elements(const Field& field, Bytes record, const RenderContext& context, Reader reader,
                     TextBuffer& out) noexcept {
  const std::uint32_t count = element_count(field, record);
  out.append('[');
  for (std::uint32_t i = 0; i < count; ++i) {
    if (i > 0) out.append(", ");
    append_plain(field.fields[0], element(field, record, i), context, reader, out);
  }
  out.append(']');
}

}  // namespace

void append_plain(const Field& field, Bytes record, const RenderContext& context, Reader reader,
                  TextBuffer& out) noexcept {
  if (!present(field, record)) return out.append(absent_text);
  switch (field.shape) {
    case Shape::unsigned_number:
      return append_number(out, load(record, field.slot));
    case Shape::signed_number:
      return append_number(out, static_cast<std::int64_t>(load(record, field.slot)));
    case Shape::boolean:
      return out.append(load(record, field.slot) != 0 ? "true" : "false");
    case Shape::floating:
      return append_float(out, load_float(field, record), field.size);
    case Shape::bytes:
    case Shape::rendered:
      return field.renderer->print(field, record, context, out);
    case Shape::text:
      if (reader == Reader::program) return out.append(text_of(field, record));
      append_escaped(out, text_of(field, record));
      return;
    case Shape::structure:
      return append_members(field, record, context, reader, out);
    case Shape::array:
      return append_elements(field, record, context, reader, out);
  }
}

bool is_number(const Field& field) {
  switch (field.shape) {
    case Shape::unsigned_number:
    case Shape::signed_number:
    case Shape::floating:
      return true;
    case Shape::rendered:
      return field.renderer->form == Renderer::Form::number;
    case Shape::boolean:
    case Shape::text:
    case Shape::bytes:
    case Shape::structure:
    case Shape::array:
      return false;
  }
  return false;
}

}  // namespace probe_run
