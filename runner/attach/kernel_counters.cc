#include "attach/kernel_counters.h"

#include <linux/bpf.h>

#include <cstddef>
#include <cstring>

namespace probe_run {
namespace {

// bpf_link_info of Linux 6.7, which is newer than the headers that this may be built with. A kernel that fills fewer
// bytes does not count.
struct PerfEventInfo {
  std::uint32_t kind, pad;
  std::uint64_t name;
  std::uint32_t name_length, offset;
  std::uint64_t address, missed;
};
struct KprobeMultiInfo {
  std::uint64_t addresses;
  std::uint32_t count, flags;
  std::uint64_t missed;
};
struct LinkInfo {
  std::uint32_t type, id, program, pad;
  union {
    PerfEventInfo perf_event;
    KprobeMultiInfo kprobe_multi;
  };
};
static_assert(sizeof(LinkInfo) == 56);

constexpr std::uint32_t type_perf_event = 7, type_kprobe_multi = 8;  // BPF_LINK_TYPE_*
constexpr std::uint32_t kind_kprobe = 3, kind_kretprobe = 4;         // BPF_PERF_EVENT_*
constexpr std::uint32_t flag_return = 1;                             // BPF_F_KPROBE_MULTI_RETURN

std::optional<LinkInfo> link_info(const Link& link) noexcept {
  LinkInfo info;
  std::memset(&info, 0, sizeof info);  // no buffers for names and addresses
  std::uint32_t size = sizeof info;
  const int fd = descriptor_of(link);
  if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &size) != 0 || size < sizeof info) return std::nullopt;
  return info;
}

}  // namespace

bool kernel_counts_missed_calls(const Link& link) noexcept {
  return link_info(link).has_value();
}

std::optional<MissedCalls> missed_calls(const Link& link) noexcept {
  const std::optional<LinkInfo> info = link_info(link);
  if (!info) return std::nullopt;
  if (info->type == type_kprobe_multi)
    return MissedCalls{info->kprobe_multi.missed, (info->kprobe_multi.flags & flag_return) != 0};
  const std::uint32_t kind = info->perf_event.kind;
  if (info->type == type_perf_event && (kind == kind_kprobe || kind == kind_kretprobe))
    return MissedCalls{info->perf_event.missed, kind == kind_kretprobe};
  return std::nullopt;
}

ProgramCounters read_counters(const BpfObject& object, const std::string& program) noexcept {
  const int fd = bpf_program__fd(object.program(program));
  bpf_prog_info info;
  std::memset(&info, 0, sizeof info);
  std::uint32_t size = sizeof info;
  if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &size) != 0) return {};
  ProgramCounters counters;
  if (size >= offsetof(bpf_prog_info, recursion_misses) + sizeof info.recursion_misses)
    counters.recursion_misses = info.recursion_misses;
  if (info.run_cnt > 0) {
    counters.runs = info.run_cnt;
    counters.run_ns = info.run_time_ns;
  }
  return counters;
}

}  // namespace probe_run
