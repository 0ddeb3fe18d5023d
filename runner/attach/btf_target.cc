#include "attach/btf_target.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <iterator>
#include <memory>

#include "attach/refusal.h"
#include "attach/symbol_search.h"
#include "object/libbpf.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

struct FreeBtf {
  void operator()(btf* types) const { btf__free(types); }
};

// How the kernel marks each kind in its BTF.
struct Mark {
  int kind;
  std::string_view prefix;
};

constexpr Mark mark_of(KernelTarget target) {
  switch (target) {
    case KernelTarget::tracepoint:
      return {BTF_KIND_TYPEDEF, "btf_trace_"};
    case KernelTarget::security_hook:
      return {BTF_KIND_FUNC, "bpf_lsm_"};
    case KernelTarget::iterator:
      return {BTF_KIND_FUNC, "bpf_iter_"};
    case KernelTarget::function:
      break;
  }
  return {BTF_KIND_FUNC, ""};
}

std::vector<std::string> marked_names(const btf* types, const Mark& mark) {
  std::vector<std::string> names;
  if (types == nullptr) return names;
  const std::uint32_t count = btf__type_cnt(types);
  for (std::uint32_t id = 1; id < count; ++id) {
    const btf_type* const type = btf__type_by_id(types, id);
    if (type == nullptr || btf_kind(type) != mark.kind) continue;
    const char* const name = btf__name_by_offset(types, type->name_off);
    if (name == nullptr || !std::string_view(name).starts_with(mark.prefix)) continue;
    names.emplace_back(name + mark.prefix.size());
  }
  return names;
}

// Whether this kernel has BTF (CONFIG_DEBUG_INFO_BTF).
bool has_kernel_btf() {
  return ::access("/sys/kernel/btf/vmlinux", R_OK) == 0;
}

// The names of that kind in vmlinux that a spec can use. Reads all of the kernel's BTF (about 10 ms): only for a
// failed attach. Empty if the BTF cannot be read.
std::vector<std::string> kernel_targets(KernelTarget kind) {
  const std::unique_ptr<btf, FreeBtf> types(btf__load_vmlinux_btf());
  return marked_names(types.get(), mark_of(kind));
}

struct Words {
  std::string_view missing;
  std::string_view hint;  // if no name is similar
};

Words words_of(KernelTarget kind) {
  switch (kind) {
    case KernelTarget::tracepoint:
      return {"this kernel has no such tracepoint", "/sys/kernel/tracing/events lists the names"};
    case KernelTarget::security_hook:
      return {"this kernel has no such security hook",
              "include/linux/lsm_hook_defs.h in the kernel's source lists the names"};
    case KernelTarget::iterator:
      return {"this kernel has no such iterator", ""};
    case KernelTarget::function:
      break;
  }
  return {"this kernel's BTF has no such function", ""};  // function_hint() says more
}

bool contains(const std::vector<std::string>& sorted, const std::string& name) {
  return std::binary_search(sorted.begin(), sorted.end(), name);
}

// The BTF does not have the function; kallsyms may have it.
std::string function_hint(const std::string& name, const std::vector<std::string>& described) {
  KernelSymbolSearch search = search_kernel_symbols(name);
  if (search.functions > 0) {
    return "the function exists, but the kernel's BTF does not describe it: use a program of SEC(\"kprobe\")";
  }
  KernelSymbolSearch undescribed;
  std::copy_if(search.variants.begin(), search.variants.end(), std::back_inserter(undescribed.variants),
               [&](const std::string& variant) { return !contains(described, variant); });
  std::erase_if(search.variants, [&](const std::string& variant) { return !contains(described, variant); });
  if (search.variants.empty() && !undescribed.variants.empty()) {
    return missing_function_hint(undescribed) +
           "; the kernel's BTF does not describe it: use a program of SEC(\"kprobe\")";
  }
  if (search.variants.empty()) search.nearest = nearest(name, views(described));
  return missing_function_hint(search);
}

// "sched_switch" of "sched:sched_switch" and "sched/sched_switch"; the tracepoints of single system calls are
// built on sys_enter and sys_exit.
std::string tracepoint_hint(const std::string& name, const std::vector<std::string>& described) {
  const std::string bare = name.substr(std::min(name.find_first_of(":/") + 1, name.size()));
  if (bare != name && contains(described, bare))
    return fmt::format("give the name without its category: \"{}\"", escape_for_terminal(bare));
  for (const std::string_view all : {"sys_enter", "sys_exit"}) {
    if (!bare.starts_with(fmt::format("{}_", all))) continue;
    return fmt::format(
        "single system calls do not have this type: attach to \"{0}\", which sees all system calls, or use "
        "{{\"type\": \"tracepoint\", \"category\": \"syscalls\", \"name\": \"{1}\"}} with a program of "
        "SEC(\"tracepoint\")",
        all, escape_for_terminal(bare));
  }
  return {};
}

// "file_open" of "bpf_lsm_file_open" and of "security_file_open", the function that calls the hook.
std::string hook_hint(const std::string& name, const std::vector<std::string>& described) {
  for (const std::string_view begin : {"security_", "bpf_lsm_", "lsm/"}) {
    if (!name.starts_with(begin) || !contains(described, name.substr(begin.size()))) continue;
    return fmt::format("the hook is named \"{}\"", escape_for_terminal(name.substr(begin.size())));
  }
  return {};
}

}  // namespace

void set_btf_target(bpf_program* program, const std::string& target, const std::string& name,
                    KernelTarget kind) {
  const int error = -bpf_program__set_attach_target(program, 0, name.c_str());
  if (error == 0) return;
  if (!has_kernel_btf()) {
    refuse(
        program, target, "this kernel has no BTF (/sys/kernel/btf/vmlinux)",
        "boot a kernel with CONFIG_DEBUG_INFO_BTF, or use a type that does not need BTF, such as kprobe or "
        "raw_tracepoint");
  }
  if (error != ENOENT && error != ESRCH && error != EINVAL) refuse(program, target, error, {});
  const Words words = words_of(kind);
  std::vector<std::string> names = kernel_targets(kind);
  std::sort(names.begin(), names.end());
  if (kind == KernelTarget::function) refuse(program, target, words.missing, function_hint(name, names));
  std::string hint;
  if (kind == KernelTarget::tracepoint) hint = tracepoint_hint(name, names);
  if (kind == KernelTarget::security_hook) hint = hook_hint(name, names);
  if (!hint.empty()) refuse(program, target, words.missing, hint);
  hint = suggestion(name, views(names), names.size() <= 60 ? "available" : std::string_view());
  if (hint.empty() || names.size() > 60) {
    const std::string_view near = nearest(name, views(names));
    hint = near.empty() ? std::string(words.hint)
                        : fmt::format("did you mean \"{}\"?", escape_for_terminal(near));
  }
  refuse(program, target, words.missing, std::move(hint));
}

LinkHandle attach_btf_target(bpf_program* program, const std::string& target) {
  LinkHandle link(bpf_program__attach_trace(program));
  if (!link) {
    const int error = errno;
    refuse(program, target, error,
           error == EBUSY && bpf_program__expected_attach_type(program) == BPF_MODIFY_RETURN
               ? "another program is already attached here; only one can change a function's return value"
           : error == EBUSY
               ? "the kernel cannot trace this function: choose one that calls it; --list 'fentry:*' lists "
                 "those that can be traced"
           : error == ENOTSUP || error == EOPNOTSUPP ? "this kernel does not support BPF trampolines on this "
                                                       "architecture, or the function cannot be traced"
                                                     : "the kernel's log (dmesg) may say more");
  }
  return link;
}

std::vector<std::string> program_functions(int program_fd) {
  bpf_prog_info info{};
  std::uint32_t size = sizeof info;
  if (bpf_obj_get_info_by_fd(program_fd, &info, &size) != 0 || info.btf_id == 0) return {};
  const std::unique_ptr<btf, FreeBtf> types(btf__load_from_kernel_by_id(info.btf_id));
  return marked_names(types.get(), {BTF_KIND_FUNC, ""});
}

}  // namespace probe_run
