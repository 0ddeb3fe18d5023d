// Tracepoints with the arguments in their format files.
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/bpf.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "attach/define_attach_type.h"
#include "attach/refusal.h"
#include "listing/event_format.h"
#include "listing/search.h"
#include "listing/tracefs.h"
#include "support/error.h"
#include "support/rights.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

std::string in_quotes(const std::vector<std::string>& names) {
  return fmt::format("\"{}\"", escape_for_terminal(join(views(names), "\", \"")));
}

std::string missing_hint(const std::string& tracefs, const TracepointAttach& point) {
  if (is_tracefs_path(*point.category) || is_tracefs_path(*point.name)) {
    return "give category and name separately: \"category\": \"syscalls\", \"name\": \"sys_enter_execve\"";
  }
  const std::vector<std::string> elsewhere = categories_with(tracefs, *point.name);
  if (!elsewhere.empty()) {
    return fmt::format("\"{}\" is in the category {}", escape_for_terminal(*point.name),
                       in_quotes(elsewhere));
  }
  const std::vector<std::string> names = tracepoints_of(tracefs, *point.category);
  if (names.empty()) {
    const std::vector<std::string> categories = tracepoint_categories(tracefs);
    const std::string hint = suggestion(*point.category, views(categories), {});
    if (!hint.empty())
      return fmt::format("category \"{}\" is not found; {}", escape_for_terminal(*point.category), hint);
    return fmt::format("category \"{}\" is not found; see the directories in {}/events",
                       escape_for_terminal(*point.category), tracefs);
  }
  return suggestion(*point.name, views(names),
                    fmt::format("tracepoints of {}", escape_for_terminal(*point.category)));
}

std::string describe_target(const TracepointAttach& point) {
  return fmt::format("tracepoint:{}:{}", escape_for_terminal(*point.category),
                     escape_for_terminal(*point.name));
}

Attachment attach_to(bpf_program* program, const TracepointAttach& point) {
  const std::string target = describe_target(point);
  const std::string tracefs = tracefs_path();
  const std::string id = fmt::format("{}/events/{}/{}/id", tracefs, *point.category, *point.name);
  const bool is_named = !is_tracefs_path(*point.category) && !is_tracefs_path(*point.name);
  const InForce raised = raise_rights(kernel_file_rights);  // libbpf reads the file, too
  // Checks with the rights that are in force.
  const int error = is_named && ::faccessat(AT_FDCWD, id.c_str(), R_OK, AT_EACCESS) != 0 ? errno : 0;
  if (!is_named || error == ENOENT || error == ENOTDIR) {
    refuse(program, target, "this kernel has no such tracepoint", missing_hint(tracefs, point));
  }
  if (error != 0 && in_user_namespace()) {
    refuse(program, target, fmt::format("cannot read {}: {}", escape_for_terminal(id), errno_text(error)),
           permission_hint(needed_capabilities(BPF_PROG_TYPE_TRACEPOINT)));
  }
  if (error != 0) {
    Capabilities needed = needed_capabilities(BPF_PROG_TYPE_TRACEPOINT);
    needed.add(Capability::dac_read_search);
    const std::string missing = missing_capabilities(needed);
    refuse(
        program, target, fmt::format("cannot read {}: {}", escape_for_terminal(id), errno_text(error)),
        fmt::format(
            "only root may read tracefs as it is mounted; to let other users read it, run as root: mount -o "
            "remount,mode=755 {}{}{}",
            tracefs, missing.empty() ? "" : "; or ", missing));
  }
  LinkHandle link(bpf_program__attach_tracepoint(program, point.category->c_str(), point.name->c_str()));
  if (!link) refuse(program, target, errno, {});
  return {target, std::move(link)};
}

void list_tracepoints(Search& search) {
  const std::string_view by_category = search.pattern().target();
  search.machine().each_event([&](std::string_view event, std::string_view category, std::string_view name) {
    // Matches "sched_switch" alone, and "sched" for all of its events.
    if (!search.wants(event) && !search.wants(name) && by_category != category) return;
    Place& place = search.add(std::string(event));
    if (!search.details()) return;
    place.attach = {{"category", std::string(category)}, {"name", std::string(name)}};
    const std::optional<std::string> format =
        search.machine().tracefs_file(fmt::format("events/{}/{}/format", category, name));
    if (format) place.signature = Signature{{}, event_fields(*format), false, {}, false};
  });
}

}  // namespace

template <>
struct AttachTypeOf<TracepointAttach> {
  static Section section() { return {"tracepoint", {BPF_PROG_TYPE_TRACEPOINT}}; }
  static constexpr LibbpfVersion libbpf = every_libbpf;
  static constexpr KernelVersion kernel = every_kernel;
  static constexpr std::string_view example = R"("category": "syscalls", "name": "sys_enter_openat")";
  static constexpr Company company = Company::any;
  static constexpr Pinning pinning = one_link;
  static constexpr Places places{list_tracepoints};
  static constexpr auto check = nothing_to_check;
  static constexpr auto prepare = nothing_to_prepare;
  static Attachment attach(BpfObject&, bpf_program* program, const TracepointAttach& point) {
    return attach_to(program, point);
  }
  static std::string describe(const TracepointAttach& point) { return describe_target(point); }
};
template AttachType attach_type_row<TracepointAttach>();

}  // namespace probe_run
