// A row as a JSON object on one line, for jsonl and json.
#pragma once

#include <string>
#include <vector>

#include "format/column.h"
#include "format/json_value.h"

namespace probe_run {

class JsonObject {
 public:
  // `other`: of the plan; nullptr where it has none.
  JsonObject(const std::vector<Column>& columns, const Plan::Other* other);

  // Without a newline.
  void append(Bytes record, const RenderContext& context, TextBuffer& out) const noexcept;

 private:
  struct Part {
    std::string before;  // ,"name":
    const Field* field;
  };
  std::vector<Part> parts_;
  const Plan::Other* other_;
};

}  // namespace probe_run
