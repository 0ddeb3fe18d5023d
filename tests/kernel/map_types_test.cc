// Every map type that a program can fill, read back exactly: empty, with one entry and full.
#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

#include "actor.h"
#include "live_map.h"
#include "map_spec.h"
#include "probe.h"
#include "support/catch.h"

using namespace test;
using nlohmann::json;

namespace {

constexpr std::uint32_t size = 16;  // of every map

json counter(std::uint64_t number) {
  return {{"count", 1000 + number}, {"number", number}, {"name", "n"}};
}
const json no_counter = {{"count", 0}, {"number", 0}, {"name", ""}};

// By key, so that the order of a hash does not matter.
std::vector<json> sorted(std::vector<json> rows) {
  std::sort(rows.begin(), rows.end());
  return rows;
}

// Bloom filters, task storage and user ring buffers: the last of them came with Linux 6.1. The older map
// types are in a separate object as well.
bool has_every_type() {
  return kernel_is_at_least(6, 1);
}

std::string object_with_older_types() {
  return has_every_type() ? "map_types" : "older_map_types";
}

// The error for a map type that this kernel does not know.
void check_refusal(const std::string& spec) {
  WARN("this kernel has no user ring buffers (Linux 6.1 has): only the refusal is looked at");
  const Finished done = run(probe_command(spec, {"--set", "pid=1"}));
  INFO(done.err);
  CHECK(done.status == 1);
  CHECK(contains(done.err, "the map \"requests\" is of type user_ringbuf, which needs Linux 6.1"));
}

class Run {
 public:
  explicit Run(std::uint32_t calls) {
    std::vector<std::string> names{"a_hash",    "sparse_hash", "an_array", "mapped_array",
                                   "cpu_array", "cpu_hash",    "trie",     "a_queue",
                                   "a_stack",   "bloom",       "tasks",    "stacks",
                                   ".bss",      ".data",       ".rodata",  ".data.aside"};
    if (!has_every_type()) {
      std::erase(names, "bloom");
      std::erase(names, "tasks");
    }
    json maps = json::array();
    json outputs = json::array();
    for (const std::string& name : names) {
      json map = {{"name", name}};
      if (name == "a_queue" || name == "a_stack") map["read"] = "drain";
      if (name == "bloom") map["keys"] = json::array({0, 1, 15, 4000000000});
      if (name.starts_with("cpu_")) map["per_cpu"] = true;
      maps.push_back(map);
      outputs.push_back({{"map", name}, {"every", "exit"}, {"format", "jsonl"}, {"to", directory_ / name}});
    }
    const std::string spec = write_map_spec(
        directory_,
        {.object = object_with_older_types(), .program = "fill", .maps = maps, .outputs = outputs});
    Actor actor(calling_getppid(1));
    target_ = static_cast<std::uint32_t>(actor.pid());
    Probe probe(probe_command(spec, {"--set", "pid=" + actor.id()}));
    for (std::uint32_t call = 0; call < calls; ++call) actor.act();
    LiveMap stacks(probe.pid(), "stacks");
    for (std::uint32_t id = 0; id < 64; ++id) {
      if (const auto stack = stacks.get<std::array<std::uint64_t, 127>>(id)) stacks_[id] = *stack;
    }
    const Finished done = probe.stop();
    INFO(done.err);
    REQUIRE(done.status == 0);
    CHECK(summary_of(done.err).reads == names.size());
    CHECK_FALSE(contains(done.err, "incomplete"));
  }

  std::vector<json> rows(const std::string& map) const { return json_lines(read_file(directory_ / map)); }
  std::uint32_t target() const { return target_; }
  const std::map<std::uint32_t, std::array<std::uint64_t, 127>>& stacks() const { return stacks_; }

 private:
  Directory directory_;
  std::uint32_t target_ = 0;
  std::map<std::uint32_t, std::array<std::uint64_t, 127>> stacks_;
};

// The values of a per-CPU entry: one on a single CPU, zero on the others.
bool is_of_one_cpu(const json& values, const json& wanted, const json& nothing) {
  return std::count(values.begin(), values.end(), wanted) == 1 &&
         std::count(values.begin(), values.end(), nothing) + 1 == static_cast<std::ptrdiff_t>(values.size());
}

void check_newer_types(const Run& run, std::uint32_t calls) {
  CHECK(run.rows("bloom") == std::vector<json>{{{"key", 0}, {"value", calls > 0}},
                                               {{"key", 1}, {"value", calls > 1}},
                                               {{"key", 15}, {"value", calls > 15}},
                                               {{"key", 4000000000}, {"value", false}}});
  std::vector<json> tasks;
  if (calls > 0) tasks.push_back({{"key", run.target()}, {"value", counter(calls - 1)}});
  CHECK(run.rows("tasks") == tasks);
}

void check(std::uint32_t calls) {
  CAPTURE(calls);
  const Run run(calls);

  std::vector<json> hashed, placed, prefixes, queued;
  for (std::uint32_t n = 0; n < size; ++n) {
    placed.push_back({{"key", n}, {"value", n < calls ? counter(n) : no_counter}});
    if (n >= calls) continue;
    hashed.push_back({{"key", n}, {"value", counter(n)}});
    prefixes.push_back({{"key", {{"length", 32}, {"address", {10, 0, 0, n}}}}, {"value", counter(n)}});
    queued.push_back({{"value", n}});
  }
  CHECK(sorted(run.rows("a_hash")) == sorted(hashed));
  CHECK(sorted(run.rows("sparse_hash")) == sorted(hashed));
  CHECK(run.rows("an_array") == placed);
  CHECK(run.rows("mapped_array") == placed);
  CHECK(sorted(run.rows("trie")) == sorted(prefixes));
  CHECK(run.rows("a_queue") == queued);
  std::reverse(queued.begin(), queued.end());
  CHECK(run.rows("a_stack") == queued);

  const std::vector<json> per_cpu = run.rows("cpu_array");
  CHECK(per_cpu.size() == size);
  for (const json& row : per_cpu) {
    CAPTURE(row);
    const std::uint32_t n = row["key"];
    CHECK((n < calls ? is_of_one_cpu(row["value"], counter(n), no_counter)
                     : std::count(row["value"].begin(), row["value"].end(), no_counter) ==
                           static_cast<std::ptrdiff_t>(row["value"].size())));
  }
  const std::vector<json> per_cpu_hash = sorted(run.rows("cpu_hash"));
  CHECK(per_cpu_hash.size() == calls);
  for (const json& row : per_cpu_hash) {
    CAPTURE(row);
    CHECK(is_of_one_cpu(row["value"], counter(row["key"]), no_counter));
  }

  if (has_every_type()) check_newer_types(run, calls);
  // Each stack that the kernel has, up to the trailing zeros.
  std::vector<json> stacks;
  for (const auto& [id, addresses] : run.stacks()) {
    json shown = json::array();
    for (const std::uint64_t address : addresses) {
      char text[32];
      if (address == 0) break;
      std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(address));
      shown.push_back(text);
    }
    CHECK(shown.size() > 1);
    stacks.push_back({{"key", id}, {"value", shown}});
  }
  CHECK(stacks.empty() == (calls == 0));
  CHECK(sorted(run.rows("stacks")) == sorted(stacks));

  const std::int64_t last = std::int64_t{calls} - 1;
  CHECK(run.rows(".bss") == std::vector<json>{{{"calls", calls}, {"below_zero", calls > 0 ? -last : 0}}});
  CHECK(run.rows(".data") ==
        std::vector<json>{{{"last", calls > 0 ? counter(calls - 1)
                                              : json{{"count", 1}, {"number", 2}, {"name", "data"}}}}});
  CHECK(run.rows(".data.aside") == std::vector<json>{{{"aside", 7 + calls * (calls - 1) / 2}}});
  CHECK(run.rows(".rodata") == std::vector<json>{{{"target_pid", run.target()}}});
}

}  // namespace

TEST_CASE("maps of every type are read exactly: empty", "[map_types]") {
  check(0);
}

TEST_CASE("maps of every type are read exactly: one entry", "[map_types]") {
  check(1);
}

TEST_CASE("maps of every type are read exactly: full", "[map_types]") {
  check(size);
}

TEST_CASE("values of a queue are read once and in order, however often it is read", "[map_types]") {
  const Directory directory;
  const std::string spec =
      write_map_spec(directory, {.object = object_with_older_types(),
                                 .program = "fill",
                                 .maps = {{{"name", "a_queue"}, {"read", "drain"}, {"poll", "5ms"}}}});
  Actor actor(calling_getppid(1));
  Probe probe(probe_command(spec, {"--set", "pid=" + actor.id(), "--format", "jsonl"}));
  std::vector<json> expected;
  for (std::uint32_t call = 0; call < 50; ++call) {
    actor.act();
    expected.push_back({{"value", call}});
    // Room for 16: the reads keep up.
    if (call % 10 == 9) REQUIRE(probe.process().wait_for_out("{\"value\":" + std::to_string(call) + "}"));
  }
  const Finished done = probe.stop();
  CHECK(json_lines(done.out) == expected);
}

TEST_CASE("only the keys that are named are read", "[map_types]") {
  const Directory directory;
  json keys = {{{"name", "a_hash"}, {"keys", {3, 1, 99}}},
               {{"name", "an_array"}, {"keys", {2}}},
               {{"name", "trie"}, {"keys", {{{"length", 32}, {"address", {10, 0, 0, 1}}}}}}};
  if (has_every_type()) keys.push_back({{"name", "tasks"}, {"keys", json::array({1})}});
  const std::string spec =
      write_map_spec(directory, {.object = object_with_older_types(), .program = "fill", .maps = keys});
  Actor actor(calling_getppid(5));
  Probe probe(probe_command(spec, {"--set", "pid=" + actor.id(), "--format", "jsonl"}));
  actor.act();
  const Finished done = probe.stop();
  const std::vector<json> rows = json_lines(done.out);
  // The last read may come before the first poll.
  CHECK(rows ==
        std::vector<json>{{{"key", 3}, {"value", counter(3)}},
                          {{"key", 1}, {"value", counter(1)}},
                          {{"key", 2}, {"value", counter(2)}},
                          {{"key", {{"length", 32}, {"address", {10, 0, 0, 1}}}}, {"value", counter(1)}}});
}

TEST_CASE("records sent to a user ring buffer reach the program", "[map_types]") {
  const Directory directory;
  const json maps = {
      {{"name", "requests"},
       {"type", "struct counter"},
       {"send", {{{"count", 5}, {"number", 6}, {"name", "six"}}, {{"number", 9}, {"count", 1}}}}},
      {{"name", "requested"}}};
  const std::string spec =
      write_map_spec(directory, {.object = "map_types", .program = "fill", .maps = maps});
  if (!has_every_type()) return check_refusal(spec);
  Actor actor(calling_getppid(1));
  Probe probe(probe_command(spec, {"--set", "pid=" + actor.id(), "--format", "jsonl"}));
  actor.act();
  const Finished done = probe.stop();
  INFO(done.err);
  CHECK(done.status == 0);
  CHECK(sorted(json_lines(done.out)) ==
        std::vector<json>{{{"key", 6}, {"value", {{"count", 5}, {"number", 6}, {"name", "six"}}}},
                          {{"key", 9}, {"value", {{"count", 1}, {"number", 9}, {"name", ""}}}}});
}

TEST_CASE("values with a layout are sent as well as those of a type", "[map_types]") {
  const Directory directory;
  const json maps = {{{"name", "requests"},
                      {"layout",
                       {{{"name", "count"}, {"type", "u64"}},
                        {{"name", "number"}, {"type", "u32"}},
                        {{"name", "name"}, {"type", "char[12]"}}}},
                      {"send", {{{"count", 5}, {"number", 6}, {"name", "six"}}}}},
                     {{"name", "requested"}}};
  const std::string spec =
      write_map_spec(directory, {.object = "map_types", .program = "fill", .maps = maps});
  if (!has_every_type()) return check_refusal(spec);
  Actor actor(calling_getppid(1));
  Probe probe(probe_command(spec, {"--set", "pid=" + actor.id(), "--format", "jsonl"}));
  actor.act();
  const Finished done = probe.stop();
  INFO(done.err);
  CHECK(done.status == 0);
  CHECK(json_lines(done.out) ==
        std::vector<json>{{{"key", 6}, {"value", {{"count", 5}, {"number", 6}, {"name", "six"}}}}});
}

TEST_CASE("more records than a user ring buffer holds are an error that says how many were accepted",
          "[map_types]") {
  const Directory directory;
  json values = json::array();
  for (int i = 0; i < 1000; ++i) values.push_back({{"number", i}});
  const std::string spec = write_map_spec(
      directory, {.object = "map_types",
                  .program = "fill",
                  .maps = {{{"name", "requests"}, {"type", "struct counter"}, {"send", values}}}});
  if (!has_every_type()) return check_refusal(spec);
  const Finished done = run(probe_command(spec, {"--set", "pid=1"}));
  CHECK(done.status == 1);
  CHECK(contains(done.err, "cannot send to \"requests\": after "));
  CHECK(contains(done.err, " of 1000 values, "));
}

TEST_CASE("variables are read while the program runs", "[map_types]") {
  const Directory directory;
  const std::string spec = write_map_spec(directory, {.object = object_with_older_types(),
                                                      .program = "fill",
                                                      .maps = {{{"name", ".bss"}, {"poll", "5ms"}}}});
  Actor actor(calling_getppid(1));
  Probe probe(probe_command(spec, {"--set", "pid=" + actor.id(), "--format", "jsonl"}));
  CHECK(probe.process().wait_for_out("{\"calls\":0,\"below_zero\":0}\n"));
  actor.act();
  CHECK(probe.process().wait_for_out("{\"calls\":1,\"below_zero\":0}\n"));
  actor.act();
  CHECK(probe.process().wait_for_out("{\"calls\":2,\"below_zero\":-1}\n"));
  CHECK(probe.stop().status == 0);
}
