// Attaching in detail: exact counts, what is left afterwards, and the errors for names that do not exist.
// That each type attaches at all is tested in attach_points_test.cc.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

#include "actor.h"
#include "attach/elf_functions.h"
#include "attach_spec.h"
#include "bpf_objects.h"
#include "network.h"
#include "probe.h"
#include "support/catch.h"

using namespace test;
using nlohmann::json;

namespace {

constexpr std::uint64_t calls = 50;
constexpr std::uint64_t others_of_actor = 20;  // system calls that its reply takes

std::uint64_t counted(const Finished& done) {
  INFO(done.out << done.err);
  CHECK(done.status == 0);
  const std::vector<json> lines = json_lines(done.out);
  REQUIRE(lines.size() == 1);
  return lines[0].at("value").get<std::uint64_t>();
}

// How many times the program was called while `act` ran.
std::uint64_t calls_during(const json& spec, const std::string& words, const std::function<void()>& act) {
  const Directory directory;
  Probe probe(probe_command(written(directory, spec)));
  act();
  const Finished done = probe.stop();
  INFO(done.err);
  CHECK(contains(done.err, "attached to " + words));
  return counted(done);
}

std::string refusal(const json& spec) {
  const Directory directory;
  const Finished done = run(probe_command(written(directory, spec), {"--duration", "1ms"}));
  CHECK(done.status != 0);
  return done.err;
}

// Whether this kernel supports BPF trampolines. The development kernel of these tests does not.
bool has_trampolines() {
  const Directory directory;
  const Finished done = run(probe_command(
      written(directory, spec_of("on_fentry", {{"type", "fentry"}, {"function", "do_sys_openat2"}})),
      {"--duration", "1ms"}));
  return done.status == 0;
}

std::string qdiscs(const std::string& network, const std::string& iface) {
  return run(in_network(network, {"tc", "qdisc", "show", "dev", iface})).out;
}

}  // namespace

TEST_CASE("tp_btf: a tracepoint with typed arguments") {
  Actor actor(calling_getppid(calls));
  const std::uint64_t seen =
      calls_during(for_process(spec_of("on_tp_btf", {{"type", "tp_btf"}, {"name", "sys_enter"}}), actor.id()),
                   "tp_btf:sys_enter", [&] { actor.act(); });
  CHECK(seen >= calls);
  CHECK(seen <= calls + others_of_actor);
  CHECK(contains(
      refusal(spec_of("on_tp_btf", {{"type", "tp_btf"}, {"name", "sys_entr"}})),
      "cannot attach program \"on_tp_btf\" to tp_btf:sys_entr: this kernel has no such tracepoint\n"));
  CHECK(contains(refusal(spec_of("on_tp_btf", {{"type", "tp_btf"}, {"name", "sys_entr"}})),
                 "did you mean \"sys_enter\"?"));
}

TEST_CASE("a target that does not exist is an error that suggests similar names", "[near]") {
  const auto says = [](const json& attach, const std::string& program, const std::string& words,
                       const std::string& object = "attach.bpf.o") {
    const std::string text = refusal(spec_of(program, attach, object));
    INFO(attach.dump() << ' ' << text);
    CHECK(contains(text, words));
  };
  says({{"type", "tp_btf"}, {"name", "sched:sched_switch"}}, "on_tp_btf",
       "give the name without its category: \"sched_switch\"");
  says({{"type", "tp_btf"}, {"name", "sys_enter_openat"}}, "on_tp_btf",
       "attach to \"sys_enter\", which sees all system calls");
  says({{"type", "lsm"}, {"hook", "security_file_open"}}, "on_lsm", "the hook is named \"file_open\"");
  says({{"type", "fentry"}, {"function", "sys_getppid"}}, "on_fentry",
       "on this kernel it is named \"__x64_sys_getppid\"");
  says({{"type", "fexit"}, {"function", "vfs_raed"}}, "on_fexit", "did you mean \"vfs_read\"?");
  says({{"type", "fmod_ret"}, {"function", "no_such_thing_at_all"}}, "on_fmod_ret",
       "the compiler may have inlined it into its callers");
  const json probe{
      {"type", "usdt"}, {"binary", "libstdc++.so.6"}, {"provider", "libstdcxx"}, {"probe", "throw"}};
  json of_nobody = probe;
  of_nobody["pid"] = 4000000;
  says(of_nobody, "on_usdt", "process 4000000 is not found", "usdt.bpf.o");
  says(probe, "on_kprobe", "include <bpf/usdt.bpf.h> in its source");
  says({{"type", "uprobe"}, {"binary", "/bin/bsah"}, {"symbol", "main"}}, "on_kprobe",
       "did you mean \"bash\"?");
  says({{"type", "uprobe"}, {"binary", "/bin"}, {"symbol", "main"}}, "on_kprobe",
       "give the path of a program or library in this directory");
  says({{"type", "freplace"}, {"program", "4000000"}, {"function", "x"}}, "replacement",
       "no BPF program has the id 4000000", "replaced.bpf.o");
  says({{"type", "freplace"}, {"program", "main_prog"}, {"function", "x"}}, "replacement",
       "\"main_prog\" is neither an id nor the path of a pinned program", "replaced.bpf.o");
}

TEST_CASE("a kernel function that does not exist is an error that suggests similar names, with kprobes",
          "[near]") {
  if (!has_kprobes()) return;
  const auto says = [](const json& attach, const std::string& words) {
    const std::string text = refusal(spec_of("on_kprobe", attach));
    INFO(attach.dump() << ' ' << text);
    CHECK(contains(text, words));
  };
  for (const std::string type : {"kprobe", "kretprobe"}) {
    says({{"type", type}, {"symbol", "vfs_raed"}}, "did you mean \"vfs_read\"?");
    says({{"type", type}, {"symbol", "sys_getppid"}}, "on this kernel it is named \"__x64_sys_getppid\"");
    says({{"type", type}, {"symbol", "vfs_read.isra.0"}}, "on this kernel it is named \"vfs_read\"");
    says({{"type", type}, {"symbol", "no_such_thing_at_all"}}, "may have inlined it into its callers");
    says({{"type", type}, {"symbol", "vfs_*"}},
         "to use a pattern, choose the type \"kprobe_multi\" with \"pattern\"");
  }
  says({{"type", "kprobe"}, {"symbol", "vfs_read+0x10"}},
       "give the offset separately: \"symbol\": \"vfs_read\", \"offset\": 16");
  says({{"type", "ksyscall"}, {"syscall", "__x64_sys_getppid"}},
       "use the name of the system call itself: \"getppid\"");
}

TEST_CASE("fentry and fexit: functions with typed arguments, with trampolines") {
  Actor actor(opening({{"/dev/null", O_RDONLY}, {"/does/not/exist", O_RDONLY}}));
  for (const std::string type : {"fentry", "fexit"}) {
    const json spec =
        for_process(spec_of("on_" + type, {{"type", type}, {"function", "do_sys_openat2"}}), actor.id());
    if (has_trampolines()) {
      CHECK(calls_during(spec, type + ":do_sys_openat2", [&] { actor.act(); }) == 2);
    } else {
      CHECK(contains(refusal(spec), "the kernel refused"));
    }
    CHECK(contains(refusal(spec_of("on_" + type, {{"type", type}, {"function", "do_sys_openat3"}})),
                   "did you mean \"do_sys_openat2\"?"));
  }
  // The spec decides which of them it is, whatever the section says.
  if (!has_trampolines()) return;
  CHECK(calls_during(for_process(spec_of("on_fentry", {{"type", "fexit"}, {"function", "do_sys_openat2"}}),
                                 actor.id()),
                     "fexit:do_sys_openat2", [&] { actor.act(); }) == 2);
}

TEST_CASE("lsm: security hooks, with trampolines") {
  Actor actor(opening({{"/dev/null", O_RDONLY}}));
  const json spec = for_process(spec_of("on_lsm", {{"type", "lsm"}, {"hook", "file_open"}}), actor.id());
  CHECK(contains(refusal(spec_of("on_lsm", {{"type", "lsm"}, {"hook", "file_opn"}})),
                 "did you mean \"file_open\"?"));
  if (!has_trampolines()) {
    CHECK(contains(refusal(spec), "the kernel refused"));
    return;
  }
  const bool enabled = contains("," + read_file("/sys/kernel/security/lsm") + ",", "bpf");
  CHECK(calls_during(spec, "lsm:file_open", [&] { actor.act(); }) == (enabled ? 1 : 0));
}

TEST_CASE("kprobe_multi: many functions at once, with fprobe") {
  Actor actor(opening({{"/dev/null", O_RDONLY}}));
  const json by_pattern = for_process(
      spec_of("on_kprobe_multi", {{"type", "kprobe_multi"}, {"pattern", "do_sys_openat?"}}), actor.id());
  const json by_list = for_process(
      spec_of("on_kprobe", {{"type", "kprobe_multi"}, {"symbols", {"do_sys_openat2"}}, {"return", true}}),
      actor.id());
  const Directory directory;
  const Finished tried = run(probe_command(written(directory, by_list), {"--duration", "1ms"}));
  if (tried.status != 0) {
    CHECK(
        contains(tried.err,
                 "to kprobe_multi:do_sys_openat2 (return): this kernel cannot probe many functions at once"));
    CHECK(contains(tried.err, "this needs Linux 5.18 with CONFIG_FPROBE"));
    return;
  }
  CHECK(calls_during(by_pattern, "kprobe_multi:do_sys_openat? (1 function)", [&] { actor.act(); }) == 1);
  CHECK(calls_during(by_list, "kprobe_multi:do_sys_openat2 (return) (1 function)", [&] { actor.act(); }) ==
        1);
  CHECK(contains(refusal(spec_of("on_kprobe", {{"type", "kprobe_multi"}, {"symbols", {"do_sys_openat3"}}})),
                 "did you mean \"do_sys_openat2\"?"));
}

namespace {

// Of the virtual machines: its name is shown by one of several functions "name_show".
constexpr const char* clock_name = "/sys/class/rtc/rtc0/name";

std::uint64_t in_list(const std::string& path, const std::string& name) {
  std::ifstream file(path);
  std::uint64_t count = 0;
  for (std::string line; std::getline(file, line);)
    if (line == name || line.ends_with(" " + name)) ++count;
  return count;
}

}  // namespace

TEST_CASE("kprobe_multi takes every function of a name, with fprobe") {
  const std::uint64_t count = in_list("/sys/kernel/tracing/available_filter_functions", "name_show");
  const json point{{"type", "kprobe_multi"}, {"pattern", "name_show"}};
  const Directory directory;
  const Finished tried =
      run(probe_command(written(directory, spec_of("on_kprobe", point)), {"--duration", "1ms"}));
  if (count < 2 || !std::filesystem::exists(clock_name) ||
      contains(tried.err, "cannot probe many functions")) {
    WARN("no kprobe_multi, or no functions of one name (the virtual machines have them)");
    return;
  }
  Actor actor([] {
    for (std::uint64_t i = 0; i < calls; ++i) std::ifstream(clock_name).get();
    return std::string();
  });
  const std::string words = fmt::format("kprobe_multi:name_show ({} functions)", count);
  CHECK(calls_during(for_process(spec_of("on_kprobe", point), actor.id()), words, [&] { actor.act(); }) ==
        calls);
  const json by_list{{"type", "kprobe_multi"}, {"symbols", {"name_show"}}};
  CHECK(calls_during(for_process(spec_of("on_kprobe", by_list), actor.id()), words, [&] { actor.act(); }) ==
        calls);
  const json every{{"type", "kprobe_multi"}, {"pattern", "dev_*_show"}};
  const Finished all =
      run(probe_command(written(directory, spec_of("on_kprobe", every)), {"--duration", "1ms"}));
  INFO(all.err);
  CHECK(all.status == 0);
  CHECK_FALSE(contains(all.err, "warning"));
}

TEST_CASE("kprobe and kretprobe can be told which function of a name, with kprobes") {
  const std::uint64_t count = in_list("/proc/kallsyms", "name_show");
  if (!has_kprobes() || count < 2 || !std::filesystem::exists(clock_name)) {
    WARN("no kprobes, or no functions of one name (the virtual machines have both)");
    return;
  }
  Actor actor([] {
    for (std::uint64_t i = 0; i < calls; ++i) std::ifstream(clock_name).get();
    return std::string();
  });
  for (const std::string type : {"kprobe", "kretprobe"}) {
    const std::string text = refusal(spec_of("on_kprobe", {{"type", type}, {"symbol", "name_show"}}));
    INFO(text);
    CHECK(contains(text, fmt::format("this kernel has {} functions with that name\n", count)));
    CHECK(contains(text, "choose one by its number, with \"ordinal\":\n"));
    CHECK(contains(text, fmt::format("  {}: in the kernel at 0xffffffff", count)));
    std::uint64_t seen = 0;
    // The functions are the same for both types.
    for (std::uint64_t ordinal = type == "kprobe" ? 1 : count; ordinal <= count; ++ordinal) {
      const json point{{"type", type}, {"symbol", "name_show"}, {"ordinal", ordinal}};
      seen += calls_during(for_process(spec_of("on_kprobe", point), actor.id()),
                           fmt::format("{}:name_show (function {} of {} of that name)", type, ordinal, count),
                           [&] { actor.act(); });
    }
    if (type == "kprobe") CHECK(seen == calls);
    CHECK(contains(
        refusal(spec_of("on_kprobe", {{"type", type}, {"symbol", "name_show"}, {"ordinal", count + 1}})),
        fmt::format("this kernel has only {} functions of that name", count)));
    CHECK(contains(refusal(spec_of("on_kprobe", {{"type", type}, {"symbol", "vfs_read"}, {"ordinal", 2}})),
                   "this kernel has only 1 function of that name"));
  }
}

TEST_CASE("uprobe and uretprobe: one version of a function") {
  for (const std::string type : {"uprobe", "uretprobe"}) {
    const auto text = [&](const std::string& symbol) {
      const Directory directory;
      return run(probe_command(written(directory, spec_of("on_kprobe", {{"type", type},
                                                                        {"binary", "libc.so.6"},
                                                                        {"symbol", symbol}})),
                               {"--duration", "1ms"}))
          .err;
    };
    if (contains(text("memcpy@GLIBC_2.2.5"), "IFUNC")) continue;
    CHECK(contains(text("pthread_cond_wait@GLIBC_2.2.5"), ":pthread_cond_wait@GLIBC_2.2.5\n"));
    CHECK(contains(text("pthread_cond_wait@GLIBC_2.1"), "its versions are @@GLIBC_2.3.2 and @GLIBC_2.2.5"));
  }
}

TEST_CASE("xdp: auto falls back to the generic mode if the driver refuses the interface") {
  Network network;
  // Large at both ends, which veth cannot do natively.
  const std::string name = network.name();
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"ip", "link", "add", "jumbo", "mtu", "9000", "type", "veth", "peer", "name",
                                 "other", "mtu", "9000"},
        {"ip", "link", "set", "other", "mtu", "9000"},
        {"ip", "link", "set", "jumbo", "up"}}) {
    const Finished done = run(in_network(name, command));
    INFO(done.err);
    REQUIRE(done.status == 0);
  }
  const auto outcome = [&](const std::string& mode) {
    const Directory directory;
    const json point{{"type", "xdp"}, {"iface", "jumbo"}, {"mode", mode}};
    return run(
        in_network(name, probe_command(written(directory, spec_of("on_xdp", point)), {"--duration", "1ms"})));
  };
  CHECK(outcome("native").status == 1);
  CHECK(outcome("generic").status == 0);
  const Finished done = outcome("auto");
  INFO(done.err);
  CHECK(done.status == 0);
  CHECK(contains(done.err, "attached to xdp on jumbo (generic)\n"));
}

TEST_CASE("ksyscall and kretsyscall: system calls by name, with kprobes") {
  Actor actor(calling_getppid(calls));
  for (const std::string type : {"ksyscall", "kretsyscall"}) {
    const json spec = for_process(spec_of("on_kprobe", {{"type", type}, {"syscall", "getppid"}}), actor.id());
    if (!has_kprobes()) {
      CHECK(contains(refusal(spec), "to " + type + ":getppid: this kernel has no kprobes"));
      continue;
    }
    CHECK(calls_during(spec, type + ":getppid", [&] { actor.act(); }) == calls);
    CHECK(contains(refusal(spec_of("on_kprobe", {{"type", type}, {"syscall", "getpid2"}})),
                   "did you mean \"getp"));
  }
}

TEST_CASE("usdt: probes defined by a library") {
  const std::string library = "libstdc++.so.6";
  const auto spec = [&](const std::string& probe) {
    return spec_of("on_usdt",
                   {{"type", "usdt"}, {"binary", library}, {"provider", "libstdcxx"}, {"probe", probe}},
                   "usdt.bpf.o");
  };
  Actor actor([] {
    for (std::uint64_t i = 0; i < calls; ++i) {
      try {
        throw static_cast<int>(i);
      } catch (int) {
      }
    }
    return std::string();
  });
  json of_actor = spec("throw");
  of_actor["programs"][0]["attach"]["pid"] = actor.pid();
  CHECK(calls_during(of_actor, "usdt:/", [&] { actor.act(); }) == calls);
  CHECK(contains(refusal(spec("trow")), "has no USDT probe \"libstdcxx:trow\""));
  CHECK(contains(refusal(spec("trow")), "did you mean \"libstdcxx:throw\"?"));
  if (kernel_is_at_least(5, 15)) return;
  CHECK(contains(refusal(spec("throw")), "add \"pid\"; probing all processes needs Linux 5.15"));
}

TEST_CASE("uprobe: all functions that a pattern matches, and one in another root") {
  Actor actor(calling_getppid(1));
  json spec = spec_of("on_kprobe", {{"type", "uprobe"},
                                    {"binary", "/proc/" + actor.id() + "/root/bin/true"},
                                    {"pattern", "*"},
                                    {"pid", actor.pid()}});
  const Directory directory;
  const Finished done = run(probe_command(written(directory, spec), {"--duration", "1ms"}));
  // A stripped file exports no functions; the error then says so, and names the file in the other root.
  INFO(done.err);
  CHECK(contains(done.err, "uprobe:/proc/" + actor.id() + "/root/bin/true:*"));
  json libc =
      spec_of("on_kprobe",
              {{"type", "uprobe"}, {"binary", "libc.so.6"}, {"pattern", "getpgi?"}, {"pid", actor.pid()}});
  Actor caller([] {
    for (std::uint64_t i = 0; i < calls; ++i) ::getpgid(0);
    return std::string();
  });
  libc["programs"][0]["attach"]["pid"] = caller.pid();
  CHECK(calls_during(libc, "uprobe:/", [&] { caller.act(); }) == calls);
  CHECK(contains(
      refusal(spec_of("on_kprobe", {{"type", "uprobe"}, {"binary", "libc.so.6"}, {"pattern", "no_such_*"}})),
      "the pattern does not match any function of "));
}

#if defined(__x86_64__)
TEST_CASE("uprobe: an offset that would crash every process that reaches it is refused") {
  const std::string library = library_of("libc.so.");
  const auto functions = probe_run::ElfFunctions::read(library);
  REQUIRE(functions);
  const auto found = functions->find("getpgid");
  REQUIRE(found.size() == 1);
  const std::uint64_t begin = found[0].offset;
  // It begins with `mov eax, 0x79`, or with a landing pad of indirect branches.
  std::ifstream file(library, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(begin));
  const bool has_landing_pad = file.get() == 0xf3;
  const std::string first = has_landing_pad ? "endbr64" : "mov eax, 0x79";
  const std::uint64_t second = has_landing_pad ? 4 : 5;
  const auto refused = [&](const char* type, json place) {
    place["type"] = type;
    place["binary"] = library;
    return refusal(spec_of("on_kprobe", place));
  };
  const std::string by_symbol = refused("uprobe", {{"symbol", "getpgid"}, {"offset", 2}});
  CHECK(contains(by_symbol,
                 ":getpgid+0x2: the offset is inside the instruction \"" + first +
                     "\" of \"getpgid\": a breakpoint there would crash every process that runs it\n"));
  CHECK(contains(by_symbol,
                 fmt::format("hint: the instruction begins at 0x0, the next one at {:#x}\n", second)));
  const std::string in_file = refused("uprobe", {{"offset", begin + 2}});
  CHECK(contains(in_file, "the offset is inside the instruction \"" + first + "\" of \""));
  CHECK(contains(in_file, fmt::format("hint: the instruction begins at {:#x}, the next one at {:#x}\n", begin,
                                      begin + second)));
  CHECK(contains(
      refused("uprobe", {{"symbol", "getpgid"}, {"offset", found[0].size}}),
      fmt::format("the offset is beyond the end of \"getpgid\", which has {} bytes\n", found[0].size)));
  const std::string at_return = refused("uretprobe", {{"offset", begin + second}});
  CHECK(contains(at_return, "the offset is inside the function \""));
  CHECK(contains(
      at_return,
      "\": the kernel would not find the return address, and every process that calls the function would crash\n"));
  CHECK(contains(at_return, fmt::format("hint: the function begins at {:#x}\n", begin)));
}
#endif

TEST_CASE("perf_event: samples by a clock, of one process and of one CPU") {
  Actor actor([] {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(300);
    while (std::chrono::steady_clock::now() < end) {
    }
    return std::string();
  });
  const json of_process =
      spec_of("on_sample",
              {{"type", "perf_event"}, {"event", "task-clock"}, {"period", 1000000}, {"pid", actor.pid()}});
  if (kernel_is_at_least(5, 13)) {
    const std::uint64_t seen =
        calls_during(of_process, "perf_event:task-clock every 1000000 in process", [&] { actor.act(); });
    CHECK(seen > 10);
    CHECK(seen <= 400);
  } else {
    CHECK(contains(refusal(of_process), "sampling all threads of a process needs Linux 5.13"));
  }
  const json of_all = for_process(
      spec_of("on_sample", {{"type", "perf_event"}, {"event", "cpu-clock"}, {"frequency", 500}}), actor.id());
  CHECK(calls_during(of_all, "perf_event:cpu-clock 500 times per second", [&] { actor.act(); }) > 5);
  CHECK(contains(
      refusal(spec_of("on_sample",
                      {{"type", "perf_event"}, {"event", "cpu-clock"}, {"frequency", 99}, {"cpus", {4095}}})),
      "CPU 4095 is not online"));
}

TEST_CASE("tc: packets in both directions; a clsact qdisc that the run created is removed") {
  Network network;
  const auto spec = [&](const std::string& direction) {
    return spec_of("on_tc", {{"type", "tc"}, {"iface", network.iface()}, {"direction", direction}});
  };
  CHECK_FALSE(contains(qdiscs(network.name(), network.iface()), "clsact"));
  {
    const Directory directory;
    Probe probe(in_network(network.name(), probe_command(written(directory, spec("ingress")))));
    CHECK(contains(qdiscs(network.name(), network.iface()), "clsact"));
    network.send(frame_of(private_protocol), 7);
    const Finished done = probe.stop();
    CHECK(contains(done.err, "attached to tc on " + network.iface() + " (ingress)"));
    CHECK(counted(done) == 7);
  }
  CHECK_FALSE(contains(qdiscs(network.name(), network.iface()), "clsact"));

  // With someone else's filter in it, the qdisc stays, and so does the filter.
  run(in_network(network.name(), {"tc", "qdisc", "add", "dev", network.iface(), "clsact"}));
  json both = spec("ingress");
  both["programs"][0]["attach"] = {both["programs"][0]["attach"], spec("egress")["programs"][0]["attach"]};
  {
    const Directory directory;
    Probe probe(in_network(network.name(), probe_command(written(directory, both))));
    network.send(frame_of(private_protocol), 3);
    CHECK(counted(probe.stop()) == 3);
  }
  CHECK(contains(qdiscs(network.name(), network.iface()), "clsact"));

  // The run that created it leaves it to a run that started later.
  run(in_network(network.name(), {"tc", "qdisc", "del", "dev", network.iface(), "clsact"}));
  {
    const Directory one, other;
    Probe first(in_network(network.name(), probe_command(written(one, spec("ingress")))));
    Probe second(in_network(network.name(), probe_command(written(other, spec("ingress")))));
    CHECK(first.stop().status == 0);
    CHECK(contains(qdiscs(network.name(), network.iface()), "clsact"));
    const Finished done = second.stop();
    CHECK(contains(done.err,
                   "" + network.iface() + " already has a filter with a program of this name (ingress,"));
  }

  // A killed run leaves its filter, and the next run reports that.
  {
    const Directory directory;
    Probe killed(in_network(network.name(), probe_command(written(directory, spec("ingress")))));
    killed.stop(SIGKILL);
    Probe next(in_network(network.name(), probe_command(written(directory, spec("ingress")))));
    const Finished done = next.stop();
    CHECK(contains(done.err, "warning: tc on " + network.iface() + " (ingress): " + network.iface() +
                                 " already has a filter with a program of this name"));
    CHECK(contains(done.err, "tc filter del dev " + network.iface() + " ingress prio "));
  }
}

TEST_CASE("tc: a qdisc without egress is refused for egress") {
  Network network;
  const auto refused = [&](const json& spec) {
    const Directory directory;
    const Finished done = run(in_network(network.name(), probe_command(written(directory, spec))));
    CHECK(done.status == 1);
    return done.err;
  };
  json spec = spec_of("on_tc", {{"type", "tc"}, {"iface", network.iface()}, {"direction", "egress"}});
  run(in_network(network.name(), {"tc", "qdisc", "add", "dev", network.iface(), "ingress"}));
  const std::string said = refused(spec);
  CAPTURE(said);
  CHECK(
      contains(said, network.iface() + " has the qdisc \"ingress\", which does not see outgoing packets\n"));
  CHECK(contains(said, "tc qdisc del dev " + network.iface() + " ingress\n"));

  spec["programs"][0]["attach"]["direction"] = "ingress";
  const Directory directory;
  Probe probe(in_network(network.name(), probe_command(written(directory, spec))));
  network.send(frame_of(private_protocol), 4);
  CHECK(counted(probe.stop()) == 4);
  CHECK(contains(qdiscs(network.name(), network.iface()), "qdisc ingress"));
}

TEST_CASE("tc: a priority in use by another kind of filter is refused, and the filter is named") {
  Network network;
  run(in_network(network.name(), {"tc", "qdisc", "add", "dev", network.iface(), "clsact"}));
  const Finished added =
      run(in_network(network.name(), {"tc", "filter", "add", "dev", network.iface(), "ingress", "prio", "10",
                                      "u32", "match", "u32", "0", "0"}));
  if (added.status != 0) {
    CHECK(contains(added.err, "TC classifier not found"));
    WARN("this kernel has no filters of the kind u32");
    return;
  }
  const json spec = spec_of(
      "on_tc", {{"type", "tc"}, {"iface", network.iface()}, {"direction", "ingress"}, {"priority", 10}});
  const Directory directory;
  const Finished done = run(in_network(network.name(), probe_command(written(directory, spec))));
  CAPTURE(done.err);
  CHECK(done.status == 1);
  CHECK(contains(
      done.err,
      "choose another priority: filters of kind u32 use priority 10, which cannot have another kind"));
}

TEST_CASE("tcx: packets through a link, on kernels with tcx") {
  Network network;
  const json spec = spec_of("on_tc", {{"type", "tcx"}, {"iface", network.iface()}, {"direction", "ingress"}});
  const Directory directory;
  const std::vector<std::string> command =
      in_network(network.name(), probe_command(written(directory, spec)));
  std::vector<std::string> tried = command;
  tried.insert(tried.end(), {"--duration", "1ms"});
  if (const Finished done = run(tried); done.status != 0) {
    CHECK(contains(done.err, "tcx needs Linux 6.6"));
    return;
  }
  Probe probe(command);
  network.send(frame_of(private_protocol), 9);
  CHECK(counted(probe.stop()) == 9);
}

TEST_CASE("cgroup: a path that does not exist, and one that is not a cgroup") {
  const Cgroup cgroup;
  CHECK(contains(refusal(spec_of("on_connect4", {{"type", "cgroup"}, {"path", cgroup.path() + "x"}})),
                 "did you mean"));
  CHECK(contains(refusal(spec_of("on_connect4", {{"type", "cgroup"}, {"path", "/tmp"}})),
                 "is not a cgroup of version 2"));
  CHECK(contains(refusal(spec_of("on_connect4", {{"type", "cgroup"}, {"path", "/etc/passwd"}})),
                 "hint: it is not in a cgroup2 file system: `findmnt -t cgroup2` lists those\n"));
}

TEST_CASE("sk_lookup: a network namespace that does not exist") {
  CHECK(contains(refusal(spec_of("on_lookup", {{"type", "sk_lookup"}, {"netns", "no-such-namespace"}})),
                 "network namespace /run/netns/no-such-namespace is not found"));
}

TEST_CASE("sockmap: a map that does not exist, and a map type that older kernels do not have") {
  CHECK(contains(refusal(spec_of("on_message", {{"type", "sockmap"}, {"map", "socket"}})),
                 "did you mean \"sockets\"?"));
  if (kernel_is_at_least(5, 13)) return;
  CHECK(contains(refusal(spec_of("on_verdict", {{"type", "sockmap"}, {"map", "sockets"}})),
                 "sk_skb/verdict needs Linux 5.13; for TCP, sk_skb/stream_verdict does the same"));
}

TEST_CASE("run: a program that runs once, on kernels that support it") {
  const json spec = spec_of("on_run", {{"type", "run"}});
  if (!kernel_is_at_least(5, 14)) {
    CHECK(contains(refusal(spec), "\"on_run\" is of type syscall, which needs Linux 5.14"));
    return;
  }
  const Directory directory;
  Probe probe(probe_command(written(directory, spec)));
  const Finished done = probe.stop();
  CHECK(contains(done.err, "attached to one run of on_run (it returned 42)"));
  CHECK(counted(done) == 1);
}

TEST_CASE("freplace: a function of another program, with trampolines") {
  Network network;
  const Directory one, other;
  json base =
      spec_of("base", {{"type", "xdp"}, {"iface", network.iface()}, {"mode", "generic"}}, "replaced.bpf.o");
  Probe first(in_network(network.name(), probe_command(written(one, base))));
  const BpfIds ids = bpf_ids_of(first.pid());
  REQUIRE(ids.programs.size() == 1);
  const std::string id = std::to_string(ids.programs[0]);
  const json spec = spec_of("replacement", {{"type", "freplace"}, {"program", id}, {"function", "chosen"}},
                            "replaced.bpf.o");
  CHECK(
      contains(refusal(spec_of("replacement", {{"type", "freplace"}, {"program", id}, {"function", "chose"}},
                               "replaced.bpf.o")),
               "that program has no such function\n"));
  CHECK(
      contains(refusal(spec_of("replacement", {{"type", "freplace"}, {"program", id}, {"function", "chose"}},
                               "replaced.bpf.o")),
               "did you mean \"chosen\"?"));
  if (!has_trampolines()) {
    CHECK(contains(refusal(spec), "the kernel refused"));
    return;
  }
  CHECK(calls_during(spec, "freplace:" + id + ":chosen",
                     [&] { network.send(frame_of(private_protocol), 5); }) == 5);
}

TEST_CASE("struct_ops: a congestion control that is registered while the probe runs") {
  const json spec =
      spec_of("threshold", {{"type", "struct_ops"}, {"map", "probe_run_cc"}}, "congestion.bpf.o");
  const auto known = [] {
    return contains(read_file("/proc/sys/net/ipv4/tcp_available_congestion_control"), "probe_run_cc");
  };
  calls_during(spec, "struct_ops:probe_run_cc", [&] { CHECK(known()); });
  CHECK_FALSE(known());
}
