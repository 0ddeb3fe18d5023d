// "first_of": the first way that this kernel supports, checked with real events; and optional
// programs.
#include <fcntl.h>

#include <csignal>
#include <fstream>
#include <string>

#include "actor.h"
#include "probe.h"
#include "support/catch.h"

using namespace test;
using nlohmann::json;

namespace {

constexpr std::uint64_t calls = 50;
constexpr std::uint64_t others_of_actor = 20;  // system calls that its reply takes

json program(const std::string& name, const json& attach) {
  return {{"name", name}, {"attach", attach}};
}
json fentry(const std::string& function) {
  return program("on_fentry", {{"type", "fentry"}, {"function", function}});
}
json fexit(const std::string& function) {
  return program("on_fexit", {{"type", "fexit"}, {"function", function}});
}
json raw(const std::string& name, const std::string& program_name = "on_raw") {
  return program(program_name, {{"type", "raw_tracepoint"}, {"name", name}});
}
// JSON arrays: braces around a single value would copy that value.
using Programs = std::vector<json>;
json first_of(const Programs& ways) {
  return {{"first_of", ways}};
}
json as_optional(json item) {
  item["optional"] = true;
  return item;
}

json spec_of(const Programs& programs) {
  return {{"name", "choice"},
          {"object", "attach.bpf.o"},
          {"parameters", {{"pid", {{"global", "target_pid"}, {"default", 0}}}}},
          {"programs", programs},
          {"maps", json::array({{{"name", "calls"}}})},
          {"outputs", json::array({{{"map", "calls"}, {"every", "exit"}, {"format", "jsonl"}}})}};
}

std::string written(const Directory& directory, const json& spec) {
  const std::string path = directory / "choice.json";
  std::ofstream(path) << spec.dump(2) << '\n';
  return path;
}

struct Seen {
  std::uint64_t calls = 0;
  std::string err;
  json programs;  // of --stats
};

// What the probe sees of one act of the actor.
Seen seen_of(Actor& actor, const Programs& programs) {
  const Directory directory;
  const std::string stats = directory / "stats";
  Probe probe(
      probe_command(written(directory, spec_of(programs)), {"--set", "pid=" + actor.id(), "--stats", stats}));
  actor.act();
  const Finished done = probe.stop();
  INFO(done.err);
  CHECK(done.status == 0);
  const std::vector<json> lines = json_lines(done.out);
  REQUIRE(lines.size() == 1);
  return {lines[0].at("value").get<std::uint64_t>(), done.err,
          json::parse(read_file(stats)).at("specs").at(0).at("programs")};
}

Finished short_run(const Programs& programs, std::vector<std::string> arguments = {}) {
  const Directory directory;
  arguments.insert(arguments.end(), {"--duration", "1ms"});
  return run(probe_command(written(directory, spec_of(programs)), arguments));
}

bool has_trampolines() {
  return short_run({fentry("do_sys_openat2")}).status == 0;
}

std::vector<std::string> states(const json& programs) {
  std::vector<std::string> all;
  for (const json& point : programs) {
    all.push_back(point.at("attach").get<std::string>() + " " + point.at("state").get<std::string>());
  }
  return all;
}

}  // namespace

TEST_CASE("first_of: ways that fail before, at or after loading are skipped, each with its reason") {
  Actor actor(calling_getppid(calls));
  const Seen seen = seen_of(actor, {first_of({fentry("no_such_function"), raw("sys_enter", "is_refused"),
                                              raw("no_such_point"), raw("sys_enter"), raw("sys_exit")})});
  CHECK(seen.calls >= calls);
  CHECK(seen.calls <= calls + others_of_actor);
  CHECK(
      contains(seen.err,
               "probe-run: choice: skipped: cannot attach program \"on_fentry\" to fentry:no_such_function: "
               "this kernel's BTF has no such function\n"
               "probe-run: choice: skipped: the kernel refused the program \"is_refused\" of "));
  CHECK(contains(seen.err,
                 "\nprobe-run: choice: skipped: cannot attach program \"on_raw\" to "
                 "raw_tracepoint:no_such_point: this kernel has no such tracepoint\n"
                 "probe-run: choice: attached to raw_tracepoint:sys_enter\n"));
  CHECK(states(seen.programs) ==
        std::vector<std::string>{"fentry:no_such_function refused", "raw_tracepoint:sys_enter refused",
                                 "raw_tracepoint:no_such_point refused", "raw_tracepoint:sys_enter attached",
                                 "raw_tracepoint:sys_exit not_chosen"});
  CHECK(seen.programs.at(2).at("name") == "on_raw");
  CHECK(
      seen.programs.at(2).at("reason") ==
      "cannot attach program \"on_raw\" to raw_tracepoint:no_such_point: this kernel has no such tracepoint");
  CHECK_FALSE(seen.programs.at(3).contains("reason"));
}

TEST_CASE("first_of: fentry with trampolines, otherwise a tracepoint") {
  Actor actor(opening({{"/dev/null", O_RDONLY}, {"/does/not/exist", O_RDONLY}}));
  const Seen seen = seen_of(actor, {first_of({fentry("do_sys_openat2"), raw("sys_enter")})});
  if (has_trampolines()) {
    CHECK(seen.calls == 2);
    CHECK(contains(seen.err, "attached to fentry:do_sys_openat2\n"));
    CHECK_FALSE(contains(seen.err, "skipped:"));
    CHECK(states(seen.programs) ==
          std::vector<std::string>{"fentry:do_sys_openat2 attached", "raw_tracepoint:sys_enter not_chosen"});
  } else {
    CHECK(seen.calls > 2);
    CHECK(seen.calls <= 4 + others_of_actor);
    CHECK(contains(seen.err, "skipped: the kernel refused the program \"on_fentry\" of "));
    CHECK(contains(seen.err, "attached to raw_tracepoint:sys_enter\n"));
    CHECK(states(seen.programs) ==
          std::vector<std::string>{"fentry:do_sys_openat2 refused", "raw_tracepoint:sys_enter attached"});
  }
}

TEST_CASE("first_of: programs of one way are chosen together or not at all") {
  Actor actor(opening({{"/dev/null", O_RDONLY}, {"/does/not/exist", O_RDONLY}}));
  const json pair = Programs({fentry("do_sys_openat2"), fexit("do_sys_openat2")});
  const json half = Programs({fentry("do_sys_openat2"), fexit("no_such_function")});
  const json other = Programs({raw("sys_enter")});
  const Seen seen = seen_of(actor, {first_of({half, pair, other})});
  if (has_trampolines()) {
    CHECK(seen.calls == 4);
    CHECK(states(seen.programs) ==
          std::vector<std::string>{"fentry:do_sys_openat2 not_chosen", "fexit:no_such_function refused",
                                   "fentry:do_sys_openat2 attached", "fexit:do_sys_openat2 attached",
                                   "raw_tracepoint:sys_enter not_chosen"});
  } else {
    CHECK(states(seen.programs) ==
          std::vector<std::string>{"fentry:do_sys_openat2 not_chosen", "fexit:no_such_function refused",
                                   "fentry:do_sys_openat2 refused", "fexit:do_sys_openat2 not_chosen",
                                   "raw_tracepoint:sys_enter attached"});
  }
}

TEST_CASE("first_of: events of a failed attempt appear in no output and no recording") {
  Actor actor(calling_getppid(std::uint64_t{1} << 40));  // until the test is over
  actor.begin();
  const Directory directory;
  const std::string recording = directory / "recording";
  const std::string spec = edited_spec(directory, own_spec_file("flood"), [](json& flood) {
    const json good = {{"type", "raw_tracepoint"}, {"name", "sys_enter"}};
    const json bad = {{"type", "raw_tracepoint"}, {"name", "no_such_point"}};
    // Attached at the first point, it sends events that must not be shown; at the second it is refused.
    flood["programs"] = Programs{first_of({program("flood", {good, bad}), program("flood", good)})};
  });
  const Finished done =
      run(probe_command(spec, {"--set", "pid=" + actor.id(), "--count", "1000", "--record", recording}));
  INFO(done.err);
  CHECK(done.status == 0);
  CHECK(contains(done.err, "skipped: cannot attach program \"flood\" to raw_tracepoint:no_such_point"));
  const std::vector<json> lines = json_lines(done.out);
  REQUIRE(lines.size() >= 900);
  for (std::size_t i = 1; i < lines.size(); ++i) REQUIRE(lines[i - 1].at("number") < lines[i].at("number"));
  CHECK(lines.front().at("number") == 0);
  CHECK(run({probe_run(), "--replay", recording}).out == done.out);
}

TEST_CASE("first_of: if every way is refused, one error gives each reason, and nothing else runs") {
  const Finished done =
      short_run({raw("sys_exit"), first_of({fentry("no_such_function"), raw("no_such_point")})});
  INFO(done.err);
  CHECK(done.status == 1);
  CHECK(done.out.empty());
  CHECK(contains(done.err, "error: none of these 2 alternatives works on this machine\n"));
  CHECK(contains(done.err, "  hint: 1. cannot attach program \"on_fentry\" to fentry:no_such_function: "));
  CHECK(
      contains(done.err, "\n        2. cannot attach program \"on_raw\" to raw_tracepoint:no_such_point: "));
}

TEST_CASE("first_of: if every way of an optional choice is refused, the rest runs") {
  Actor actor(calling_getppid(calls));
  const Seen seen = seen_of(
      actor, {raw("sys_enter"), as_optional(first_of({fentry("no_such_function"), raw("s", "is_refused")}))});
  CHECK(seen.calls >= calls);
  CHECK(contains(seen.err, "warning: none of these 2 alternatives works on this machine\n"));
  CHECK(states(seen.programs) == std::vector<std::string>{"raw_tracepoint:sys_enter attached",
                                                          "fentry:no_such_function refused",
                                                          "raw_tracepoint:s refused"});
}

TEST_CASE("an optional program that the kernel rejects is left out") {
  Actor actor(calling_getppid(calls));
  const Seen seen = seen_of(actor, {as_optional(raw("sys_exit", "is_refused")), raw("sys_enter")});
  CHECK(seen.calls >= calls);
  CHECK(seen.calls <= calls + others_of_actor);
  CHECK(contains(seen.err, "choice.json:"));
  CHECK(contains(seen.err, "warning: the kernel refused the program \"is_refused\" of "));
  CHECK(contains(seen.err, "attached to raw_tracepoint:sys_enter\n"));
  CHECK(states(seen.programs) ==
        std::vector<std::string>{"raw_tracepoint:sys_exit refused", "raw_tracepoint:sys_enter attached"});
}

TEST_CASE("a program that the kernel rejects ends the run if it is not optional") {
  const Finished done = short_run({raw("sys_exit", "is_refused"), raw("sys_enter")});
  CHECK(done.status == 1);
  CHECK(contains(done.err, "probe-run: error: the kernel refused "));
}

TEST_CASE("--quiet suppresses the messages about skipped ways") {
  const Finished done = short_run({first_of({raw("no_such_point"), raw("sys_enter")})}, {"--quiet"});
  CHECK(done.status == 0);
  CHECK(done.err.empty());
}

TEST_CASE("a metric shows for each program whether it is attached") {
  const Directory directory;
  const std::string file = directory / "metrics.prom";
  const Finished done = short_run({first_of({raw("no_such_point"), raw("sys_enter"), raw("sys_exit")})},
                                  {"--format", "prometheus", "--output", file});
  INFO(done.err);
  CHECK(done.status == 0);
  const std::string text = read_file(file);
  INFO(text);
  const std::string name =
      "probe_run_program_attached{spec=\"choice\",program=\"on_raw\",attach=\"raw_tracepoint:";
  CHECK(contains(text, name + "no_such_point\"} 0\n"));
  CHECK(contains(text, name + "sys_enter\"} 1\n"));
  CHECK_FALSE(contains(text, name + "sys_exit"));
  CHECK(contains(text, "probe_run_spec_running{spec=\"choice\"} 1\n"));
}
