// The jsonl format: one JSON object a line.
#pragma once

#include <vector>

#include "format/json_object.h"

namespace probe_run {

class JsonlFormat {
 public:
  explicit JsonlFormat(const std::vector<Column>& columns) : object_(columns) {}

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
