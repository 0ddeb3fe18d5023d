#include "command/compile.h"

#include <algorithm>

#include "attach/compatible.h"
#include "command/spec_path.h"
#include "object/object_path.h"

namespace probe_run {

std::unique_ptr<CompiledSpec> compile_spec(const std::string& name, const Options& options,
                                           MissingParameters missing, LibbpfLog& log, SinkSet& sinks) {
  const std::shared_ptr<const SourceText> source = read_source(find_spec(name));
  Diagnostics diagnostics(source);
  std::optional<Spec> spec = parse_spec(source, options.parameters, missing, diagnostics);
  diagnostics.throw_if_failed();

  auto compiled = std::make_unique<CompiledSpec>();
  compiled->spec = std::move(*spec);
  const std::string object = find_object(compiled->spec, options.object_dirs);
  try {
    compiled->object = std::make_unique<BpfObject>(object, log);
  } catch (const Error& error) {
    std::vector<Diagnostic> mistakes = error.diagnostics();
    mistakes.front().where = source->excerpt(compiled->spec.object.at);
    throw SpecError(std::move(mistakes));
  }
  compiled->object->configure(compiled->spec, diagnostics);
  check_attach_points(compiled->spec, compiled->object->description(), diagnostics);
  const int cpus = std::max(1, libbpf_num_possible_cpus());
  compiled->pipeline =
      std::make_unique<Pipeline>(compiled->spec, compiled->object->description(),
                                 static_cast<std::uint32_t>(cpus), options, sinks, diagnostics);
  diagnostics.throw_if_failed();
  compiled->warnings = diagnostics.all();
  return compiled;
}

}  // namespace probe_run
