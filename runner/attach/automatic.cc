// Attaching as the program's own SEC() says.
#include <fmt/format.h>
#include <linux/bpf.h>

#include <cerrno>

#include "attach/define_attach_type.h"
#include "attach/perf_probe.h"
#include "attach/refusal.h"
#include "listing/tracefs.h"
#include "support/rights.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

std::string describe_target(const AutoAttach&) {
  return "the target in its SEC()";
}

// "tracepoint/sched/sched_switch": libbpf opens a file of these names.
bool leads_out_of_tracefs(std::string_view section) {
  const std::size_t category = section.find('/'), name = section.find('/', category + 1);
  if (category == std::string_view::npos || name == std::string_view::npos) return false;
  return is_tracefs_path(section.substr(category + 1, name - category - 1)) ||
         is_tracefs_path(section.substr(name + 1));
}

Attachment attach_to(bpf_program* program, const AutoAttach&) {
  const std::string_view section = bpf_program__section_name(program);
  const std::string target = fmt::format("SEC(\"{}\")", escape_for_terminal(section));
  const bool is_tracepoint = bpf_program__type(program) == BPF_PROG_TYPE_TRACEPOINT;
  if (is_tracepoint) {
    tracefs_path();  // libbpf looks for it, but does not mount it
    if (leads_out_of_tracefs(section))
      refuse(program, target, "it is not the name of a tracepoint", "SEC(\"tracepoint/CATEGORY/NAME\")");
  }
  for (const std::string_view prefix : {"kprobe/", "kretprobe/", "ksyscall/", "kretsyscall/"}) {
    if (section.starts_with(prefix)) require_kprobes(program, target);
  }
  // libbpf reads tracefs for tracepoints; for uprobes it reads files that the object names.
  const InForce raised = raise_rights(is_tracepoint ? kernel_file_rights : Capabilities());
  LinkHandle link(bpf_program__attach(program));
  if (link) return {target, std::move(link)};
  const int error = errno;
  if (error == EOPNOTSUPP || error == ENOTSUP || error == ESRCH || error == EINVAL) {
    refuse(program, target, fmt::format("the section does not name a valid target ({})", errno_text(error)),
           "name the target in the spec, such as \"attach\": {\"type\": \"xdp\", \"iface\": \"eth0\"}");
  }
  refuse(program, target, error,
         error == ENOENT
             ? "the target does not exist on this machine; give the attach type in the spec to get "
               "suggestions of similar names"
             : std::string());
}

}  // namespace

template <>
struct AttachTypeOf<AutoAttach> {
  static Section section() { return {"", {}}; }
  static constexpr LibbpfVersion libbpf = every_libbpf;
  static constexpr KernelVersion kernel = every_kernel;
  static constexpr std::string_view example = no_keys;
  static constexpr Company company = Company::any;
  static constexpr Pinning pinning = one_link;
  static constexpr Places places{nullptr, "the target is in the program's SEC(): see --describe"};
  static constexpr auto check = nothing_to_check;
  static constexpr auto prepare = nothing_to_prepare;
  static Attachment attach(BpfObject&, bpf_program* program, const AutoAttach& point) {
    return attach_to(program, point);
  }
  static std::string describe(const AutoAttach& point) { return describe_target(point); }
};
template AttachType attach_type_row<AutoAttach>();

}  // namespace probe_run
