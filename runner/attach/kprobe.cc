// kprobe and kretprobe: entry and return of kernel functions.
#include <fmt/format.h>
#include <linux/bpf.h>

#include <cerrno>
#include <optional>
#include <unordered_set>

#include "attach/define_attach_type.h"
#include "attach/perf_probe.h"
#include "attach/refusal.h"
#include "attach/symbol_search.h"
#include "listing/search.h"
#include "object/libbpf.h"
#include "support/error.h"
#include "support/integer.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

std::string describe_kprobe(std::string_view type, const std::string& symbol, std::uint64_t offset) {
  const std::string text = fmt::format("{}:{}", type, escape_for_terminal(symbol));
  return offset == 0 ? text : fmt::format("{}+{:#x}", text, offset);
}

// The form in which the kernel accepts a function of a module.
template <class Point>
std::string symbol_of(const Point& point) {
  return point.module ? fmt::format("{}:{}", **point.module, *point.symbol) : *point.symbol;
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
                                const std::string& symbol, std::uint64_t offset, int error) {
  if (error == EPERM || error == EACCES) refuse(program, target, error, {});
  const KernelSymbolSearch search = search_kernel_symbols(symbol);
  if (search.functions == 0 && (search.readable || error == ENOENT))
    refuse_missing(program, target, symbol, search);
  if (search.functions > 1 && (error == EADDRNOTAVAIL || error == ENOENT)) {
    refuse(
        program, target,
        fmt::format("this kernel has {} functions with that name ({})", search.functions, errno_text(error)),
        "probe a function that calls it, or use a nearby tracepoint");
  }
  if (is_probe_forbidden(symbol)) {
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

Attachment attach_kprobe(bpf_program* program, const std::string& target, const std::string& symbol,
                         std::uint64_t offset, bool at_return) {
  require_kprobes(program, target);
  auto options = zeroed_options<bpf_kprobe_opts>();
  options.offset = offset;
  options.retprobe = at_return;
  LinkHandle link(bpf_program__attach_kprobe_opts(program, symbol.c_str(), &options));
  if (!link) refuse_kprobe(program, target, symbol, offset, errno);
  return {target, std::move(link)};
}

std::string target_of(std::string_view name, std::string_view module) {
  return module.empty() ? std::string(name) : fmt::format("{}:{}", module, name);
}

std::string describe_target(const KprobeAttach& point) {
  return describe_kprobe(KprobeAttach::type, symbol_of(point), point.offset);
}

std::string describe_target(const KretprobeAttach& point) {
  return describe_kprobe(KretprobeAttach::type, symbol_of(point), 0);
}

Attachment attach_to(bpf_program* program, const KprobeAttach& point) {
  return attach_kprobe(program, describe_target(point), symbol_of(point), point.offset, false);
}

Attachment attach_to(bpf_program* program, const KretprobeAttach& point) {
  return attach_kprobe(program, describe_target(point), symbol_of(point), 0, true);
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
  static constexpr auto check = nothing_to_check;
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
  static constexpr auto check = nothing_to_check;
  static constexpr auto prepare = nothing_to_prepare;
  static Attachment attach(BpfObject&, bpf_program* program, const KretprobeAttach& point) {
    return attach_to(program, point);
  }
  static std::string describe(const KretprobeAttach& point) { return describe_target(point); }
};
template AttachType attach_type_row<KretprobeAttach>();

}  // namespace probe_run
