// BPF in a user namespace with what a bpffs delegates: "token" of a spec.
#include <arpa/inet.h>
#include <bpf/libbpf.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "bpf_filesystem.h"
#include "probe.h"
#include "support/catch.h"
#include "support/fd.h"
#include "user_namespace.h"

using namespace test;
using nlohmann::json;

namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

constexpr unsigned somebody = 1000;
constexpr std::uint16_t port = 4711;
const Names for_network{"bpf", "net_admin"};
const Names for_tracing{"bpf", "perfmon"};

// The options that the documents recommend.
const Delegation for_packets{"prog_load:map_create:btf_load", "array:hash:ringbuf:array_of_maps",
                             "socket_filter:xdp:sched_cls", "any"};

json spec_of(const json& programs) {
  return {{"name", "delegated"},
          {"object", "delegated.bpf.o"},
          {"globals", {{"only_port", port}}},
          {"programs", programs},
          {"maps", json::array({{{"name", "events"}, {"type", "struct sighting"}}})},
          {"outputs", json::array({{{"map", "events"}, {"format", "jsonl"}}})}};
}

json program(const std::string& name, const json& attach) {
  return {{"name", name}, {"attach", attach}};
}

json on_xdp(const std::string& name = "on_xdp") {
  return program(name, {{"type", "xdp"}, {"iface", "lo"}, {"mode", "generic"}});
}
json on_tcx() {
  return program("on_tcx", {{"type", "tcx"}, {"iface", "lo"}, {"direction", "ingress"}});
}

// A user in a user namespace, and a directory there to mount a bpffs at.
class Delegated {
 public:
  Delegated() {
    // The executable may be where only root has access.
    fs::copy_file(test::probe_run(), directory_ / "probe-run");
    fs::permissions(directory_ / "probe-run", static_cast<fs::perms>(0755));
    fs::copy_file(own_object_directory() + "/delegated.bpf.o", directory_ / "delegated.bpf.o");
    fs::create_directory(bpffs());
  }
  explicit Delegated(const Delegation& delegation) : Delegated() {
    if (const int error = namespace_.mount_bpffs(bpffs(), delegation); error != 0)
      throw std::runtime_error(std::string("cannot mount the bpffs: ") + std::strerror(error));
  }

  const UserNamespace& name_space() const { return namespace_; }
  std::string bpffs() const { return directory_ / "bpffs"; }
  std::string directory() const { return directory_.path(); }

  Names command(json spec, const Names& capabilities, const std::string& token,
                const Names& arguments = {}) const {
    if (!token.empty()) spec["token"] = token;
    std::ofstream(directory_ / "spec.json") << spec.dump(2) << '\n';
    Names words{directory_ / "probe-run", directory_ / "spec.json"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return namespace_.command_of(somebody, capabilities, words);
  }
  Names command(const json& spec, const Names& capabilities = for_network) const {
    return command(spec, capabilities, bpffs());
  }
  // Runs to its end, which comes soon: the run is refused, or has no events.
  Finished run_shortly(const json& spec, const Names& capabilities, const std::string& token) const {
    return run(command(spec, capabilities, token, {"--duration", "1ms"}));
  }
  Finished run_shortly(const json& spec, const Names& capabilities = for_network) const {
    return run_shortly(spec, capabilities, bpffs());
  }

 private:
  Directory directory_;
  UserNamespace namespace_;
};

// Sends datagrams of that many bytes through the namespace's lo to a socket that receives them.
class Sender {
 public:
  Sender(const Delegated& delegated, std::vector<std::size_t> sizes)
      : actor_([sizes = std::move(sizes)] { return send(sizes); }, [&] { delegated.name_space().enter(); }) {}
  void send() {
    if (const std::string error = actor_.act(); !error.empty()) throw std::runtime_error(error);
  }

 private:
  static std::string send(const std::vector<std::size_t>& sizes) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const void* const generic = &address;
    const auto* const to = static_cast<const sockaddr*>(generic);
    const probe_run::Fd taker(::socket(AF_INET, SOCK_DGRAM, 0));
    const probe_run::Fd sender(::socket(AF_INET, SOCK_DGRAM, 0));
    if (::bind(taker.get(), to, sizeof address) != 0) return "cannot bind";
    char bytes[512] = {};
    for (const std::size_t size : sizes) {
      if (::sendto(sender.get(), bytes, size, 0, to, sizeof address) < 0) return "cannot send";
      if (::recv(taker.get(), bytes, sizeof bytes, 0) != static_cast<ssize_t>(size)) return "cannot receive";
    }
    return {};
  }

  Actor actor_;
};

json sighting(const std::string& place, std::size_t length) {
  return {{"place", place}, {"length", length}};
}

// Whether this build or this kernel has no tokens: then the error has been checked, and there is nothing else
// to test.
bool refuses_tokens() {
  const json spec = spec_of(json::array({on_xdp()}));
  if (LIBBPF_MAJOR_VERSION == 1 && LIBBPF_MINOR_VERSION < 4) {
    WARN("this build's libbpf has no tokens: only the refusal is looked at");
    const Finished done = Delegated().run_shortly(spec);
    INFO(done.err);
    CHECK(done.status == 2);
    CHECK(contains(done.err, "error: \"token\" needs libbpf 1.4; this probe-run was built with libbpf 1."));
    CHECK(contains(done.err,
                   "hint: build probe-run with a newer libbpf, or remove \"token\" and run with capabilities "
                   "outside of the user namespace\n"));
    return true;
  }
  if (kernel_is_at_least(6, 9)) return false;
  WARN("this kernel has no tokens (Linux 6.9 has): only the refusal is looked at");
  // There, a bpffs does not belong to a user namespace either.
  const BpfFilesystem bpffs;
  const Finished done = Delegated().run_shortly(spec, for_network, bpffs / "");
  INFO(done.err);
  CHECK(done.status == 1);
  CHECK(contains(done.err, "error: cannot create a BPF token from " + (bpffs / "") +
                               ": this kernel has no BPF tokens\n"));
  CHECK(contains(done.err, "hint: tokens need Linux 6.9\n"));
  return true;
}

const json xdp_spec = spec_of(json::array({on_xdp()}));
const json system_call_spec =
    spec_of(json::array({program("on_system_call", {{"type", "raw_tracepoint"}, {"name", "sys_enter"}})}));

// For the object with its XDP program: everything that libbpf creates, including its feature probes.
const std::string wanted_options =
    "delegate_cmds=map_create:prog_load:btf_load,delegate_maps=hash:array:array_of_maps:ringbuf,"
    "delegate_progs=socket_filter:xdp,delegate_attachs=cgroup_inet_ingress:xdp";

void check_refused(const Finished& done, const std::string& what, const std::string& hint) {
  INFO(done.err);
  CHECK(done.status == 1);
  CHECK(contains(done.err, "error: " + what + "\n"));
  CHECK(contains(done.err, "hint: " + hint + "\n"));
}

}  // namespace

TEST_CASE("Packets are seen in a user namespace with exactly what a bpffs delegates", "[token]") {
  if (refuses_tokens()) return;
  const Delegated delegated({"map_create:prog_load:btf_load", "hash:array:array_of_maps:ringbuf",
                             "socket_filter:xdp:sched_cls", "cgroup_inet_ingress:xdp:tcx_ingress"});
  Sender sender(delegated, {10, 20});
  Probe probe(delegated.command(spec_of(json::array({on_xdp(), on_tcx()}))));
  sender.send();
  const Finished done = probe.stop();
  INFO(done.err);
  CHECK(done.status == 0);
  CHECK_FALSE(contains(done.err, "warning"));
  CHECK(json_lines(done.out) == std::vector<json>{sighting("AT_XDP", 10), sighting("AT_TCX", 10),
                                                  sighting("AT_XDP", 20), sighting("AT_TCX", 20)});
}

TEST_CASE("The options that an error names are sufficient", "[token]") {
  if (refuses_tokens()) return;
  const Delegated delegated({"map_create:prog_load:btf_load", "hash:array:array_of_maps:ringbuf",
                             "socket_filter:xdp", "cgroup_inet_ingress:xdp"});
  const Finished done = delegated.run_shortly(xdp_spec);
  INFO(done.err);
  CHECK(done.status == 0);
  const Finished mounts =
      run(delegated.name_space().command_of(somebody, {}, {"cat", "/proc/self/mountinfo"}));
  CHECK(contains(mounts.out, wanted_options));
}

TEST_CASE("xdp_count needs the options that the documents recommend", "[token]") {
  if (refuses_tokens()) return;
  const Delegated delegated(
      {"map_create:prog_load:btf_load", "array", "socket_filter:xdp", "cgroup_inet_ingress:xdp"});
  fs::copy_file(fs::path(test::probe_run()).parent_path() / "bpf/xdp_count.bpf.o",
                delegated.directory() + "/xdp_count.bpf.o");
  const json spec = json::parse(read_file(spec_file("xdp_count")));
  Sender sender(delegated, {10, 20});
  Probe probe(delegated.command(spec, for_network, delegated.bpffs(), {"--set", "iface=lo"}));
  sender.send();
  const Finished done = probe.stop();
  INFO(done.err);
  CHECK(done.status == 0);
  CHECK(done.out.ends_with("Received 2 packets\n"));
}

TEST_CASE("A delegating bpffs at /sys/fs/bpf is found without \"token\"", "[token]") {
  if (refuses_tokens()) return;
  const Delegated delegated;
  const auto at_usual_place = [&](const Delegation& delegation) {
    CHECK(delegated.name_space().mount_bpffs("/sys/fs/bpf", delegation) == 0);
    return delegated.run_shortly(xdp_spec, for_network, "");
  };
  check_refused(
      at_usual_place({for_packets.cmds, for_packets.maps, "socket_filter", "any"}),
      "the kernel refused the program \"on_xdp\" of " + delegated.directory() +
          "/delegated.bpf.o: Operation not permitted",
      "the bpffs of the token does not delegate the program type xdp: root must mount it for this object "
      "with " +
          wanted_options);
  const Finished done = at_usual_place(for_packets);
  INFO(done.err);
  CHECK(done.status == 0);
}

TEST_CASE("System calls are seen in a user namespace if raw_tracepoint is delegated to it", "[token]") {
  if (refuses_tokens()) return;
  const Delegated delegated({"any", "any", "any", "any"});
  Actor actor(calling_getppid(3));
  json spec = system_call_spec;
  spec["globals"]["target_pid"] = actor.pid();
  Probe probe(delegated.command(spec, for_tracing));
  actor.act();
  const Finished done = probe.stop();
  INFO(done.err);
  CHECK(json_lines(done.out) == std::vector<json>(3, sighting("AT_SYSTEM_CALL", 0)));
}

TEST_CASE("A delegated program runs even if the BTF of the object is not delegated", "[token]") {
  if (refuses_tokens()) return;
  const Delegated delegated({"map_create:prog_load", for_packets.maps, for_packets.progs, "any"});
  Sender sender(delegated, {10});
  Probe probe(delegated.command(xdp_spec));
  sender.send();
  const Finished done = probe.stop();
  INFO(done.err);
  CHECK(json_lines(done.out) == std::vector<json>{sighting("AT_XDP", 10)});
}

TEST_CASE("Maps that \"entries\" puts in a map are created with the token too", "[token]") {
  if (refuses_tokens()) return;
  const Delegated delegated(for_packets);
  json spec = spec_of(json::array({on_xdp("on_xdp_with_table")}));
  spec["maps"].push_back(json::parse(R"({
    "name": "tables",
    "entries": [{ "key": 0, "value": { "entries": [{ "key": 7, "value": 77 }] } }]
  })"));
  Sender sender(delegated, {10});
  Probe probe(delegated.command(spec));
  sender.send();
  const Finished done = probe.stop();
  INFO(done.err);
  CHECK(json_lines(done.out) == std::vector<json>{sighting("AT_XDP", 77)});
}

TEST_CASE("A map that is pinned in the bpffs of the token is reused", "[token]") {
  if (refuses_tokens()) return;
  const Delegated delegated(for_packets);
  json spec = xdp_spec;
  spec["maps"].push_back({{"name", "counts"}, {"pin", delegated.bpffs() + "/counts"}, {"reuse_pin", true}});
  spec["outputs"] = json::array({{{"map", "counts"}, {"every", "exit"}, {"format", "jsonl"}}});
  Sender sender(delegated, {10, 20});
  for (const std::uint64_t count : {2u, 4u}) {
    Probe probe(delegated.command(spec));
    sender.send();
    const Finished done = probe.stop();
    INFO(done.err);
    const json row{{"key", 0}, {"value", count}};
    CHECK(json_lines(done.out) == std::vector<json>{row});
  }
}

// It would be identified by its program, which only root can query.
TEST_CASE("A link that is pinned in the bpffs of the token is not reused", "[token]") {
  if (refuses_tokens()) return;
  const Delegated delegated(for_packets);
  const std::string pin = delegated.bpffs() + "/link";
  json spec = xdp_spec;
  spec["programs"][0]["pin"] = pin;
  spec["programs"][0]["reuse_pin"] = true;
  const Finished first = delegated.run_shortly(spec);
  INFO(first.err);
  CHECK(first.status == 0);
  check_refused(delegated.run_shortly(spec),
                "the link of the program \"on_xdp\" cannot be pinned at " + pin +
                    ": cannot find out which program the existing link belongs to: Operation not permitted",
                "this needs CAP_SYS_ADMIN, which a user namespace or a token does not replace; `rm " + pin +
                    "` detaches that program");
}

TEST_CASE("The error names what is not delegated, and everything that the object needs", "[token]") {
  if (refuses_tokens()) return;
  struct Case {
    Delegation delegation;
    std::string refused, missing;
  };
  const auto& [cmds, maps, progs, attachs] = for_packets;
  const std::string whole, by_program = "the program \"on_xdp\" of ", by_map = "the map \"tables\" of ";
  const std::vector<Case> cases{
      {{cmds, maps, "socket_filter", attachs}, by_program, "the program type xdp"},
      {{cmds, maps, "xdp", attachs}, whole, "the program type socket_filter"},
      {{cmds, maps, progs, "xdp"}, whole, "the attach type cgroup_inet_ingress"},
      {{cmds, "array:hash", progs, attachs}, by_map, "the map types array_of_maps and ringbuf"},
      {{"prog_load:btf_load", maps, progs, attachs}, by_map, "the command map_create"},
      {{"map_create:btf_load", maps, progs, attachs}, whole, "the command prog_load"},
  };
  for (const Case& one : cases) {
    const Delegated delegated(one.delegation);
    check_refused(delegated.run_shortly(xdp_spec),
                  "the kernel refused " + one.refused + delegated.directory() +
                      "/delegated.bpf.o: Operation not permitted",
                  "the bpffs of the token does not delegate " + one.missing +
                      ": for this object root mounts it with " + wanted_options);
  }
}

TEST_CASE("A program that is not delegated may be optional", "[token]") {
  if (refuses_tokens()) return;
  const Delegated delegated(for_packets);
  json spec = xdp_spec;
  spec["programs"].push_back(system_call_spec["programs"][0]);
  spec["programs"][1]["optional"] = true;
  const Finished done = delegated.run_shortly(spec, {"bpf", "net_admin", "perfmon"});
  INFO(done.err);
  CHECK(done.status == 0);
  CHECK(contains(done.err, "warning: the kernel refused the program \"on_system_call\" of "));
  CHECK(contains(done.err, "does not delegate the program type raw_tracepoint: "));
  CHECK(contains(done.err, ": attached to xdp on lo (generic)\n"));
}

TEST_CASE("The error for a directory that gives no token names the cause", "[token]") {
  if (refuses_tokens()) return;
  const BpfFilesystem of_this_namespace;
  const Delegated plain{Delegation()};
  const Delegated delegated(for_packets);
  const std::string mount_one =
      "\"token\" must be a bpffs that root has mounted for this user namespace: for this object with " +
      wanted_options;
  const auto no_token_of = [](const std::string& directory, const std::string& why) {
    return "cannot create a BPF token from " + directory + ": " + why;
  };
  check_refused(plain.run_shortly(xdp_spec), no_token_of(plain.bpffs(), "this bpffs delegates nothing"),
                mount_one);
  const auto refused = [&](const std::string& directory, const std::string& why, const std::string& hint) {
    check_refused(delegated.run_shortly(xdp_spec, for_network, directory), no_token_of(directory, why), hint);
  };
  refused(delegated.directory(), "it is not a bpffs", mount_one);
  refused(delegated.directory() + "/nothing", "the directory does not exist", mount_one);
  refused(delegated.directory() + "/spec.json", "Not a directory", mount_one);
  refused(of_this_namespace / "", "this bpffs belongs to another user namespace",
          "a bpffs belongs to the user namespace that called fsopen: call it in the namespace of probe-run");
  run(delegated.name_space().command_of(somebody, {}, {"mkdir", delegated.bpffs() + "/below"}));
  refused(delegated.bpffs() + "/below", "it is a directory inside a bpffs",
          "\"token\" must be the mount point of the bpffs, not a directory in it");

  const Directory directory;
  json spec = xdp_spec;
  spec["token"] = of_this_namespace / "";
  std::ofstream(directory / "spec.json") << spec.dump(2) << '\n';
  check_refused(run(probe_command(directory / "spec.json")),
                no_token_of(of_this_namespace / "", "this process is not in a user namespace"),
                "outside a user namespace capabilities count: remove \"token\" and run with capabilities");
}

TEST_CASE("Capabilities that are missing in the user namespace are named", "[token]") {
  if (refuses_tokens()) return;
  const Delegated delegated(for_packets);
  const std::string how =
      " in its user namespace: run it as root of the namespace, or with setpriv and --inh-caps and "
      "--ambient-caps";
  const std::string object = delegated.directory() + "/delegated.bpf.o";
  check_refused(delegated.run_shortly(xdp_spec, {}),
                "cannot create a BPF token from " + delegated.bpffs() + ": Operation not permitted",
                "this process does not have CAP_BPF" + how);
  check_refused(delegated.run_shortly(xdp_spec, {"bpf"}),
                "the kernel refused the program \"on_xdp\" of " + object + ": Operation not permitted",
                "this process does not have CAP_NET_ADMIN" + how);
  check_refused(
      delegated.run_shortly(xdp_spec, for_network, ""),
      "the kernel refused " + object + ": Operation not permitted",
      "this process is in a user namespace, whose capabilities do not count for BPF: run it outside the "
      "namespace, "
      "or let root delegate BPF to the namespace and give the bpffs as \"token\" in the spec");
}

TEST_CASE("An error of the verifier in a delegated program is reported as usual", "[token]") {
  if (refuses_tokens()) return;
  const Delegated delegated(for_packets);
  check_refused(delegated.run_shortly(spec_of(json::array({on_xdp("is_refused")}))),
                "the kernel refused the program \"is_refused\" of " + delegated.directory() +
                    "/delegated.bpf.o: the verifier rejected it",
                "compare the pointer with data_end before reading the packet");
}

TEST_CASE("Only root outside the user namespace can delegate", "[token]") {
  if (refuses_tokens()) return;
  const Delegated delegated;
  CHECK(delegated.name_space().mount_bpffs(delegated.bpffs(), for_packets,
                                           UserNamespace::Owner::root_inside) == EPERM);
}

TEST_CASE("Attach points that use perf, and printed lines, are refused in a user namespace", "[token]") {
  if (refuses_tokens()) return;
  const Delegated delegated({"any", "any", "any", "any"});
  json spec = system_call_spec;
  spec["outputs"].push_back({{"trace_pipe", true}});
  check_refused(
      delegated.run_shortly(spec, for_tracing),
      "cannot read what BPF programs print: loading the program that collects it: Operation not permitted",
      "what all BPF programs print cannot be read in a user namespace, with or without a token: run "
      "it outside");
  if (!fs::exists("/sys/kernel/tracing/events")) return;
  const Finished done = delegated.run_shortly(
      spec_of(json::array(
          {program("on_tracepoint",
                   {{"type", "tracepoint"}, {"category", "syscalls"}, {"name", "sys_enter_getppid"}})})),
      for_tracing);
  INFO(done.err);
  CHECK(done.status == 1);
  CHECK(contains(done.err, "error: cannot attach program \"on_tracepoint\" to tracepoint:"));
  CHECK(
      contains(done.err,
               "hint: this process is in a user namespace: its capabilities apply only to resources of that "
               "namespace, such as its network, and a token applies only to loading; kprobe, uprobe, usdt, "
               "tracepoint and perf_event are attached by perf, which cannot be delegated\n"));
}
