// Netfilter hooks.
#include <fmt/format.h>
#include <linux/bpf.h>
#include <linux/netfilter.h>

#include <cerrno>

#include "attach/define_attach_type.h"
#include "attach/libbpf_version.h"
#include "attach/refusal.h"
#include "listing/search.h"
#include "object/libbpf.h"
#include "spec/attach_target.h"

namespace probe_run {
namespace {

// Newer than the kernel headers of some distributions.
constexpr std::uint32_t program_type_netfilter = 32;
constexpr LibbpfVersion oldest_libbpf{1, 3};

std::string describe_target(const NetfilterAttach& point) {
  return fmt::format("netfilter:{}:{} (priority {})", name_of(point.family), name_of(point.hook),
                     *point.priority);
}

#if LIBBPF_MAJOR_VERSION > 1 || LIBBPF_MINOR_VERSION >= 3
std::uint32_t hook_number(NetfilterHook hook) {
  switch (hook) {
    case NetfilterHook::pre_routing:
      return NF_INET_PRE_ROUTING;
    case NetfilterHook::local_in:
      return NF_INET_LOCAL_IN;
    case NetfilterHook::forward:
      return NF_INET_FORWARD;
    case NetfilterHook::local_out:
      return NF_INET_LOCAL_OUT;
    case NetfilterHook::post_routing:
      break;
  }
  return NF_INET_POST_ROUTING;
}

Attachment attach_to(bpf_program* program, const NetfilterAttach& point) {
  std::string target = describe_target(point);
  auto options = zeroed_options<bpf_netfilter_opts>();
  options.pf = point.family == NetfilterFamily::ipv4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
  options.hooknum = hook_number(point.hook);
  options.priority = *point.priority;
  LinkHandle link(bpf_program__attach_netfilter(program, &options));
  if (link) return {std::move(target), std::move(link)};
  const int error = errno;
  std::string hint;
  if (error == EBUSY) {
    hint = "another program has this priority at the hook: choose another priority";
  } else if (error == EINVAL || error == EOPNOTSUPP || error == EAFNOSUPPORT) {
    hint =
        "this needs Linux 6.4 with CONFIG_NETFILTER_BPF_LINK; INT32_MIN and INT32_MAX are not valid priorities";
  }
  refuse(program, target, error, std::move(hint), true);
}
#else
Attachment attach_to(bpf_program* program, const NetfilterAttach& point) {
  refuse_old_libbpf(program, describe_target(point), NetfilterAttach::type, oldest_libbpf);
}
#endif

void list_netfilter_hooks(Search& search) {
  if (!search.machine().may_have_function("bpf_nf_link_attach")) {
    search.note(
        "this kernel does not support BPF programs in netfilter (Linux 6.4 with CONFIG_NETFILTER_BPF_LINK)");
    return;
  }
  for (const auto& family : EnumNames<NetfilterFamily>::names) {
    for (const auto& hook : EnumNames<NetfilterHook>::names) {
      const std::string target = fmt::format("{}:{}", family.name, hook.name);
      if (!search.wants(target)) continue;
      Place& place = search.add(target);
      if (!search.details()) continue;
      place.attach = {{"family", std::string(family.name)},
                      {"hook", std::string(hook.name)},
                      {"priority", std::to_string(usual_priority), true}};
    }
  }
}

}  // namespace

template <>
struct AttachTypeOf<NetfilterAttach> {
  static Section section() { return {"netfilter", {program_type_netfilter}}; }
  static constexpr LibbpfVersion libbpf = oldest_libbpf;
  static constexpr KernelVersion kernel{6, 4};
  static constexpr std::string_view example = R"("family": "ipv4", "hook": "local_in", "priority": 0)";
  static constexpr Company company = Company::any;
  static constexpr Pinning pinning = one_link;
  static constexpr Places places{list_netfilter_hooks};
  static constexpr auto check = nothing_to_check;
  static constexpr auto prepare = nothing_to_prepare;
  static Attachment attach(BpfObject&, bpf_program* program, const NetfilterAttach& point) {
    return attach_to(program, point);
  }
  static std::string describe(const NetfilterAttach& point) { return describe_target(point); }
};
template AttachType attach_type_row<NetfilterAttach>();

}  // namespace probe_run
