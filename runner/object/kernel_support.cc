#include "object/kernel_support.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "object/map_type.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr std::array<Helper, 87> helpers{{
    {125, "bpf_ktime_get_boot_ns", "5.8"},
    {126, "bpf_seq_printf", "5.8"},
    {127, "bpf_seq_write", "5.8"},
    {128, "bpf_sk_cgroup_id", "5.8"},
    {129, "bpf_sk_ancestor_cgroup_id", "5.8"},
    {130, "bpf_ringbuf_output", "5.8"},
    {131, "bpf_ringbuf_reserve", "5.8"},
    {132, "bpf_ringbuf_submit", "5.8"},
    {133, "bpf_ringbuf_discard", "5.8"},
    {134, "bpf_ringbuf_query", "5.8"},
    {135, "bpf_csum_level", "5.8"},
    {136, "bpf_skc_to_tcp6_sock", "5.9"},
    {137, "bpf_skc_to_tcp_sock", "5.9"},
    {138, "bpf_skc_to_tcp_timewait_sock", "5.9"},
    {139, "bpf_skc_to_tcp_request_sock", "5.9"},
    {140, "bpf_skc_to_udp6_sock", "5.9"},
    {141, "bpf_get_task_stack", "5.9"},
    {142, "bpf_load_hdr_opt", "5.10"},
    {143, "bpf_store_hdr_opt", "5.10"},
    {144, "bpf_reserve_hdr_opt", "5.10"},
    {145, "bpf_inode_storage_get", "5.10"},
    {146, "bpf_inode_storage_delete", "5.10"},
    {147, "bpf_d_path", "5.10"},
    {148, "bpf_copy_from_user", "5.10"},
    {149, "bpf_snprintf_btf", "5.10"},
    {150, "bpf_seq_printf_btf", "5.10"},
    {151, "bpf_skb_cgroup_classid", "5.10"},
    {152, "bpf_redirect_neigh", "5.10"},
    {153, "bpf_per_cpu_ptr", "5.10"},
    {154, "bpf_this_cpu_ptr", "5.10"},
    {155, "bpf_redirect_peer", "5.10"},
    {156, "bpf_task_storage_get", "5.11"},
    {157, "bpf_task_storage_delete", "5.11"},
    {158, "bpf_get_current_task_btf", "5.11"},
    {159, "bpf_bprm_opts_set", "5.11"},
    {160, "bpf_ktime_get_coarse_ns", "5.11"},
    {161, "bpf_ima_inode_hash", "5.11"},
    {162, "bpf_sock_from_file", "5.11"},
    {163, "bpf_check_mtu", "5.12"},
    {164, "bpf_for_each_map_elem", "5.13"},
    {165, "bpf_snprintf", "5.13"},
    {166, "bpf_sys_bpf", "5.14"},
    {167, "bpf_btf_find_by_name_kind", "5.14"},
    {168, "bpf_sys_close", "5.14"},
    {169, "bpf_timer_init", "5.15"},
    {170, "bpf_timer_set_callback", "5.15"},
    {171, "bpf_timer_start", "5.15"},
    {172, "bpf_timer_cancel", "5.15"},
    {173, "bpf_get_func_ip", "5.15"},
    {174, "bpf_get_attach_cookie", "5.15"},
    {175, "bpf_task_pt_regs", "5.15"},
    {176, "bpf_get_branch_snapshot", "5.16"},
    {177, "bpf_trace_vprintk", "5.16"},
    {178, "bpf_skc_to_unix_sock", "5.16"},
    {179, "bpf_kallsyms_lookup_name", "5.16"},
    {180, "bpf_find_vma", "5.17"},
    {181, "bpf_loop", "5.17"},
    {182, "bpf_strncmp", "5.17"},
    {183, "bpf_get_func_arg", "5.17"},
    {184, "bpf_get_func_ret", "5.17"},
    {185, "bpf_get_func_arg_cnt", "5.17"},
    {186, "bpf_get_retval", "5.18"},
    {187, "bpf_set_retval", "5.18"},
    {188, "bpf_xdp_get_buff_len", "5.18"},
    {189, "bpf_xdp_load_bytes", "5.18"},
    {190, "bpf_xdp_store_bytes", "5.18"},
    {191, "bpf_copy_from_user_task", "5.18"},
    {192, "bpf_skb_set_tstamp", "5.18"},
    {193, "bpf_ima_file_hash", "5.18"},
    {194, "bpf_kptr_xchg", "5.19"},
    {195, "bpf_map_lookup_percpu_elem", "5.19"},
    {196, "bpf_skc_to_mptcp_sock", "5.19"},
    {197, "bpf_dynptr_from_mem", "5.19"},
    {198, "bpf_ringbuf_reserve_dynptr", "5.19"},
    {199, "bpf_ringbuf_submit_dynptr", "5.19"},
    {200, "bpf_ringbuf_discard_dynptr", "5.19"},
    {201, "bpf_dynptr_read", "5.19"},
    {202, "bpf_dynptr_write", "5.19"},
    {203, "bpf_dynptr_data", "5.19"},
    {204, "bpf_tcp_raw_gen_syncookie_ipv4", "6.0"},
    {205, "bpf_tcp_raw_gen_syncookie_ipv6", "6.0"},
    {206, "bpf_tcp_raw_check_syncookie_ipv4", "6.0"},
    {207, "bpf_tcp_raw_check_syncookie_ipv6", "6.0"},
    {208, "bpf_ktime_get_tai_ns", "6.1"},
    {209, "bpf_user_ringbuf_drain", "6.1"},
    {210, "bpf_cgrp_storage_get", "6.2"},
    {211, "bpf_cgrp_storage_delete", "6.2"},
}};
static_assert(helpers.back().id - helpers.front().id + 1 == helpers.size());

}  // namespace

std::span<const Helper> newer_helpers() {
  return helpers;
}

const Helper* find_newer_helper(std::uint32_t id) {
  const auto found =
      std::find_if(helpers.begin(), helpers.end(), [&](const Helper& helper) { return helper.id == id; });
  return found == helpers.end() ? nullptr : &*found;
}

namespace {

// Newer than the kernel headers of some distributions.
constexpr std::uint32_t program_type_netfilter = 32;

struct Since {
  std::uint32_t type;
  std::string_view name;
  std::string_view linux_version;
};
constexpr std::array<Since, 6> newer_types{{{BPF_PROG_TYPE_EXT, "ext (freplace)", "5.6"},
                                            {BPF_PROG_TYPE_STRUCT_OPS, "struct_ops", "5.6"},
                                            {BPF_PROG_TYPE_LSM, "lsm", "5.7"},
                                            {BPF_PROG_TYPE_SK_LOOKUP, "sk_lookup", "5.9"},
                                            {BPF_PROG_TYPE_SYSCALL, "syscall", "5.14"},
                                            {program_type_netfilter, "netfilter", "6.4"}}};

}  // namespace

std::string unsupported_maps(const bpf_object* object) {
  std::string hint;
  const bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) {
    // Every kernel has the older types. The kernel is asked about the others: it may have them whatever its
    // version is.
    const MapType& type = map_type(bpf_map__type(map));
    if (type.since.empty() || !bpf_map__autocreate(map)) continue;
    if (libbpf_probe_bpf_map_type(bpf_map__type(map), nullptr) != 0) continue;
    hint += fmt::format("{}the map \"{}\" is of type {}, which needs Linux {}", hint.empty() ? "" : "\n",
                        escape_for_terminal(bpf_map__name(map)), type.name, type.since);
  }
  return hint;
}

std::string unsupported_programs(const bpf_object* object) {
  std::string hint;
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object) {
    if (!bpf_program__autoload(program)) continue;
    for (const Since& known : newer_types) {
      // Only a definite "no" counts: libbpf may not know how to ask, or may not be allowed to.
      if (static_cast<std::uint32_t>(bpf_program__type(program)) != known.type ||
          libbpf_probe_bpf_prog_type(bpf_program__type(program), nullptr) != 0)
        continue;
      hint +=
          fmt::format("{}the program \"{}\" is of type {}, which needs Linux {}, built with support for it",
                      hint.empty() ? "" : "\n", escape_for_terminal(bpf_program__name(program)), known.name,
                      known.linux_version);
    }
  }
  return hint;
}

}  // namespace probe_run
