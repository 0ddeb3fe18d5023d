#include "object/load_error.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <vector>

#include "support/error.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr std::size_t lines_shown = 12;

// What the verifier or libbpf says, and what it means.
struct Cause {
  std::string_view said;
  std::string_view hint;
};
constexpr std::array<Cause, 12> causes{{
    {"unknown func", "this kernel lacks a helper that the program calls; see `bpftool feature probe kernel`"},
    {"back-edge", "this kernel cannot prove that a loop ends: bound it by a constant (loops need Linux 5.3)"},
    {"BPF program is too large", "the verifier gave up: shorten the program or bound its loops more tightly"},
    {"invalid mem access 'map_value_or_null'",
     "test the result of bpf_map_lookup_elem against NULL before using it"},
    {"R0 invalid mem access",
     "a pointer is used that the verifier does not know to be valid; read it with bpf_probe_read_kernel"},
    {"invalid access to packet", "compare the pointer with data_end before reading the packet"},
    {"Unreleased reference",
     "a ring buffer record that was reserved must be submitted or discarded on every path"},
    {"failed to resolve CO-RE relocation", "a type or field that the program uses is not in this kernel"},
    {"invalid func unknown",
     "a CO-RE relocation failed: a type or field that the program uses is not in this kernel"},
    {"cannot call GPL-restricted function",
     "the object's license must be GPL-compatible, such as \"Dual BSD/GPL\""},
    {"BPF_STX uses reserved fields",
     "this kernel's atomic operations only add, and give nothing back: what __sync_fetch_and_add returns, "
     "and "
     "the other operations, need Linux 5.12"},
    {"kernel BTF",
     "the program needs the kernel's types: a kernel with CONFIG_DEBUG_INFO_BTF (/sys/kernel/btf/vmlinux)"},
}};

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end != 0) lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

std::uint64_t effective_capabilities() {
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line)) {
    if (line.starts_with("CapEff:")) return std::strtoull(line.c_str() + 7, nullptr, 16);
  }
  return 0;
}

}  // namespace

std::string escape_lines(std::string_view text) {
  std::string result;
  for (const std::string_view line : split_lines(text)) {
    if (!result.empty()) result += '\n';
    result += escape_for_terminal(line);
  }
  return result;
}

std::string missing_capabilities(bool network) {
  constexpr std::uint64_t sys_admin = std::uint64_t{1} << 21;
  constexpr std::uint64_t net_admin = std::uint64_t{1} << 12;
  constexpr std::uint64_t perfmon = std::uint64_t{1} << 38;
  constexpr std::uint64_t bpf = std::uint64_t{1} << 39;
  const std::uint64_t have = effective_capabilities();
  std::vector<std::string_view> missing;
  if ((have & (bpf | sys_admin)) == 0) missing.emplace_back("CAP_BPF");
  if ((have & (perfmon | sys_admin)) == 0) missing.emplace_back("CAP_PERFMON");
  if (network && (have & net_admin) == 0) missing.emplace_back("CAP_NET_ADMIN");
  if (missing.empty()) return {};
  return fmt::format(
      "this process lacks {}: run it with sudo, or grant the capabilities to the executable with setcap",
      join(missing));
}

void throw_load_error(const std::string& object, int error, std::string_view log, bool network,
                      const std::string& known_cause, std::string_view verdict) {
  const std::string what =
      fmt::format("the kernel refused {}: {}", escape_for_terminal(object), errno_text(error));
  std::string hint;
  if (error == -EPERM || error == -EACCES) hint = missing_capabilities(network);
  if (!hint.empty()) throw Error(what, hint);

  hint = known_cause;
  for (const Cause& cause : causes) {
    if (!hint.empty()) break;
    if (log.find(cause.said) != std::string_view::npos ||
        verdict.find(cause.said) != std::string_view::npos) {
      hint = cause.hint;
    }
  }
  if (hint.empty() && error == -EPERM) {
    hint =
        "the kernel forbids BPF to this process (a container, lockdown mode or a security module may be the "
        "cause)";
  }
  const std::vector<std::string_view> lines = split_lines(log);
  const std::size_t first = lines.size() > lines_shown ? lines.size() - lines_shown : 0;
  for (std::size_t i = first; i < lines.size(); ++i) {
    hint += fmt::format("{}{}", hint.empty() ? "" : "\n", escape_for_terminal(lines[i]));
  }
  throw Error(what, hint);
}

}  // namespace probe_run
