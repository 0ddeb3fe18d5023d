// freplace: replaces functions of other BPF programs.
#include <fmt/format.h>
#include <linux/bpf.h>

#include <cerrno>
#include <charconv>

#include "attach/btf_target.h"
#include "attach/define_attach_type.h"
#include "attach/refusal.h"
#include "support/error.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

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
           "`bpftool prog` lists the programs and their ids");
  }
  if (error == ENOENT) {
    refuse(program, target,
           is_id ? fmt::format("no BPF program has the id {}", id)
                 : fmt::format("nothing is pinned at {}", shown),
           "`bpftool prog` lists the programs and their ids");
  }
  refuse(program, target, error, fmt::format("{} must be a program pinned in a bpffs, or an id", shown),
         is_id ? Capabilities{Capability::sys_admin} : Capabilities());
}

std::string describe_target(const FreplaceAttach& point) {
  return fmt::format("freplace:{}:{}", escape_for_terminal(*point.program),
                     escape_for_terminal(*point.function));
}

Fd prepare_for(bpf_program* program, const FreplaceAttach& point) {
  const std::string target = describe_target(point);
  Fd other = open_program(program, target, *point.program);
  const int error = -bpf_program__set_attach_target(program, other.get(), point.function->c_str());
  if (error == 0) return other;  // libbpf uses the descriptor at load
  const bool is_missing = error == ENOENT || error == ESRCH;
  const std::vector<std::string> functions = program_functions(other.get());
  std::string hint = is_missing ? suggestion(*point.function, views(functions), "functions") : std::string();
  if (hint.empty()) hint = "the function must be global, in a program compiled with BTF (-g)";
  refuse(program, target, is_missing ? "that program has no such function" : errno_text(error),
         std::move(hint));
}

Attachment attach_to(bpf_program* program, const FreplaceAttach& point) {
  std::string target = describe_target(point);
  LinkHandle link = attach_btf_target(program, target);
  return {std::move(target), std::move(link)};
}

}  // namespace

template <>
struct AttachTypeOf<FreplaceAttach> {
  static Section section() { return {"freplace", {BPF_PROG_TYPE_EXT}}; }
  static constexpr LibbpfVersion libbpf = every_libbpf;
  static constexpr KernelVersion kernel{5, 6};
  static constexpr std::string_view example = R"("program": "/sys/fs/bpf/filter", "function": "decide")";
  static constexpr Company company = Company::none;
  static constexpr Pinning pinning = one_link;
  static constexpr Places places{
      nullptr, "its targets are functions of loaded BPF programs: `bpftool prog` lists the programs"};
  static constexpr auto check = nothing_to_check;
  static Fd prepare(BpfObject&, bpf_program* program, const FreplaceAttach& point) {
    return prepare_for(program, point);
  }
  static Attachment attach(BpfObject&, bpf_program* program, const FreplaceAttach& point) {
    return attach_to(program, point);
  }
  static std::string describe(const FreplaceAttach& point) { return describe_target(point); }
};
template AttachType attach_type_row<FreplaceAttach>();

}  // namespace probe_run
