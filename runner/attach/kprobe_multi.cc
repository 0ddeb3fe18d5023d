// kprobe_multi and kprobe_session: many kernel functions at once.
#include <fmt/format.h>
#include <linux/bpf.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <optional>
#include <unordered_set>
#include <vector>

#include "attach/define_attach_type.h"
#include "attach/libbpf_version.h"
#include "attach/perf_probe.h"
#include "attach/refusal.h"
#include "attach/symbol_search.h"
#include "host/kernel_symbols.h"
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
std::string list_path() {
  try {
    std::string path = tracefs_path() + "/available_filter_functions";
    if (::access(path.c_str(), R_OK) == 0) return path;
  } catch (const Error&) {
    // The kernel's symbols serve as well for names; the kernel itself reports what it cannot trace.
  }
  return {};
}

// "ext4_sync_file [ext4]"
bool is_of_module(const std::string& list, const std::string& name) {
  std::ifstream file(list);
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with(name) && (line[name.size()] == ' ' || line[name.size()] == '\t')) return true;
  }
  return false;
}

// Sorted; without functions of modules.
std::vector<std::string> all_functions(const std::string& list) {
  std::vector<std::string> names;
  std::ifstream file(list);
  std::string line;
  while (std::getline(file, line)) {
    if (line.find(' ') == std::string::npos && line.find('\t') == std::string::npos) names.push_back(line);
  }
  if (names.empty()) {  // ftrace has no list: leave it to the kernel to refuse functions
    read_kallsyms(kallsyms_path, [&](const KallsymsLine& symbol) {
      if (symbol.is_function()) names.emplace_back(symbol.name);
    });
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

// The functions of a pattern or a list, each once. A pattern does not match functions of modules. Throws as
// refuse() does if a name of the list is not found or the pattern matches nothing.
std::vector<std::string> chosen_functions(const bpf_program* program, const std::string& target,
                                          const std::optional<Located<std::string>>& pattern,
                                          const std::optional<OneOrMany<Located<std::string>>>& symbols) {
  const std::string list = list_path();
  std::vector<std::string> all = all_functions(list);
  std::vector<std::string> chosen;
  if (pattern) {
    const Glob glob = name_pattern(program, target, **pattern);
    std::copy_if(std::make_move_iterator(all.begin()), std::make_move_iterator(all.end()),
                 std::back_inserter(chosen), [&](const std::string& name) { return glob.matches(name); });
    if (chosen.empty()) {
      refuse(
          program, target, "the pattern does not match any traceable function of this kernel",
          "/sys/kernel/tracing/available_filter_functions lists them; functions of modules are not matched");
    }
    return chosen;
  }
  for (const Located<std::string>& symbol : symbols->items) {
    chosen.push_back(*symbol);
    if (std::binary_search(all.begin(), all.end(), *symbol)) continue;
    const KernelSymbolSearch search = search_kernel_symbols(*symbol);
    if (search.functions == 0 && (search.readable || !list.empty())) {
      refuse(program, target,
             fmt::format("this kernel does not have the function \"{}\"", escape_for_terminal(*symbol)),
             missing_function_hint(search));
    }
    if (!list.empty() && !is_of_module(list, *symbol)) {
      refuse(
          program, target, fmt::format("the function \"{}\" cannot be traced", escape_for_terminal(*symbol)),
          "probe a function that calls it; /sys/kernel/tracing/available_filter_functions lists the traceable "
          "ones, which exclude entry code and the kernel's own tracing");
    }
  }
  return chosen;
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
  const std::vector<std::string> functions = chosen_functions(program, target, point.pattern, point.symbols);
  std::vector<const char*> names;
  names.reserve(functions.size());
  for (const std::string& name : functions) names.push_back(name.c_str());
  options.syms = names.data();
  options.cnt = names.size();
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
  return {point.pattern ? fmt::format("{} ({} functions)", target, functions.size()) : target,
          std::move(link)};
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
