#include "schema_verdict.h"

#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace test {
namespace {

using valijson::adapters::NlohmannJsonAdapter;

// A byte order mark is not part of JSON.
std::string_view without_mark(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  return text;
}

}  // namespace

struct SchemaJudge::Implementation {
  nlohmann::json text;
  valijson::Schema schema;
};

bool is_json(std::string_view text) {
  return nlohmann::json::accept(without_mark(text));
}

SchemaJudge::SchemaJudge(std::string_view schema) : implementation_(std::make_unique<Implementation>()) {
  implementation_->text = nlohmann::json::parse(schema);
  valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
  const NlohmannJsonAdapter adapter(implementation_->text);
  parser.populateSchema(adapter, implementation_->schema);
}

SchemaJudge::~SchemaJudge() = default;

std::string SchemaJudge::complaints(std::string_view json) const {
  const nlohmann::json document = nlohmann::json::parse(without_mark(json));
  const NlohmannJsonAdapter adapter(document);
  // Strict: "5" is not a number.
  valijson::Validator validator(valijson::Validator::kStrongTypes);
  valijson::ValidationResults results;
  if (validator.validate(implementation_->schema, adapter, &results)) return {};
  std::string text;
  valijson::ValidationResults::Error error;
  while (results.popError(error)) {
    for (const std::string& step : error.context) text += step;
    text += ": " + error.description + "\n";
  }
  return text;
}

}  // namespace test
