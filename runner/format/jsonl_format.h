// The jsonl format: one JSON object a line.
#pragma once

#include <vector>

#include "format/json_object.h"

namespace probe_run {

class JsonlFormat {
 public:
  // `other`: of the plan; nullptr where it has none.
  explicit JsonlFormat(const std::vector<Column>& columns, const Plan::Other* other = nullptr)
      : object_(columns, other) {}

  void begin(TextBuffer&) noexcept {}
  void row(Bytes record, const RenderContext& context, TextBuffer& out) noexcept {
    object_.append(record, context, out);
    out.append('\n');
  }
  void end_batch(TextBuffer&) noexcept {}

 private:
  JsonObject object_;
};

}  // namespace probe_run
