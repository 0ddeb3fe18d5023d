// Errors of the command line with their exact text: one error for each mistake.
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.h"
#include "support/places.h"
#include "support/process.h"
#include "support/temporary_directory.h"

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

TEST_CASE("An option of other tools, a shortened one and a parameter are answered with what is meant") {
  check({{{"--out", "x", spec}, "unknown option --out\n  hint: did you mean --output?"},
         {{"--du", "1s", spec}, "unknown option --du\n  hint: did you mean --duration?"},
         {{"-o", "x", spec}, "unknown option -o\n  hint: did you mean --output?"},
         {{"-V"}, "unknown option -V\n  hint: did you mean --version?"},
         {{"--timeout", "5s", spec}, "unknown option --timeout\n  hint: did you mean --duration?"},
         {{"--json", spec}, "unknown option --json\n  hint: did you mean --format json?"},
         {{"--uid", "5", spec}, "unknown option --uid\n  hint: to set the parameter use --set uid=5"},
         {{spec, "--uid=5"}, "unknown option --uid\n  hint: to set the parameter use --set uid=5"},
         {{"--failed", "--check", spec},
          "unknown option --failed\n  hint: to set the parameter use --set failed=VALUE"}});
}

TEST_CASE("What is given in the place of a spec is named") {
  const test::TemporaryDirectory directory;
  const auto file = [&](const std::string& name, std::string_view bytes) {
    const std::string path = directory / name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  };
  const std::string recording = PROBE_RUN_SOURCE_DIR "/tests/golden/opensnoop/recording.rec";
  std::string header(
      "\x7f"
      "ELF",
      4);
  header.resize(64);
  const std::string elf = file("a.out", header);
  header[18] = '\xf7';
  const std::string object = file("x.bpf.o", header);
  const std::string specs = directory / "specs";
  std::filesystem::create_directory(specs);
  std::ofstream(specs + "/one.json") << "{}";
  for (const std::vector<std::string>& mode : {std::vector<std::string>{"--check"}, {}}) {
    const auto with = [&](std::string argument) {
      std::vector<std::string> arguments = mode;
      arguments.push_back(std::move(argument));
      return arguments;
    };
    check({{with(recording), recording + " is a recording, not a spec\n  hint: use --replay " + recording +
                                 " to render it, or --describe " + recording},
           {with(object),
            object + " is a BPF object, not a spec\n"
                     "  hint: write a spec that names it: \"object\": \"x.bpf.o\"; see docs/spec.md"},
           {with(elf), elf + " is an ELF file, not a spec\n  hint: name a spec, which is a JSON file"},
           {with(specs), specs + " is a directory\n  hint: name its specs: " + specs + "/*.json"},
           {with(specs + "/on.json"), "cannot open " + specs +
                                          "/on.json: No such file or directory\n"
                                          "  hint: did you mean " +
                                          specs + "/one.json?"},
           {with("-"),
            "a spec cannot be read from standard input\n"
            "  hint: name a file: the spec's object is searched next to it"},
           {with(""),
            "the name of a spec is an empty string\n"
            "  hint: give a name; an unset shell variable is an empty string"},
           {with("help"), "no installed spec \"help\"\n  hint: did you mean --help?"},
           {with("version"), "no installed spec \"version\"\n  hint: did you mean --version?"},
           {with("list"), "no installed spec \"list\"\n  hint: did you mean --list?"},
           {with("run"), "no installed spec \"run\"\n  hint: a run needs no word: probe-run SPEC"}});
  }
}

TEST_CASE("A wrong value of --set is an error of the command line") {
  const std::string latency = PROBE_RUN_SOURCE_DIR "/specs/runqlat.json";
  check(
      {{{"--check", "--set", "interval=2", latency},
        "--set interval=2: \"poll\" must be a duration of at least 1ms such as \"500ms\", \"1s\" or \"5m\", not \"2\"\n"
        "  hint: use --set interval=2s"},
       {{"--check", "--set", "top=0", PROBE_RUN_SOURCE_DIR "/specs/syscall_latency.json"},
        "--set top=0: \"limit\" must be a whole number from 1, not 0"},
       {{"--check", "--set", "uid=root", spec},
        "--set uid=root: the value must be a number, such as 4294967295\n  hint: root is 0: use --set uid=0"},
       {{"--check", "--set", "pdi=1", spec, latency},
        "--set pdi: none of the specs has such a parameter\n  hint: did you mean \"pid\"?"},
       {{"--check", "--set", "opensnop.pid=1", spec, latency},
        "--set opensnop.pid: no spec of this run is named \"opensnop\"\n  hint: did you mean \"opensnoop\"?"},
       {{"--check", "--set", "other.pid=1", spec},
        "--set other.pid: no spec of this run is named \"other\"\n  hint: specs: opensnoop"}});
}

TEST_CASE("A host name to permit has no port and no scheme") {
  const std::string latency = PROBE_RUN_SOURCE_DIR "/specs/runqlat.json";
  for (const std::string name : {"web1:9435", "http://web1", "*.example.org", ""}) {
    check(
        {{{"--check", "--allow-host", name, latency},
          "--allow-host takes a host name, not \"" + name +
              "\"\n  hint: give the name without a port: metrics.example.org, .example.org for all names below it, "
              "or * for any"}});
  }
}

TEST_CASE("--set goes to the specs that have the parameter, and SPEC.NAME to one") {
  const std::string latency = PROBE_RUN_SOURCE_DIR "/specs/runqlat.json";
  for (const std::string setting : {"uid=5", "opensnoop.uid=5", "runqlat.interval=2s"}) {
    const test::Finished done = test::run({test::probe_run(), "--check", "--set", setting, spec, latency});
    CHECK(done.err == "");
    CHECK(done.out == spec + ": ok\n" + latency + ": ok\n");
  }
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
