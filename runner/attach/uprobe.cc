// uprobe and uretprobe: entry and return of functions of programs and libraries.
#include <fmt/format.h>
#include <linux/bpf.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <set>

#include "attach/binary_path.h"
#include "attach/define_attach_type.h"
#include "attach/elf_functions.h"
#include "attach/mass_detach.h"
#include "attach/perf_probe.h"
#include "attach/probe_place.h"
#include "attach/refusal.h"
#include "attach/user_functions.h"
#include "object/libbpf.h"
#include "support/error.h"
#include "support/stop_signal.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr std::size_t mangled_shown = 4;

// Both types have the same keys.
template <class Point>
std::string describe_uprobe(const Point& point, const std::string& binary) {
  std::string text = fmt::format("{}:{}:", Point::type, escape_for_terminal(binary));
  if (point.pattern) {
    text += escape_for_terminal(**point.pattern);
  } else if (point.symbol) {
    text += escape_for_terminal(**point.symbol);
    if (point.offset && **point.offset != 0) text += fmt::format("+{:#x}", **point.offset);
  } else {
    text += fmt::format("{:#x}", point.offset ? **point.offset : 0);
  }
  if (point.pid) text += fmt::format(" in process {}", **point.pid);
  return text;
}

[[noreturn]] void refuse_missing(const bpf_program* program, const std::string& target,
                                 const std::string& binary, const std::string& symbol,
                                 const ElfFunctions& functions) {
  const std::string shown = escape_for_terminal(binary);
  const std::vector<std::string_view> mangled = functions.mangled(symbol, mangled_shown);
  std::string hint;
  if (!mangled.empty()) {
    hint = fmt::format("use the mangled names of C++ and Rust functions: {}",
                       escape_for_terminal(join(mangled)));
  } else {
    hint = suggestion(symbol, functions.names(), {});
  }
  if (functions.stripped()) {
    hint += fmt::format(
        "{}the file is stripped, so it has the names of exported functions only; use the \"offset\" in the file for "
        "other functions",
        hint.empty() ? "" : "\n");
  } else if (hint.empty()) {
    hint = fmt::format("`nm {}` lists its functions; this one may be inlined, or in a library", shown);
  }
  refuse(program, target, fmt::format("{} has no function \"{}\"", shown, escape_for_terminal(symbol)), hint);
}

ElfFunctions read_functions(const bpf_program* program, const std::string& target,
                            const std::string& binary) {
  std::optional<ElfFunctions> functions = ElfFunctions::read(binary);
  if (functions) return std::move(*functions);
  const std::string shown = escape_for_terminal(binary);
  const int error = ::access(binary.c_str(), R_OK) == 0 ? 0 : errno;
  if (error != 0)
    refuse(program, target, fmt::format("cannot read {}: {}", shown, errno_text(error)), "run it as root");
  refuse(program, target, fmt::format("{} is not an ELF file for this machine", shown),
         "for a script, name its interpreter; or give the \"offset\" in the file instead of a symbol");
}

// The offsets of all functions that the pattern matches; a function with several names counts once.
std::vector<std::uint64_t> matching_offsets(const bpf_program* program, const std::string& target,
                                            const std::string& binary, const std::string& pattern) {
  const Glob glob = name_pattern(program, target, pattern);
  const ElfFunctions functions = read_functions(program, target, binary);
  std::set<std::uint64_t> offsets;
  for (const std::string_view name : functions.names()) {
    if (!glob.matches(name)) continue;
    for (const ElfFunction& function : functions.find(name)) {
      if (!function.indirect) offsets.insert(function.offset);
    }
  }
  if (offsets.empty()) {
    refuse(program, target,
           fmt::format("the pattern does not match any function of {}", escape_for_terminal(binary)),
           functions.stripped() ? "the file is stripped, so it has the names of exported functions only"
                                : fmt::format("`nm {}` lists its functions", escape_for_terminal(binary)));
  }
  return {offsets.begin(), offsets.end()};
}

ElfFunction find_function(const bpf_program* program, const std::string& target, const std::string& binary,
                          const ElfFunctions& functions, const std::string& symbol) {
  const std::string shown = escape_for_terminal(binary);
  const std::vector<ElfFunction> found = functions.find(symbol);
  if (found.empty()) refuse_missing(program, target, binary, symbol, functions);
  if (found.size() > 1) {
    refuse(
        program, target,
        fmt::format("{} has {} functions named \"{}\"", shown, found.size(), escape_for_terminal(symbol)),
        fmt::format("give the \"offset\" of the right one in the file instead of \"symbol\": {:#x} or {:#x}",
                    found[0].offset, found[1].offset));
  }
  if (found[0].indirect) {
    refuse(program, target,
           fmt::format("\"{}\" is an IFUNC: one of several functions is selected when a program starts",
                       escape_for_terminal(symbol)),
           "probe the variant for this machine; the file's debug symbols name the variants");
  }
  return found[0];
}

// From the start of the file.
template <class Point>
std::uint64_t offset_of(const bpf_program* program, const std::string& target, const std::string& binary,
                        const Point& point, bool at_return) {
  const std::uint64_t offset = point.offset ? **point.offset : 0;
  const auto require = at_return ? require_function_start : require_instruction;
  if (!point.symbol) {
    const std::optional<ElfFunctions> functions = ElfFunctions::read(binary);
    if (functions) require(program, target, {binary, *functions, nullptr, offset});
    return offset;
  }
  const ElfFunctions functions = read_functions(program, target, binary);
  const ElfFunction function = find_function(program, target, binary, functions, **point.symbol);
  require(program, target, {binary, functions, &function, function.offset + offset});
  return function.offset + offset;
}

template <class Point>
[[noreturn]] void refuse_uprobe(const bpf_program* program, const Point& point, const std::string& target,
                                int error) {
  if (error == ESRCH && point.pid) {
    refuse(program, target, fmt::format("process {} is not found", **point.pid),
           "give the id of a running process in this process's pid namespace, or omit \"pid\" for all "
           "processes");
  }
  if (error == EINVAL || error == EIO || error == ENOEXEC || error == EOPNOTSUPP) {
    refuse(program, target, error, "use the offset of the beginning of an instruction, in executable code");
  }
  refuse(program, target, error, "the kernel's log (dmesg) may say more");
}

template <class Point>
Attachment attach_uprobe(bpf_program* program, const Point& point, bool at_return) {
  std::string target = describe_uprobe(point, *point.binary);
  if (!point.symbol && !point.offset && !point.pattern) {
    refuse(program, target, "\"symbol\" and \"offset\" are missing",
           "add the name of the function as \"symbol\"");
  }
  if (point.pid && (**point.pid <= 0 || **point.pid > INT_MAX)) {
    refuse(program, target, fmt::format("{} is not a process id", **point.pid),
           "omit \"pid\" for all processes");
  }
  require_uprobes(program, target);
  // Not left to libbpf, which would also search the LD_LIBRARY_PATH of a privileged executable, and would not
  // report which file it found.
  const std::string binary = require_binary(program, target, *point.binary);
  target = describe_uprobe(point, binary);
  Attachment attachment(target);
  const std::vector<std::uint64_t> offsets =
      point.pattern ? matching_offsets(program, target, binary, **point.pattern)
                    : std::vector<std::uint64_t>{offset_of(program, target, binary, point, at_return)};
  auto options = zeroed_options<bpf_uprobe_opts>();
  options.retprobe = at_return;
  constexpr int every_process = -1;
  const int pid = point.pid ? static_cast<int>(**point.pid) : every_process;
  try {
    for (const std::uint64_t offset : offsets) {
      stop_if_asked();
      LinkHandle link(bpf_program__attach_uprobe_opts(program, pid, binary.c_str(), offset, &options));
      if (!link) refuse_uprobe(program, point, target, errno);
      attachment.links.emplace_back(std::move(link));
    }
  } catch (...) {
    const MassDetach together;
    attachment.links.clear();
    throw;
  }
  if (point.pattern) attachment.description += fmt::format(" ({} functions)", offsets.size());
  return attachment;
}

std::string describe_target(const UprobeAttach& point) {
  return describe_uprobe(point, *point.binary);
}

std::string describe_target(const UretprobeAttach& point) {
  return describe_uprobe(point, *point.binary);
}

Attachment attach_to(bpf_program* program, const UprobeAttach& point) {
  return attach_uprobe(program, point, false);
}

Attachment attach_to(bpf_program* program, const UretprobeAttach& point) {
  return attach_uprobe(program, point, true);
}

void list_user_functions(Search& search) {
  list_functions(search, "symbol");
}

}  // namespace

template <>
struct AttachTypeOf<UprobeAttach> {
  static Section section() { return {"uprobe", {BPF_PROG_TYPE_KPROBE}}; }
  static constexpr LibbpfVersion libbpf = every_libbpf;
  static constexpr KernelVersion kernel = every_kernel;
  static constexpr std::string_view example = R"("binary": "libc.so.6", "symbol": "malloc")";
  static constexpr Company company = Company::any;
  static constexpr Pinning pinning = one_link;
  static constexpr Places places{list_user_functions, {}, false, true};
  static constexpr auto check = nothing_to_check;
  static constexpr auto prepare = nothing_to_prepare;
  static Attachment attach(BpfObject&, bpf_program* program, const UprobeAttach& point) {
    return attach_to(program, point);
  }
  static std::string describe(const UprobeAttach& point) { return describe_target(point); }
};
template AttachType attach_type_row<UprobeAttach>();

template <>
struct AttachTypeOf<UretprobeAttach> {
  static Section section() { return {"uretprobe", {BPF_PROG_TYPE_KPROBE}}; }
  static constexpr LibbpfVersion libbpf = every_libbpf;
  static constexpr KernelVersion kernel = every_kernel;
  static constexpr std::string_view example = R"("binary": "/bin/bash", "symbol": "readline")";
  static constexpr Company company = Company::any;
  static constexpr Pinning pinning = one_link;
  static constexpr Places places{list_user_functions, {}, true, true};
  static constexpr auto check = nothing_to_check;
  static constexpr auto prepare = nothing_to_prepare;
  static Attachment attach(BpfObject&, bpf_program* program, const UretprobeAttach& point) {
    return attach_to(program, point);
  }
  static std::string describe(const UretprobeAttach& point) { return describe_target(point); }
};
template AttachType attach_type_row<UretprobeAttach>();

}  // namespace probe_run
