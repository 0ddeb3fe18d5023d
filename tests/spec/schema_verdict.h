// What a validator of JSON Schema says of a spec.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace test {

bool is_json(std::string_view text);

class SchemaJudge {
 public:
  explicit SchemaJudge(std::string_view schema);
  ~SchemaJudge();

  // The validator's complaints; empty when it has none.
  std::string complaints(std::string_view json) const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace test
