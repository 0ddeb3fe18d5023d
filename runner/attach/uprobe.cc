// uprobe and uretprobe: entry and return of functions of programs and libraries.
#include <fmt/format.h>
#include <linux/bpf.h>

#include <cerrno>
#include <climits>
#include <optional>
#include <vector>

#include "attach/binary_path.h"
#include "attach/define_attach_type.h"
#include "attach/elf_functions.h"
#include "attach/mass_detach.h"
#include "attach/perf_probe.h"
#include "attach/probe_place.h"
#include "attach/refusal.h"
#include "attach/traceable_functions.h"
#include "attach/user_function_search.h"
#include "attach/user_functions.h"
#include "object/libbpf.h"
#include "support/stop_signal.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// Both types have the same keys. `count` is how many functions have the name; 0 if unknown.
template <class Point>
std::string describe_uprobe(const Point& point, const std::string& binary, std::size_t count = 0) {
  std::string text = fmt::format("{}:{}:", Point::type, escape_for_terminal(binary));
  if (point.pattern) {
    text += escape_for_terminal(**point.pattern);
  } else if (point.symbol) {
    text += escape_for_terminal(**point.symbol);
    if (point.offset && **point.offset != 0) text += fmt::format("+{:#x}", **point.offset);
  } else {
    text += fmt::format("{:#x}", point.offset ? **point.offset : 0);
  }
  if (point.ordinal) {
    text += fmt::format(" (function {}{} of that name)", **point.ordinal,
                        count == 0 ? std::string() : fmt::format(" of {}", count));
  }
  if (point.pid) text += fmt::format(" in process {}", **point.pid);
  return text;
}

// From the start of the file. `count` gets how many functions have the name.
template <class Point>
std::uint64_t offset_of(const bpf_program* program, const std::string& target, const std::string& binary,
                        const Point& point, bool at_return, std::size_t& count) {
  const std::uint64_t offset = point.offset ? **point.offset : 0;
  const auto require = at_return ? require_function_start : require_instruction;
  if (!point.symbol) {
    const std::optional<ElfFunctions> functions = ElfFunctions::read(binary);
    if (functions) require(program, target, {binary, *functions, nullptr, offset});
    return offset;
  }
  const ElfFunctions functions = read_functions(program, target, binary);
  const FoundFunction found =
      find_function(program, target, binary, functions, **point.symbol, point.ordinal ? **point.ordinal : 0);
  count = found.count;
  require(program, target, {binary, functions, &found.function, found.function.offset + offset});
  return found.function.offset + offset;
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
  std::size_t count = 0;
  const std::vector<std::uint64_t> offsets =
      point.pattern ? matching_offsets(program, target, binary, **point.pattern)
                    : std::vector<std::uint64_t>{offset_of(program, target, binary, point, at_return, count)};
  Attachment attachment(describe_uprobe(point, binary, count));
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
    const MassDetach together(attachment.links.size());
    attachment.links.clear();
    throw;
  }
  if (point.pattern) attachment.description += fmt::format(" ({})", function_count(offsets.size()));
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

template <class Point>
void check_ordinal(const Point& point, Diagnostics& diagnostics) {
  if (!point.ordinal) return;
  if (**point.ordinal == 0) {
    diagnostics.error(point.ordinal->at, "\"ordinal\" counts from 1",
                      "use 1 for the first function of that name in the file");
  } else if (!point.symbol) {
    diagnostics.error(point.ordinal->at,
                      "\"ordinal\" chooses among functions of one name, but \"symbol\" is missing",
                      "add \"symbol\", or remove \"ordinal\"");
  }
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
  static constexpr auto check = check_ordinal<UprobeAttach>;
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
  static constexpr auto check = check_ordinal<UretprobeAttach>;
  static constexpr auto prepare = nothing_to_prepare;
  static Attachment attach(BpfObject&, bpf_program* program, const UretprobeAttach& point) {
    return attach_to(program, point);
  }
  static std::string describe(const UretprobeAttach& point) { return describe_target(point); }
};
template AttachType attach_type_row<UretprobeAttach>();

}  // namespace probe_run
