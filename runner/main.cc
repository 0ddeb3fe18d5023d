// Reads the command line, runs the command, and turns errors into exit codes.
#include <fmt/format.h>

#include <csignal>
#include <exception>
#include <memory>

#include "command/command.h"
#include "command_line.h"
#include "sink/sink.h"
#include "sink/terminal.h"
#include "support/descriptors.h"
#include "support/memory_reserve.h"
#include "support/rights.h"
#include "support/status.h"

namespace {
using namespace probe_run;

int execute(const Options& options, Sink& out) {
  const bool asks_kernel = options.mode == Options::Mode::run || options.mode == Options::Mode::list;
  if (!asks_kernel) keep_only_rights_to_files();
  switch (options.mode) {
    case Options::Mode::run:
      return run(options);
    case Options::Mode::check:
      return check(options, out);
    case Options::Mode::describe:
      return describe(options, out);
    case Options::Mode::replay:
      return replay(options);
    case Options::Mode::test:
      return test(options, out);
    case Options::Mode::list:
      return list(options);
    case Options::Mode::schema:
      print(out, "{}", spec_schema());
      return exit_ok;
  }
  return exit_failed;
}

// A closed pipe and the limit of a file's size are errors of the write (EPIPE, EFBIG), not the end of the process.
void ignore_signals_of_writes() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

// The exit code of a command line; what was asked for is in `out`.
int answer(int argc, char** argv, Sink& out) {
  bool reading_options = true;
  try {
    const std::variant<Options, int> options = read_command_line(argc, argv, out);
    reading_options = false;
    if (const int* code = std::get_if<int>(&options)) return *code;
    return execute(std::get<Options>(options), out);
  } catch (const SpecError& error) {
    out.flush();
    report(error.diagnostics());
    return exit_invalid;
  } catch (const Error& error) {
    out.flush();
    report(error.diagnostics());
    return reading_options ? exit_invalid : exit_failed;
  } catch (const std::bad_alloc&) {
    out.flush();
    print_status(Patience::unlimited, "error: out of memory");
    return exit_failed;
  } catch (const std::exception& error) {
    out.flush();
    print_status(Patience::unlimited, "error: {}", error.what());
    return exit_failed;
  }
}

}  // namespace

int main(int argc, char** argv) {
  const int error_of_rights = lay_rights_down();
  const MemoryReserve memory;
  open_standard_descriptors();
  ignore_signals_of_writes();
  prepare_status();
  if (error_of_rights != 0) {
    print_status(Patience::unlimited, "error: cannot drop its capabilities: {}", errno_text(error_of_rights));
    return exit_failed;
  }
  const std::unique_ptr<Sink> out = open_sink("stdout");
  const int code = answer(argc, argv, *out);
  out->finish();
  const std::string failure = out->failure();
  if (failure.empty()) return code;
  print_status(Patience::unlimited, "error: {}", failure);
  return code == exit_ok ? exit_failed : code;
}
