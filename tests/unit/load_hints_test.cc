// The error of a failed load, given logs from kernels, each for one of the programs tests/kernel/bpf/bad*, and
// other known facts.
//
// load_logs/KERNEL.log is the output of take_load_logs on that kernel, load_logs/KERNEL.expected the expected
// error; PROBE_RUN_ACCEPT=1 overwrites it. Read the diff before you commit it.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "object/load_error.h"
#include "support/catch.h"
#include "support/error.h"
#include "support/places.h"

using namespace probe_run;

namespace {

namespace fs = std::filesystem;

constexpr const char* directory = PROBE_RUN_SOURCE_DIR "/tests/unit/load_logs";
const std::string executable = "/usr/bin/probe-run";

// A process with all capabilities, on a kernel without BTF.
LoadSurroundings mighty() {
  LoadSurroundings surroundings;
  surroundings.have = {Capability::bpf, Capability::perfmon, Capability::net_admin, Capability::sys_admin,
                       Capability::sys_resource};
  surroundings.executable = executable;
  return surroundings;
}

std::string refusal(std::string_view log, int error = -EINVAL,
                    const LoadSurroundings& surroundings = mighty(), const std::string& known_cause = {}) {
  const Capabilities needed{Capability::bpf, Capability::net_admin};
  return to_text(load_error("a.bpf.o", error, log, needed, known_cause, surroundings).diagnostics().at(0));
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string content_of(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

struct TakenLog {
  std::string name;
  int error = 0;
  std::string text;
};

// "==== NAME ERROR", then the log.
std::vector<TakenLog> taken_logs(const fs::path& path) {
  std::vector<TakenLog> logs;
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with("==== ")) {
      std::istringstream head(line.substr(5));
      logs.emplace_back();
      head >> logs.back().name >> logs.back().error;
    } else if (!logs.empty()) {
      logs.back().text += line + '\n';
    }
  }
  return logs;
}

}  // namespace

TEST_CASE("Kernel logs are explained with their cause and the lines at fault") {
  std::size_t kernels = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory)) {
    if (entry.path().extension() != ".log") continue;
    ++kernels;
    std::string received;
    for (const TakenLog& log : taken_logs(entry.path())) {
      if (log.error == 0) continue;  // this kernel accepts it
      received += fmt::format("==== {}\n{}", log.name, refusal(log.text, log.error));
    }
    const fs::path expected = fs::path(entry.path()).replace_extension(".expected");
    if (const char* const accept = std::getenv("PROBE_RUN_ACCEPT"); accept != nullptr && *accept == '1')
      std::ofstream(expected) << received;
    INFO(entry.path());
    CHECK(received == content_of(expected));
  }
  CHECK(kernels >= 4);
}

TEST_CASE("Every rejected program in the logs has an explanation") {
  for (const fs::directory_entry& entry : fs::directory_iterator(directory)) {
    if (entry.path().extension() != ".log") continue;
    for (const TakenLog& log : taken_logs(entry.path())) {
      if (log.error == 0 || log.name == "newer_program_type")
        continue;  // explained by the program, not by the log
      const std::string text = refusal(log.text, log.error);
      INFO(entry.path() << ": " << text);
      const std::size_t hint = text.find("  hint: ");
      REQUIRE(hint != std::string::npos);
      CHECK_FALSE(contains(text.substr(hint, text.find('\n', hint) - hint), "hint: at "));
      CHECK_FALSE(contains(text, "PROG LOAD LOG"));
      CHECK_FALSE(contains(text, "failed to load"));
      CHECK_FALSE(contains(text, "processed "));
    }
  }
}

TEST_CASE("Known causes come before the log, and replace guesses") {
  CHECK(refusal("unknown func\n", -EINVAL, mighty(), "the map is too new") ==
        "probe-run: error: the kernel refused a.bpf.o: Invalid argument\n"
        "  hint: the map is too new\n");
}

TEST_CASE("A log that cannot be explained is shown unchanged") {
  CHECK(refusal("libbpf: something new went wrong\n") ==
        "probe-run: error: the kernel refused a.bpf.o: Invalid argument\n"
        "  hint: something new went wrong\n");
}

TEST_CASE("Missing capabilities are named, with a command that grants all that are needed") {
  LoadSurroundings nobody;
  nobody.executable = executable;
  CHECK(refusal("libbpf: prog 'p': BPF program load failed: Operation not permitted\n", -EPERM, nobody) ==
        "probe-run: error: the kernel refused the program \"p\" of a.bpf.o: Operation not permitted\n"
        "  hint: this process does not have CAP_BPF and CAP_NET_ADMIN: run it with sudo, or grant what it "
        "needs once: "
        "sudo setcap cap_bpf,cap_net_admin+ep /usr/bin/probe-run\n");
  nobody.have = {Capability::bpf};
  CHECK(contains(refusal("", -EPERM, nobody), "does not have CAP_NET_ADMIN: run"));
  CHECK(contains(refusal("", -EPERM, nobody), "sudo setcap cap_bpf,cap_net_admin+ep"));
}

TEST_CASE("Root without capabilities is told what a container needs") {
  LoadSurroundings contained;
  contained.is_root = true;
  CHECK(
      refusal("libbpf: prog 'p': BPF program load failed: Operation not permitted\n", -EPERM, contained) ==
      "probe-run: error: the kernel refused the program \"p\" of a.bpf.o: Operation not permitted\n"
      "  hint: root does not have CAP_BPF and CAP_NET_ADMIN here: run it outside of the container, or start the "
      "container with --cap-add BPF --cap-add NET_ADMIN\n");
  contained.have = {Capability::bpf};
  CHECK(contains(refusal("", -EPERM, contained), "root does not have CAP_NET_ADMIN here"));
}

TEST_CASE("An index that the verifier cannot bound is distinguished from a size") {
  const auto hint_for = [](std::string_view message) {
    return refusal(std::string("libbpf: prog 'p': BPF program load failed: Permission denied\n"
                               "libbpf: prog 'p': -- BEGIN PROG LOAD LOG --\n0: (b7) r0 = 0\n") +
                       std::string(message) + "\nlibbpf: prog 'p': -- END PROG LOAD LOG --\n",
                   -EACCES);
  };
  for (const std::string_view index :
       {"R0 unbounded memory access, make sure to bounds check any such access",
        "R1 min value is negative, either use unsigned index or do a if (index >=0) check.",
        "math between map_value pointer and register with unbounded min value is not allowed"}) {
    INFO(index);
    CHECK(contains(hint_for(index), "bound the index"));
  }
  for (const std::string_view size : {"R2 unbounded memory access, use 'var &= const' or 'if (var < const)'",
                                      "R2 min value is negative, either use unsigned or 'var &= const'"}) {
    INFO(size);
    CHECK(contains(hint_for(size), "sizeof buffer"));
  }
}

TEST_CASE("In a user namespace neither sudo nor setcap is suggested") {
  const std::string log = "libbpf: prog 'p': BPF program load failed: Operation not permitted\n";
  LoadSurroundings contained = mighty();
  contained.in_user_namespace = true;
  const std::string without_token = refusal(log, -EPERM, contained);
  CHECK(
      contains(without_token, "hint: this process is in a user namespace, whose capabilities do not count"));
  CHECK(contains(without_token, "give the bpffs as \"token\" in the spec\n"));
  contained.has_token = true;
  contained.have = {Capability::bpf};
  CHECK(contains(
      refusal(log, -EPERM, contained),
      "hint: this process does not have CAP_NET_ADMIN in its user namespace: run it as root of the"));
  contained.not_delegated = "xdp is not delegated";
  CHECK(contains(refusal(log, -EPERM, contained), "--ambient-caps\n        xdp is not delegated\n"));
  contained.have.add(Capability::net_admin);
  CHECK(contains(refusal(log, -EPERM, contained), "hint: xdp is not delegated\n"));
}

TEST_CASE("CAP_SYS_ADMIN includes CAP_BPF and CAP_PERFMON, but not CAP_NET_ADMIN") {
  const Capabilities have{Capability::sys_admin};
  CHECK(missing_capabilities({Capability::bpf, Capability::perfmon}, have, executable).empty());
  CHECK(contains(missing_capabilities({Capability::net_admin}, have, executable),
                 "does not have CAP_NET_ADMIN:"));
}

TEST_CASE("EACCES from the verifier is an error in the program, whatever capabilities are missing") {
  const std::string text = refusal(
      "libbpf: prog 'p': BPF program load failed: Permission denied\n"
      "libbpf: prog 'p': -- BEGIN PROG LOAD LOG --\n"
      "0: (95) exit\nR0 !read_ok\n"
      "-- END PROG LOAD LOG --\n",
      -EACCES, LoadSurroundings());
  CHECK_FALSE(contains(text, "CAP_"));
  CHECK_FALSE(contains(text, "Permission denied"));
  CHECK(contains(text, "return a number on every path"));
}

TEST_CASE("A program rejected by the stricter rules for processes without CAP_PERFMON is reported as such") {
  LoadSurroundings some = mighty();
  some.have = {Capability::bpf, Capability::net_admin};
  CHECK(contains(refusal("libbpf: prog 'p': -- BEGIN PROG LOAD LOG --\n"
                         "3: (1d) if r1 == r2 goto pc+1\n"
                         "R1 pointer comparison prohibited\n"
                         "-- END PROG LOAD LOG --\n",
                         -EACCES, some),
                 "this process does not have CAP_PERFMON: "));
}

TEST_CASE("The limit of locked memory is distinguished from missing capabilities") {
  LoadSurroundings poor = mighty();
  poor.have = {Capability::bpf, Capability::net_admin};
  poor.lockable_memory = 65536;
  CHECK(contains(
      refusal("libbpf: map 'm': failed to create: Operation not permitted(-1)\n", -EPERM, poor),
      "this process can lock 64 KiB of memory, and before Linux 5.11 maps and programs count as locked"));
  const std::string program =
      refusal("libbpf: prog 'p': BPF program load failed: Operation not permitted\n", -EPERM, poor);
  CHECK(contains(program, "this process can lock 64 KiB of memory"));
  CHECK(contains(program, "if that does not help: the kernel does not allow the program \"p\""));
  CHECK(contains(refusal("libbpf: prog 'p': -- BEGIN PROG LOAD LOG --\n"
                         "3: <invalid BPF map reference>\n"
                         "BPF map 'p.rodata' is referenced but wasn't created\n"
                         "-- END PROG LOAD LOG --\n",
                         -EINVAL, poor),
                 "this process can lock 64 KiB of memory"));
  poor.have.add(Capability::sys_resource);
  CHECK_FALSE(
      contains(refusal("libbpf: prog 'p': BPF program load failed: Operation not permitted\n", -EPERM, poor),
               "memory"));
}

TEST_CASE("Lockdown is named if it disables the helpers that read kernel memory") {
  LoadSurroundings locked = mighty();
  locked.lockdown = "none integrity [confidentiality]";
  const std::string log =
      "libbpf: prog 'p': -- BEGIN PROG LOAD LOG --\n"
      "4: (85) call bpf_probe_read_kernel#113\n"
      "program of this type cannot use helper bpf_probe_read_kernel#113\n"
      "-- END PROG LOAD LOG --\n";
  CHECK(contains(refusal(log, -EINVAL, locked),
                 "the kernel is locked down (none integrity [confidentiality])"));
  CHECK_FALSE(contains(refusal(log), "locked down"));
}

TEST_CASE("Text quoted from a log cannot control the terminal") {
  CHECK_FALSE(contains(refusal("libbpf: prog '\x1b[2J': -- BEGIN PROG LOAD LOG --\n"
                               "; \x1b[2J @ a.c:1\n0: (95) exit\n\x1b[2J R0 !read_ok\n"),
                       "\x1b"));
}

TEST_CASE("The rejected program is identified from the last message of libbpf") {
  CHECK(failed_program("libbpf: prog 'p': BPF program load failed: Operation not permitted\n"
                       "libbpf: prog 'p': failed to load: -1\n"
                       "libbpf: failed to load object 'a'\n") == "p");
  CHECK(failed_program("libbpf: prog 'p': relo #2: no matching targets found\n"
                       "libbpf: prog 'p': relo #2: failed to relocate: -22\n"
                       "libbpf: failed to perform CO-RE relocations: -22\n"
                       "libbpf: failed to load object 'a'\n") == "p");
}

TEST_CASE("A load that failed at a map, or at something that libbpf does not name, blames no program") {
  CHECK(failed_program("libbpf: prog 'p': failed to find something, which does not matter\n"
                       "libbpf: map 'm': failed to create: Invalid argument(-22)\n"
                       "libbpf: failed to load object 'a'\n")
            .empty());
  CHECK(
      failed_program("libbpf: Error in bpf_object__probe_loading():Operation not permitted(1). Couldn't load "
                     "trivial BPF program.\nlibbpf: failed to load object 'a'\n")
          .empty());
  CHECK(failed_program("").empty());
}

TEST_CASE("Error numbers internal to the kernel have a description") {
  CHECK(errno_text(524) == "not supported by this kernel");
  CHECK(errno_text(-524) == "not supported by this kernel");
}

// The first cells of docs/troubleshooting.md that quote a hint.
namespace {

std::vector<std::string> documented_hints() {
  std::vector<std::string> hints;
  std::ifstream file(PROBE_RUN_SOURCE_DIR "/docs/troubleshooting.md");
  std::string line;
  bool is_hints = false;
  while (std::getline(file, line)) {
    if (line.starts_with("| The hint has |")) is_hints = true;
    if (line.empty()) is_hints = false;
    if (is_hints && line.starts_with("| `")) hints.push_back(line.substr(3, line.find('`', 3) - 3));
  }
  return hints;
}

std::string all_expected() {
  std::string text;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory)) {
    if (entry.path().extension() == ".expected") text += content_of(entry.path());
  }
  return text;
}

}  // namespace

TEST_CASE("docs/troubleshooting.md quotes existing hints, and includes every hint from the kernel logs") {
  const std::vector<std::string> hints = documented_hints();
  CHECK(hints.size() > 20);
  const std::string expected = all_expected();
  for (const std::string& hint : hints) {
    INFO(hint);
    CHECK(contains(expected, hint));
  }
  std::istringstream lines(expected);
  std::string line;
  while (std::getline(lines, line)) {
    if (!line.starts_with("  hint: ")) continue;
    INFO(line);
    CHECK(std::any_of(hints.begin(), hints.end(),
                      [&](const std::string& hint) { return contains(line, hint); }));
  }
}
