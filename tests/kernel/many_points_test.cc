// Hundreds of attach points: stopping a run while it attaches, how fast they are detached, and descriptors.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "attach/elf_functions.h"
#include "bpf_objects.h"
#include "network.h"
#include "probe.h"
#include "support/catch.h"

using namespace test;
using nlohmann::json;

namespace {

using Clock = std::chrono::steady_clock;

json spec_of(const std::vector<json>& programs) {
  return {{"name", "many"},
          {"object", "attach.bpf.o"},
          {"programs", programs},
          {"maps", json::array({{{"name", "calls"}}})},
          {"outputs", json::array({{{"map", "calls"}, {"every", "exit"}, {"format", "json"}}})}};
}

std::string written(const Directory& directory, const json& spec) {
  const std::string path = directory / "many.json";
  std::ofstream(path) << spec.dump(2) << '\n';
  return path;
}

// A copy of the C library that no process uses.
std::string idle_library(const Directory& directory) {
  std::istringstream maps(read_file("/proc/self/maps"));
  for (std::string line; std::getline(maps, line);) {
    const std::size_t path = line.find('/');
    if (path == std::string::npos || !contains(line, "/libc.so.6")) continue;
    std::filesystem::copy_file(line.substr(path), directory / "library.so");
    return directory / "library.so";
  }
  throw std::runtime_error("this program has not mapped libc.so.6");
}

// A pattern: one attach point with some 2,000 functions.
json all_functions(const std::string& library) {
  return {{"name", "on_kprobe"}, {"attach", {{"type", "uprobe"}, {"binary", library}, {"pattern", "*"}}}};
}

json some_functions(const std::string& library, std::uint64_t count) {
  json points = json::array();
  const auto functions = probe_run::ElfFunctions::read(library);
  REQUIRE(functions);
  std::set<std::uint64_t> offsets;
  for (const std::string_view name : functions->names()) {
    for (const probe_run::ElfFunction& function : functions->find(name)) offsets.insert(function.offset);
  }
  for (const std::uint64_t offset : offsets) {
    if (points.size() == count) break;
    points.push_back({{"type", "uprobe"}, {"binary", library}, {"offset", offset}});
  }
  return {{"name", "on_kprobe"}, {"attach", points}};
}

// Functions of the kernel that exist once and can be traced.
std::vector<std::string> kernel_functions(std::size_t count) {
  std::istringstream list(read_file("/sys/kernel/tracing/available_filter_functions"));
  std::multiset<std::string> names;
  for (std::string line; std::getline(list, line);) {
    for (const std::string begin :
         {"vfs_",  "tcp_", "udp_", "inet_", "sock_",     "ip_",   "netif_", "dev_", "ip6_", "pci_",
          "acpi_", "blk_", "bio_", "proc_", "security_", "devm_", "inet6_", "nf_",  "skb_", "usb_"}) {
      if (line.starts_with(begin) && line.find_first_of(" .[") == std::string::npos) names.insert(line);
    }
  }
  std::vector<std::string> once;
  for (const std::string& name : names) {
    if (names.count(name) == 1 && once.size() < count) once.push_back(name);
  }
  return once;
}

// The kernel detaches hundreds of uprobes in a minute, in a process that outlives the run ("probe-run-end"), and
// nothing else attaches a uprobe quickly meanwhile: neither this test nor those that follow.
struct NothingDetaching {
  NothingDetaching() { wait(); }
  ~NothingDetaching() { wait(); }
  static void wait() {
    CHECK(eventually([] { return !is_detaching(); }, std::chrono::seconds(180)));
  }
  static bool is_detaching() {
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
      std::string name;
      if (std::getline(std::ifstream(entry.path() / "comm"), name) && name == "probe-run-end") return true;
    }
    return false;
  }
};

struct Stopped {
  Finished done;
  BpfIds held;                // when the signal came
  Clock::duration time{};     // from the signal to the end
  bool was_attached = false;  // the signal was sent too late
};

std::size_t open_descriptors(pid_t pid) {
  std::error_code gone;
  const std::filesystem::directory_iterator directory("/proc/" + std::to_string(pid) + "/fd", gone), end;
  return gone ? 0 : static_cast<std::size_t>(std::distance(directory, end));
}

// Stops it once it has this many descriptors open but has not attached everything: each attach point takes
// one or two.
Stopped stop_while_attaching(const std::vector<std::string>& command, std::size_t descriptors, int signal) {
  Stopped stopped;
  Process process(command);
  REQUIRE(eventually([&] { return open_descriptors(process.pid()) >= descriptors; },
                     patiently(std::chrono::seconds(10))));
  process.signal(SIGSTOP);
  stopped.held = bpf_ids_of(process.pid());
  stopped.was_attached = process.wait_for_err(": attached to ", Milliseconds(20));
  process.signal(signal);
  const auto begin = Clock::now();
  process.signal(SIGCONT);
  stopped.done = process.finish(patiently(std::chrono::seconds(30)));
  stopped.time = Clock::now() - begin;
  return stopped;
}

Stopped stop_in_time(const std::vector<std::string>& command, std::size_t descriptors, int signal) {
  Stopped stopped;
  for (int attempt = 0; attempt < 5; ++attempt) {
    stopped = stop_while_attaching(command, descriptors, signal);
    if (!stopped.was_attached) break;
  }
  REQUIRE_FALSE(stopped.was_attached);
  return stopped;
}

void check_stopped(const Stopped& stopped) {
  INFO(stopped.done.err);
  CHECK(stopped.done.status == 0);
  CHECK(stopped.done.err == "probe-run: stopped before the start; nothing is attached\n");
  CHECK(stopped.done.out == "[]\n");
  CHECK(stopped.time < patiently(std::chrono::seconds(1)));
  CHECK(eventually([&] { return remaining(stopped.held).empty(); }, patiently(std::chrono::seconds(10))));
}

}  // namespace

TEST_CASE("a signal during attaching ends the run at once, and nothing is left attached") {
  const NothingDetaching before_and_after;
  Network network;
  const Directory directory;
  const json tc{{"type", "tc"}, {"iface", network.iface()}, {"direction", "ingress"}};
  const std::string spec = written(
      directory, spec_of({{{"name", "on_tc"}, {"attach", tc}},
                          {{"name", "on_message"}, {"attach", {{"type", "sockmap"}, {"map", "sockets"}}}},
                          all_functions(idle_library(directory))}));
  for (const int signal : {SIGINT, SIGTERM}) {
    // Neither the filter nor the program of the sockmap has a link, so both outlive a process that is killed.
    const Stopped stopped = stop_in_time(in_network(network.name(), probe_command(spec)), 50, signal);
    CHECK(stopped.held.programs.size() >= 3);
    check_stopped(stopped);
    const std::string qdiscs =
        run(in_network(network.name(), {"tc", "qdisc", "show", "dev", network.iface()})).out;
    CHECK_FALSE(contains(qdiscs, "clsact"));
  }
}

TEST_CASE("a signal during the attaching of hundreds of kprobes ends the run at once, with kprobes") {
  if (!has_kprobes()) {
    WARN("this kernel has no kprobes");
    return;
  }
  json points = json::array();
  for (const std::string& name : kernel_functions(500)) {
    points.push_back({{"type", "kprobe"}, {"symbol", name}});
  }
  REQUIRE(points.size() == 500);
  const Directory directory;
  const std::string spec = written(directory, spec_of({{{"name", "on_kprobe"}, {"attach", points}}}));
  check_stopped(stop_in_time(probe_command(spec), 100, SIGINT));
}

TEST_CASE("kprobe_multi: 2,000 functions are attached and detached quickly, with fprobe") {
  const std::vector<std::string> functions =
      has_kprobes() ? kernel_functions(2000) : std::vector<std::string>{};
  const Directory directory;
  const json attach{{"type", "kprobe_multi"}, {"symbols", functions}};
  const std::vector<std::string> command =
      probe_command(written(directory, spec_of({{{"name", "on_kprobe_multi"}, {"attach", attach}}})));
  std::vector<std::string> tried = command;
  tried.insert(tried.end(), {"--duration", "1ms"});
  if (functions.empty()) {
    WARN("this kernel has no kprobes");
    return;
  }
  CHECK(functions.size() == 2000);
  if (const Finished first = run(tried); first.status != 0) {
    // No other failure is a reason to end the test here.
    INFO(first.err);
    REQUIRE(contains(first.err, "this kernel cannot probe many functions at once"));
    WARN("this kernel has no kprobe_multi");
    return;
  }
  Process process(command);
  REQUIRE(eventually([&] { return !bpf_ids_of(process.pid()).programs.empty(); },
                     patiently(std::chrono::seconds(10))));
  const BpfIds held = bpf_ids_of(process.pid());
  const auto begin = Clock::now();
  process.signal(SIGINT);
  const Finished done = process.finish(patiently(std::chrono::seconds(30)));
  INFO(done.err);
  CHECK(done.status == 0);
  CHECK(Clock::now() - begin < patiently(std::chrono::seconds(1)));
  CHECK(eventually([&] { return remaining(held).empty(); }, patiently(std::chrono::seconds(10))));
}

TEST_CASE("500 uprobes are detached quickly, and none of their programs is left", "[host]") {
  const NothingDetaching before_and_after;
  const Directory directory;
  Probe probe(probe_command(written(directory, spec_of({some_functions(idle_library(directory), 500)}))));
  const BpfIds held = bpf_ids_of(probe.pid());
  if (kernel_is_at_least(5, 15)) CHECK(held.links.size() == 500);
  const auto begin = Clock::now();
  const Finished done = probe.stop();
  INFO(done.err);
  CHECK(done.status == 0);
  CHECK(Clock::now() - begin < patiently(std::chrono::seconds(2)));
  CHECK(eventually([&] { return remaining(held).empty(); }, patiently(std::chrono::seconds(10))));
}

TEST_CASE("a run raises its soft limit of descriptors, and names the hard limit that it cannot raise",
          "[host]") {
  const Directory directory;
  const std::string spec = written(directory, spec_of({some_functions(idle_library(directory), 40)}));
  const auto limited = [&](const std::string& which) {
    std::vector<std::string> command{"bash", "-c", "ulimit " + which + " 50; exec \"$@\"", "bash"};
    for (const std::string& word : probe_command(spec, {"--duration", "1ms"})) command.push_back(word);
    return run(command);
  };
  const Finished soft = limited("-Sn");
  INFO(soft.err);
  CHECK(soft.status == 0);
  const Finished hard = limited("-n");
  INFO(hard.err);
  CHECK(hard.status == 1);
  CHECK(contains(hard.err, "Too many open files"));
  CHECK(contains(hard.err, "this process may have 50 descriptors open"));
  CHECK(contains(hard.err, "raise the hard limit (`ulimit -Hn`, or LimitNOFILE= of a systemd unit)"));
}

TEST_CASE("every error that is caused by a lack of descriptors states the limit", "[host]") {
  const Directory directory;
  std::set<std::string> wanted{"cannot open the ring buffer", "cannot attach program",
                               "cannot set up the event loop"};
  int status = 1;
  for (int limit = 12; status != 0 && limit < 100; limit += 2) {
    std::vector<std::string> command{"bash", "-c", "ulimit -n " + std::to_string(limit) + "; exec \"$@\"",
                                     "bash"};
    for (const std::string& word : probe_command(spec_file("opensnoop"), {"--duration", "1ms"}))
      command.push_back(word);
    const Finished done = run(command);
    status = done.status;
    if (status == 0) break;
    INFO(done.err);
    CHECK(status == 1);
    CHECK(contains(done.err, "this process may have " + std::to_string(limit) + " descriptors open"));
    std::erase_if(wanted, [&](const std::string& subject) { return contains(done.err, subject); });
  }
  CHECK(status == 0);
  CHECK(wanted.empty());
}
