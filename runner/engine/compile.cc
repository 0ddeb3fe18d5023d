#include "engine/compile.h"

#include <fmt/format.h>

#include <algorithm>

#include "attach/compatible.h"
#include "attach/libbpf_version.h"
#include "attach/overlap.h"
#include "attach/section_target.h"
#include "object/object_path.h"
#include "spec/spec.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr LibbpfVersion libbpf_with_tokens{1, 4};

ObjectOptions loading_options(const Spec& spec, const Options& options, Diagnostics& diagnostics) {
  ObjectOptions loading;
  if (!options.btf.empty()) {
    check_custom_btf(options.btf);
    loading.kernel_types = options.btf;
  } else if (spec.btf) {
    loading.kernel_types = custom_btf_path(spec);
    try {
      check_custom_btf(loading.kernel_types);
    } catch (const Error& error) {
      const Diagnostic& said = error.diagnostics().front();
      diagnostics.error(spec.btf->at, said.what, said.hint);
      loading.kernel_types.clear();
    }
  }
  if (!spec.token) return loading;
  loading.token = **spec.token;
  loading.token_at = spec.source->excerpt(spec.token->at);
  if (libbpf_with_tokens > libbpf_built_with) {
    diagnostics.error(
        spec.token->at, needs_newer_libbpf("\"token\"", libbpf_with_tokens),
        "build probe-run with a newer libbpf, or remove \"token\" and run with capabilities outside of "
        "the user namespace");
  } else if (!loading.token.starts_with('/')) {
    diagnostics.error(spec.token->at,
                      fmt::format("\"token\" needs the absolute path of a bpffs, not \"{}\"",
                                  escape_for_terminal(loading.token)),
                      "use a path such as \"/sys/fs/bpf\"");
  }
  return loading;
}

}  // namespace

std::unique_ptr<CompiledSpec> compile_spec(const NamedSpec& named, const Options& options,
                                           MissingParameters missing, LibbpfLog& log, SinkSet& sinks) {
  if (named.unreadable) std::rethrow_exception(named.unreadable);
  const std::shared_ptr<const SourceText>& source = named.source;
  sinks.files().reads(source->file(), fmt::format("the spec {}", escape_for_terminal(source->file())));
  Diagnostics diagnostics(source);
  std::optional<Spec> spec = parse_spec(source, named.parameters, missing, diagnostics);
  diagnostics.throw_if_failed();

  auto compiled = std::make_unique<CompiledSpec>(sinks);
  compiled->spec = std::move(*spec);
  compiled->parameters = named.parameters;
  const std::string object = find_object(compiled->spec, options.object_dirs);
  sinks.files().reads(object, fmt::format("the object {}", escape_for_terminal(object)));
  const ObjectOptions loading = loading_options(compiled->spec, options, diagnostics);
  const std::string& types = loading.kernel_types;
  if (!types.empty()) sinks.files().reads(types, fmt::format("the BTF file {}", escape_for_terminal(types)));
  try {
    compiled->object = std::make_unique<BpfObject>(object, loading, log);
  } catch (const Error& error) {
    std::vector<Diagnostic> mistakes = error.diagnostics();
    mistakes.front().where = source->excerpt(compiled->spec.object.at);
    throw SpecError(std::move(mistakes));
  }
  resolve_section_targets(compiled->spec, compiled->object->description());
  compiled->object->configure(compiled->spec, diagnostics);
  check_attach_points(compiled->spec, compiled->object->description(), diagnostics);
  if (!diagnostics.failed()) warn_of_overlaps(compiled->spec, compiled->object->description(), diagnostics);
  warn_of_own_pins(compiled->spec, compiled->object->description(), diagnostics);
  check_pin_paths(compiled->spec, diagnostics);
  compiled->entries = compile_map_entries(compiled->spec, compiled->object->description(), diagnostics);
  check_called_programs(compiled->spec, compiled->object->description(), compiled->entries, diagnostics);
  const int cpus = std::max(1, libbpf_num_possible_cpus());
  compiled->pipeline =
      std::make_unique<Pipeline>(compiled->spec, compiled->object->description(),
                                 static_cast<std::uint32_t>(cpus), options, sinks, diagnostics);
  diagnostics.throw_if_failed();
  compiled->warnings = diagnostics.all();
  return compiled;
}

}  // namespace probe_run
