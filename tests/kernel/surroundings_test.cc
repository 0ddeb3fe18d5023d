// Environments of a run: without tracefs, without privileges, without events.
#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "actor.h"
#include "network.h"
#include "probe.h"
#include "support/catch.h"

using namespace test;

namespace {

constexpr unsigned nobody = 65534;

// A copy that an unprivileged user can read: the executable may be where only root has access.
class Copies {
 public:
  Copies() {
    namespace fs = std::filesystem;
    fs::copy_file(probe_run(), directory_ / "probe-run");
    fs::permissions(directory_ / "probe-run", static_cast<fs::perms>(0755));
    const fs::path objects = fs::canonical(probe_run()).parent_path() / "bpf";
    for (const std::string name : {"opensnoop", "xdp_count", "hello", "readline"}) {
      fs::copy_file(objects / (name + ".bpf.o"), directory_ / (name + ".bpf.o"));
      fs::copy_file(spec_file(name), directory_ / (name + ".json"));
    }
  }
  Finished run_as_nobody(const std::string& spec, std::vector<std::string> arguments = {}) const {
    arguments.insert(arguments.begin(), {directory_ / "probe-run", directory_ / (spec + ".json")});
    return run(arguments, {.input = {}, .environment = {}, .uid = nobody, .directory = "/"});
  }

 private:
  Directory directory_;
};

}  // namespace

TEST_CASE("tracepoints work if tracefs is not mounted") {
  Actor actor(opening({{"/dev/null", O_RDONLY}, {"/does/not/exist", O_RDONLY}}));
  std::vector<std::string> command{
      "unshare",
      "-m",
      "sh",
      "-c",
      "umount -l /sys/kernel/tracing /sys/kernel/debug/tracing /sys/kernel/debug 2>/dev/null\n"
      "grep -q tracefs /proc/self/mounts && echo 'tracefs is still mounted' >&2 && exit 1\n"
      "exec \"$@\"",
      "sh"};
  for (const std::string& word :
       probe_command(spec_file("opensnoop"), {"--format", "jsonl", "--set", "pid=" + actor.id()})) {
    command.push_back(word);
  }
  const std::string mounts = read_file("/proc/self/mounts");
  Probe probe(command);
  actor.act();
  CHECK(probe.stop().out.size() > 2);
  CHECK(read_file("/proc/self/mounts") == mounts);  // its mount was private
}

TEST_CASE("a run without events does not wake up", "[host]") {
  Actor actor(calling_getppid(1));
  const std::vector<std::vector<std::string>> commands{
      probe_command(spec_file("opensnoop"), {"--set", "pid=" + actor.id()}),
      probe_command(own_spec_file("flood_perf"), {"--set", "pid=1"})};
  for (const std::vector<std::string>& command : commands) {
    Probe probe(command);
    REQUIRE(eventually(
        [&] { return contains(read_file("/proc/" + std::to_string(probe.pid()) + "/stat"), ") S "); }));
    const std::uint64_t before = status_number(probe.pid(), "voluntary_ctxt_switches:");
    std::this_thread::sleep_for(std::chrono::seconds(2));  // the time that is measured
    const std::uint64_t after = status_number(probe.pid(), "voluntary_ctxt_switches:");
    CHECK(after - before <= 5);
    CHECK(probe.stop().status == 0);
  }
}

TEST_CASE("an unprivileged user is told which capabilities a run needs") {
  const Copies copies;
  const Finished open = copies.run_as_nobody("opensnoop");
  INFO(open.err);
  CHECK(open.status == 1);
  CHECK(open.out.empty());
  CHECK(contains(open.err, "CAP_BPF"));
  CHECK(contains(open.err, "CAP_PERFMON"));

  const Finished packets = copies.run_as_nobody("xdp_count", {"--set", "iface=lo"});
  INFO(packets.err);
  CHECK(packets.status == 1);
  CHECK(contains(packets.err, "CAP_BPF"));
  CHECK(contains(packets.err, "CAP_NET_ADMIN"));

  for (const std::string spec : {"hello", "readline"}) {
    const Finished done = copies.run_as_nobody(spec);
    INFO(done.err);
    CHECK(done.status == 1);
    CHECK(contains(done.err, "CAP_BPF"));
    CHECK(contains(done.err, "CAP_PERFMON"));
  }
}

TEST_CASE("if BPF is forbidden, as in a container, the error does not blame a missing map type") {
  std::vector<std::string> command{"unshare", "--user", "--map-root-user"};
  for (const std::string& word : probe_command(spec_file("opensnoop"), {"--duration", "1ms"}))
    command.push_back(word);
  const Finished done = run(command);
  INFO(done.err);
  CHECK(done.status == 1);
  CHECK(contains(done.err, "this process is in a user namespace, whose capabilities do not count for BPF"));
  CHECK_FALSE(contains(done.err, "is of type"));
}

TEST_CASE("before Linux 5.11 every error that is caused by the limit of locked memory names it") {
  // Root without the capability to raise its limit.
  const auto run_with = [](unsigned kilobytes) {
    std::vector<std::string> command{"setpriv",
                                     "--bounding-set",
                                     "-sys_resource",
                                     "sh",
                                     "-c",
                                     "ulimit -l " + std::to_string(kilobytes) + " && exec \"$@\"",
                                     "sh"};
    for (const std::string& word :
         probe_command(own_spec_file("flood"), {"--set", "pid=1", "--set", "ring=4096", "--duration", "1ms"}))
      command.push_back(word);
    return run(command);
  };
  if (kernel_is_at_least(5, 11)) {
    CHECK(run_with(0).status == 0);
    return;
  }
  int status = 1;
  for (unsigned kilobytes = 0; kilobytes < 256 && status != 0; kilobytes += 4) {
    const Finished done = run_with(kilobytes);
    status = done.status;
    if (status == 0) break;
    INFO(done.err);
    CHECK(contains(done.err, "this process can lock " + std::to_string(kilobytes) + " KiB of memory"));
    CHECK_FALSE(contains(done.err, "is of type"));
  }
  CHECK(status == 0);
}

TEST_CASE("an unprivileged user can check and describe every spec") {
  const Copies copies;
  for (const std::string spec : {"opensnoop", "xdp_count", "hello", "readline"}) {
    for (const std::string what : {"--check", "--describe"}) {
      const Finished done = copies.run_as_nobody(spec, {what});
      INFO(spec << ' ' << what << ' ' << done.err);
      CHECK(done.status == 0);
      CHECK(done.err.empty());
    }
  }
}

TEST_CASE("all specs attach on kernels with the features they need, and report where") {
  Network network;
  for (const std::string spec :
       {"exec_watch", "execve_count", "hello", "openat", "opensnoop", "packet_stats", "profile", "readline",
        "runqlat", "signals", "syscall_latency", "tcp_life", "xdp_count", "xdp_drop_non_ip"}) {
    INFO(spec);
    const bool packets = spec == "packet_stats" || spec.starts_with("xdp");
    const std::vector<std::string> settings =
        packets ? std::vector<std::string>{"--set", "iface=" + network.iface()} : std::vector<std::string>{};
    Probe probe(in_network(network.name(), probe_command(spec_file(spec), settings)));
    const Finished done = probe.stop();
    CHECK(done.status == 0);
    CHECK_FALSE(contains(done.err, "warning"));
    CHECK(contains(done.err, spec + ": attached to "));
  }
}
