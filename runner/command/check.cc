// --check: compiles specs as a run does, and loads nothing.
#include <fmt/format.h>

#include <memory>
#include <vector>

#include "command/command.h"
#include "engine/compile.h"
#include "sink/terminal.h"
#include "support/status.h"
#include "support/utf8.h"

namespace probe_run {

int check(const Options& options, Sink& out) {
  std::size_t bad = 0;
  LibbpfLog log;
  SinkSet sinks(SinkSet::Kind::null);
  // Kept, because a run would have them all at once: two cannot define one metric.
  std::vector<std::unique_ptr<CompiledSpec>> all;
  const std::vector<NamedSpec> specs = read_specs(options);
  FileUses files;
  claim_answer(specs, files);
  for (const NamedSpec& spec : specs) {
    sinks.begin_next_spec();
    try {
      all.push_back(compile_spec(spec, options, MissingParameters::use_example, log, sinks));
      report(all.back()->warnings);
      if (!options.quiet) print(out, "{}: ok\n", escape_for_terminal(spec.argument));
    } catch (const Error& error) {
      out.flush();
      report(error.diagnostics());
      ++bad;
    }
  }
  if (bad > 0 && options.specs.size() > 1) {
    out.flush();
    print_status(Patience::unlimited, "{} of {} specs are invalid", bad, options.specs.size());
  }
  return bad == 0 ? exit_ok : exit_invalid;
}

}  // namespace probe_run
