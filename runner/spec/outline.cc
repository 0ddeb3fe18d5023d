#include "spec/outline.h"

#include "spec/json_reader.h"
#include "spec/value.h"

namespace probe_run {

std::optional<SpecOutline> outline_spec(const std::shared_ptr<const SourceText>& source) {
  Diagnostics quiet(source);
  const std::optional<Value> root = read_json(quiet);
  const auto* const members = root ? std::get_if<Value::Object>(&root->data) : nullptr;
  if (members == nullptr) return std::nullopt;
  SpecOutline outline;
  for (const Member& member : *members) {
    if (*member.key == "name") {
      if (const auto* name = std::get_if<std::string>(&member.value.data)) outline.name = *name;
    }
    if (*member.key != "parameters") continue;
    const auto* const parameters = std::get_if<Value::Object>(&member.value.data);
    if (parameters == nullptr) continue;
    for (const Member& parameter : *parameters) {
      if (!parameter.key->starts_with('$')) outline.parameters.push_back(*parameter.key);
    }
  }
  return outline;
}

}  // namespace probe_run
