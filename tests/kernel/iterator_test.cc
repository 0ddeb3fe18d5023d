// Iterators: the output of their programs, as lines and as records.
#include <algorithm>
#include <fstream>

#include "actor.h"
#include "probe.h"
#include "support/catch.h"

using namespace test;
using nlohmann::json;

namespace {

std::string written(const Directory& directory, const std::string& program, const json& attach,
                    const json& map, const std::string& format = "jsonl") {
  const std::string path = directory / (program + ".json");
  const json spec{{"name", program},
                  {"object", "iterators.bpf.o"},
                  {"programs", json::array({{{"name", program}, {"attach", attach}}})},
                  {"maps", json::array({map})},
                  {"outputs", json::array({{{"map", program}, {"format", format}}})}};
  std::ofstream(path) << spec.dump(2) << '\n';
  return path;
}

const json every_task = {{"type", "iter"}, {"target", "task"}};

}  // namespace

TEST_CASE("an iterator without a type gives lines of text, one for each task") {
  const Directory directory;
  const std::string name = unique_name("iter");
  Actor actor(calling_getppid(1), [&] { name_task(name); });
  Probe probe(probe_command(written(directory, "lines", every_task, {{"name", "lines"}})));
  const json wanted{{"line", actor.id() + " of " + actor.id() + ": " + name}};
  CHECK(probe.process().wait_for_out(wanted.dump() + "\n"));
  const Finished done = probe.stop();
  INFO(done.err);
  CHECK(done.status == 0);
  CHECK(contains(done.err, "attached to iter:task"));
  const std::vector<json> lines = json_lines(done.out);
  CHECK(std::count(lines.begin(), lines.end(), wanted) == 1);
  CHECK(summary_of(done.err).events == lines.size());
}

TEST_CASE("an iterator with a type gives records at each interval, and a recording contains them") {
  const Directory directory;
  const std::string name = unique_name("iter");
  Actor actor(calling_getppid(1), [&] { name_task(name); });
  const std::string spec = written(directory, "rows", every_task,
                                   {{"name", "rows"}, {"type", "struct task_row"}, {"poll", "100ms"}});
  Probe probe(probe_command(spec, {"--record", directory / "tasks.rec"}));
  const std::string tgid = ",\"tgid\":" + actor.id() + ",";
  CHECK(probe.process().wait_for_lines([&](std::string_view lines) {
    const std::size_t first = lines.find(tgid);
    return first != lines.npos && lines.find(tgid, first + 1) != lines.npos;
  }));
  const Finished done = probe.stop();
  INFO(done.err);
  CHECK(done.status == 0);
  CHECK(summary_of(done.err).undecodable == 0);
  const json wanted{{"pid", actor.pid()}, {"tgid", actor.pid()}, {"comm", name}};
  const std::vector<json> rows = json_lines(done.out);
  CHECK(std::count(rows.begin(), rows.end(), wanted) >= 2);
  const Finished replayed = run({probe_run(), "--replay", directory / "tasks.rec"});
  CHECK(replayed.out == done.out);
}

TEST_CASE("an iterator over a map shows its entries, and must name the map") {
  const Directory directory;
  json attach{{"type", "iter"}, {"target", "bpf_map_elem"}, {"map", "squares"}};
  Probe probe(probe_command(written(directory, "entries", attach, {{"name", "entries"}}, "csv")));
  CHECK(probe.process().wait_for_out("\n2\n"));
  CHECK(probe.stop().out == "line\n0\n1\n2\n");
  attach.erase("map");
  const Finished done = run(probe_command(written(directory, "entries", attach, {{"name", "entries"}})));
  CHECK(done.status == 1);
  CHECK(contains(done.err, "\"map\": \"NAME\""));
}

TEST_CASE("an unknown iterator is an error that suggests those that this kernel has") {
  const Directory directory;
  const json attach{{"type", "iter"}, {"target", "tasks"}};
  const Finished done = run(probe_command(written(directory, "lines", attach, {{"name", "lines"}})));
  CHECK(done.status == 1);
  CHECK(contains(done.err, "to iter:tasks: this kernel has no such iterator"));
  CHECK(contains(done.err, "did you mean \"task\"?"));
}

TEST_CASE("an iterator over the tasks of a process that does not exist is refused") {
  const Directory directory;
  const json attach{{"type", "iter"}, {"target", "task"}, {"pid", 2'000'000'000}};
  const Finished done = run(probe_command(written(directory, "lines", attach, {{"name", "lines"}})));
  CHECK(done.status == 1);
  CHECK(contains(done.err, "process 2000000000 is not found\n"));
}

TEST_CASE("an iterator over one process's tasks is an error if the kernel cannot select a process") {
  if (kernel_is_at_least(6, 1)) return;  // where it attaches: attach_points_test.cc
  const Directory directory;
  const json attach{{"type", "iter"}, {"target", "task"}, {"pid", 1}};
  const Finished done = run(probe_command(written(directory, "lines", attach, {{"name", "lines"}})));
  CHECK(done.status == 1);
  CHECK(contains(done.err, "does not support \"map\", \"cgroup\" or \"pid\""));
}
