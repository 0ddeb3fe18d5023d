#include "format/json_format.h"

#include "format/json_value.h"

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
    // No C field begins with a dollar sign.
    out.append("\"$other\":true");
    first = false;
  }
  for (const Part& part : parts_) {
    // Omits fields of other record types; a field that the record is too short for is null.
    if (part.field->when && !part.field->when->met(record)) continue;
    out.append(std::string_view(part.before).substr(first ? 1 : 0));
    first = false;
    append_json(*part.field, record, context, out);
  }
  out.append(std::string_view(interval_).substr(first && !interval_.empty() ? 1 : 0));
  out.append('}');
}

Partial JsonObject::mark(Duration interval) noexcept {
  interval_ = ",\"$interval\":" + partial_seconds(interval);
  return Partial::marked;
}

namespace {

template <class JsonRows>
std::unique_ptr<Format> compile(const FormatRequest& request, Diagnostics& diagnostics) {
  return std::make_unique<JsonRows>(compile_columns(request.output, request.plan, false, diagnostics),
                                    request.plan.other ? &*request.plan.other : nullptr);
}

}  // namespace

std::unique_ptr<Format> compile_json(const FormatRequest& request, Diagnostics& diagnostics) {
  return compile<JsonFormat>(request, diagnostics);
}

std::unique_ptr<Format> compile_jsonl(const FormatRequest& request, Diagnostics& diagnostics) {
  return compile<JsonlFormat>(request, diagnostics);
}

}  // namespace probe_run
