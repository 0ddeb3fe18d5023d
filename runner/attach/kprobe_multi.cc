// kprobe_multi and kprobe_session: many kernel functions at once.
#include <fmt/format.h>
#include <linux/bpf.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "attach/define_attach_type.h"
#include "attach/libbpf_version.h"
#include "attach/perf_probe.h"
#include "attach/refusal.h"
#include "attach/symbol_search.h"
#include "attach/traceable_functions.h"
#include "listing/search.h"
#include "listing/tracefs.h"
#include "object/libbpf.h"
#include "spec/keys.h"
#include "support/error.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr LibbpfVersion oldest_libbpf{1, 5};

// "" if it cannot be read, for example without the privilege to mount tracefs.
std::string tracefs_or_none() {
  try {
    return tracefs_path();
  } catch (const Error&) {
    // The kernel's symbols serve as well; the kernel itself reports what it cannot trace.
    return {};
  }
}

// Throws as refuse() does: no traceable function has that name.
[[noreturn]] void refuse_symbol(const bpf_program* program, const std::string& target,
                                const std::string& symbol, bool is_listed) {
  const KernelSymbolSearch search = search_kernel_symbols(symbol);
  const std::string shown = escape_for_terminal(symbol);
  if (search.functions == 0 && (search.readable || is_listed)) {
    refuse(program, target, fmt::format("this kernel does not have the function \"{}\"", shown),
           missing_function_hint(search));
  }
  refuse(program, target, fmt::format("the function \"{}\" cannot be traced", shown),
         "probe a function that calls it; /sys/kernel/tracing/available_filter_functions lists the traceable "
         "ones, which exclude entry code and the kernel's own tracing");
}

// All functions of a pattern or a list. A pattern does not match functions of modules. Throws as refuse() does if a
// name of the list is not found or the pattern matches nothing.
std::vector<FunctionPlace> chosen_functions(const bpf_program* program, const std::string& target,
                                            const std::optional<Located<std::string>>& pattern,
                                            const std::optional<OneOrMany<Located<std::string>>>& symbols) {
  TraceableFunctions all = TraceableFunctions::read(tracefs_or_none());
  std::vector<FunctionPlace> chosen;
  if (pattern) {
    const Glob glob = name_pattern(program, target, **pattern);
    std::copy_if(std::make_move_iterator(all.functions.begin()), std::make_move_iterator(all.functions.end()),
                 std::back_inserter(chosen), [&](const FunctionPlace& place) {
                   return place.module.empty() && glob.matches(place.name);
                 });
    if (chosen.empty()) {
      refuse(
          program, target, "the pattern does not match any traceable function of this kernel",
          "/sys/kernel/tracing/available_filter_functions lists them; functions of modules are not matched");
    }
    return chosen;
  }
  std::unordered_map<std::string_view, bool> wanted;  // whether it is found
  for (const Located<std::string>& symbol : symbols->items) wanted.emplace(*symbol, false);
  for (const FunctionPlace& place : all.functions) {
    const auto found = wanted.find(place.name);
    if (found == wanted.end()) continue;
    found->second = true;
    chosen.push_back(place);
  }
  for (const Located<std::string>& symbol : symbols->items) {
    if (!wanted.at(*symbol)) refuse_symbol(program, target, *symbol, all.is_listed);
  }
  return chosen;
}

// What the kernel is given. Names are used only where it hides addresses: it takes one function of each.
struct Targets {
  std::vector<unsigned long> addresses;
  std::vector<const char*> names;
  std::size_t left_out = 0;  // functions

  std::size_t count() const { return addresses.size() + names.size(); }
};

Targets targets_of(const std::vector<FunctionPlace>& functions) {
  Targets targets;
  for (const FunctionPlace& place : functions) {
    if (place.address != 0) targets.addresses.push_back(place.address);
  }
  targets.left_out = functions.size() - targets.addresses.size();
  // kallsyms has several names of one function.
  std::sort(targets.addresses.begin(), targets.addresses.end());
  targets.addresses.erase(std::unique(targets.addresses.begin(), targets.addresses.end()),
                          targets.addresses.end());
  if (!targets.addresses.empty()) return targets;
  std::unordered_set<std::string_view> known;
  for (const FunctionPlace& place : functions) {
    if (known.insert(place.name).second) targets.names.push_back(place.name.c_str());
  }
  targets.left_out = functions.size() - targets.names.size();
  return targets;
}

template <class Point>
std::string describe_functions(const Point& point) {
  std::string text = fmt::format("{}:", Point::type);
  if (point.pattern) return text + escape_for_terminal(**point.pattern);
  const auto& items = point.symbols->items;
  text += escape_for_terminal(*items.front());
  return items.size() == 1 ? text : fmt::format("{} and {} more", text, items.size() - 1);
}

template <class Point>
Attachment attach_functions(bpf_program* program, const Point& point, const std::string& target,
                            bpf_kprobe_multi_opts options) {
  const std::vector<FunctionPlace> functions =
      chosen_functions(program, target, point.pattern, point.symbols);
  const Targets targets = targets_of(functions);
  options.cnt = targets.count();
  if (targets.names.empty()) {
    options.addrs = targets.addresses.data();
  } else {
    options.syms = const_cast<const char**>(targets.names.data());
  }
  LinkHandle link(bpf_program__attach_kprobe_multi_opts(program, nullptr, &options));
  if (!link) {
    const int error = errno;
    if (error == EOPNOTSUPP || error == ENOTSUP || error == EINVAL) {
      refuse(
          program, target,
          fmt::format("this kernel cannot probe many functions at once ({})", errno_text(error)),
          "this needs Linux 5.18 with CONFIG_FPROBE; attach to each function with the type \"kprobe\" instead");
    }
    refuse(program, target, error,
           error == ESRCH || error == ENOENT ? "one of the functions cannot be traced; see "
                                               "/sys/kernel/tracing/available_filter_functions"
                                             : std::string());
  }
  Attachment attachment(fmt::format("{} ({})", target, function_count(targets.count())), std::move(link));
  if (targets.left_out != 0) {
    attachment.warning = fmt::format(
        "{}: {} not probed: others have the same name, and {}", target,
        targets.left_out == 1 ? "1 function is" : fmt::format("{} functions are", targets.left_out),
        targets.names.empty() ? "the kernel does not list which of them can be traced"
                              : "the kernel hides their addresses from this process (CAP_SYSLOG)");
  }
  return attachment;
}

// The functions that kprobe_multi can probe, if they are identified by name alone.
void list_by_name(Search& search) {
  const auto add = [&](std::string_view name) {
    Place& place = search.add(std::string(name));
    if (!search.details()) return;
    place.attach = {{"symbols", place.target}};
    search.describe(place, name, {});
  };
  if (const std::unordered_set<std::string>* const traceable = search.machine().traceable_functions()) {
    for (const std::string& name : *traceable) {
      if (search.wants(name)) add(name);
    }
    return;
  }
  for (const KernelFunction& function : search.functions()) {
    if (search.wants(function.name)) add(function.name);
  }
}

std::string describe_target(const KprobeMultiAttach& point) {
  return fmt::format("{}{}", describe_functions(point), point.at_return ? " (return)" : "");
}

Fd prepare_for(bpf_program* program, const KprobeMultiAttach&) {
  bpf_program__set_expected_attach_type(program, BPF_TRACE_KPROBE_MULTI);
  return {};
}

Attachment attach_to(bpf_program* program, const KprobeMultiAttach& point) {
  auto options = zeroed_options<bpf_kprobe_multi_opts>();
  options.retprobe = point.at_return;
  return attach_functions(program, point, describe_target(point), options);
}

std::string describe_target(const KprobeSessionAttach& point) {
  return describe_functions(point);
}

#if LIBBPF_MAJOR_VERSION > 1 || LIBBPF_MINOR_VERSION >= 5
Fd prepare_for(bpf_program* program, const KprobeSessionAttach&) {
  bpf_program__set_expected_attach_type(program, BPF_TRACE_KPROBE_SESSION);
  return {};
}

Attachment attach_to(bpf_program* program, const KprobeSessionAttach& point) {
  auto options = zeroed_options<bpf_kprobe_multi_opts>();
  options.session = true;
  return attach_functions(program, point, describe_target(point), options);
}
#else
Fd prepare_for(bpf_program*, const KprobeSessionAttach&) {
  return {};
}

Attachment attach_to(bpf_program* program, const KprobeSessionAttach& point) {
  refuse_old_libbpf(program, describe_target(point), KprobeSessionAttach::type, oldest_libbpf);
}
#endif

void list_multiple_kprobes(Search& search) {
  if (search.machine().may_have_function("register_fprobe_ips")) return list_by_name(search);
  search.note("this kernel cannot probe many functions at once (Linux 5.18 with CONFIG_FPROBE)");
}

void list_kprobe_sessions(Search& search) {
  Machine& machine = search.machine();
  if (machine.may_have_function("register_fprobe_ips") && machine.may_have_function("bpf_session_is_return"))
    return list_by_name(search);
  search.note("this kernel has no kprobe sessions (Linux 6.10 with CONFIG_FPROBE)");
}

}  // namespace

template <>
struct AttachTypeOf<KprobeMultiAttach> {
  static Section section() { return {"kprobe.multi", {BPF_PROG_TYPE_KPROBE}, {}, {"kprobe"}}; }
  static constexpr LibbpfVersion libbpf = every_libbpf;
  static constexpr KernelVersion kernel{5, 18};
  static constexpr std::string_view example = R"("pattern": "vfs_*")";
  static constexpr Company company = Company::same_type;
  static constexpr Pinning pinning = one_link;
  static constexpr Places places{list_multiple_kprobes, {}, true};
  static constexpr auto check = nothing_to_check;
  static Fd prepare(BpfObject&, bpf_program* program, const KprobeMultiAttach& point) {
    return prepare_for(program, point);
  }
  static Attachment attach(BpfObject&, bpf_program* program, const KprobeMultiAttach& point) {
    return attach_to(program, point);
  }
  static std::string describe(const KprobeMultiAttach& point) { return describe_target(point); }
};
template AttachType attach_type_row<KprobeMultiAttach>();

template <>
struct AttachTypeOf<KprobeSessionAttach> {
  static Section section() { return {"kprobe.session", {BPF_PROG_TYPE_KPROBE}}; }
  static constexpr LibbpfVersion libbpf = oldest_libbpf;
  static constexpr KernelVersion kernel{6, 10};
  static constexpr std::string_view example = R"("pattern": "vfs_*")";
  static constexpr Company company = Company::same_type;
  static constexpr Pinning pinning = one_link;
  static constexpr Places places{list_kprobe_sessions, {}, true};
  static constexpr auto check = nothing_to_check;
  static Fd prepare(BpfObject&, bpf_program* program, const KprobeSessionAttach& point) {
    return prepare_for(program, point);
  }
  static Attachment attach(BpfObject&, bpf_program* program, const KprobeSessionAttach& point) {
    return attach_to(program, point);
  }
  static std::string describe(const KprobeSessionAttach& point) { return describe_target(point); }
};
template AttachType attach_type_row<KprobeSessionAttach>();

}  // namespace probe_run
