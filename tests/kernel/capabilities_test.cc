// A user other than root with some capabilities: each error names the missing ones, until the run succeeds,
// and each one named is needed.
#include <sys/mount.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>

#include "network.h"
#include "probe.h"
#include "support/catch.h"

using namespace test;
using nlohmann::json;

namespace {

namespace fs = std::filesystem;
using Set = std::set<std::string>;

// A copy that an unprivileged user can read: the executable may be where only root has access.
class Copies {
 public:
  Copies() {
    fs::copy_file(probe_run(), directory_ / "probe-run");
    fs::permissions(directory_ / "probe-run", static_cast<fs::perms>(0755));
    for (const std::string name : {"attach", "attach_without_sockets", "usdt"}) {
      fs::copy_file(own_object_directory() + "/" + name + ".bpf.o", directory_ / (name + ".bpf.o"));
    }
  }

  // Runs with exactly these capabilities, in the network namespace of the probe.
  Finished run_with(const Set& capabilities, const json& spec, const Network& network) const {
    std::ofstream(directory_ / "spec.json") << spec.dump(2) << '\n';
    std::string list = "-all";
    for (const std::string& name : capabilities) list += ",+" + name;
    // Linux before 5.11 charges maps to the limit of locked memory, which may be too low for any user.
    return run(
        in_network(network.name(), {"sh", "-c", "ulimit -l unlimited 2>/dev/null; exec \"$@\"", "sh",
                                    "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                                    "--inh-caps=" + list, "--ambient-caps=" + list, directory_ / "probe-run",
                                    directory_ / "spec.json", "--duration", "1ms"}),
        {.input = {}, .environment = {}, .uid = 0, .directory = "/"});
  }

 private:
  Directory directory_;
};

json spec_of(const std::string& program, const json& attach,
             const std::string& object = "attach_without_sockets.bpf.o") {
  return {{"name", program},
          {"object", object},
          {"programs", json::array({{{"name", program}, {"attach", attach}}})},
          {"maps", json::array({{{"name", "calls"}}})},
          {"outputs", json::array({{{"map", "calls"}, {"every", "exit"}, {"format", "jsonl"}}})}};
}

// "lacks CAP_BPF and CAP_PERFMON: " in setpriv's spelling.
Set named(const std::string& err) {
  Set found;
  std::smatch list;
  if (!std::regex_search(err, list, std::regex("this process does not have ([A-Z_, and]+): "))) return found;
  const std::string names = list[1];
  const std::regex one("CAP_([A-Z_]+)");
  for (std::sregex_iterator at(names.begin(), names.end(), one), end; at != end; ++at) {
    std::string name = (*at)[1];
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    found.insert(std::move(name));
  }
  return found;
}

// The capabilities that a run needs, as its errors name them.
Set learned(const Copies& copies, const json& spec, const Network& network) {
  Set have;
  for (int i = 0; i < 5; ++i) {
    const Finished done = copies.run_with(have, spec, network);
    if (done.status == 0) return have;
    INFO(done.err);
    const Set more = named(done.err);
    const std::size_t before = have.size();
    if (more.count("sys_admin") != 0) have = {};  // it includes others
    have.insert(more.begin(), more.end());
    REQUIRE((have.size() > before || more.count("sys_admin") != 0));  // it names something new
  }
  FAIL("the run never succeeds");
  return have;
}

// A mount of cgroup version 2 that this process and its children see.
class CgroupMount {
 public:
  CgroupMount() {
    if (::mount("none", directory_.path().c_str(), "cgroup2", 0, nullptr) != 0)
      throw std::runtime_error("cannot mount cgroup2");
  }
  ~CgroupMount() { ::umount2(directory_.path().c_str(), MNT_DETACH); }
  CgroupMount(const CgroupMount&) = delete;
  CgroupMount& operator=(const CgroupMount&) = delete;
  std::string path() const { return directory_.path(); }

 private:
  Directory directory_;
};

const Set everything{"bpf", "perfmon", "net_admin", "sys_admin", "dac_read_search", "syslog"};

}  // namespace

TEST_CASE("an error names the missing capabilities, and only those that are needed", "[capabilities]") {
  const Copies copies;
  Network network;
  const CgroupMount cgroups;
  network.inside([] { run({"ip", "link", "set", "lo", "up"}); });
  const std::string iface = network.iface();
  const json interface {
    {"iface", iface}, { "direction", "ingress" }
  };
  const auto on_interface = [&](const std::string& type) {
    json point = interface;
    point["type"] = type;
    return point;
  };
  const std::vector<json> specs{
      spec_of("on_raw", {{"type", "raw_tracepoint"}, {"name", "sys_enter"}}),
      spec_of("on_tp_btf", {{"type", "tp_btf"}, {"name", "sys_enter"}}),
      spec_of("on_fentry", {{"type", "fentry"}, {"function", "do_sys_openat2"}}),
      spec_of("on_lsm", {{"type", "lsm"}, {"hook", "file_open"}}),
      spec_of("on_kprobe", {{"type", "kprobe"}, {"symbol", "do_sys_openat2"}}),
      spec_of("on_kprobe", {{"type", "ksyscall"}, {"syscall", "getppid"}}),
      spec_of("on_kprobe_multi", {{"type", "kprobe_multi"}, {"symbols", {"do_sys_openat2"}}}),
      spec_of("on_kprobe", {{"type", "uprobe"}, {"binary", "libc.so.6"}, {"symbol", "getppid"}}),
      spec_of("on_usdt",
              {{"type", "usdt"}, {"binary", "libstdc++.so.6"}, {"provider", "libstdcxx"}, {"probe", "throw"}},
              "usdt.bpf.o"),
      spec_of("on_sample", {{"type", "perf_event"}, {"event", "cpu-clock"}, {"frequency", 99}}),
      spec_of("on_tc", on_interface("tc")),
      spec_of("on_tc", on_interface("tcx")),
      spec_of("on_connect4", {{"type", "cgroup"}, {"path", cgroups.path()}}),
      spec_of("on_cgroup_egress", {{"type", "cgroup"}, {"path", cgroups.path()}}),
      spec_of("on_sockops", {{"type", "cgroup"}, {"path", cgroups.path()}}),
      spec_of("on_lookup", {{"type", "sk_lookup"}}),
      spec_of("on_dissector", {{"type", "flow_dissector"}}),
      spec_of("on_verdict", {{"type", "sockmap"}, {"map", "sockets"}}, "attach.bpf.o"),
      spec_of("on_run", {{"type", "run"}}),
  };
  std::size_t tried = 0;
  for (const json& spec : specs) {
    INFO(spec["programs"][0].dump());
    // If all of them are not enough, this kernel does not have the attach type: attach_test.cc tests that
    // error.
    if (copies.run_with(everything, spec, network).status != 0) continue;
    ++tried;
    const Set needed = learned(copies, spec, network);
    // Some kernels require it for perf events: Debian's if kernel.perf_event_paranoid is 3, newer ones for
    // uprobes.
    const Set of_perf{"kprobe", "ksyscall", "uprobe", "usdt", "perf_event"};
    if (of_perf.count(spec["programs"][0]["attach"]["type"]) == 0) CHECK(needed.count("sys_admin") == 0);
    for (const std::string& one : needed) {
      Set fewer = needed;
      fewer.erase(one);
      const Finished done = copies.run_with(fewer, spec, network);
      INFO("without " << one << ": " << done.err);
      CHECK(done.status != 0);
      CHECK((named(done.err).count(one) == 1 || one == "sys_admin"));
    }
  }
  CHECK(tried >= 10);
}
