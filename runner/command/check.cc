// --check: compiles specs as a run does, and loads nothing.
#include <fmt/format.h>

#include "command/command.h"
#include "engine/compile.h"
#include "sink/terminal.h"
#include "support/status.h"
#include "support/utf8.h"

namespace probe_run {

int check(const Options& options, Sink& out) {
  std::size_t bad = 0;
  for (const NamedSpec& spec : read_specs(options)) {
    try {
      LibbpfLog log;
      SinkSet sinks(SinkSet::Kind::null);
      const auto compiled = compile_spec(spec, options, MissingParameters::use_example, log, sinks);
      report(compiled->warnings);
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
