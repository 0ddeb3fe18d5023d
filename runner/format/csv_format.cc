#include "format/csv_format.h"

#include <utility>

#include "support/utf8.h"

namespace probe_run {
namespace {

void append_quoted(std::string_view text, TextBuffer& out) noexcept {
  if (text.find_first_of("\",\r\n") == std::string_view::npos) return out.append(text);
  out.append('"');
  for (const char c : text) {
    if (c == '"') out.append('"');
    out.append(c);
  }
  out.append('"');
}

}  // namespace

CsvFormat::CsvFormat(std::vector<Column> columns, Reader reader)
    : columns_(std::move(columns)), reader_(reader) {}

void CsvFormat::begin(TextBuffer& out) noexcept {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (i > 0) out.append(',');
    const std::string& name = columns_[i].name;
    append_quoted(reader_ == Reader::person ? escape_for_terminal(name) : name, out);
  }
  out.append('\n');
}

void CsvFormat::row(Bytes record, const RenderContext& context, TextBuffer& out) noexcept {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (i > 0) out.append(',');
    const Field& field = *columns_[i].field;
    if (columns_[i].other.in(record)) {
      out.append(columns_[i].other.text);
      continue;
    }
    if (!present(field, record)) continue;  // an empty cell
    if (is_number(field)) {
      append_plain(field, record, context, Reader::program, out);
      continue;
    }
    scratch_.clear();
    append_plain(field, record, context, reader_, scratch_);
    append_quoted(scratch_.view(), out);
  }
  out.append('\n');
}

std::unique_ptr<Format> compile_csv(const FormatRequest& request, Diagnostics& diagnostics) {
  return std::make_unique<CsvFormat>(compile_columns(request.output, request.plan, true, diagnostics),
                                     request.reader);
}

}  // namespace probe_run
