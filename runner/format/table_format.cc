#include "format/table_format.h"

#include <algorithm>
#include <cctype>

#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr std::string_view gap = "  ";

std::size_t usual_width(const Field& field) {
  switch (field.shape) {
    case Shape::unsigned_number:
    case Shape::signed_number:
      return field.size <= 2 ? 5 : field.size <= 4 ? 7 : 10;
    case Shape::wide_number:
      return 20;
    case Shape::floating:
      return 10;
    case Shape::boolean:
      return 5;
    case Shape::text:
      return std::min<std::size_t>(field.size, 16);
    case Shape::rendered:
      return field.renderer->width;
    case Shape::bytes:
    case Shape::structure:
    case Shape::array:
      return 16;
  }
  return 0;
}

}  // namespace

TableFormat::TableFormat(std::vector<Column> columns, Mode mode) : mode_(mode) {
  for (Column& column : columns) {
    Layout layout;
    layout.header = escape_for_terminal(column.name);
    std::transform(layout.header.begin(), layout.header.end(), layout.header.begin(),
                   [](char c) { return static_cast<char>(std::toupper(static_cast<unsigned char>(c))); });
    if (!column.field->unit.empty()) layout.header += " (" + escape_for_terminal(column.field->unit) + ")";
    layout.right = is_number(*column.field);
    layout.width = screen_width(layout.header);
    if (mode == Mode::stream) layout.width = std::max(layout.width, usual_width(*column.field));
    layout.column = std::move(column);
    layouts_.push_back(std::move(layout));
  }
}

void TableFormat::begin(TextBuffer& out) noexcept {
  if (mode_ == Mode::stream) append_header(out);
}

void TableFormat::row(Bytes record, const RenderContext& context, TextBuffer& out) noexcept {
  if (mode_ == Mode::stream) text_.clear();
  for (std::size_t i = 0; i < layouts_.size(); ++i) {
    const std::size_t begin = text_.size();
    const Column& column = layouts_[i].column;
    if (column.other.in(record)) {
      text_.append(column.other.text);
    } else {
      append_plain(*column.field, record, context, Reader::person, text_);
    }
    const std::string_view text = text_.view().substr(begin);
    const std::size_t columns = screen_width(text);
    layouts_[i].width = std::max(layouts_[i].width, columns);
    if (mode_ == Mode::stream) {
      append_cell(text, columns, i, out);
    } else {
      cells_.push_back({text.size(), columns});
    }
  }
}

Partial TableFormat::partial(Duration lasted, TextBuffer&) noexcept {
  title_ = partial_title(lasted) + "\n";
  return Partial::marked;
}

void TableFormat::end_batch(TextBuffer& out) noexcept {
  if (mode_ == Mode::stream) return;
  if (!first_batch_) out.append('\n');
  first_batch_ = false;
  out.append(title_);
  title_.clear();
  append_header(out);
  std::size_t begin = 0;
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    append_cell(text_.view().substr(begin, cells_[i].bytes), cells_[i].columns, i % layouts_.size(), out);
    begin += cells_[i].bytes;
  }
  cells_.clear();
  text_.clear();
  for (Layout& layout : layouts_) layout.width = screen_width(layout.header);
}

void TableFormat::append_header(TextBuffer& out) noexcept {
  for (std::size_t i = 0; i < layouts_.size(); ++i) {
    append_cell(layouts_[i].header, screen_width(layouts_[i].header), i, out);
  }
}

void TableFormat::append_cell(std::string_view text, std::size_t columns, std::size_t index,
                              TextBuffer& out) noexcept {
  const Layout& layout = layouts_[index];
  const bool last = index + 1 == layouts_.size();
  const std::size_t padding = layout.width > columns ? layout.width - columns : 0;
  if (index > 0) out.append(gap);
  if (layout.right) out.append(padding, ' ');
  out.append(text);
  if (!layout.right && !last) out.append(padding, ' ');
  if (last) out.append('\n');
}

std::unique_ptr<Format> compile_table(const FormatRequest& request, Diagnostics& diagnostics) {
  return std::make_unique<TableFormat>(
      compile_columns(request.output, request.plan, true, diagnostics),
      request.batched ? TableFormat::Mode::batch : TableFormat::Mode::stream);
}

}  // namespace probe_run
