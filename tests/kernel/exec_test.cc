// The specs that see programs start: hello, execve_count and exec_watch.
#include <unistd.h>

#include <algorithm>
#include <regex>

#include "actor.h"
#include "bpf_objects.h"
#include "probe.h"
#include "support/catch.h"

using namespace test;
using nlohmann::json;

namespace {

std::vector<std::string> lines_with(const std::string& text, const std::string& part) {
  std::vector<std::string> lines = split_lines(text);
  std::erase_if(lines, [&](const std::string& line) { return !contains(line, part); });
  return lines;
}

std::uint64_t execve_calls(const std::string& last_line) {
  std::smatch match;
  REQUIRE(std::regex_match(last_line, match, std::regex("execve was called (\\d+) times")));
  return std::stoull(match[1]);
}

}  // namespace

TEST_CASE("hello shows one line for each execve, with the caller's name and id") {
  const std::string name = unique_name("say");
  Probe probe(probe_command(spec_file("hello")));
  const std::vector<pid_t> pids = start_programs(25, name, "/bin/true");
  const std::vector<pid_t> failing = start_programs(2, name, "/does/not/exist");
  const Finished done = probe.stop();
  CHECK(done.status == 0);
  const std::vector<std::string> lines = lines_with(done.out, name);
  REQUIRE(lines.size() == 27);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const pid_t pid = i < pids.size() ? pids[i] : failing[i - pids.size()];
    CHECK(lines[i].ends_with("hello from " + name + " (pid " + std::to_string(pid) + ")"));
  }
  const Summary summary = summary_of(done.err);
  CHECK(summary.events == split_lines(done.out).size());
  CHECK(summary.lost == 0);
}

TEST_CASE("hello shows neither lines of other programs nor lines printed before it started") {
  Actor other(calling_getppid(10));
  {
    const Noise early("same_text", other.pid());
    other.act();
  }
  const Noise noise("noise", other.pid());
  Probe probe(probe_command(spec_file("hello")));
  const std::string name = unique_name("say");
  for (int i = 0; i < 5; ++i) {
    other.act();
    start_programs(1, name, "/bin/true");
  }
  const Finished done = probe.stop();
  CHECK(lines_with(done.out, name).size() == 5);
  CHECK(lines_with(done.out, "too early").empty());
  INFO(done.out);
  CHECK(lines_with(done.out, "noise").empty());
}

TEST_CASE("hello shows the lines of every program if the spec asks for all") {
  const Directory directory;
  Actor other(calling_getppid(10));
  const Noise noise("noise", other.pid());
  Probe probe(probe_command(edited_spec(directory, spec_file("hello"), [](nlohmann::json& spec) {
    spec["outputs"][0]["trace_pipe"] = "all";
  })));
  other.act();
  const Finished done = probe.stop();
  CHECK(lines_with(done.out, "noise from pid " + other.id() + " says hello from").size() == 10);
}

TEST_CASE("execve_count counts the calls, failed ones included") {
  Probe probe(probe_command(spec_file("execve_count")));
  start_programs(40, "counted", "/bin/true");
  start_programs(10, "counted", "/does/not/exist");
  const Finished done = probe.stop();
  CHECK(done.status == 0);
  const std::vector<std::string> lines = split_lines(done.out);
  REQUIRE_FALSE(lines.empty());
  const std::uint64_t calls = execve_calls(lines.back());
  CHECK(calls >= 50);
  if (is_quiet()) CHECK(calls == 50);
}

TEST_CASE("execve_count is read every second") {
  Probe probe(probe_command(spec_file("execve_count"), {"--count", "3"}));
  const Finished done = probe.finish();
  CHECK(done.status == 0);
  CHECK(split_lines(done.out).size() == 3);
  const Summary summary = summary_of(done.err);
  CHECK(summary.seconds >= 2.9);
  CHECK(summary.seconds <= 3.9);
  CHECK(summary.reads == 3);
}

TEST_CASE("exec_watch shows each start of a program with the given name, and no other") {
  // It is the name of the started program that counts, not its caller's. The kernel keeps 15 bytes of it.
  const Directory directory;
  const std::string name = unique_name("watched");
  const std::string long_name = name + "-longer-than-that";
  std::filesystem::copy_file("/bin/bash", directory / name);
  std::filesystem::copy_file("/bin/bash", directory / long_name);
  for (const std::string& program : {name, long_name}) {
    const std::string comm = program.substr(0, 15);
    Probe probe(probe_command(spec_file("exec_watch"), {"--set", "comm=" + comm, "--format", "jsonl"}));
    start_programs(3, program, "/does/not/exist");
    start_programs(3, program, "/bin/true");
    std::vector<json> expected;
    for (const pid_t pid : start_programs(12, "caller", directory / program)) {
      expected.push_back({{"pid", pid},
                          {"ppid", ::getpid()},
                          {"uid", "root"},
                          {"comm", comm},
                          {"args", directory / program}});
    }
    const Finished done = probe.stop();
    CHECK(json_lines(done.out) == expected);
    CHECK(summary_of(done.err).events == 12);
    CHECK(summary_of(done.err).lost == 0);
  }
}

TEST_CASE("exec_watch shows as many arguments of a program as fit") {
  const Directory directory;
  const std::string program = directory / unique_name("watched");
  std::filesystem::copy_file("/bin/bash", program);
  const std::vector<std::vector<std::string>> calls{{program, "-c", ":"},
                                                    {program, "-c", ":", "two words", "", "last"},
                                                    {program, "-c", ":", std::string(300, 'x')}};
  Probe probe(probe_command(spec_file("exec_watch"), {"--format", "jsonl"}));
  for (const std::vector<std::string>& call : calls) run(call);
  std::vector<std::string> seen;
  for (const json& line : json_lines(probe.stop().out)) {
    const std::string args = line["args"];
    if (args.starts_with(program)) seen.push_back(args);
  }
  const std::string cut = program + " -c : " + std::string(300, 'x');
  CHECK(seen ==
        std::vector<std::string>{program + " -c :", program + " -c : two words  last", cut.substr(0, 256)});
}

TEST_CASE("exec_watch shows only one user's programs on request") {
  constexpr unsigned some_user = 54321;
  Probe probe(probe_command(spec_file("exec_watch"),
                            {"--set", "uid=" + std::to_string(some_user), "--format", "jsonl"}));
  run({"/bin/true"});
  run({"/bin/true"}, {.uid = some_user});
  run({"/bin/true"}, {.uid = some_user + 1});
  const std::vector<json> lines = json_lines(probe.stop().out);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0]["args"] == "/bin/true");
  CHECK(lines[0]["uid"] == std::to_string(some_user));
}
