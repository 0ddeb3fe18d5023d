// The csv format: RFC 4180 with a header line. Lines end in a single newline, which its readers take too.
#pragma once

#include <vector>

#include "format/column.h"
#include "format/plain_value.h"

namespace probe_run {

class CsvFormat {
 public:
  // A program reads every byte as it was; a person's terminal gets text escaped.
  CsvFormat(std::vector<Column> columns, Reader reader);

  void begin(TextBuffer& out) noexcept;
  void row(Bytes record, const RenderContext& context, TextBuffer& out) noexcept;
  void end_batch(TextBuffer&) noexcept {}

 private:
  std::vector<Column> columns_;
  Reader reader_;
  TextBuffer scratch_;
};

}  // namespace probe_run
