// A random map of a random object, with a random spec for reading it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "decode/plan.h"
#include "fuzz/choices.h"
#include "object/description.h"
#include "spec/map_spec.h"

namespace fuzz {

struct RandomMap {
  std::unique_ptr<probe_run::ObjectDescription> object;
  std::unique_ptr<probe_run::MapSpec> spec;
  std::uint32_t possible_cpus = 1;
  std::optional<probe_run::Plan> plan;  // nullopt: the spec does not fit, which is said and no more

  const probe_run::MapInfo& info() const { return object->maps[0]; }
};

RandomMap random_map(Choices& choices);

// Every path of the plan, including those in arrays.
std::vector<std::string> all_paths(const probe_run::Plan& plan);

}  // namespace fuzz
