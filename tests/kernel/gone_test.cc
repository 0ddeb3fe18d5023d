// Targets that disappear while programs are attached to them: interfaces, processes, cgroups, modules, CPUs.
#include <elf.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include "actor.h"
#include "attach_spec.h"
#include "network.h"
#include "probe.h"
#include "support/catch.h"

using namespace test;
using nlohmann::json;

namespace {

constexpr std::uint64_t calls = 50;

json program(const std::string& name, const json& attach) {
  return {{"name", name}, {"attach", attach}};
}

json spec_of(const std::vector<json>& programs) {
  return {{"name", "gone"},
          {"object", "attach.bpf.o"},
          {"programs", programs},
          {"maps", json::array({{{"name", "calls"}}})},
          {"outputs", json::array({{{"map", "calls"}, {"every", "exit"}, {"format", "jsonl"}}})}};
}

std::string calling_getpgid() {
  for (std::uint64_t i = 0; i < calls; ++i) ::getpgid(0);
  return {};
}

std::uint64_t counted(const Finished& done) {
  const std::vector<json> lines = json_lines(done.out);
  REQUIRE(lines.size() == 1);
  return lines[0].at("value").get<std::uint64_t>();
}

std::size_t times(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

// The run ends by itself: nothing stops it.
Finished finish(Probe& probe) {
  return probe.process().finish(patiently(std::chrono::seconds(10)));
}

bool says(Probe& probe, const std::string& text) {
  return probe.process().wait_for_err(text, patiently(std::chrono::seconds(10)));
}

bool can_attach(const std::vector<std::string>& command) {
  std::vector<std::string> tried = command;
  tried.insert(tried.end(), {"--duration", "1ms"});
  return run(tried).status == 0;
}

// Keeps a CPU offline for its lifetime. Only for machines where nothing else runs.
void set_online(int cpu, bool online) {
  std::ofstream file("/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/online");
  file << (online ? '1' : '0') << std::flush;
  if (!file) throw std::runtime_error("cannot set a CPU online or offline");
}

void move_to(int cpu) {
  cpu_set_t only;
  CPU_ZERO(&only);
  CPU_SET(static_cast<std::size_t>(cpu), &only);
  if (::sched_setaffinity(0, sizeof only, &only) != 0) ::_exit(1);
}

bool may_switch_cpus() {
  if (!is_quiet()) WARN("other programs run here: no CPU is set offline (the virtual machines do it)");
  return is_quiet();
}

}  // namespace

TEST_CASE("the removal of an interface is reported once, and the rest of the run continues") {
  const Directory directory;
  const json raw = program("on_raw", {{"type", "raw_tracepoint"}, {"name", "sys_enter"}});
  for (const std::string type : {"xdp", "tc", "tcx"}) {
    INFO(type);
    Network network;
    json points = json::array({{{"type", type}, {"iface", network.iface()}}});
    if (type != "xdp") {
      points.push_back(points[0]);
      points[0]["direction"] = "ingress";
      points[1]["direction"] = "egress";
    }
    // Many, so that the interface is removed while the runner checks them: once, that was reported twice.
    for (int priority = 1; type == "tc" && priority <= 40; ++priority) {
      points.push_back(points[0]);
      points.back()["priority"] = priority;
    }
    const json spec = spec_of({program(type == "xdp" ? "on_xdp" : "on_tc", points), raw});
    const std::vector<std::string> command =
        in_network(network.name(), probe_command(written(directory, spec)));
    if (type == "tcx" && !can_attach(command)) continue;  // Linux 6.6
    Probe probe(command);
    run(in_network(network.name(), {"ip", "link", "del", network.iface()}));
    CHECK(says(probe, "the interface " + network.iface() + " is gone"));
    const Finished done = probe.stop();
    INFO(done.err);
    CHECK(done.status == 0);
    CHECK(times(done.err, " is gone: deleted, or moved to another network namespace\n") == 1);
    CHECK_FALSE(contains(done.err, "no attached program is left"));
    CHECK(counted(done) > 0);
  }
}

TEST_CASE("a run with nothing left attached ends by itself") {
  Network network;
  const std::vector<std::string> command = in_network(
      network.name(), probe_command(spec_file("xdp_count"), {"--set", "iface=" + network.iface()}));
  {
    Probe probe(command);
    network.send(frame_of(private_protocol), 3);
    run(in_network(network.name(), {"ip", "link", "del", network.iface()}));
    const Finished done = finish(probe);
    INFO(done.err);
    CHECK(done.status == 0);
    CHECK(times(done.err, "the interface " + network.iface() + " is gone") == 1);
    CHECK(contains(done.err, "xdp_count: no attached program is left that could report events\n"));
    CHECK(contains(done.out, "3"));  // its last output was written
  }
}

TEST_CASE("an interface that moves to another network namespace counts as removed") {
  Network network, other;
  const json point{{"type", "tc"}, {"iface", network.iface()}, {"direction", "ingress"}};
  const Directory directory;
  Probe probe(
      in_network(network.name(), probe_command(written(directory, spec_of({program("on_tc", point)})))));
  run(in_network(network.name(), {"ip", "link", "set", network.iface(), "netns", other.name()}));
  const Finished done = finish(probe);
  INFO(done.err);
  CHECK(done.status == 0);
  CHECK(contains(done.err, "the interface " + network.iface() + " is gone"));
  CHECK_FALSE(
      contains(run(in_network(other.name(), {"tc", "qdisc", "show", "dev", network.iface()})).out, "clsact"));
}

TEST_CASE("a run that traces certain processes ends when the last of them has exited") {
  const Directory directory;
  Actor first(calling_getpgid), second(calling_getpgid);
  json points = json::array();
  for (const Actor* const actor : {&first, &second}) {
    points.push_back(
        {{"type", "uprobe"}, {"binary", "libc.so.6"}, {"symbol", "getpgid"}, {"pid", actor->pid()}});
  }
  const json sample{
      {"type", "perf_event"}, {"event", "task-clock"}, {"period", 1000000000}, {"pid", first.pid()}};
  json programs = json::array({program("on_kprobe", points), program("on_sample", sample)});
  if (!kernel_is_at_least(5, 13)) programs.erase(1);  // a process with all its threads
  Probe probe(probe_command(written(directory, spec_of(programs))));
  first.act();
  second.act();
  ::kill(first.pid(), SIGKILL);
  CHECK(says(probe, "gone: process " + first.id() + " has exited\n"));
  ::kill(second.pid(), SIGKILL);
  const Finished done = finish(probe);
  INFO(done.err);
  CHECK(done.status == 0);
  CHECK(times(done.err, "gone: process " + first.id() + " has exited\n") == 1);
  CHECK(times(done.err, "gone: process " + second.id() + " has exited\n") == 1);
  CHECK(contains(done.err, "gone: no attached program is left that could report events\n"));
  CHECK(counted(done) >= 2 * calls);
}

TEST_CASE("the exit of a process detaches only the attach points of that process") {
  const Directory directory;
  Actor ends(calling_getppid(1)), stays(calling_getppid(calls));
  const json of_process{
      {"type", "uprobe"}, {"binary", "libc.so.6"}, {"symbol", "getppid"}, {"pid", ends.pid()}};
  json spec = spec_of({program("on_kprobe", of_process),
                       program("on_raw", {{"type", "raw_tracepoint"}, {"name", "sys_enter"}})});
  spec["globals"] = {{"target_pid", stays.pid()}};
  Probe probe(probe_command(written(directory, spec)));
  ::kill(ends.pid(), SIGKILL);
  CHECK(says(probe, "gone: process " + ends.id() + " has exited\n"));
  stays.act();
  const Finished done = probe.stop();
  INFO(done.err);
  CHECK(done.status == 0);
  CHECK(times(done.err, "has exited") == 1);
  CHECK_FALSE(contains(done.err, "no attached program is left"));
  CHECK(counted(done) >= calls);
}

TEST_CASE("two specs: the run continues until nothing is left attached of either") {
  const Directory one, other;
  Actor actor(calling_getppid(1));
  json spec = spec_of(
      {program("on_kprobe",
               {{"type", "uprobe"}, {"binary", "libc.so.6"}, {"symbol", "getppid"}, {"pid", actor.pid()}})});
  const std::string bound = written(one, spec);
  spec = spec_of({program("on_raw", {{"type", "raw_tracepoint"}, {"name", "sys_enter"}})});
  spec["name"] = "unbound";
  Probe probe(probe_command(bound, {written(other, spec)}));
  ::kill(actor.pid(), SIGKILL);
  CHECK(says(probe, "gone: no attached program is left that could report events\n"));
  CHECK_FALSE(probe.process().wait_for_err(" undecodable", Milliseconds(300)));  // the summary
  CHECK(probe.stop().status == 0);
}

TEST_CASE("the removal of a cgroup is reported, and detaches its programs") {
  const Directory mounts;
  const std::string mount = mounts / "cgroup2";
  std::filesystem::create_directory(mount);
  REQUIRE(::mount("none", mount.c_str(), "cgroup2", 0, nullptr) == 0);
  const std::string cgroup = mount + "/" + unique_name("gone");
  std::filesystem::create_directory(cgroup);
  {
    const Directory directory;
    Probe probe(probe_command(
        written(directory, spec_of({program("on_connect4", {{"type", "cgroup"}, {"path", cgroup}})}))));
    CHECK(std::filesystem::remove(cgroup));
    const Finished done = finish(probe);
    INFO(done.err);
    CHECK(done.status == 0);
    CHECK(times(done.err, "warning: gone: the cgroup " + cgroup + " was removed\n") == 1);
    CHECK(contains(done.err, "no attached program is left"));
    CHECK(counted(done) == 0);
  }
  ::umount2(mount.c_str(), MNT_DETACH);
}

TEST_CASE("the unloading of a module with a kprobe is reported, with kprobes") {
  std::string file;
  for (const char* const directory : {"/vm/modules"}) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
      if (contains(entry.path().filename().native(), "-veth.ko")) file = entry.path();
    }
  }
  if (!has_kprobes() || !is_quiet() || file.empty()) {
    WARN("no kprobes, or no module that may be unloaded (the virtual machines have both)");
    return;
  }
  for (const json& keys : {json{{"module", "veth"}}, json::object()}) {
    const Directory directory;
    json point{{"type", "kprobe"}, {"symbol", "veth_xmit"}};
    point.update(keys);
    const json other{{"type", "raw_tracepoint"}, {"name", "sys_enter"}};
    Probe probe(
        probe_command(written(directory, spec_of({program("on_kprobe", point), program("on_raw", other)}))));
    const Finished unloaded = run({"rmmod", "veth"});
    INFO(unloaded.err);
    CHECK(unloaded.status == 0);
    CHECK(says(probe, "warning: gone: the module veth was unloaded: its probes are gone\n"));
    const Finished done = probe.stop();
    INFO(done.err);
    CHECK(done.status == 0);
    CHECK(times(done.err, "was unloaded") == 1);
    CHECK_FALSE(contains(done.err, "no attached program is left"));
    CHECK(run({"insmod", file}).status == 0);
  }
}

namespace {

// The offset in the file of a program's first instruction.
std::uint64_t entry_of(const std::string& path) {
  const std::string bytes = read_file(path);
  Elf64_Ehdr header{};
  REQUIRE(bytes.size() > sizeof header);
  std::memcpy(&header, bytes.data(), sizeof header);
  for (std::size_t i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment{};
    const std::size_t at = header.e_phoff + i * sizeof segment;
    REQUIRE(bytes.size() >= at + sizeof segment);
    std::memcpy(&segment, bytes.data() + at, sizeof segment);
    if (segment.p_type == PT_LOAD && header.e_entry - segment.p_vaddr < segment.p_filesz)
      return header.e_entry - segment.p_vaddr + segment.p_offset;
  }
  throw std::runtime_error("the program has no entry");
}

// A program that can be replaced; each start of it is seen once.
class ReplacedProgram {
 public:
  ReplacedProgram() { put(path()); }
  std::string path() const { return directory_ / "service"; }
  // A whole file appears at the path at once.
  void replace() const {
    put(path() + ".new");
    std::filesystem::rename(path() + ".new", path());
  }
  static void put(const std::string& to) { std::filesystem::copy_file("/bin/true", to); }
  json point(bool follow) const {
    json point{{"type", "uprobe"}, {"binary", path()}, {"offset", entry_of(path())}};
    if (follow) point["follow"] = true;
    return point;
  }
  void start() const { REQUIRE(run({path()}).status == 0); }

 private:
  Directory directory_;
};

json spec_of_every_process(const json& point) {
  json spec = spec_of({program("on_kprobe", point)});
  spec["globals"] = {{"target_pid", 0}};
  return spec;
}

}  // namespace

TEST_CASE("a program that is replaced is reported once, and the run continues with the old one") {
  const ReplacedProgram service;
  const Directory directory;
  Probe probe(probe_command(written(directory, spec_of_every_process(service.point(false)))));
  service.start();
  service.replace();
  CHECK(says(probe, "warning: gone: " + service.path() +
                        " was replaced: processes that start from now on are not seen\n"));
  service.replace();
  service.start();
  const Finished done = probe.stop();
  INFO(done.err);
  CHECK(done.status == 0);
  CHECK(times(done.err, " was replaced") == 1);
  CHECK(contains(done.err, "hint: start the run again, or add \"follow\": true to the attach point\n"));
  CHECK(counted(done) == 1);
}

TEST_CASE(
    "a program that is deleted is reported, and attached to again when it is back if the spec says so") {
  for (const bool follow : {false, true}) {
    const ReplacedProgram service;
    const Directory directory;
    Probe probe(probe_command(written(directory, spec_of_every_process(service.point(follow)))));
    service.start();
    std::filesystem::remove(service.path());
    CHECK(says(probe, service.path() + " was deleted: processes that start from now on are not seen\n"));
    service.put(service.path());
    if (follow) CHECK(says(probe, service.path() + " was replaced: attached to the new file as well\n"));
    service.start();
    const Finished done = probe.stop();
    INFO(done.err);
    CHECK(done.status == 0);
    CHECK(times(done.err, " was deleted") == 1);
    CHECK(counted(done) == (follow ? 2 : 1));
  }
}

TEST_CASE("a symbolic link that leads to another program is followed") {
  const ReplacedProgram old_one, new_one;
  const Directory directory;
  const std::string link = directory / "current";
  std::filesystem::create_symlink(old_one.path(), link);
  json point = old_one.point(true);
  point["binary"] = link;
  Probe probe(probe_command(written(directory, spec_of_every_process(point))));
  old_one.start();
  std::filesystem::create_symlink(new_one.path(), link + ".new");
  std::filesystem::rename(link + ".new", link);
  CHECK(says(probe, link + " was replaced: attached to the new file as well\n"));
  new_one.start();
  old_one.start();
  CHECK(counted(probe.stop()) == 3);
}

TEST_CASE("a replaced program that cannot be attached to is reported, and so is one that is back") {
  const ReplacedProgram service;
  const Directory directory;
  Probe probe(probe_command(written(directory, spec_of_every_process(service.point(true)))));
  const std::string text = directory / "text";
  std::ofstream(text) << "not a program";
  std::filesystem::rename(text, service.path());
  CHECK(says(probe,
             service.path() + " was replaced: processes that start from now on are not seen: cannot attach"));
  service.replace();
  CHECK(says(probe, service.path() + " was replaced: attached to the new file as well\n"));
  service.start();
  CHECK(counted(probe.stop()) == 1);
}

TEST_CASE("a CPU that was offline is sampled again, and that is reported once") {
  if (!may_switch_cpus()) return;
  constexpr std::uint64_t frequency = 100;
  const json point{{"type", "perf_event"}, {"event", "cpu-clock"}, {"frequency", frequency}, {"cpus", {1}}};
  Actor busy([] {
    move_to(1);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(3);
    while (std::chrono::steady_clock::now() < end) {
    }
    return std::string();
  });
  json spec = spec_of({program("on_sample", point)});
  spec["globals"] = {{"target_pid", busy.pid()}};
  const Directory directory;
  Probe probe(probe_command(written(directory, spec)));
  for (int round = 0; round < 2; ++round) {
    set_online(1, false);
    CHECK(says(probe, "warning: gone: CPU 1 went offline\n"));
    set_online(1, true);
  }
  busy.act();  // only now, as a task that moves there
  const Finished done = probe.stop();
  INFO(done.err);
  CHECK(done.status == 0);
  CHECK(times(done.err, "CPU 1 went offline\n") == 1);
  CHECK(counted(done) >= frequency);
}

TEST_CASE("records from a CPU that was offline arrive through a perf buffer") {
  if (!may_switch_cpus()) return;
  constexpr std::uint64_t records = 500;
  Actor actor([] {
    move_to(1);
    return calling_getppid(records)();
  });
  // The kernel announces that in every network namespace.
  Network network;
  Probe probe(
      in_network(network.name(), probe_command(own_spec_file("flood_perf"), {"--set", "pid=" + actor.id()})));
  set_online(1, false);
  CHECK(says(probe, "warning: flood_perf: CPU 1 went offline\n"));
  set_online(1, true);
  std::this_thread::sleep_for(patiently(Milliseconds(200)));  // until its ring is created again
  actor.act();
  const Finished done = probe.stop();
  INFO(done.err);
  CHECK(done.status == 0);
  CHECK(summary_of(done.err).events + summary_of(done.err).lost == records);
  CHECK(summary_of(done.err).lost == 0);
}

TEST_CASE("a CPU that was offline when a run started is sampled once it comes online") {
  if (!may_switch_cpus()) return;
  Actor busy([] {
    move_to(1);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(2);
    while (std::chrono::steady_clock::now() < end) {
    }
    return std::string();
  });
  json spec =
      spec_of({program("on_sample", {{"type", "perf_event"}, {"event", "cpu-clock"}, {"frequency", 100}})});
  spec["globals"] = {{"target_pid", busy.pid()}};
  const Directory directory;
  set_online(1, false);
  Probe probe(probe_command(written(directory, spec)));
  set_online(1, true);
  std::this_thread::sleep_for(patiently(Milliseconds(200)));
  busy.act();
  const Finished done = probe.stop();
  INFO(done.err);
  CHECK(done.status == 0);
  CHECK_FALSE(contains(done.err, "warning"));
  CHECK(counted(done) >= 50);
}

TEST_CASE("a run that watches interfaces, processes and CPUs does not wake up") {
  Network network;
  Actor actor(calling_getppid(1));
  const json spec = spec_of(
      {program("on_tc", {{"type", "tc"}, {"iface", network.iface()}, {"direction", "ingress"}}),
       program("on_kprobe",
               {{"type", "uprobe"}, {"binary", "libc.so.6"}, {"symbol", "getppid"}, {"pid", actor.pid()}}),
       program("on_sample", {{"type", "perf_event"}, {"event", "cpu-clock"}, {"frequency", 10}})});
  const Directory directory;
  json quiet = spec;
  quiet["maps"][0]["poll"] = "1h";
  Probe probe(in_network(network.name(), probe_command(written(directory, quiet))));
  REQUIRE(eventually(
      [&] { return contains(read_file("/proc/" + std::to_string(probe.pid()) + "/stat"), ") S "); }));
  const std::uint64_t before = status_number(probe.pid(), "voluntary_ctxt_switches:");
  std::this_thread::sleep_for(std::chrono::seconds(2));  // the time that is measured
  CHECK(status_number(probe.pid(), "voluntary_ctxt_switches:") - before <= 5);
  CHECK(probe.stop().status == 0);
}
