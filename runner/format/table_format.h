// The table format: columns aligned by their width on the screen.
#pragma once

#include <vector>

#include "format/column.h"
#include "format/format.h"

namespace probe_run {

class TableFormat final : public Format {
 public:
  // Rows of a stream are written as they arrive: a column has the usual width of its type, and grows for a wider
  // value. Rows of a batch are kept until the batch ends, and each column is as wide as its widest value.
  enum class Mode { stream, batch };

  TableFormat(std::vector<Column> columns, Mode mode);

  void begin(TextBuffer& out) noexcept override;  // a stream's header
  void row(Bytes record, const RenderContext& context, TextBuffer& out) noexcept override;
  Partial partial(Duration lasted, TextBuffer& out) noexcept override;
  void end_batch(TextBuffer& out) noexcept override;

 private:
  struct Layout {
    Column column;
    std::string header;
    bool right = false;  // numbers
    std::size_t width = 0;
  };
  struct Cell {
    std::size_t bytes, columns;
  };

  void append_header(TextBuffer& out) noexcept;
  void append_cell(std::string_view text, std::size_t columns, std::size_t index, TextBuffer& out) noexcept;

  std::vector<Layout> layouts_;
  Mode mode_;
  bool first_batch_ = true;
  std::string title_;        // above the header of the batch; may be empty
  TextBuffer text_;          // the cells of the batch, one after the other
  std::vector<Cell> cells_;  // row by row
};

}  // namespace probe_run
