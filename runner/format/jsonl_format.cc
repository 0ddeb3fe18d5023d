#include "format/jsonl_format.h"

namespace probe_run {

JsonlFormat::JsonlFormat(const std::vector<Column>& columns) {
  for (const Column& column : columns) {
    TextBuffer name;
    append_json_string(name, column.name);
    parts_.push_back({(parts_.empty() ? "{" : ",") + std::string(name.view()) + ":", column.field});
  }
}

void JsonlFormat::row(Bytes record, const RenderContext& context, TextBuffer& out) noexcept {
  for (const Part& part : parts_) {
    out.append(part.before);
    append_json(*part.field, record, context, out);
  }
  out.append(parts_.empty() ? "{}\n" : "}\n");
}

}  // namespace probe_run
