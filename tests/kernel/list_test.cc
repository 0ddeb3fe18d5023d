// --list: the attach points of this kernel, and that programs attach to them.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "actor.h"
#include "network.h"
#include "probe.h"
#include "support/catch.h"

using namespace test;
using nlohmann::json;

namespace {

constexpr unsigned nobody = 65534;

Finished list(std::vector<std::string> arguments, unsigned uid = 0) {
  arguments.insert(arguments.begin(), {probe_run(), "--list"});
  return run(arguments, {.input = {}, .environment = {}, .uid = uid, .directory = "/"});
}

// A copy of the executable that every user can run.
Finished list_as_nobody(std::vector<std::string> arguments) {
  const Directory directory;
  const std::string copy = directory / "probe-run";
  std::filesystem::copy_file(probe_run(), copy);
  std::filesystem::permissions(copy, static_cast<std::filesystem::perms>(0755));
  arguments.insert(arguments.begin(), {copy, "--list"});
  return run(arguments, {.input = {}, .environment = {}, .uid = nobody, .directory = "/"});
}

json listed(const std::string& pattern) {
  const Finished done = list({pattern, "--format", "jsonl"});
  INFO(done.err);
  REQUIRE(done.status == 0);
  const std::vector<json> places = json_lines(done.out);
  REQUIRE(places.size() == 1);
  return places[0];
}

bool has_line(const Finished& done, std::string_view line) {
  const std::vector<std::string> lines = split_lines(done.out);
  return std::find(lines.begin(), lines.end(), line) != lines.end();
}

std::string declared(const json& variables) {
  std::string text;
  for (const json& variable : variables) {
    text += (text.empty() ? "" : ", ") + variable.at("type").get<std::string>() + " " +
            variable.at("name").get<std::string>();
  }
  return text;
}

// How often a program attached to a listed attach point is called while a process makes 30 system calls.
std::uint64_t calls_where(const std::string& pattern, const std::string& program) {
  const Directory directory;
  Actor actor(calling_getppid(30));
  const json spec{{"name", program},
                  {"object", "attach.bpf.o"},
                  {"globals", {{"target_pid", actor.pid()}}},
                  {"programs", json::array({{{"name", program}, {"attach", listed(pattern).at("attach")}}})},
                  {"maps", json::array({{{"name", "calls"}}})},
                  {"outputs", json::array({{{"map", "calls"}, {"every", "exit"}, {"format", "jsonl"}}})}};
  const std::string path = directory / "listed.json";
  std::ofstream(path) << spec.dump(2) << '\n';
  Probe probe(probe_command(path));
  actor.act();
  const Finished done = probe.stop();
  INFO(done.out << done.err);
  REQUIRE(done.status == 0);
  return json_lines(done.out).at(0).at("value").get<std::uint64_t>();
}

// The keys of each attach type, and which of them are required, according to the schema.
void collect_types(const json& schema, std::map<std::string, json>& types) {
  if (schema.is_object() && schema.contains("properties")) {
    const json& properties = schema.at("properties");
    if (properties.contains("type") && properties.at("type").contains("const"))
      types[properties.at("type").at("const").get<std::string>()] = schema;
  }
  if (schema.is_structured()) {
    for (const json& part : schema) collect_types(part, types);
  }
}

}  // namespace

TEST_CASE("--list shows the prototype of a kernel function to every user") {
  const Finished done = list({"fentry:do_sys_openat2"});
  CHECK(done.status == 0);
  CHECK(contains(done.out, "fentry:do_sys_openat2  "));
  CHECK(contains(done.out, " do_sys_openat2(int dfd, const char *filename, struct open_how *how)\n"));
  const Finished unprivileged = list_as_nobody({"fentry:do_sys_openat2"});
  CHECK(unprivileged.out == done.out);
  CHECK(unprivileged.status == 0);
  CHECK(contains(unprivileged.err, "cannot find out which functions are traceable"));
}

TEST_CASE("--list of many functions prints only names, sorted, each once") {
  const Finished done = list({"fentry:vfs_*"});
  CHECK(done.status == 0);
  const std::vector<std::string> lines = split_lines(done.out);
  CHECK(lines.size() > 20);
  CHECK(std::is_sorted(lines.begin(), lines.end()));
  CHECK(std::adjacent_find(lines.begin(), lines.end()) == lines.end());
  CHECK(has_line(done, "fentry:vfs_write"));
  CHECK(std::all_of(lines.begin(), lines.end(), [](const std::string& line) {
    return line.starts_with("fentry:vfs_") && line.find(' ') == std::string::npos;
  }));
  CHECK(contains(
      list({"fentry:vfs_writ*", "--verbose"}).out,
      "fentry:vfs_write  ssize_t vfs_write(struct file *file, const char *buf, size_t count, loff_t *pos)"));
}

TEST_CASE("--list suggests the function that was probably meant") {
  const Finished done = list({"fentry:do_sys_opnat2"});
  CHECK(done.status == 1);
  CHECK(done.out == "");
  CHECK(contains(done.err,
                 "nothing here matches \"fentry:do_sys_opnat2\"\n  hint: did you mean \"do_sys_openat2\"?"));
}

TEST_CASE("--list shows the fields of a tracepoint with their offsets") {
  const Finished done = list({"tracepoint:sched:sched_process_exit"});
  CHECK(done.status == 0);
  CHECK(split_lines(done.out).at(0) == "tracepoint:sched:sched_process_exit");
  CHECK(contains(done.out, "\n    pid_t pid;  // offset "));
  CHECK(list({"tracepoint:sched_process_exit"}).out == done.out);
  CHECK(has_line(list({"tracepoint:sched:*"}), "tracepoint:sched:sched_process_exit"));
  const json place = listed("tracepoint:syscalls:sys_enter_openat");
  CHECK(place.at("attach") ==
        json({{"type", "tracepoint"}, {"category", "syscalls"}, {"name", "sys_enter_openat"}}));
  // In newer kernels the text of the name follows.
  CHECK(declared(place.at("fields"))
            .starts_with("int __syscall_nr, int dfd, const char * filename, int flags, umode_t mode"));
}

TEST_CASE("--list reports what it has no permission to read, and lists the rest") {
  const Finished done = list_as_nobody({"tracepoint:sched:*", "tp_btf:sched_process_exit"});
  CHECK(done.status == 1);
  CHECK(done.out.starts_with("tp_btf:sched_process_exit  void sched_process_exit(struct task_struct *"));
  CHECK(contains(done.err, "probe-run: warning: tracepoint: "));
  CHECK(contains(done.err, "nothing here matches \"tracepoint:sched:*\""));
}

TEST_CASE("--list shows the arguments of raw tracepoints that programs receive") {
  const json place = listed("raw_tracepoint:sys_enter");
  const std::string arguments = declared(place.at("arguments"));
  CHECK(arguments.starts_with("struct pt_regs *"));
  CHECK(place.at("arguments").size() == 2);
  CHECK(place.at("attach") == json({{"type", "raw_tracepoint"}, {"name", "sys_enter"}}));
}

TEST_CASE("--list shows iterators and the context of their programs") {
  const Finished done = list({"iter:task"});
  CHECK(done.out ==
        "iter:task  struct bpf_iter__task\n"
        "    struct bpf_iter_meta *meta;  // offset 0, size 8\n"
        "    struct task_struct *task;  // offset 8, size 8\n");
  const Finished all = list({"iter"});
  CHECK(has_line(all, "iter:task"));
  CHECK(has_line(all, "iter:bpf_map"));
  CHECK_FALSE(contains(all.out, "iter:num_new"));  // only the function's name begins like that
}

TEST_CASE("--list shows security hooks, but no other functions with the same prefix") {
  const Finished one = list({"lsm:file_open"});
  CHECK(one.out == "lsm:file_open  int file_open(struct file *file)\n");
  const Finished all = list({"lsm"});
  CHECK(has_line(all, "lsm:bprm_check_security"));
  CHECK_FALSE(has_line(all, "lsm:verify_prog"));
}

TEST_CASE("--list shows struct_ops types") {
  const json place = listed("struct_ops:tcp_congestion_ops");
  CHECK_FALSE(place.contains("attach"));  // the spec has to name the variable
  CHECK(contains(declared(place.at("fields")), " ssthresh"));
}

TEST_CASE("--list of kprobes, or an error on kernels without them") {
  const Finished done = list({"kprobe:vfs_read"});
  if (!has_kprobes()) {
    CHECK(done.status == 1);
    CHECK(done.out == "");
    CHECK(contains(done.err, "probe-run: warning: kprobe: this kernel has no kprobes "));
    return;
  }
  CHECK(done.status == 0);
  CHECK(contains(
      done.out,
      "kprobe:vfs_read  ssize_t vfs_read(struct file *file, char *buf, size_t count, loff_t *pos)\n"));
  const Finished all = list({"kprobe"});
  CHECK(split_lines(all.out).size() > 10'000);
  CHECK(has_line(all, "kprobe:vfs_read"));
  CHECK_FALSE(contains(all.out, "kprobe:__pfx_"));
  CHECK_FALSE(has_line(all, "kprobe:start_kernel"));  // its memory is freed after boot
  CHECK(has_line(list({"kprobe:veth_*"}), "kprobe:veth:veth_xmit"));
  CHECK(listed("kprobe:veth:veth_xmit").at("attach") ==
        json({{"type", "kprobe"}, {"symbol", "veth_xmit"}, {"module", "veth"}}));
  CHECK(split_lines(list_as_nobody({"kprobe"}).out).size() >= split_lines(all.out).size());
}

TEST_CASE("--list shows system calls with their arguments") {
  const Finished done = list({"ksyscall:openat"});
  if (!has_kprobes()) {
    CHECK(contains(done.err, "ksyscall: this kernel has no kprobes"));
    return;
  }
  CHECK(done.out == "ksyscall:openat  long openat(int dfd, const char *filename, int flags, umode_t mode)\n");
  CHECK(has_line(list({"ksyscall"}), "ksyscall:openat"));
}

TEST_CASE("--list shows the USDT probes of a library") {
  const Finished done = list({"usdt:libstdc++.so.6:thr*"});
  CHECK(done.status == 0);
  CHECK(split_lines(done.out).size() == 1);
  CHECK(contains(done.out, "/libstdc++.so.6"));
  const json place = listed("usdt:libstdc++.so.6:throw");
  CHECK(place.at("attach").at("provider") == "libstdcxx");
  CHECK(place.at("attach").at("probe") == "throw");
  CHECK(declared(place.at("arguments")) == "u64 arg0, u64 arg1");
}

TEST_CASE("--list of a binary's functions, with the binary's name escaped") {
  const Directory directory;
  const std::string path = directory / "a\x1b[2J\nfentry";
  std::filesystem::copy_file("/bin/bash", path);
  const Finished done = list({"uprobe:" + path + ":readl*"});
  CHECK(done.status == 0);
  CHECK(contains(done.out, "/a\\x1b[2J\\nfentry:readline\n"));
  CHECK(done.out.find('\x1b') == std::string::npos);
  for (const std::string& line : split_lines(done.out)) CHECK(line.starts_with("uprobe:/"));
  const Finished near = list({"uprobe:/bin/bash:readlin"});
  CHECK(near.status == 1);
  CHECK(contains(near.err, "did you mean \"readline\"?"));
}

TEST_CASE("--list shows the interfaces of the current network namespace") {
  Network network;
  Finished done;
  network.inside([&] { done = list({"xdp", "tc", "--format", "jsonl"}); });
  CHECK(done.status == 0);
  const std::vector<json> places = json_lines(done.out);
  const auto has = [&](const json& attach) {
    return std::any_of(places.begin(), places.end(),
                       [&](const json& place) { return place.at("attach") == attach; });
  };
  CHECK(has({{"type", "xdp"}, {"iface", network.iface()}}));
  CHECK(has({{"type", "tc"}, {"iface", network.iface()}, {"direction", "egress"}}));
  CHECK(has_line(list({"xdp"}), "xdp:lo"));
  CHECK_FALSE(contains(list({"xdp"}).out, network.iface()));
}

TEST_CASE("--list shows the counters that every machine has") {
  const Finished done = list({"perf_event"});
  CHECK(has_line(done, "perf_event:cpu-clock"));
  CHECK(has_line(done, "perf_event:page-faults"));
}

TEST_CASE("--list of all types finds names of several types, and ends quietly when its reader exits") {
  const Finished done = list({"*sched_process_exit"});
  CHECK(has_line(done, "raw_tracepoint:sched_process_exit"));
  CHECK(has_line(done, "tracepoint:sched:sched_process_exit"));
  CHECK_FALSE(contains(done.out, "tp_btf:"));  // the same attach points again
  const Finished cut = run(
      {"bash", "-c", "set -o pipefail; \"$1\" --list 'fentry:*' 2>/dev/null | head -1", "bash", probe_run()});
  CHECK(cut.status == 0);
  CHECK(split_lines(cut.out).size() == 1);
}

TEST_CASE("a spec with an attach point from --list attaches") {
  CHECK(calls_where("raw_tracepoint:sys_enter", "on_raw") >= 30);
  CHECK(calls_where("tp_btf:sys_enter", "on_tp_btf") >= 30);
  calls_where("perf_event:cpu-clock", "on_sample");
  if (!has_kprobes()) return;
  CHECK(calls_where("ksyscall:getppid", "on_kprobe") == 30);
  CHECK(calls_where("kprobe:__x64_sys_getppid", "on_kprobe") == 30);
  calls_where("fentry:do_sys_openat2", "on_fentry");  // which other processes call
}

TEST_CASE("every attach point that --list prints is valid in a spec") {
  std::map<std::string, json> types;
  collect_types(json::parse(run({probe_run(), "--schema"}).out), types);
  REQUIRE(types.size() > 30);
  const Finished done = list({"*:vfs_read", "*:file_open", "*:sched*_exit", "*:openat", "*:task*", "*:lo*",
                              "*:ipv4:*", "*:/proc/self/*", "*:/bin/bash:readline", "cgroup",
                              "usdt:libstdc++.so.6:throw", "perf_event", "--format", "jsonl"});
  std::set<std::string> seen;
  for (const json& place : json_lines(done.out)) {
    INFO(place.dump());
    if (place.at("type") == "struct_ops") continue;  // names a variable of the object
    REQUIRE(place.contains("attach"));
    const json& attach = place.at("attach");
    CHECK(attach.at("type") == place.at("type"));
    const json& type = types.at(attach.at("type").get<std::string>());
    seen.insert(attach.at("type").get<std::string>());
    for (const auto& entry : attach.items()) CHECK(type.at("properties").contains(entry.key()));
    for (const json& key : type.at("required")) CHECK(attach.contains(key.get<std::string>()));
  }
  CHECK(seen.size() >= 14);
}
