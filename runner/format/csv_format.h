// The csv format: RFC 4180 with a header line. Lines end in a single newline, which readers accept, too.
#pragma once

#include <vector>

#include "format/column.h"
#include "format/format.h"

namespace probe_run {

class CsvFormat final : public Format {
 public:
  // Text is unchanged for programs, and escaped for terminals.
  CsvFormat(std::vector<Column> columns, Reader reader);

  void begin(TextBuffer& out) noexcept override;
  void row(Bytes record, const RenderContext& context, TextBuffer& out) noexcept override;
  Partial partial(Duration, TextBuffer&) noexcept override { return Partial::left_out; }

 private:
  std::vector<Column> columns_;
  Reader reader_;
  TextBuffer scratch_;
};

}  // namespace probe_run
