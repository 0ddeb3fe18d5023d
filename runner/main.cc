// Reads the command line, runs the command, and turns errors into exit codes.
#include <fmt/format.h>

#include <cstdio>
#include <exception>

#include "command/command.h"
#include "command_line.h"
#include "sink/terminal.h"

namespace {

using namespace probe_run;

int execute(const Options& options) {
  switch (options.mode) {
    case Options::Mode::run:
      return run(options);
    case Options::Mode::check:
      return check(options);
    case Options::Mode::describe:
      return describe(options);
    case Options::Mode::replay:
      return replay(options);
    case Options::Mode::test:
      return test(options);
    case Options::Mode::list:
      return list(options);
    case Options::Mode::schema:
      fmt::print("{}", spec_schema());
      return exit_ok;
  }
  return exit_failed;
}

}  // namespace

int main(int argc, char** argv) {
  bool reading_options = true;
  try {
    const std::variant<Options, int> options = read_command_line(argc, argv);
    reading_options = false;
    if (const int* code = std::get_if<int>(&options)) return *code;
    return execute(std::get<Options>(options));
  } catch (const SpecError& error) {
    report(error.diagnostics());
    return exit_invalid;
  } catch (const Error& error) {
    report(error.diagnostics());
    return reading_options ? exit_invalid : exit_failed;
  } catch (const std::exception& error) {
    fmt::print(stderr, "probe-run: error: {}\n", error.what());
    return exit_failed;
  }
}
