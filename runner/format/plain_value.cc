#include "format/plain_value.h"

#include "decode/field_value.h"
#include "format/histogram_value.h"

namespace probe_run {
namespace {

void append_members(const Field& field, Bytes record, const RenderContext& context, Reader reader,
                    TextBuffer& out) noexcept {
  out.append('{');
  bool first = true;
  for (const Field& member : field.fields) {
    if (member.when && !member.when->met(record)) continue;  // another arm of a union
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

void append_text(std::string_view text, Reader reader, TextBuffer& out) noexcept {
  if (reader == Reader::program) return out.append(text);
  append_escaped(out, text);
}

void append_rendered(const Field& field, Bytes record, const RenderContext& context, Reader reader,
                     TextBuffer& out) noexcept {
  const Renderer::Form form = form_of(field);
  if (form != Renderer::Form::text && !is_several(form)) {
    return field.renderer->print(field, record, context, out);
  }
  context.scratch.clear();
  field.renderer->print(field, record, context, context.scratch);
  std::string_view text = context.scratch.view();
  if (form == Renderer::Form::text) return append_text(text, reader, out);
  for (bool first = true; !text.empty(); first = false) {
    const std::size_t end = text.find(end_of_text(form));
    if (!first) out.append(form == Renderer::Form::lines ? ';' : ' ');
    append_text(text.substr(0, end), reader, out);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

}  // namespace

void append_plain(const Field& field, Bytes record, const RenderContext& context, Reader reader,
                  TextBuffer& out) noexcept {
  if (!present(field, record)) return out.append(absent_text);
  if (field.histogram) return append_plain_histogram(field, record, out);
  switch (field.shape) {
    case Shape::unsigned_number:
      return append_number(out, load(record, field.slot));
    case Shape::signed_number:
      return append_number(out, static_cast<std::int64_t>(load(record, field.slot)));
    case Shape::wide_number:
      return append_wide(out, load_wide(record, field.slot), field.slot.is_signed);
    case Shape::boolean:
      return out.append(load(record, field.slot) != 0 ? "true" : "false");
    case Shape::floating:
      if (field.quotient && reader == Reader::person) return append_rounded(out, load_float(field, record));
      return append_float(out, load_float(field, record), field.size);
    case Shape::bytes:
    case Shape::rendered:
      return append_rendered(field, record, context, reader, out);
    case Shape::text:
      return append_text(text_of(field, record), reader, out);
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
    case Shape::wide_number:
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
