// The verdict of a JSON Schema validator on a spec.
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

  // The validator's complaints; empty if there are none.
  std::string complaints(std::string_view json) const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace test
