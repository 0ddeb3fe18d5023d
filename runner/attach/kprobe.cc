// kprobe and kretprobe: entry and return of kernel functions.
#include <fmt/format.h>
#include <linux/bpf.h>

#include <cerrno>
#include <optional>
#include <type_traits>
#include <unordered_set>
#include <vector>

#include "attach/define_attach_type.h"
#include "attach/perf_probe.h"
#include "attach/refusal.h"
#include "attach/symbol_search.h"
#include "attach/traceable_functions.h"
#include "listing/search.h"
#include "object/libbpf.h"
#include "support/error.h"
#include "support/integer.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// What both types have in common.
struct FunctionPoint {
  const std::string& symbol;
  std::string module;         // "" for any
  std::uint64_t ordinal = 0;  // 0 for none
  std::uint64_t offset = 0;
  bool at_return = false;
};

template <class Point>
FunctionPoint function_of(const Point& point) {
  FunctionPoint function{*point.symbol};
  if (point.module) function.module = **point.module;
  if (point.ordinal) function.ordinal = **point.ordinal;
  if constexpr (requires { point.offset; }) function.offset = point.offset;
  function.at_return = std::is_same_v<Point, KretprobeAttach>;
  return function;
}

// The form in which the kernel accepts a function of a module.
std::string symbol_of(const FunctionPoint& point) {
  return point.module.empty() ? point.symbol : fmt::format("{}:{}", point.module, point.symbol);
}

// `count` is how many functions have the name; 0 if unknown.
std::string describe_kprobe(std::string_view type, const FunctionPoint& point, std::size_t count = 0) {
  std::string text = fmt::format("{}:{}", type, escape_for_terminal(symbol_of(point)));
  if (point.offset != 0) text += fmt::format("+{:#x}", point.offset);
  if (point.ordinal != 0) {
    text += fmt::format(" (function {}{} of that name)", point.ordinal,
                        count == 0 ? std::string() : fmt::format(" of {}", count));
  }
  return text;
}

// A hint for the notation of other tools, "vfs_read+4" and "vfs_*", for which a spec has separate keys; "" for
// other names.
std::string other_spelling(std::string_view target, std::string_view symbol) {
  if (symbol.find_first_of("*?") != std::string_view::npos)
    return "to use a pattern, choose the type \"kprobe_multi\" with \"pattern\"";
  const std::size_t plus = symbol.find('+');
  if (plus == std::string_view::npos || target.starts_with(KretprobeAttach::type)) return {};
  const std::optional<std::uint64_t> offset = parse_number(symbol.substr(plus + 1));
  if (!offset) return {};
  return fmt::format("give the offset separately: \"symbol\": \"{}\", \"offset\": {}",
                     escape_for_terminal(symbol.substr(0, plus)), *offset);
}

[[noreturn]] void refuse_missing(const bpf_program* program, const std::string& target,
                                 const std::string& symbol, const KernelSymbolSearch& search) {
  std::string hint = other_spelling(target, symbol);
  if (hint.empty()) hint = missing_function_hint(search);
  refuse(program, target, "this kernel has no such function", std::move(hint));
}

[[noreturn]] void refuse_kprobe(const bpf_program* program, const std::string& target,
                                const FunctionPoint& point, int error) {
  if (error == EPERM || error == EACCES) refuse(program, target, error, {});
  const std::string symbol = symbol_of(point);
  const std::uint64_t offset = point.offset;
  const KernelSymbolSearch search = search_kernel_symbols(symbol);
  if (search.functions == 0 && (search.readable || error == ENOENT))
    refuse_missing(program, target, symbol, search);
  if (point.ordinal == 0 && (error == EADDRNOTAVAIL || error == ENOENT)) {
    const std::vector<NamedFunction> functions = functions_named(point.symbol, point.module);
    if (functions.size() > 1) {
      refuse(program, target, fmt::format("this kernel has {} functions with that name", functions.size()),
             choices_among(functions) + "\nto probe all of them, choose the type \"kprobe_multi\"");
    }
  }
  if (is_probe_forbidden(point.symbol)) {
    refuse(program, target,
           fmt::format("the kernel does not allow probes in this function ({})", errno_text(error)),
           "probe a function that calls it; /sys/kernel/debug/kprobes/blacklist lists such functions");
  }
  if (offset != 0 && (error == EILSEQ || error == EINVAL || error == EADDRNOTAVAIL)) {
    // The text of EILSEQ is about multibyte characters.
    refuse(program, target, "no instruction begins at that offset",
           "take the offset from a disassembly, or omit it for the start of the function");
  }
  const std::size_t colon = symbol.find(':');
  if (error == ENOENT && colon != std::string::npos) {
    refuse(
        program, target, error,
        fmt::format(
            "check that the module \"{}\" is loaded and has this function; omit \"module\" for a function of "
            "vmlinux",
            escape_for_terminal(symbol.substr(0, colon))));
  }
  refuse(program, target, error,
         error == EINVAL
             ? "the kernel does not allow probes in some functions, such as entry code and its own "
               "tracing; probe a function that calls it"
             : "the kernel's log (dmesg) may say more");
}

// The address of the function that "ordinal" chooses. `count` gets how many have that name.
std::uint64_t address_of(const bpf_program* program, const std::string& target, const FunctionPoint& point,
                         std::size_t& count) {
  const std::vector<NamedFunction> functions = functions_named(point.symbol, point.module);
  count = functions.size();
  if (functions.empty()) {
    const std::string symbol = symbol_of(point);
    refuse_missing(program, target, symbol, search_kernel_symbols(symbol));
  }
  if (point.ordinal > count) {
    refuse(program, target, fmt::format("this kernel has only {} of that name", function_count(count)),
           count == 1 ? "remove \"ordinal\"" : choices_among(functions));
  }
  const std::uint64_t address = functions[point.ordinal - 1].place.address;
  if (address == 0) {
    refuse(program, target, "the kernel hides the addresses of its functions, which \"ordinal\" needs",
           "run with CAP_SYSLOG, or set kernel.kptr_restrict to 1 or 0");
  }
  return address;
}

Attachment attach_kprobe(bpf_program* program, std::string_view type, const FunctionPoint& point) {
  std::string target = describe_kprobe(type, point);
  require_kprobes(program, target);
  auto options = zeroed_options<bpf_kprobe_opts>();
  options.offset = point.offset;
  options.retprobe = point.at_return;
  const std::string symbol = symbol_of(point);
  const char* name = symbol.c_str();
  if (point.ordinal != 0) {
    std::size_t count = 0;
    // The kernel takes an offset without a name as an address.
    options.offset += address_of(program, target, point, count);
    name = nullptr;
    target = describe_kprobe(type, point, count);
  }
  LinkHandle link(bpf_program__attach_kprobe_opts(program, name, &options));
  if (!link) refuse_kprobe(program, target, point, errno);
  return {std::move(target), std::move(link)};
}

std::string target_of(std::string_view name, std::string_view module) {
  return module.empty() ? std::string(name) : fmt::format("{}:{}", module, name);
}

std::string describe_target(const KprobeAttach& point) {
  return describe_kprobe(KprobeAttach::type, function_of(point));
}

std::string describe_target(const KretprobeAttach& point) {
  return describe_kprobe(KretprobeAttach::type, function_of(point));
}

Attachment attach_to(bpf_program* program, const KprobeAttach& point) {
  return attach_kprobe(program, KprobeAttach::type, function_of(point));
}

Attachment attach_to(bpf_program* program, const KretprobeAttach& point) {
  return attach_kprobe(program, KretprobeAttach::type, function_of(point));
}

template <class Point>
void check_ordinal(const Point& point, Diagnostics& diagnostics) {
  if (point.ordinal && **point.ordinal == 0)
    diagnostics.error(point.ordinal->at, "\"ordinal\" counts from 1",
                      "use 1 for the first function of that name");
}

void list_kprobes(Search& search) {
  if (!has_kprobes()) {
    search.note("this kernel has no kprobes (CONFIG_KPROBES, CONFIG_KPROBE_EVENTS)");
    return;
  }
  const std::optional<std::unordered_set<std::string>> forbidden = forbidden_functions();
  if (!forbidden) {
    search.note(
        "/sys/kernel/debug/kprobes/blacklist cannot be read: functions that do not allow probes are listed too");
  }
  for (const KernelFunction& function : search.functions()) {
    const bool of_module = !function.module.empty();
    std::string target = of_module ? target_of(function.name, function.module) : std::string();
    if (!search.wants(function.name) && !(of_module && search.wants(target))) continue;
    if (forbidden && forbidden->contains(std::string(function.name))) continue;
    Place& place = search.add(of_module ? std::move(target) : std::string(function.name));
    if (!search.details()) continue;
    place.attach.push_back({"symbol", std::string(function.name)});
    if (of_module) place.attach.push_back({"module", std::string(function.module)});
    search.describe(place, function.name, function.module);
  }
}

}  // namespace

template <>
struct AttachTypeOf<KprobeAttach> {
  static Section section() { return {"kprobe", {BPF_PROG_TYPE_KPROBE}}; }
  static constexpr LibbpfVersion libbpf = every_libbpf;
  static constexpr KernelVersion kernel = every_kernel;
  static constexpr std::string_view example = R"("symbol": "vfs_read")";
  static constexpr Company company = Company::any;
  static constexpr Pinning pinning = one_link;
  static constexpr Places places{list_kprobes};
  static constexpr auto check = check_ordinal<KprobeAttach>;
  static constexpr auto prepare = nothing_to_prepare;
  static Attachment attach(BpfObject&, bpf_program* program, const KprobeAttach& point) {
    return attach_to(program, point);
  }
  static std::string describe(const KprobeAttach& point) { return describe_target(point); }
};
template AttachType attach_type_row<KprobeAttach>();

template <>
struct AttachTypeOf<KretprobeAttach> {
  static Section section() { return {"kretprobe", {BPF_PROG_TYPE_KPROBE}}; }
  static constexpr LibbpfVersion libbpf = every_libbpf;
  static constexpr KernelVersion kernel = every_kernel;
  static constexpr std::string_view example = R"("symbol": "vfs_read")";
  static constexpr Company company = Company::any;
  static constexpr Pinning pinning = one_link;
  static constexpr Places places{list_kprobes, {}, true};
  static constexpr auto check = check_ordinal<KretprobeAttach>;
  static constexpr auto prepare = nothing_to_prepare;
  static Attachment attach(BpfObject&, bpf_program* program, const KretprobeAttach& point) {
    return attach_to(program, point);
  }
  static std::string describe(const KretprobeAttach& point) { return describe_target(point); }
};
template AttachType attach_type_row<KretprobeAttach>();

}  // namespace probe_run
