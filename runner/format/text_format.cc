#include "format/text_format.h"

#include <fmt/format.h>

#include <algorithm>

#include "format/column.h"
#include "spec/output_spec.h"
#include "spec/string_place.h"
#include "support/integer.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// A row as "name=value name=value".
std::vector<Segment> default_segments(const OutputSpec& output, const Plan& plan, Diagnostics& diagnostics) {
  std::vector<Segment> segments;
  for (const Column& column : compile_columns(output, plan, true, diagnostics)) {
    Segment& segment = segments.emplace_back();
    segment.literal = (segments.size() > 1 ? " " : "") + escape_for_terminal(column.name) + "=";
    segment.field = column.field;
  }
  return segments;
}

struct Measured {
  std::size_t bytes = 0;    // of the text up to the limit
  std::size_t columns = 0;  // on the screen
};

Measured measure(std::string_view text, std::size_t most_columns) {
  Measured result;
  while (!text.empty()) {
    const Utf8Character character = next_utf8(text);
    const std::size_t width = display_width(character.code_point);
    if (result.columns + width > most_columns) break;
    result.columns += width;
    result.bytes += character.length;
    text.remove_prefix(character.length);
  }
  return result;
}

void append_based(std::uint64_t value, const FieldFormat& format, TextBuffer& out) noexcept {
  switch (format.type) {
    case 'o':
      if (format.prefix && value != 0) out.append('0');
      return append_digits(out, value, 3);
    case 'b':
      if (format.prefix) out.append("0b");
      return append_digits(out, value, 1);
    case 'X':
      if (format.prefix) out.append("0X");
      return append_digits(out, value, 4, Letters::upper);
    default:
      if (format.prefix) out.append("0x");
      return append_digits(out, value, 4);
  }
}

void append_integer(const Field& field, Bytes record, const FieldFormat& format, TextBuffer& out) noexcept {
  if (format.type == 'd') {
    const std::uint64_t value = load_integer(field, record);
    if (is_signed_integer(field)) return append_number(out, static_cast<std::int64_t>(value));
    return append_number(out, value);
  }
  if (network_bytes(field) != 0) return append_based(load_integer(field, record), format, out);
  append_based(load_bits(record, field.slot), format, out);
}

// Inserts zeros between the sign or the prefix and the digits. False if the text is not a number (a missing field).
bool append_zero_filled(std::string_view text, std::size_t width, TextBuffer& out) noexcept {
  std::size_t head = text.starts_with('-') ? 1 : 0;
  for (const std::string_view prefix : {"0x", "0X", "0b"}) {
    if (text.substr(head).starts_with(prefix)) head += prefix.size();
  }
  if (text.size() == head) return false;
  out.append(text.substr(0, head));
  out.append(width > text.size() ? width - text.size() : 0, '0');
  out.append(text.substr(head));
  return true;
}

void append_fixed(double value, std::size_t digits, TextBuffer& out) noexcept {
  char text[400];  // the largest double has 309 digits before its decimal point
  const auto end = fmt::format_to_n(text, sizeof text, "{:.{}f}", value, std::min<std::size_t>(digits, 60));
  out.append(std::string_view(text, std::min(end.size, sizeof text)));
}

}  // namespace

TextFormat::TextFormat(const OutputSpec& output, const Plan& plan, Diagnostics& diagnostics) {
  std::vector<TemplateError> errors;
  if (output.text_template) {
    segments_ = compile_template(**output.text_template, plan, errors);
    for (const TemplateError& error : errors) {
      diagnostics.error(place_in(*output.text_template, diagnostics.source(), error.offset, error.length),
                        error.what, error.hint);
    }
  } else {
    segments_ = default_segments(output, plan, diagnostics);
  }
  OtherCells cells(plan);
  for (Segment& segment : segments_) {
    if (segment.field != nullptr) segment.other = cells.next(*segment.field);
  }
}

void TextFormat::row(Bytes record, const RenderContext& context, TextBuffer& out) noexcept {
  for (Segment& segment : segments_) {
    out.append(segment.literal);
    if (segment.field == nullptr) continue;
    if (segment.other.in(record)) {
      scratch_.clear();
      scratch_.append(segment.other.text);
      append_aligned(segment, out);
    } else if (segment.format.plain() && !segment.time) {
      append_plain(*segment.field, record, context, Reader::person, out);
    } else {
      append_field(segment, record, context, out);
    }
  }
  out.append('\n');
}

Partial TextFormat::partial(Duration lasted, TextBuffer& out) noexcept {
  out.append(partial_title(lasted));
  out.append('\n');
  return Partial::marked;
}

void TextFormat::append_field(Segment& segment, Bytes record, const RenderContext& context,
                              TextBuffer& out) noexcept {
  const Field& field = *segment.field;
  const FieldFormat& format = segment.format;
  scratch_.clear();
  if (!present(field, record)) {
    scratch_.append(absent_text);
  } else if (segment.time) {
    const std::uint64_t time = load(record, field.slot);
    return segment.time->append(out, wall_time(segment.clock, time, context));
  } else if (format.type != 0 && format.type != 's') {
    append_integer(field, record, format, scratch_);
  } else if (format.precision && field.shape == Shape::floating) {
    append_fixed(load_float(field, record), *format.precision, scratch_);
  } else {
    append_plain(field, record, context, Reader::person, scratch_);
  }
  if (format.zero && append_zero_filled(scratch_.view(), format.width, out)) return;
  append_aligned(segment, out);
}

void TextFormat::append_aligned(const Segment& segment, TextBuffer& out) noexcept {
  const Field& field = *segment.field;
  const FieldFormat& format = segment.format;
  const Measured text = measure(
      scratch_.view(), field.shape == Shape::floating ? SIZE_MAX : format.precision.value_or(SIZE_MAX));
  const std::size_t padding = format.width > text.columns ? format.width - text.columns : 0;
  const char align = format.align != 0 ? format.align : is_number(field) ? '>' : '<';
  const std::size_t before = align == '>' ? padding : align == '^' ? padding / 2 : 0;
  out.append(before, format.fill);
  out.append(scratch_.view().substr(0, text.bytes));
  out.append(padding - before, format.fill);
}

std::unique_ptr<Format> compile_text(const FormatRequest& request, Diagnostics& diagnostics) {
  return std::make_unique<TextFormat>(request.output, request.plan, diagnostics);
}

}  // namespace probe_run
