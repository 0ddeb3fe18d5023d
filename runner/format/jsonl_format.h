// The jsonl format: one JSON object a line.
#pragma once

#include <string>
#include <vector>

#include "format/column.h"
#include "format/json_value.h"

namespace probe_run {

class JsonlFormat {
 public:
  // `other`: of the plan; nullptr where it has none.
  explicit JsonlFormat(const std::vector<Column>& columns, const Plan::Other* other = nullptr);

  void begin(TextBuffer&) noexcept {}
  void row(Bytes record, const RenderContext& context, TextBuffer& out) noexcept;
  void end_batch(TextBuffer&) noexcept {}

 private:
  struct Part {
    std::string before;  // ,"name":
    const Field* field;
  };
  std::vector<Part> parts_;
  const Plan::Other* other_;
};

}  // namespace probe_run
