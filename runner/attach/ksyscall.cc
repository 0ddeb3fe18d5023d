// Entry and return of system calls, at the kernel's functions for them, whatever this machine calls those.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "attach/families.h"
#include "attach/perf_probe.h"
#include "attach/refusal.h"
#include "attach/symbol_search.h"
#include "attach/system_call_prefix.h"
#include "host/kallsyms.h"
#include "object/zeroed_options.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

std::string near_system_calls(const std::string& name) {
  std::vector<std::string> names;
  read_kallsyms(kallsyms_path, [&](const KallsymsLine& line) {
    if (line.is_function() && line.name.starts_with(system_call_prefix))
      names.emplace_back(line.name.substr(system_call_prefix.size()));
  });
  const std::string_view near = nearest(name, views(names));
  // "__x64_sys_openat" and "sys_openat" are the kernel's names of the function.
  for (const std::string_view begin : {system_call_prefix, std::string_view("sys_")}) {
    const std::string_view bare = std::string_view(name).substr(std::min(begin.size(), name.size()));
    if (name.starts_with(begin) && std::find(names.begin(), names.end(), bare) != names.end())
      return fmt::format("a system call goes by its own name here: \"{}\"", escape_for_terminal(bare));
  }
  if (!near.empty()) return fmt::format("did you mean \"{}\"?", escape_for_terminal(near));
  return "the names are those of man syscalls: openat, execve";
}

Attachment attach_system_call(bpf_program* program, std::string target, const std::string& name,
                              bool at_return) {
  require_kprobes(program, target);
  auto options = zeroed_options<bpf_ksyscall_opts>();
  options.retprobe = at_return;
  LinkHandle link(bpf_program__attach_ksyscall(program, name.c_str(), &options));
  if (link) return {std::move(target), std::move(link)};
  const int error = errno;
  if (error == ENOENT || error == EADDRNOTAVAIL || error == EINVAL || error == ESRCH) {
    refuse(program, target, "this kernel has no such system call", near_system_calls(name));
  }
  refuse(program, target, error, "the kernel's log (dmesg) may say more");
}

}  // namespace

std::string describe_target(const KsyscallAttach& point) {
  return fmt::format("ksyscall:{}", escape_for_terminal(*point.syscall));
}
std::string describe_target(const KretsyscallAttach& point) {
  return fmt::format("kretsyscall:{}", escape_for_terminal(*point.syscall));
}

Attachment attach_to(bpf_program* program, const KsyscallAttach& point) {
  return attach_system_call(program, describe_target(point), *point.syscall, false);
}
Attachment attach_to(bpf_program* program, const KretsyscallAttach& point) {
  return attach_system_call(program, describe_target(point), *point.syscall, true);
}

}  // namespace probe_run
