#include "attach/kernel_btf.h"

#include <unistd.h>

#include <array>
#include <memory>

#include "object/libbpf.h"

namespace probe_run {
namespace {

struct FreeBtf {
  void operator()(btf* types) const { btf__free(types); }
};

// How the kernel marks them in its types.
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

}  // namespace

bool has_kernel_btf() {
  return ::access("/sys/kernel/btf/vmlinux", R_OK) == 0;
}

std::vector<std::string> kernel_targets(KernelTarget kind) {
  std::vector<std::string> names;
  const std::unique_ptr<btf, FreeBtf> types(btf__load_vmlinux_btf());
  if (!types) return names;
  const Mark mark = mark_of(kind);
  const std::uint32_t count = btf__type_cnt(types.get());
  for (std::uint32_t id = 1; id < count; ++id) {
    const btf_type* const type = btf__type_by_id(types.get(), id);
    if (type == nullptr || btf_kind(type) != mark.kind) continue;
    const char* const name = btf__name_by_offset(types.get(), type->name_off);
    if (name == nullptr || !std::string_view(name).starts_with(mark.prefix)) continue;
    names.emplace_back(name + mark.prefix.size());
  }
  return names;
}

}  // namespace probe_run
