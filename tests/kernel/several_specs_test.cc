// Several specs in one process: a mistake in one keeps all from running; in the run each fails alone, unless --strict
// stops all of them.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

#include "actor.h"
#include "bpf_objects.h"
#include "probe.h"
#include "support/catch.h"

using namespace test;
using nlohmann::json;

namespace {

const Milliseconds patience = std::chrono::seconds(20);

// A modified copy of the spec flood_perf that is refused or fails.
std::string other_spec(const Directory& directory, const std::function<void(json&)>& edit) {
  return edited_spec(directory, own_spec_file("flood_perf"), [&](json& spec) {
    spec["name"] = "other";
    edit(spec);
  });
}
std::string wrong_spec(const Directory& directory) {
  return other_spec(directory, [&](json& spec) {
    spec["outputs"][0]["fields"] = {"no_such_field"};
    spec["outputs"][0]["to"] = directory / "untouched";
  });
}
std::string refused_spec(const Directory& directory) {
  return other_spec(directory, [](json& spec) {
    spec["programs"][0]["attach"] = {
        {"type", "tracepoint"}, {"category", "syscalls"}, {"name", "sys_enter_no"}};
  });
}
std::string full_spec(const Directory& directory) {
  return other_spec(directory, [](json& spec) { spec["outputs"][0]["to"] = "/dev/full"; });
}

// The spec flood, with another spec before it.
std::vector<std::string> both(const Actor& actor, const std::string& other,
                              std::vector<std::string> more = {}) {
  more.insert(more.begin(), {own_spec_file("flood"), "--set", "pid=" + actor.id()});
  return probe_command(other, more);
}

}  // namespace

TEST_CASE("an invalid spec keeps all from running, and touches nothing", "[host]") {
  Actor actor(calling_getppid(6));
  const Directory directory;
  const std::string stats = directory / "stats";
  const Finished done = run(both(actor, wrong_spec(directory), {"--stats", stats}));
  INFO(done.err);
  CHECK(done.status == 2);
  CHECK(done.out.empty());
  CHECK(contains(done.err, "no_such_field"));
  CHECK(done.err.ends_with("probe-run: 1 of 2 specs failed: other\nprobe-run: nothing was attached\n"));
  CHECK_FALSE(contains(done.err, "attached to"));
  CHECK_FALSE(std::filesystem::exists(directory / "untouched"));
  CHECK_FALSE(std::filesystem::exists(stats));
}

TEST_CASE("an argument that is no spec keeps all from running", "[host]") {
  Actor actor(calling_getppid(6));
  const Directory directory;
  const std::string recording = directory / "x.rec";
  std::ofstream(recording) << "PROBEREC and more";
  for (const std::string& typo : {std::string("no-such-spec"), std::string("help"), std::string("-"),
                                  std::string(directory.path()), recording}) {
    INFO(typo);
    const Finished done = run(both(actor, typo));
    CHECK(done.status == 2);
    CHECK(done.out.empty());
    CHECK(done.err.ends_with("probe-run: nothing was attached\n"));
    CHECK_FALSE(contains(done.err, "attached to"));
  }
}

TEST_CASE("a parameter that no spec has keeps all from running", "[host]") {
  Actor actor(calling_getppid(6));
  const Finished none = run(both(actor, own_spec_file("flood_perf"), {"--set", "pdi=1"}));
  CHECK(none.status == 2);
  CHECK(
      none.err ==
      "probe-run: error: --set pdi: none of the specs has such a parameter\n  hint: did you mean \"pid\"?\n");
  const Finished other = run(both(actor, own_spec_file("flood_perf"), {"--set", "floot.pid=1"}));
  CHECK(other.status == 2);
  CHECK(
      other.err ==
      "probe-run: error: --set floot.pid: no spec of this run is named \"floot\"\n  hint: did you mean \"flood\"?\n");
}

TEST_CASE("--set SPEC.NAME sets the parameter of one spec only", "[host]") {
  Actor actor(calling_getppid(6));
  Probe probe(both(actor, own_spec_file("flood_perf"), {"--set", "flood_perf.pid=1"}));
  actor.act();
  const Finished done = probe.stop();
  INFO(done.err);
  CHECK(done.status == 0);
  CHECK(split_lines(done.out).size() == 6);  // of flood alone
}

TEST_CASE("a spec whose program the kernel rejects does not keep another from running", "[host]") {
  Actor actor(calling_getppid(6));
  const Directory directory;
  const std::string stats = directory / "stats";
  Probe probe(both(actor, refused_spec(directory), {"--stats", stats}));
  actor.act();
  const Finished done = probe.stop();
  INFO(done.err);
  CHECK(done.status == 1);
  CHECK(split_lines(done.out).size() == 6);
  CHECK(contains(done.err, "tracepoint:syscalls:sys_enter_no: this kernel has no such tracepoint\n"));
  CHECK(contains(done.err, "probe-run: 1 of 2 specs failed: other\n"));
  const json programs = json::parse(read_file(stats)).at("specs").at(0).at("programs");
  CHECK(programs.at(0).at("state") == "refused");
}

TEST_CASE("with --strict an invalid or rejected spec keeps all from running", "[host]") {
  Actor actor(calling_getppid(6));
  const Directory directory;
  const Finished wrong = run(both(actor, wrong_spec(directory), {"--strict"}));
  CHECK(wrong.status == 2);
  CHECK_FALSE(contains(wrong.err, "attached to"));
  CHECK(wrong.out.empty());
  const Finished refused = run(both(actor, refused_spec(directory), {"--strict"}));
  CHECK(refused.status == 1);
  CHECK_FALSE(contains(refused.err, "attached to"));
  CHECK(refused.out.empty());
}

TEST_CASE("if all specs are invalid, nothing runs", "[host]") {
  const Directory directory;
  const std::string wrong = wrong_spec(directory);
  const Finished done = run(probe_command(wrong, {wrong, "--set", "pid=1"}));
  CHECK(done.status == 2);
  CHECK(contains(done.err, "probe-run: 2 of 2 specs failed: "));
}

TEST_CASE("a spec whose output file is full ends at once, while the other continues", "[host]") {
  Actor actor(calling_getppid(6));
  const Directory directory;
  Process process(both(actor, full_spec(directory)));
  REQUIRE(process.wait_for_err("flood: attached to", patiently(patience)));
  actor.act();
  REQUIRE(process.wait_for_err("the spec \"other\" is stopped; the others continue\n", patiently(patience)));
  CHECK(eventually([&] { return bpf_ids_of(process.pid()).links.size() == 1; }));  // the other's
  actor.act();
  process.signal(SIGINT);
  const Finished done = process.finish(patiently(patience));
  INFO(done.err);
  CHECK(done.status == 1);
  CHECK(split_lines(done.out).size() == 12);
  CHECK(contains(done.err, "probe-run: error: cannot write to /dev/full: No space left on device\n"));
  CHECK(contains(done.err, "probe-run: 1 of 2 specs failed: other\n"));
}

TEST_CASE("with --strict a spec whose output file is full ends all, after their last outputs", "[host]") {
  Actor actor(calling_getppid(6));
  const Directory directory;
  Process process(both(actor, full_spec(directory), {"--strict"}));
  REQUIRE(process.wait_for_err("flood: attached to", patiently(patience)));
  actor.act();
  const Finished done = process.finish(patiently(patience));
  INFO(done.err);
  CHECK(done.status == 1);
  CHECK(split_lines(done.out).size() == 6);
  CHECK(contains(done.err, "the spec \"other\" is stopped, and with --strict all others, too\n"));
}

TEST_CASE("a full output file ends all specs that write to it, and so the run", "[host]") {
  Actor actor(calling_getppid(6));
  const Directory directory;
  Process process(both(actor, full_spec(directory), {"--output", "/dev/full"}));
  REQUIRE(process.wait_for_err("flood: attached to", patiently(patience)));
  actor.act();
  const Finished done = process.finish(patiently(patience));
  INFO(done.err);
  CHECK(done.status == 1);
  CHECK(contains(done.err, "probe-run: 2 of 2 specs failed: other and flood\n"));
}

TEST_CASE("a single spec whose output file is full ends the run", "[host]") {
  Actor actor(calling_getppid(6));
  const Directory directory;
  Process process(probe_command(full_spec(directory), {"--set", "pid=" + actor.id()}));
  REQUIRE(process.wait_for_err("other: attached to", patiently(patience)));
  actor.act();
  const Finished done = process.finish(patiently(patience));
  CHECK(done.status == 1);
  CHECK(done.err.ends_with("probe-run: error: cannot write to /dev/full: No space left on device\n"));
}

TEST_CASE("a closed standard output ends all specs that write nowhere else, quietly", "[host]") {
  Actor actor(calling_getppid(6));
  const Directory one, another;
  const auto only_rows = [](json& spec) { spec["outputs"].erase(1); };
  std::string command;
  for (const std::string& word : probe_command(
           edited_spec(one, own_spec_file("flood"), only_rows),
           {edited_spec(another, own_spec_file("flood_perf"), only_rows), "--set", "pid=" + actor.id()})) {
    command += "'" + word + "' ";
  }
  Process process({"bash", "-c", "set -o pipefail; " + command + "| head -3"});
  REQUIRE(process.wait_for_err("flood_perf: attached to", patiently(patience)));
  actor.act();
  const Finished done = process.finish(patiently(patience));
  INFO(done.err);
  CHECK(done.status == 0);
  CHECK(split_lines(done.out).size() == 3);
  CHECK_FALSE(contains(done.err, "error"));
}
