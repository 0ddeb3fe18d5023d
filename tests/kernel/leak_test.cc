// A run leaves nothing in the kernel: a thousand starts and stops.
#include <bpf/bpf.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "actor.h"
#include "engine/live_probe.h"
#include "network.h"
#include "probe.h"
#include "support/catch.h"

using namespace test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

struct Kind {
  std::string name;
  json spec;
  int cycles;  // fewer for those that the kernel is slow to tear down
};

json spec_of(const std::string& program, const json& attach) {
  return {
      {"name", "leak"},
      {"object", "leak.bpf.o"},
      {"programs", json::array({{{"name", program}, {"attach", attach}}})},
      {"maps", json::array({{{"name", "leak_calls"}}, {{"name", "leak_events"}, {"type", "struct event"}}})},
      {"outputs", json::array({{{"map", "leak_calls"}, {"format", "jsonl"}},
                               {{"map", "leak_events"}, {"format", "jsonl"}}})}};
}

std::vector<Kind> kinds_on(const std::string& iface, const std::string& cgroup) {
  json iterator = spec_of("leak_iter", {{"type", "iter"}, {"target", "task"}});
  iterator["maps"].push_back({{"name", "leak_iter"}});
  iterator["outputs"].push_back({{"map", "leak_iter"}, {"format", "text"}, {"template", "{line}"}});
  return {
      {"xdp", spec_of("leak_xdp", {{"type", "xdp"}, {"iface", iface}}), 250},
      {"tc", spec_of("leak_tc", {{"type", "tc"}, {"iface", iface}, {"direction", "egress"}}), 250},
      {"cgroup", spec_of("leak_cgroup", {{"type", "cgroup"}, {"path", cgroup}}), 250},
      {"iter", iterator, 100},
      {"perf_event",
       spec_of("leak_sample", {{"type", "perf_event"}, {"event", "cpu-clock"}, {"frequency", 1}}), 50},
      {"uprobe", spec_of("leak_uprobe", {{"type", "uprobe"}, {"binary", "libc.so.6"}, {"symbol", "getpgid"}}),
       50},
      {"tracepoint",
       spec_of("leak_tracepoint",
               {{"type", "tracepoint"}, {"category", "syscalls"}, {"name", "sys_enter_getpgid"}}),
       50},
  };
}

// As probe-run does it, but in this process, so that leaks stay visible.
void start_and_stop(const std::string& spec) {
  probe_run::Options options;
  options.object_dirs = {own_object_directory()};
  options.specs = {spec};
  const probe_run::NamedSpec named = probe_run::read_specs(options).at(0);
  probe_run::LibbpfLog log;
  probe_run::SinkSet sinks(probe_run::SinkSet::Kind::null);
  probe_run::SpecReport report;
  probe_run::Interlude nothing_else;
  probe_run::LiveProbe probe(
      probe_run::compile_spec(named, options, probe_run::MissingParameters::refuse, log, sinks), report,
      nothing_else);
  probe.start(options);
}

std::size_t open_descriptors() {
  const fs::directory_iterator directory("/proc/self/fd"), end;
  return static_cast<std::size_t>(std::distance(directory, end));
}

// The directory of the objects that are pinned; some machines have none.
std::size_t pinned() {
  std::error_code error;
  const fs::directory_iterator directory("/sys/fs/bpf", error), end;
  return error ? 0 : static_cast<std::size_t>(std::distance(directory, end));
}

template <class Info>
std::vector<std::string> names_of(int (*next)(std::uint32_t, std::uint32_t*), int (*open)(std::uint32_t)) {
  std::vector<std::string> names;
  for (std::uint32_t id = 0; next(id, &id) == 0;) {
    const probe_run::Fd fd(open(id));
    Info info{};
    std::uint32_t size = sizeof info;
    if (fd && bpf_obj_get_info_by_fd(fd.get(), &info, &size) == 0) names.emplace_back(info.name);
  }
  return names;
}

// Programs and maps of the tests' object that are in the kernel, whatever holds them; a link holds its
// program.
std::vector<std::string> left_in_kernel() {
  std::vector<std::string> names = names_of<bpf_prog_info>(bpf_prog_get_next_id, bpf_prog_get_fd_by_id);
  const std::vector<std::string> maps = names_of<bpf_map_info>(bpf_map_get_next_id, bpf_map_get_fd_by_id);
  names.insert(names.end(), maps.begin(), maps.end());
  std::erase_if(names, [](const std::string& name) { return !name.starts_with("leak_"); });
  return names;
}

// Describes what the cycles left open; "" for nothing. Runs in a separate process, which may change its
// namespaces.
std::string cycles(const std::vector<Kind>& kinds, const std::string& directory, int divisor) {
  std::string text;
  for (const Kind& kind : kinds) {
    const std::string spec = directory + "/" + kind.name + ".json";
    std::ofstream(spec) << kind.spec.dump(2) << '\n';
    try {
      start_and_stop(spec);  // some things are opened once and kept
      const std::size_t before = open_descriptors();
      for (int cycle = 1; cycle < std::max(kind.cycles / divisor, 2); ++cycle) start_and_stop(spec);
      const std::size_t after = open_descriptors();
      if (after != before)
        text +=
            kind.name + ": " + std::to_string(before) + " descriptors, then " + std::to_string(after) + "\n";
    } catch (const std::exception& error) {
      text += kind.name + ": " + error.what() + "\n";
    }
  }
  return text;
}

}  // namespace

TEST_CASE("a thousand starts and stops leave no descriptor, program, map, filter or pin") {
  Network network;
  const Directory directory;
  const std::string mount = directory / "cgroup2";
  fs::create_directory(mount);
  REQUIRE(::mount("none", mount.c_str(), "cgroup2", 0, nullptr) == 0);
  const std::string cgroup = mount + "/" + unique_name("leak");
  fs::create_directory(cgroup);
  const std::size_t pins = pinned();
  const std::vector<Kind> kinds = kinds_on(network.iface(), cgroup);
  // A slow machine does fewer, as PROBE_RUN_PATIENCE says.
  const int divisor = static_cast<int>(patiently(Milliseconds(1)).count());
  network.inside([&] {
    Actor actor([&] { return cycles(kinds, directory.path(), divisor); });
    CHECK(actor.act() == "");
    CHECK(eventually([] { return left_in_kernel().empty(); }));
  });
  const auto qdiscs = [&] {
    return run(in_network(network.name(), {"tc", "qdisc", "show", "dev", network.iface()})).out;
  };
  CHECK_FALSE(contains(qdiscs(), "clsact"));
  // As separate processes too: the kernel must release everything when they exit.
  for (const std::size_t which : {0u, 1u, 2u}) {
    const std::string spec = directory / (kinds[which].name + ".json");
    for (int cycle = 0; cycle < 10; ++cycle) {
      const Finished done = run(in_network(network.name(), probe_command(spec, {"--duration", "1ms"})));
      INFO(done.err);
      CHECK(done.status == 0);
    }
  }
  CHECK_FALSE(contains(qdiscs(), "clsact"));
  CHECK(eventually([] { return left_in_kernel().empty(); }));
  CHECK(pinned() == pins);
  fs::remove(cgroup);
  ::umount2(mount.c_str(), MNT_DETACH);
}
