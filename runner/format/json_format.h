// The json format: one valid JSON document, an array with a row on each line.
//
// Outputs that share a sink share its array, so what stands between the rows is the sink's (sink/framing.h):
// a row here is an element, without a newline.
#pragma once

#include <vector>

#include "format/json_object.h"

namespace probe_run {

class JsonFormat {
 public:
  // `other`: of the plan; nullptr where it has none.
  explicit JsonFormat(const std::vector<Column>& columns, const Plan::Other* other = nullptr)
      : object_(columns, other) {}

  void begin(TextBuffer&) noexcept {}
  void row(Bytes record, const RenderContext& context, TextBuffer& out) noexcept {
    object_.append(record, context, out);
  }
  void end_batch(TextBuffer&) noexcept {}

 private:
  JsonObject object_;
};

}  // namespace probe_run
