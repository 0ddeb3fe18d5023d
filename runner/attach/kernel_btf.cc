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

}  // namespace

bool has_kernel_btf() {
  return ::access("/sys/kernel/btf/vmlinux", R_OK) == 0;
}

std::vector<std::string> kernel_targets(KernelTarget kind) {
  const std::unique_ptr<btf, FreeBtf> types(btf__load_vmlinux_btf());
  return marked_names(types.get(), mark_of(kind));
}

std::vector<std::string> program_functions(int program_fd) {
  bpf_prog_info info{};
  std::uint32_t size = sizeof info;
  if (bpf_obj_get_info_by_fd(program_fd, &info, &size) != 0 || info.btf_id == 0) return {};
  const std::unique_ptr<btf, FreeBtf> types(btf__load_from_kernel_by_id(info.btf_id));
  return marked_names(types.get(), {BTF_KIND_FUNC, ""});
}

}  // namespace probe_run
