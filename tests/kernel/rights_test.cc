// The rights of a process: what a run keeps of them after it has attached, and that rights which the program was given
// (setcap, set-user-ID) open no file that its user may not open.
#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cctype>
#include <fstream>
#include <map>
#include <sstream>
#include <vector>

#include "network.h"
#include "probe.h"
#include "support/catch.h"

using namespace test;
using nlohmann::json;

namespace {

namespace fs = std::filesystem;

constexpr unsigned nobody = 65534;
constexpr const char* secret = "S3CRET-OF-ROOT";

constexpr std::uint64_t bit(unsigned capability) {
  return std::uint64_t{1} << capability;
}
constexpr std::uint64_t read_search = bit(CAP_DAC_READ_SEARCH), perfmon = bit(38), bpf = bit(39);

// A copy of the program and what it needs, which has capabilities of its own or is set-user-ID.
class PrivilegedCopy {
 public:
  explicit PrivilegedCopy(std::uint64_t capabilities) : PrivilegedCopy() {
    vfs_cap_data data{};
    data.magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE;
    data.data[0].permitted = static_cast<std::uint32_t>(capabilities);
    data.data[1].permitted = static_cast<std::uint32_t>(capabilities >> 32);
    REQUIRE(::setxattr(program().c_str(), "security.capability", &data, XATTR_CAPS_SZ_2, 0) == 0);
  }
  PrivilegedCopy() {
    fs::copy_file(probe_run(), program());
    fs::permissions(program(), static_cast<fs::perms>(0755));
    for (const std::string name : {"opensnoop", "syscall_latency"}) {
      fs::copy_file(fs::canonical(probe_run()).parent_path() / "bpf" / (name + ".bpf.o"),
                    directory_ / (name + ".bpf.o"));
      fs::copy_file(spec_file(name), directory_ / (name + ".json"));
    }
    // A file and a directory of root.
    std::ofstream(directory_ / "private.json") << "{\"name\": " << secret << "}\n" << secret << "\n";
    fs::permissions(directory_ / "private.json", static_cast<fs::perms>(0600));
    fs::create_directory(directory_ / "private");
    std::ofstream(directory_ / "private/recording.rec") << secret << "\n";
    std::ofstream(directory_ / "private/case.json") << secret << "\n";
    fs::copy_file(spec_file("opensnoop"), directory_ / "private/opensnoop.json");
    fs::copy_file(directory_ / "opensnoop.bpf.o", directory_ / "private/elsewhere.bpf.o");
    fs::permissions(directory_ / "private", static_cast<fs::perms>(0700));
    // What its user may write.
    fs::create_directory(directory_ / "own");
    REQUIRE(::chown((directory_ / "own").c_str(), nobody, nobody) == 0);
    fs::create_symlink(directory_ / "private.json", directory_ / "own/link.json");
    fs::create_directory(directory_ / "own/case");
    fs::create_symlink(directory_ / "private/recording.rec", directory_ / "own/case/recording.rec");
    fs::create_symlink(directory_ / "private.json", directory_ / "own/case/case.json");
  }
  void make_set_user_id() const { REQUIRE(::chmod(program().c_str(), 04755) == 0); }

  std::string program() const { return directory_ / "probe-run"; }
  std::string operator/(std::string_view name) const { return directory_ / name; }

  std::string write(const std::string& name, const json& spec) const {
    std::ofstream(directory_ / name) << spec.dump(2) << '\n';
    return directory_ / name;
  }
  json opensnoop() const { return json::parse(read_file(directory_ / "opensnoop.json")); }

  Finished run_as_nobody(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), program());
    return run(arguments, {.input = {}, .environment = {}, .uid = nobody, .directory = directory_ / "own"});
  }

 private:
  Directory directory_;
};

// Each command line names a file of root, in every mode and in every place where a file is named.
std::vector<std::vector<std::string>> ways_to_read(const PrivilegedCopy& copy) {
  json with_object = copy.opensnoop();
  with_object["object"] = copy / "private/elsewhere.bpf.o";
  json with_types = copy.opensnoop();
  with_types["btf"] = copy / "private.json";
  json with_output = copy.opensnoop();
  with_output["outputs"][0]["to"] = copy / "private/output";
  const std::string object = copy.write("object.json", with_object);
  const std::string types = copy.write("types.json", with_types);
  const std::string output = copy.write("output.json", with_output);
  const std::string spec = copy / "opensnoop.json";
  std::vector<std::vector<std::string>> ways;
  for (const std::string mode : {"--check", "--describe", "--quiet"}) {
    ways.push_back({mode, copy / "private.json"});
    ways.push_back({mode, copy / "own/link.json"});
    ways.push_back({mode, copy / "private/opensnoop.json"});
    ways.push_back({mode, object});
    ways.push_back({mode, types});
    ways.push_back({mode, spec, "--btf", copy / "private.json"});
  }
  ways.push_back({output, "--duration", "1ms"});
  ways.push_back({spec, "--duration", "1ms", "--output", copy / "private/output"});
  ways.push_back({spec, "--duration", "1ms", "--record", copy / "private/output"});
  ways.push_back({spec, "--duration", "1ms", "--stats", copy / "private/output"});
  ways.push_back(
      {spec, "--duration", "1ms", "--format", "prometheus", "--output", copy / "private/output.prom"});
  ways.push_back({"--replay", copy / "private.json"});
  ways.push_back({"--replay", copy / "private/recording.rec"});
  ways.push_back({"--describe", copy / "private/recording.rec"});
  ways.push_back({"--test", copy / "private"});
  ways.push_back({"--test", copy / "own/case"});
  ways.push_back({"--list", "uprobe:" + (copy / "private/elsewhere.bpf.o") + ":*"});
  return ways;
}

void check_reads_nothing(const PrivilegedCopy& copy) {
  for (const std::vector<std::string>& way : ways_to_read(copy)) {
    std::string words;
    for (const std::string& word : way) words += word + " ";
    INFO(words);
    const Finished done = copy.run_as_nobody(way);
    INFO(done.out << done.err);
    CHECK(done.status != 0);
    // And not another fault of the file.
    CHECK((contains(done.out + done.err, "ermission denied") || contains(done.err, "is not found")));
    CHECK_FALSE(contains(done.out + done.err, secret));
    CHECK(done.status < 128);
  }
  CHECK_FALSE(fs::exists(copy / "private/output"));
  CHECK_FALSE(fs::exists(copy / "private/output.prom"));
}

std::string status_line(pid_t pid, std::string_view name) {
  for (const std::string& line : split_lines(read_file("/proc/" + std::to_string(pid) + "/status"))) {
    if (line.starts_with(name)) return line.substr(name.size() + 1);
  }
  return {};
}

std::uint64_t capabilities_of(pid_t pid, std::string_view name) {
  return std::stoull(status_line(pid, name), nullptr, 16);
}

bool is_paranoid() {
  return std::stoi(read_file("/proc/sys/kernel/perf_event_paranoid")) >= 3;
}

// What the kernel wants for perf events: Debian's wants more.
std::uint64_t of_perf_events() {
  return is_paranoid() ? perfmon | bit(CAP_SYS_ADMIN) : perfmon;
}

// Older kernels want it for every bpf() call.
std::uint64_t of_every_call() {
  return kernel_is_at_least(6, 1) ? 0 : bpf;
}

}  // namespace

TEST_CASE("a program with capabilities of its own reads no file that its user may not read", "[rights]") {
  const PrivilegedCopy copy(read_search | bit(CAP_DAC_OVERRIDE) | bit(CAP_SYS_ADMIN) | bit(CAP_SYS_PTRACE) |
                            bpf | perfmon);
  check_reads_nothing(copy);
  // It does have them: only root may read tracefs as it is mounted.
  struct stat tracefs {};
  if (::stat("/sys/kernel/tracing/events", &tracefs) != 0 || (tracefs.st_mode & 5u) != 0) return;
  CHECK(copy.run_as_nobody({"--list", "tracepoint:sched:sched_switch"}).status == 0);
  const PrivilegedCopy bare;
  CHECK(bare.run_as_nobody({"--list", "tracepoint:sched:sched_switch"}).status != 0);
}

TEST_CASE("a program that is set-user-ID reads no file that its user may not read", "[rights]") {
  const PrivilegedCopy copy;
  struct statvfs where {};
  REQUIRE(::statvfs(copy.program().c_str(), &where) == 0);
  REQUIRE((where.f_flag & ST_NOSUID) == 0);  // or it would not be set-user-ID
  copy.make_set_user_id();
  check_reads_nothing(copy);
}

TEST_CASE("a run with the capabilities of its program writes as its user", "[rights]") {
  const PrivilegedCopy copy(read_search | bit(CAP_DAC_OVERRIDE) | bpf | of_perf_events());
  const Finished done = copy.run_as_nobody(
      {copy / "syscall_latency.json", "--duration", "1ms", "--output", copy / "own/output"});
  INFO(done.err);
  REQUIRE(done.status == 0);
  struct stat output {};
  REQUIRE(::stat((copy / "own/output").c_str(), &output) == 0);
  CHECK(output.st_uid == nobody);
}

TEST_CASE("a run gives up the rights that it no longer needs", "[rights]") {
  // A perf event on a CPU that comes back, and symbols of other users' processes, take some until the end.
  const std::uint64_t of_cpus = of_perf_events() | bit(CAP_IPC_LOCK);
  const std::uint64_t of_names = of_cpus | bit(CAP_SYS_PTRACE) | read_search | bit(40);
  const std::map<std::string, std::uint64_t> kept{
      {"exec_watch", of_cpus}, {"execve_count", 0},  {"hello", 0},           {"openat", of_cpus},
      {"opensnoop", 0},        {"packet_stats", 0},  {"profile", of_names},  {"readline", 0},
      {"runqlat", 0},          {"signals", of_cpus}, {"syscall_latency", 0}, {"syscall_stacks", of_names},
      {"tcp_life", 0},         {"xdp_count", 0},     {"xdp_drop_non_ip", 0}};
  Network network;
  for (const auto& [spec, later] : kept) {
    INFO(spec);
    const bool packets = spec == "packet_stats" || spec.starts_with("xdp");
    const std::vector<std::string> settings =
        packets ? std::vector<std::string>{"--set", "iface=" + network.iface()} : std::vector<std::string>{};
    const std::vector<std::string> command = probe_command(spec_file(spec), settings);
    if (spec == "syscall_stacks" && refuses_to_drain(command)) continue;
    Probe probe(in_network(network.name(), command));
    const std::uint64_t permitted = capabilities_of(probe.pid(), "CapPrm:");
    const std::uint64_t effective = capabilities_of(probe.pid(), "CapEff:");
    std::ostringstream figures;
    figures << spec << std::hex << ": permitted " << permitted << ", effective " << effective
            << ", NoNewPrivs " << status_line(probe.pid(), "NoNewPrivs:") << ", Seccomp "
            << status_line(probe.pid(), "Seccomp:");
    INFO(figures.str());
    CHECK((permitted & ~(of_every_call() | later)) == 0);
    CHECK((effective & ~of_every_call()) == 0);
    CHECK(capabilities_of(probe.pid(), "CapInh:") == 0);
    CHECK(capabilities_of(probe.pid(), "CapAmb:") == 0);
    CHECK(status_line(probe.pid(), "NoNewPrivs:") == "1");
    CHECK(status_line(probe.pid(), "Seccomp:") == "2");  // a filter
    const Finished done = probe.stop();
    INFO(done.err);
    CHECK(done.status == 0);
    CHECK_FALSE(contains(done.err, "warning"));
  }
}

namespace {

// The names after "AmbientCapabilities=" in --describe, in setpriv's spelling.
std::vector<std::string> described(const std::string& spec) {
  const Finished done = run(probe_command(spec, {"--describe"}));
  REQUIRE(done.status == 0);
  const std::string key = "AmbientCapabilities=";
  const std::size_t begin = done.out.find(key);
  REQUIRE(begin != std::string::npos);
  std::istringstream names(
      done.out.substr(begin + key.size(), done.out.find('\n', begin) - begin - key.size()));
  std::vector<std::string> all;
  for (std::string name; names >> name;) {
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    all.push_back(name.substr(std::string("cap_").size()));
  }
  // The conditions that --describe gives for another one.
  const bool paranoid = is_paranoid();
  const bool for_uprobes = contains(done.out, "newer ones do for uprobes") && kernel_is_at_least(6, 16);
  if ((paranoid && contains(done.out, "kernel.perf_event_paranoid is 3 or more")) || for_uprobes)
    all.emplace_back("sys_admin");
  return all;
}

}  // namespace

TEST_CASE("an ordinary user runs each shipped spec with exactly what --describe names", "[rights]") {
  const Directory directory;
  fs::copy_file(probe_run(), directory / "probe-run");
  fs::permissions(directory / "probe-run", static_cast<fs::perms>(0755));
  for (const auto& entry : fs::directory_iterator(fs::canonical(probe_run()).parent_path() / "bpf")) {
    if (entry.path().extension() == ".o")
      fs::copy_file(entry.path(), directory.path() / entry.path().filename());
  }
  Network network;
  for (const std::string spec : {"exec_watch", "execve_count", "hello", "openat", "opensnoop", "packet_stats",
                                 "profile", "readline", "runqlat", "signals", "syscall_latency",
                                 "syscall_stacks", "tcp_life", "xdp_count", "xdp_drop_non_ip"}) {
    fs::copy_file(spec_file(spec), directory / (spec + ".json"));
    const bool packets = spec == "packet_stats" || spec.starts_with("xdp");
    std::string list = "-all";
    for (const std::string& name : described(directory / (spec + ".json"))) list += ",+" + name;
    std::vector<std::string> command{
        "unshare",
        "-m",
        "sh",
        "-c",
        std::string("[ -d /sys/kernel/tracing/events ] || mount -t tracefs tracefs /sys/kernel/tracing\n") +
            // Before that version, maps are locked memory.
            (kernel_is_at_least(5, 11) ? "" : "ulimit -l unlimited || exit 97\n") + "exec \"$@\"",
        "sh",
        "setpriv",
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        "--inh-caps=" + list,
        "--ambient-caps=" + list,
        directory / "probe-run",
        directory / (spec + ".json"),
        "--duration",
        "1ms"};
    if (packets) command.insert(command.end(), {"--set", "iface=" + network.iface()});
    if (spec == "syscall_stacks" && refuses_to_drain(command)) continue;
    const Finished done = run(in_network(network.name(), command));
    INFO(spec << " with " << list << ": " << done.err);
    CHECK(done.status == 0);
    CHECK(contains(done.err, spec + ": attached to "));
  }
}
