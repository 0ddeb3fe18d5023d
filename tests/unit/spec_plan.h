// Plans from the JSON of a map in a spec.
#pragma once

#include "spec/parse.h"
#include "unit/sample_object.h"

namespace test {

struct SpecPlan : Compiled {
  std::unique_ptr<probe_run::Spec> spec;  // the plan points to its names
};

// The plan of `map`, the JSON of one item of "maps". Mistakes found by the parser are in `mistakes` as well.
inline SpecPlan plan_of(std::unique_ptr<probe_run::ObjectDescription> object, const std::string& map,
                        std::uint32_t possible_cpus = 2) {
  SpecPlan made;
  probe_run::Diagnostics diagnostics = no_diagnostics(
      R"({"name": "t", "object": "o", "programs": [{"name": "p", "attach": {"type": "auto"}}], "maps": [)" +
      map + "]}");
  const auto source = std::make_shared<probe_run::SourceText>(diagnostics.source());
  auto spec = probe_run::parse_spec(source, {}, probe_run::MissingParameters::use_example, diagnostics);
  made.object = std::move(object);
  if (spec) {
    made.spec = std::make_unique<probe_run::Spec>(std::move(*spec));
    made.plan = probe_run::compile_plan(made.spec->maps.at(0), *made.object, possible_cpus, diagnostics);
  }
  made.mistakes = whats(diagnostics);
  return made;
}

// A ring buffer "events" with these types; `rest` are the keys after its name: R"("type": "struct event")".
inline SpecPlan ring_of(const BtfBuilder& btf, const std::string& rest,
                        const std::string& machine = "x86_64") {
  auto object = object_of(btf, {map_info("events", BPF_MAP_TYPE_RINGBUF)});
  object->machine = machine;
  return plan_of(std::move(object), R"({"name": "events", )" + rest + "}");
}

}  // namespace test
