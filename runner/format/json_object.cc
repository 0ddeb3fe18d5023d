#include "format/json_object.h"

namespace probe_run {

JsonObject::JsonObject(const std::vector<Column>& columns, const Plan::Other* other) : other_(other) {
  for (const Column& column : columns) {
    TextBuffer name;
    append_json_string(name, column.name);
    parts_.push_back({"," + std::string(name.view()) + ":", column.field});
  }
}

void JsonObject::append(Bytes record, const RenderContext& context, TextBuffer& out) const noexcept {
  out.append('{');
  bool first = true;
  if (other_ != nullptr && other_->is(record)) {
    // No field of C begins with a dollar sign.
    out.append("\"$other\":true");
    first = false;
  }
  for (const Part& part : parts_) {
    // What belongs to records of another type is left out; what a record is too short for is null.
    if (part.field->when && !part.field->when->met(record)) continue;
    out.append(std::string_view(part.before).substr(first ? 1 : 0));
    first = false;
    append_json(*part.field, record, context, out);
  }
  out.append('}');
}

}  // namespace probe_run
