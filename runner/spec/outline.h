// What a spec is called and which parameters it has, known before it is read with their values.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/source_text.h"

namespace probe_run {

struct SpecOutline {
  std::string name;  // "" if it has none
  std::vector<std::string> parameters;
};

// nullopt if the text is not a JSON object: reading it as a spec reports why.
std::optional<SpecOutline> outline_spec(const std::shared_ptr<const SourceText>& source);

}  // namespace probe_run
