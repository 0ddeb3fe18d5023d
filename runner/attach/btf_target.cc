#include "attach/btf_target.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "attach/refusal.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

struct Words {
  std::string_view missing;
  std::string_view hint;  // where no name is near
};

Words words_of(KernelTarget kind) {
  switch (kind) {
    case KernelTarget::tracepoint:
      return {"this kernel has no such tracepoint", "the names are those in /sys/kernel/tracing/events"};
    case KernelTarget::security_hook:
      return {"this kernel has no such security hook",
              "the names are those in include/linux/lsm_hook_defs.h"};
    case KernelTarget::iterator:
      return {"this kernel cannot iterate over such objects", ""};
    case KernelTarget::function:
      break;
  }
  return {"this kernel's types know no such function",
          "the compiler may have inlined it into its callers, or its module may not be loaded"};
}

}  // namespace

void set_btf_target(bpf_program* program, const std::string& target, const std::string& name,
                    KernelTarget kind) {
  const int error = -bpf_program__set_attach_target(program, 0, name.c_str());
  if (error == 0) return;
  if (!has_kernel_btf()) {
    refuse(program, target, "this kernel does not describe its types (/sys/kernel/btf/vmlinux)",
           "boot a kernel with CONFIG_DEBUG_INFO_BTF, or attach in a way that needs none: kprobe, "
           "raw_tracepoint");
  }
  if (error != ENOENT && error != ESRCH && error != EINVAL) refuse(program, target, error, {});
  const Words words = words_of(kind);
  std::vector<std::string> names = kernel_targets(kind);
  std::sort(names.begin(), names.end());
  std::string hint = suggestion(name, views(names), names.size() <= 60 ? "it has" : std::string_view());
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
           error == EBUSY
               ? "another program has this place already; only one may change what a function returns"
           : error == ENOTSUP || error == EOPNOTSUPP ? "this kernel has no BPF trampolines for this "
                                                       "processor, or the function's start cannot be traced"
                                                     : "the kernel's log (dmesg) may say more");
  }
  return link;
}

}  // namespace probe_run
