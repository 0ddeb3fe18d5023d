#include "spec/spec.h"

#include "spec/map_spec.h"
#include "spec/output_spec.h"
#include "spec/program_spec.h"

namespace probe_run {

Spec::Spec() = default;
Spec::Spec(const Spec&) = default;
Spec::Spec(Spec&&) noexcept = default;
Spec& Spec::operator=(const Spec&) = default;
Spec& Spec::operator=(Spec&&) noexcept = default;
Spec::~Spec() = default;

std::vector<const ProgramSpec*> every_program(const Spec& spec) {
  std::vector<const ProgramSpec*> programs;
  for (const ProgramChoice& choice : spec.programs) {
    for (const ProgramGroup& way : choice.ways) {
      for (const ProgramSpec& program : way.items) programs.push_back(&program);
    }
  }
  return programs;
}

}  // namespace probe_run
