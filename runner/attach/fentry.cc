// Functions of the kernel and security hooks, with typed arguments; functions of other programs.
#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <fstream>

#include "attach/btf_target.h"
#include "attach/families.h"
#include "attach/refusal.h"
#include "support/error.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

std::string words(std::string_view type, const std::string& name) {
  return fmt::format("{}:{}", type, escape_for_terminal(name));
}

// fentry, fexit and fmod_ret differ in when the program runs, so the spec may choose among them.
template <class Point>
void prepare_function(bpf_program* program, const Point& point, bpf_attach_type type) {
  bpf_program__set_expected_attach_type(program, type);
  set_btf_target(program, describe_target(point), *point.function, KernelTarget::function);
}

Attachment attach_trampoline(bpf_program* program, std::string target) {
  LinkHandle link = attach_btf_target(program, target);
  return {std::move(target), std::move(link)};
}

// "" where the kernel does not say.
std::string active_security_modules() {
  std::ifstream file("/sys/kernel/security/lsm");
  std::string line;
  std::getline(file, line);
  return line;
}

Fd open_program(const bpf_program* program, const std::string& target, const std::string& name) {
  std::uint32_t id = 0;
  const auto [end, bad] = std::from_chars(name.data(), name.data() + name.size(), id);
  const bool is_id = bad == std::errc() && end == name.data() + name.size();
  Fd fd(is_id ? bpf_prog_get_fd_by_id(id) : bpf_obj_get(name.c_str()));
  if (fd) return fd;
  const int error = errno;
  const std::string shown = escape_for_terminal(name);
  if (!is_id && name.find('/') == std::string::npos) {
    refuse(program, target, fmt::format("\"{}\" is neither an id nor the path of a pinned program", shown),
           "`bpftool prog` lists the programs with their ids");
  }
  if (error == ENOENT) {
    refuse(program, target,
           is_id ? fmt::format("there is no BPF program with the id {}", id)
                 : fmt::format("nothing is pinned at {}", shown),
           "`bpftool prog` lists the programs with their ids");
  }
  refuse(program, target, error,
         fmt::format("{} must be a pinned program below a mounted bpffs, or an id", shown),
         is_id ? Capabilities{Capability::sys_admin} : Capabilities());
}

}  // namespace

std::string describe_target(const FentryAttach& point) {
  return words(FentryAttach::type, *point.function);
}
std::string describe_target(const FexitAttach& point) {
  return words(FexitAttach::type, *point.function);
}
std::string describe_target(const FmodRetAttach& point) {
  return words(FmodRetAttach::type, *point.function);
}
std::string describe_target(const LsmAttach& point) {
  return words(LsmAttach::type, *point.hook);
}
std::string describe_target(const FreplaceAttach& point) {
  return fmt::format("freplace:{}:{}", escape_for_terminal(*point.program),
                     escape_for_terminal(*point.function));
}

Fd prepare_for(bpf_program* program, const FentryAttach& point) {
  prepare_function(program, point, BPF_TRACE_FENTRY);
  return {};
}
Fd prepare_for(bpf_program* program, const FexitAttach& point) {
  prepare_function(program, point, BPF_TRACE_FEXIT);
  return {};
}
Fd prepare_for(bpf_program* program, const FmodRetAttach& point) {
  prepare_function(program, point, BPF_MODIFY_RETURN);
  return {};
}
Fd prepare_for(bpf_program* program, const LsmAttach& point) {
  set_btf_target(program, describe_target(point), *point.hook, KernelTarget::security_hook);
  return {};
}

Fd prepare_for(bpf_program* program, const FreplaceAttach& point) {
  const std::string target = describe_target(point);
  Fd other = open_program(program, target, *point.program);
  const int error = -bpf_program__set_attach_target(program, other.get(), point.function->c_str());
  if (error == 0) return other;  // libbpf names it by this number when it loads
  const bool is_missing = error == ENOENT || error == ESRCH;
  const std::vector<std::string> functions = program_functions(other.get());
  std::string hint =
      is_missing ? suggestion(*point.function, views(functions), "its functions") : std::string();
  if (hint.empty()) hint = "the function must be global, in a program that was compiled with BTF (-g)";
  refuse(program, target, is_missing ? "that program has no such function" : errno_text(error),
         std::move(hint));
}

Attachment attach_to(bpf_program* program, const FentryAttach& point) {
  return attach_trampoline(program, describe_target(point));
}
Attachment attach_to(bpf_program* program, const FexitAttach& point) {
  return attach_trampoline(program, describe_target(point));
}
Attachment attach_to(bpf_program* program, const FmodRetAttach& point) {
  return attach_trampoline(program, describe_target(point));
}

Attachment attach_to(bpf_program* program, const LsmAttach& point) {
  Attachment attachment = attach_trampoline(program, describe_target(point));
  const std::string modules = active_security_modules();
  if (!modules.empty() && fmt::format(",{},", modules).find(",bpf,") == std::string::npos) {
    attachment.warning = fmt::format(
        "{}: it will never be called, because bpf is not among this kernel's security modules ({}); boot "
        "with lsm={},bpf",
        attachment.description, escape_for_terminal(modules), escape_for_terminal(modules));
  }
  return attachment;
}

Attachment attach_to(bpf_program* program, const FreplaceAttach& point) {
  return attach_trampoline(program, describe_target(point));
}

}  // namespace probe_run
