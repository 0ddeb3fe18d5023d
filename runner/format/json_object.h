// A row as a JSON object on one line, for jsonl and json.
#pragma once

#include <string>
#include <vector>

#include "format/column.h"
#include "format/json_value.h"

namespace probe_run {

class JsonObject {
 public:
  explicit JsonObject(const std::vector<Column>& columns);

  // Without a newline.
  void append(Bytes record, const RenderContext& context, TextBuffer& out) const noexcept;

 private:
  struct Part {
    std::string before;  // ,"name":
    const Field* field;
  };
  std::vector<Part> parts_;
};

}  // namespace probe_run
