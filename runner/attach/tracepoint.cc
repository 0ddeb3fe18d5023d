// Tracepoints, with the arguments that their format declares or with raw ones.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "attach/families.h"
#include "attach/refusal.h"
#include "attach/tracefs.h"
#include "support/error.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// The system calls' own tracepoints hang from raw_syscalls:sys_enter and sys_exit, so no raw program can
// attach to them.
constexpr std::string_view system_calls = "syscalls";

bool is_path(std::string_view name) {
  return name.empty() || name.find('/') != std::string_view::npos || name.starts_with('.');
}

std::string in_quotes(const std::vector<std::string>& names) {
  return fmt::format("\"{}\"", escape_for_terminal(join(views(names), "\", \"")));
}

std::string missing_hint(const std::string& tracefs, const TracepointAttach& point) {
  if (is_path(*point.category) || is_path(*point.name)) {
    return "category and name are two keys: \"category\": \"syscalls\", \"name\": \"sys_enter_execve\"";
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
      return fmt::format("there is no category \"{}\"; {}", escape_for_terminal(*point.category), hint);
    return fmt::format("there is no category \"{}\"; see the folders in {}/events",
                       escape_for_terminal(*point.category), tracefs);
  }
  return suggestion(*point.name, views(names),
                    fmt::format("the tracepoints of {}", escape_for_terminal(*point.category)));
}

std::string missing_raw_hint(const std::string& name) {
  std::string tracefs;
  try {
    tracefs = tracefs_path();
  } catch (const Error&) {
    return "without tracefs the kernel's tracepoints cannot be listed: mount -t tracefs tracefs "
           "/sys/kernel/tracing";
  }
  std::vector<std::string> names;
  bool is_system_call = false;
  for (const std::string& category : tracepoint_categories(tracefs)) {
    std::vector<std::string> some = tracepoints_of(tracefs, category);
    if (category == system_calls) {
      is_system_call = std::find(some.begin(), some.end(), name) != some.end();
      continue;
    }
    names.insert(names.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
  }
  if (is_system_call) {
    return fmt::format(
        "it has no raw form: attach as {{\"type\": \"tracepoint\", \"category\": \"syscalls\", \"name\": "
        "\"{}\"}}, or to the raw_tracepoint \"{}\" for every system call",
        escape_for_terminal(name), name.starts_with("sys_exit") ? "sys_exit" : "sys_enter");
  }
  if (const std::size_t cut = name.find_first_of(":/"); cut != std::string::npos) {
    const std::string bare = name.substr(cut + 1);
    if (std::find(names.begin(), names.end(), bare) != names.end()) {
      return fmt::format("a raw tracepoint is named without its category: \"{}\"", escape_for_terminal(bare));
    }
  }
  const std::string hint = suggestion(name, views(names), {});
  return hint.empty() ? fmt::format("the names are those of the events in {}/events", tracefs) : hint;
}

}  // namespace

std::string describe_target(const TracepointAttach& point) {
  return fmt::format("tracepoint:{}:{}", escape_for_terminal(*point.category),
                     escape_for_terminal(*point.name));
}

std::string describe_target(const RawTracepointAttach& point) {
  return fmt::format("raw_tracepoint:{}", escape_for_terminal(*point.name));
}

Attachment attach_to(bpf_program* program, const TracepointAttach& point) {
  const std::string target = describe_target(point);
  const std::string tracefs = tracefs_path();
  const std::string id = fmt::format("{}/events/{}/{}/id", tracefs, *point.category, *point.name);
  const bool is_named = !is_path(*point.category) && !is_path(*point.name);
  // The effective user's rights count, which setcap may have extended.
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
    refuse(program, target, fmt::format("cannot read {}: {}", escape_for_terminal(id), errno_text(error)),
           fmt::format(
               "only root may read tracefs as it is mounted: as root, `mount -o remount,mode=755 {}` lets "
               "others{}{}",
               tracefs, missing.empty() ? "" : "; or ", missing));
  }
  LinkHandle link(bpf_program__attach_tracepoint(program, point.category->c_str(), point.name->c_str()));
  if (!link) refuse(program, target, errno, {});
  return {target, std::move(link)};
}

Attachment attach_to(bpf_program* program, const RawTracepointAttach& point) {
  const std::string target = describe_target(point);
  LinkHandle link(bpf_program__attach_raw_tracepoint(program, point.name->c_str()));
  if (link) return {target, std::move(link)};
  const int error = errno;
  if (error == ENOENT)
    refuse(program, target, "this kernel has no such tracepoint", missing_raw_hint(*point.name));
  refuse(program, target, error,
         error == EINVAL ? "the program may read more arguments than this tracepoint has" : std::string());
}

}  // namespace probe_run
