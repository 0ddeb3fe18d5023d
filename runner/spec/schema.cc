// The JSON schema, generated from the same keys() that the parser reads.
#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>

#include "spec/attach_target.h"
#include "spec/map_spec.h"
#include "spec/output_spec.h"
#include "spec/parse.h"
#include "spec/program_spec.h"
#include "spec/rate_limit.h"
#include "spec/spec.h"
#include "support/integer.h"

namespace probe_run {
namespace {

using Json = nlohmann::ordered_json;

// "${NAME}" may replace a value of any type.
Json or_parameter(Json schema) {
  return {{"anyOf",
           Json::array({std::move(schema), {{"type", "string"}, {"pattern", "^\\$\\{[A-Za-z0-9_]+\\}$"}}})}};
}

template <class T>
struct Tag {};

Json schema_of(Tag<std::string>) {
  return {{"type", "string"}};
}
Json schema_of(Tag<bool>) {
  return or_parameter({{"type", "boolean"}});
}
Json schema_of(Tag<std::uint64_t>) {
  return or_parameter({{"type", "integer"}, {"minimum", 0}});
}
Json schema_of(Tag<AtLeastOne>) {
  return or_parameter({{"type", "integer"}, {"minimum", 1}});
}
Json schema_of(Tag<std::int64_t>) {
  return or_parameter({{"type", "integer"}, {"minimum", 1}, {"maximum", INT32_MAX}});  // a process id
}
Json schema_of(Tag<std::int32_t>) {
  return or_parameter({{"type", "integer"}, {"minimum", INT32_MIN}, {"maximum", INT32_MAX}});
}
Json schema_of(Tag<Duration>) {
  return or_parameter({{"type", "string"}, {"pattern", duration_pattern}});
}
Json schema_of(Tag<Every>) {
  return or_parameter(
      {{"anyOf", Json::array({{{"type", "string"}, {"pattern", duration_pattern}}, {{"const", "exit"}}})}});
}
Json schema_of(Tag<RateLimit>) {
  return or_parameter(
      {{"anyOf", Json::array({{{"type", "string"}, {"pattern", rate_limit_pattern}},
                              {{"type", "integer"}, {"minimum", 1}, {"maximum", RateLimit::most_rows}}})}});
}
Json schema_of(Tag<Scale>) {
  return or_parameter({{"type", "number"}, {"exclusiveMinimum", 0}});
}
Json schema_of(Tag<MetricLabels>) {
  const Json name = {{"type", "string"}};
  return or_parameter({{"anyOf", Json::array({{{"type", "array"}, {"items", name}},
                                              {{"type", "object"},
                                               {"patternProperties", {{"^\\$", Json::object()}}},
                                               {"additionalProperties", name}}})}});
}
Json schema_of(Tag<Constant>) {
  return {{"type", Json::array({"integer", "boolean", "string"})}};
}
Json schema_of(Tag<OutputField>) {
  return {{"anyOf", Json::array({{{"type", "string"}}, {{"$ref", "#/definitions/output_field"}}})}};
}
Json schema_of(Tag<TracePipe>) {
  return or_parameter({{"enum", Json::array({true, "all"})}});
}
Json schema_of(Tag<Value>) {
  return Json::object();
}
Json schema_of(Tag<AttachPoint>) {
  return {{"$ref", "#/definitions/attach"}};
}
Json schema_of(Tag<ProgramSpec>) {
  return {{"$ref", "#/definitions/program"}};
}
// Selected by "first_of", so that an editor reports the relevant mistakes.
Json schema_of(Tag<ProgramChoice>) {
  return {{"if", {{"type", "object"}, {"required", Json::array({"first_of"})}}},
          {"then", {{"$ref", "#/definitions/program_choice"}}},
          {"else", {{"$ref", "#/definitions/program"}}}};
}
Json schema_of(Tag<FieldSpec>) {
  return {{"$ref", "#/definitions/field"}};
}
Json schema_of(Tag<MapSpec>) {
  return {{"$ref", "#/definitions/map"}};
}
Json schema_of(Tag<OutputSpec>) {
  return {{"$ref", "#/definitions/output"}};
}
Json schema_of(Tag<Parameter>) {
  return {{"$ref", "#/definitions/parameter"}};
}

// Editors show the descriptions next to the names.
Json schema_of(Tag<OutputFormat>) {
  Json names = Json::array();
  Json descriptions = Json::array();
  for (const auto& entry : EnumNames<OutputFormat>::names) {
    names.push_back(entry.name);
    descriptions.push_back(about(entry.value));
  }
  return or_parameter({{"enum", names}, {"enumDescriptions", descriptions}});
}

template <class E>
requires std::is_enum_v<E> Json schema_of(Tag<E>) {
  Json names = Json::array();
  for (const auto& entry : EnumNames<E>::names) names.push_back(entry.name);
  return or_parameter({{"enum", names}});
}

// Declared first, because they use each other.
template <class T>
requires requires {
  T::keys();
}
Json schema_of(Tag<T>);
template <class T>
Json schema_of(Tag<std::vector<T>>);
template <class T>
Json schema_of(Tag<OneOrMany<T>>);
template <class T>
Json schema_of(Tag<Dictionary<T>>);

template <class T>
Json schema_of(Tag<Located<T>>) {
  return schema_of(Tag<T>{});
}
template <class T>
Json schema_of(Tag<std::optional<T>>) {
  return schema_of(Tag<T>{});
}
template <class T>
Json schema_of(Tag<std::vector<T>>) {
  return {{"type", "array"}, {"items", schema_of(Tag<T>{})}};
}
template <class T>
Json schema_of(Tag<OneOrMany<T>>) {
  const Json one = schema_of(Tag<T>{});
  return {{"anyOf", Json::array({one, {{"type", "array"}, {"items", one}, {"minItems", 1}}})}};
}
template <class T>
Json schema_of(Tag<Dictionary<T>>) {
  return {{"type", "object"},
          {"patternProperties", {{"^\\$", Json::object()}}},
          {"additionalProperties", schema_of(Tag<T>{})}};
}

template <class T>
Json struct_schema(std::string_view type_name) {
  Json properties = Json::object();
  Json needed = Json::array();
  if (!type_name.empty()) {
    properties["type"] = {{"const", type_name}};
    needed.push_back("type");
  }
  const auto add = [&]<class S, class M>(const Key<S, M>& key) {
    Json property = schema_of(Tag<M>{});
    // Draft 7 ignores other keys next to a $ref.
    if (property.contains("$ref")) property = Json{{"allOf", Json::array({property})}};
    property["description"] = key.doc;
    properties[std::string(key.name)] = std::move(property);
    if (key.presence == Presence::required) needed.push_back(key.name);
  };
  std::apply([&](const auto&... key) { (add(key), ...); }, T::keys());
  Json schema = {{"type", "object"}, {"properties", properties}};
  if (!needed.empty()) schema["required"] = needed;
  schema["patternProperties"] = {{"^\\$", Json::object()}};
  schema["additionalProperties"] = false;
  return schema;
}

template <class T>
requires requires {
  T::keys();
}
Json schema_of(Tag<T>) {
  return struct_schema<T>({});
}

template <class T>
Json attach_schema() {
  Json schema = struct_schema<T>(T::type);
  schema["description"] = T::doc;
  if constexpr (requires { T::one_of; }) {
    schema["oneOf"] = Json::array();
    for (const std::string_view key : T::one_of)
      schema["oneOf"].push_back({{"required", Json::array({key})}});
  }
  if constexpr (requires(T probe) { probe.binary; }) {
    if constexpr (requires(T probe) { probe.symbol; }) {
      schema["anyOf"] =
          Json::array({{{"required", {"symbol"}}}, {{"required", {"offset"}}}, {{"required", {"pattern"}}}});
      for (const char* const other : {"symbol", "offset"}) {
        schema["allOf"].push_back({{"not", {{"required", Json::array({"pattern", other})}}}});
      }
    }
  }
  return schema;
}

constexpr std::string_view parameter_pattern = "\\$\\{[A-Za-z0-9_]+\\}";

// The values of an enum, or any text; with or without colons.
template <class T>
std::string part_pattern(std::string_view name, bool may_have_colons) {
  std::string pattern = may_have_colons ? ".+" : "[^:]+";
  const auto of_key = [&]<class S, class M>(const Key<S, M>& key) {
    if constexpr (requires { EnumNames<M>::names; }) {
      if (key.name != name) return;
      pattern = fmt::format("({}", parameter_pattern);
      for (const auto& entry : EnumNames<M>::names) pattern += fmt::format("|{}", entry.name);
      pattern += ')';
    }
  };
  std::apply([&](const auto&... key) { (of_key(key), ...); }, T::keys());
  return pattern;
}

// "tc:.+:(ingress|egress)"; "" for a type without a short form.
template <class T>
std::string target_pattern() {
  const AttachTarget& target = attach_target(T::type);
  std::string pattern(T::type);
  if (target.form == TargetForm::none) return pattern;
  if (target.form == TargetForm::not_a_target) return {};
  if (target.form == TargetForm::of_module) return pattern + ":([^:]+:)?.+";
  for (std::size_t i = 0; i < target.keys.size() && !target.keys[i].empty(); ++i) {
    const bool last = i + 1 == target.keys.size() || target.keys[i + 1].empty();
    const bool first_ends_at_last_colon = i == 0 && target.form == TargetForm::last_colon;
    const bool file = i == 0 && target.form == TargetForm::in_file;
    const bool colons = file || first_ends_at_last_colon || (last && target.form != TargetForm::last_colon);
    pattern += ':' + part_pattern<T>(target.keys[i], colons);
  }
  return pattern;
}

// As --list prints it.
Json attach_text_schema() {
  return []<class... T>(std::variant<T...>*) {
    std::string pattern = fmt::format("^({}", parameter_pattern);
    const auto add = [&](const std::string& one) {
      if (!one.empty()) pattern += '|' + one;
    };
    (add(target_pattern<T>()), ...);
    return Json{{"type", "string"}, {"pattern", pattern + ")$"}};
  }(static_cast<AttachPoint*>(nullptr));
}

// One schema selected by "type", so that an editor reports the mistakes for that type.
Json attach_point_schema() {
  return []<class... T>(std::variant<T...>*) {
    Json names = Json::array({T::type...});
    Json schema = {{"type", "object"},
                   {"required", Json::array({"type"})},
                   {"properties", {{"type", {{"enum", names}}}}}};
    Json all = Json::array();
    const auto add = [&](std::string_view type, Json then) {
      all.push_back(
          {{"if", {{"properties", {{"type", {{"const", type}}}}}, {"required", Json::array({"type"})}}},
           {"then", std::move(then)}});
    };
    (add(T::type, attach_schema<T>()), ...);
    schema["allOf"] = all;
    return schema;
  }(static_cast<AttachPoint*>(nullptr));
}

// An object with at least one key that is not ignored.
Json not_empty() {
  return {{"not", {{"propertyNames", {{"pattern", "^\\$"}}}}}};
}

Json output_field_schema() {
  Json schema = struct_schema<OutputField>({});
  schema["properties"]["name"]["minLength"] = 1;
  return schema;
}

Json formats_without_template() {
  Json names = Json::array();
  for (const auto& entry : EnumNames<OutputFormat>::names) {
    if (!takes_template(entry.value)) names.push_back(entry.name);
  }
  return names;
}

Json output_schema() {
  Json schema = struct_schema<OutputSpec>({});
  schema["oneOf"] = Json::array({{{"required", {"map"}}}, {{"required", {"trace_pipe"}}}});
  // An empty list or object is the same as none.
  const Json grouped = {{"required", {"group_by"}}, {"properties", {{"group_by", {{"minItems", 1}}}}}};
  const Json limited = {{"required", {"groups"}}};
  const Json kept = {{"required", {"cumulative"}}, {"properties", {{"cumulative", {{"const", true}}}}}};
  const Json aggregated = {{"required", {"aggregate"}}, {"properties", {{"aggregate", not_empty()}}}};
  schema["allOf"] =
      Json::array({{{"if", {{"anyOf", Json::array({grouped, limited, kept})}}}, {"then", aggregated}}});
  schema["properties"]["groups"]["anyOf"][0]["maximum"] = most_groups;
  schema["properties"]["series"]["anyOf"][0]["maximum"] = most_series;
  schema["properties"]["to"]["minLength"] = 1;
  schema["properties"]["where"]["pattern"] = "[^ \\t\\n]";
  Json not_text = {{"required", Json::array({"template", "format"})},
                   {"properties", {{"format", {{"enum", formats_without_template()}}}}}};
  schema["not"] = not_text;
  return schema;
}

Json field_schema() {
  Json schema = struct_schema<FieldSpec>({});
  schema["properties"]["unit"]["minLength"] = 1;
  // Empty names and conditions are the same as none.
  schema["anyOf"] = Json::array({{{"required", {"as"}}},
                                 {{"required", {"unit"}}},
                                 {{"required", {"length"}}},
                                 {{"required", {"histogram"}}}});
  for (const char* key : {"values", "when"}) {
    schema["anyOf"].push_back({{"required", Json::array({key})}, {"properties", {{key, not_empty()}}}});
  }
  schema["properties"]["values"]["propertyNames"] = {{"pattern", number_pattern}};
  return schema;
}

Json map_schema() {
  Json schema = struct_schema<MapSpec>({});
  const auto given = [](const char* list) {
    return Json{{"required", Json::array({list})}, {"properties", {{list, {{"minItems", 1}}}}}};
  };
  // An empty list is the same as none.
  schema["allOf"] =
      Json::array({{{"if", given("types")}, {"then", {{"required", Json::array({"type"})}}}},
                   {{"if", given("layout")}, {"then", {{"not", {{"required", Json::array({"type"})}}}}}}});
  schema["properties"]["types"]["items"]["properties"]["when"].update(not_empty());
  return schema;
}

Json program_choice_schema() {
  Json schema = struct_schema<ProgramChoice>({});
  schema["properties"]["first_of"]["minItems"] = 1;
  return schema;
}

Json parameter_schema() {
  Json schema = struct_schema<Parameter>({});
  schema["anyOf"] = Json::array({{{"required", {"default"}}}, {{"required", {"example"}}}});
  return schema;
}

}  // namespace

std::string spec_schema() {
  Json schema = {
      {"$schema", "http://json-schema.org/draft-07/schema#"},
      {"title", "probe-run spec"},
      {"description",
       "The eBPF programs that probe-run loads, where they attach, what is read and how it is shown."}};
  schema.update(struct_schema<Spec>({}));
  schema["properties"]["programs"]["minItems"] = 1;
  schema["properties"]["parameters"]["propertyNames"] = {{"pattern", "^([A-Za-z0-9_]+|\\$.*)$"}};
  schema["definitions"] = {
      {"attach",
       {{"if", {{"type", "string"}}}, {"then", attach_text_schema()}, {"else", attach_point_schema()}}},
      {"field", field_schema()},
      {"map", map_schema()},
      {"output", output_schema()},
      {"output_field", output_field_schema()},
      {"parameter", parameter_schema()},
      {"program", struct_schema<ProgramSpec>({})},
      {"program_choice", program_choice_schema()}};
  return schema.dump(2) + "\n";
}

}  // namespace probe_run
