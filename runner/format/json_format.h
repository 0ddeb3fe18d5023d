// Rows as JSON objects: jsonl has one on each line; json is one valid document, an array with a row on each line.
#pragma once

#include <string>
#include <vector>

#include "format/column.h"
#include "format/format.h"

namespace probe_run {

class JsonObject {
 public:
  // `other`: of the plan; nullptr if it has none.
  JsonObject(const std::vector<Column>& columns, const Plan::Other* other);

  // Without a newline.
  void append(Bytes record, const RenderContext& context, TextBuffer& out) const noexcept;

  // From now on each object has a member "$interval", in seconds.
  Partial mark(Duration interval) noexcept;

 private:
  struct Part {
    std::string before;  // ,"name":
    const Field* field;
  };
  std::vector<Part> parts_;
  std::string interval_;  // ,"$interval":0.2 or nothing
  const Plan::Other* other_;
};

class JsonlFormat final : public Format {
 public:
  explicit JsonlFormat(const std::vector<Column>& columns, const Plan::Other* other = nullptr)
      : object_(columns, other) {}

  void row(Bytes record, const RenderContext& context, TextBuffer& out) noexcept override {
    object_.append(record, context, out);
    out.append('\n');
  }

  Partial partial(Duration lasted, TextBuffer&) noexcept override { return object_.mark(lasted); }

 private:
  JsonObject object_;
};

// Outputs that share a sink share its array, so the sink writes the separators between the rows (sink/sink.h): a row
// here is an element, without a newline.
class JsonFormat final : public Format {
 public:
  explicit JsonFormat(const std::vector<Column>& columns, const Plan::Other* other = nullptr)
      : object_(columns, other) {}

  void row(Bytes record, const RenderContext& context, TextBuffer& out) noexcept override {
    object_.append(record, context, out);
  }

  Partial partial(Duration lasted, TextBuffer&) noexcept override { return object_.mark(lasted); }

 private:
  JsonObject object_;
};

}  // namespace probe_run
