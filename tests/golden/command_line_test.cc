// Errors of the command line with their exact text: one error for each mistake.
#include <string>
#include <vector>

#include "support/catch.h"
#include "support/places.h"
#include "support/process.h"

namespace {

const std::string spec = PROBE_RUN_SOURCE_DIR "/specs/opensnoop.json";

struct Refusal {
  std::vector<std::string> arguments;
  std::string text;
};

void check(const std::vector<Refusal>& refusals) {
  for (const Refusal& refusal : refusals) {
    std::vector<std::string> command{test::probe_run()};
    command.insert(command.end(), refusal.arguments.begin(), refusal.arguments.end());
    const test::Finished done = test::run(command);
    CHECK(done.err == "probe-run: error: " + refusal.text + "\n");
    CHECK(done.out == "");
    CHECK(done.status == 2);
  }
}

}  // namespace

TEST_CASE("An unknown option is refused with a suggestion") {
  check({{{"--lisst"}, "unknown option --lisst\n  hint: did you mean --list?"},
         {{"--formt=csv", spec}, "unknown option --formt\n  hint: did you mean --format?"},
         {{"-x", spec}, "unknown option -x\n  hint: run probe-run --help for the options"}});
}

TEST_CASE("A missing spec is an error of a run, --check and --describe") {
  const std::string text =
      "no spec given\n  hint: name a spec, such as probe-run opensnoop; probe-run --help lists the options";
  check({{{}, text}, {{"--check"}, text}, {{"--describe"}, text}, {{"--quiet"}, text}});
}

TEST_CASE("An option of another mode is refused with the modes that accept it") {
  check({
      {{"--accept", spec}, "--accept requires --test"},
      {{"--speed", "1x", spec}, "--speed requires --replay"},
      {{"--verbose", spec}, "--verbose requires --list"},
      {{"--check", "--record", "x", spec}, "--record cannot be used with --check\n  hint: use it in a run"},
      {{"--check", "--strict", spec}, "--strict cannot be used with --check\n  hint: use it in a run"},
      {{"--check", "--stats", "x", spec},
       "--stats cannot be used with --check\n  hint: use it in a run or with --replay"},
      {{"--replay", "x", "--btf", "y"},
       "--btf cannot be used with --replay\n  hint: use it in a run or with --check or --describe"},
      {{"--replay", "x", "--listen", "9435"},
       "--listen cannot be used with --replay\n  hint: use --format prometheus to render a recording as metrics"},
      {{"--check", "--verifier-log", "1", spec},
       "--verifier-log cannot be used with --check\n"
       "  hint: use it in a run: the kernel only verifies programs that it loads"},
      {{"--test", "x", "--set", "a=b"},
       "--set cannot be used with --test\n  hint: use it in a run or with --check, --describe or --replay"},
      {{"--schema", "--format", "csv"},
       "--format cannot be used with --schema\n"
       "  hint: use it in a run or with --check, --describe, --replay, --test or --list"},
      {{"--schema", spec},
       "a SPEC argument cannot be used with --schema\n"
       "  hint: use it in a run or with --check, --describe or --replay"},
  });
}

TEST_CASE("Two modes are refused, and two specs in a mode that accepts only one") {
  check({{{"--check", "--describe", spec},
          "--check and --describe cannot be used together\n  hint: run them one after the other"},
         {{"--replay", "x", spec, spec}, "--replay takes at most one SPEC"},
         {{"--record", "x", spec, spec},
          "--record takes only one SPEC\n  hint: record each spec in a run of its own"},
         {{"--record", "-", "--stats", "-", spec}, "--record - and --stats - cannot share stdout"}});
}

TEST_CASE("An invalid value of an option is refused") {
  check({
      {{"--format", "cvs", spec}, "unknown format \"cvs\"\n  hint: did you mean \"csv\"?"},
      {{"--duration", "soon", spec}, "--duration takes a time such as \"10s\" or \"500ms\", not \"soon\""},
      {{"--duration", "0s", spec}, "--duration takes a time such as \"10s\" or \"500ms\", not \"0s\""},
      {{"--count", "0", spec}, "--count takes a whole number of at least 1, not \"0\""},
      {{"--count", "-1", spec}, "--count takes a whole number of at least 1, not \"-1\""},
      {{"--replay", "x", "--speed", "0"},
       "--speed takes a factor from 0.001x to 1000000x, or max, not \"0\"\n  hint: use 1x for real time"},
      {{"--verifier-log", "3", spec}, "--verifier-log takes 1, 2 or stats, not \"3\""},
      {{"--set", "pid", spec}, "--set takes NAME=VALUE, not \"pid\""},
      {{"--set", "=1", spec}, "--set takes NAME=VALUE, not \"=1\""},
      {{"--generate", "ksh"}, "--generate takes man, bash, zsh or fish, not \"ksh\""},
      {{spec, "--count"}, "--count requires N\n  hint: run probe-run --help for the options"},
      {{"--test"}, "--test requires DIR...\n  hint: run probe-run --help for the options"},
  });
}

namespace {

// `arguments` in a shell that redirects the standard streams.
test::Finished redirected(const std::string& arguments, const std::string& redirection) {
  return test::run(
      {"bash", "-c", "set -o pipefail; '" + test::probe_run() + "' " + arguments + " " + redirection});
}

const std::vector<std::string> questions{
    "--help",
    "--version",
    "--schema",
    "--generate man",
    "--list --verbose xdp:lo",
    "--describe " PROBE_RUN_SOURCE_DIR "/tests/golden/opensnoop/recording.rec",
    "--test " PROBE_RUN_SOURCE_DIR "/tests/golden/opensnoop",
};

}  // namespace

TEST_CASE("An answer that cannot be written is an error; a reader that has enough is not") {
  for (const std::string& arguments : questions) {
    INFO(arguments);
    const test::Finished full = redirected(arguments, ">/dev/full");
    CHECK(full.err == "probe-run: error: cannot write to standard output: No space left on device\n");
    CHECK(full.status == 1);
    // The reader is gone before the first byte.
    const test::Finished unread = redirected(arguments, "> >(true)");
    CHECK(unread.err == "");
    CHECK(unread.status == 0);
    const test::Finished closed = redirected(arguments, ">&-");
    CHECK(closed.err == "");
    CHECK(closed.status == 0);
  }
}

TEST_CASE("Errors that cannot be written leave the exit code as it is") {
  for (const std::string redirection : {"2>/dev/full", "2>&-", "2> >(true)"}) {
    INFO(redirection);
    CHECK(redirected("--check no-such.json", redirection).status == 2);
    CHECK(redirected("--no-such-option", redirection).status == 2);
    CHECK(redirected("--replay no-such.rec", redirection).status == 1);
    CHECK(redirected("--replay " PROBE_RUN_SOURCE_DIR "/tests/golden/opensnoop/recording.rec", redirection)
              .status == 0);
  }
}
