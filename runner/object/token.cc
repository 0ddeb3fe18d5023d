#include "object/token.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

#include "object/libbpf.h"
#include "support/fd.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// The bit of a number in an option.
constexpr std::uint64_t bit(unsigned number) {
  return number < 64 ? std::uint64_t{1} << number : 0;
}

// The bpf(2) commands that use a token while an object is loaded.
std::string command_name(unsigned command) {
  switch (command) {
    case BPF_MAP_CREATE:
      return "map_create";
    case BPF_PROG_LOAD:
      return "prog_load";
    case BPF_BTF_LOAD:
      return "btf_load";
    default:
      return {};
  }
}

std::string program_name(unsigned type) {
  const char* const name = libbpf_bpf_prog_type_str(static_cast<bpf_prog_type>(type));
  return name == nullptr ? "" : name;
}

std::string attach_name(unsigned type) {
  const char* const name = libbpf_bpf_attach_type_str(static_cast<bpf_attach_type>(type));
  return name == nullptr ? "" : name;
}

std::string map_name(unsigned type) {
  const char* const name = libbpf_bpf_map_type_str(static_cast<bpf_map_type>(type));
  return name == nullptr ? "" : name;
}

using Name = std::string (*)(unsigned);

// In the form of the kernel's mount options; a number without a name is a mask.
std::vector<std::string> names(std::uint64_t bits, Name name) {
  std::vector<std::string> found;
  for (unsigned number = 0; number < 64; ++number) {
    if ((bits & bit(number)) == 0) continue;
    std::string known = name(number);
    found.push_back(known.empty() ? fmt::format("{:#x}", bit(number)) : std::move(known));
  }
  return found;
}

std::string option(const char* key, std::uint64_t bits, Name name) {
  return bits == 0 ? std::string() : fmt::format("{}={}", key, fmt::join(names(bits, name), ":"));
}

std::uint64_t field(std::string_view fdinfo, std::string_view name) {
  const std::size_t at = fdinfo.find(name);
  if (at == std::string_view::npos) return 0;
  std::istringstream rest{std::string(fdinfo.substr(at + name.size()))};
  std::string value;
  rest >> value;
  return value == "any" ? ~std::uint64_t{0} : std::strtoull(value.c_str(), nullptr, 16);
}

#if LIBBPF_MAJOR_VERSION > 1 || LIBBPF_MINOR_VERSION >= 4

// A kernel without tokens does not have the command; one with tokens reports a bad descriptor.
bool kernel_has_tokens() {
  const Fd token(bpf_token_create(-1, nullptr));
  return errno == EBADF;
}

int make_token(int directory) {
  return bpf_token_create(directory, nullptr);
}

#else

bool kernel_has_tokens() {
  return false;
}

int make_token(int) {
  errno = EOPNOTSUPP;
  return -1;
}

#endif

}  // namespace

std::string Delegation::options() const {
  std::vector<std::string> all;
  for (std::string text :
       {option("delegate_cmds", cmds, command_name), option("delegate_maps", maps, map_name),
        option("delegate_progs", progs, program_name), option("delegate_attachs", attachs, attach_name)}) {
    if (!text.empty()) all.push_back(std::move(text));
  }
  return fmt::format("{}", fmt::join(all, ","));
}

Delegation needed_delegation(const bpf_object* object) {
  // libbpf probes the kernel with programs of this type and its first attach type; if these fail, it assumes that the
  // kernel has no BPF.
  Delegation needed{bit(BPF_PROG_LOAD), 0, bit(BPF_PROG_TYPE_SOCKET_FILTER), bit(BPF_CGROUP_INET_INGRESS)};
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object) {
    if (!bpf_program__autoload(program)) continue;
    needed.progs |= bit(bpf_program__type(program));
    needed.attachs |= bit(bpf_program__expected_attach_type(program));
  }
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) {
    if (!bpf_map__autocreate(map)) continue;
    needed.cmds |= bit(BPF_MAP_CREATE);
    needed.maps |= bit(bpf_map__type(map));
    if (const bpf_map* const inner = bpf_map__inner_map(map)) needed.maps |= bit(bpf_map__type(inner));
  }
  if (bpf_object__btf(object) != nullptr) needed.cmds |= bit(BPF_BTF_LOAD);
  return needed;
}

Delegation read_delegation(std::string_view fdinfo) {
  return {field(fdinfo, "allowed_cmds:"), field(fdinfo, "allowed_maps:"), field(fdinfo, "allowed_progs:"),
          field(fdinfo, "allowed_attachs:")};
}

std::string missing_delegation(const Delegation& needed, const Delegation& allowed) {
  std::vector<std::string> missing;
  const auto look = [&](const char* what, std::uint64_t need, std::uint64_t allow, Name name) {
    const std::vector<std::string> lacking = names(need & ~allow, name);
    if (lacking.empty()) return;
    missing.push_back(fmt::format("the {}{} {}", what, lacking.size() > 1 ? "s" : "", join(views(lacking))));
  };
  look("command", needed.cmds, allowed.cmds, command_name);
  look("map type", needed.maps, allowed.maps, map_name);
  look("program type", needed.progs, allowed.progs, program_name);
  look("attach type", needed.attachs, allowed.attachs, attach_name);
  if (missing.empty()) return {};
  return fmt::format(
      "the bpffs of the token does not delegate {}: root must mount it for this object with {}",
      fmt::join(missing, "; "), needed.options());
}

Error token_error(const std::string& directory, const Delegation& needed,
                  const TokenSurroundings& surroundings) {
  const auto because = [&](std::string_view why, std::string hint) {
    return Error(fmt::format("cannot create a BPF token from {}: {}", escape_for_terminal(directory), why),
                 std::move(hint));
  };
  const int error = surroundings.error;
  const std::string mount_one = fmt::format(
      "\"token\" must be a bpffs that root has mounted for this user namespace: for this object with {}",
      needed.options());
  if (!surroundings.opened)
    return because(error == ENOENT ? "the directory does not exist" : errno_text(error), mount_one);
  if (!surroundings.is_bpffs) return because("it is not a bpffs", mount_one);
  if (!surroundings.kernel_has_tokens)
    return because("this kernel has no BPF tokens", "tokens need Linux 6.9");
  if (!surroundings.in_user_namespace) {
    return because("this process is not in a user namespace",
                   "outside a user namespace capabilities count: remove \"token\" and run with capabilities");
  }
  if (error == ENOENT) return because("this bpffs delegates nothing", mount_one);
  if (error == EINVAL) {
    return because("it is a directory inside a bpffs",
                   "\"token\" must be the mount point of the bpffs, not a directory in it");
  }
  if (error == EPERM && !surroundings.have.has(Capability::bpf))
    return because(errno_text(error), missing_in_user_namespace({Capability::bpf}, surroundings.have));
  if (error == EPERM) {
    return because(
        "this bpffs belongs to another user namespace",
        "a bpffs belongs to the user namespace that called fsopen: call it in the namespace of probe-run");
  }
  return because(errno_text(error), {});
}

void check_token(const std::string& directory, const Delegation& needed) {
  const Fd opened(::open(directory.c_str(), O_DIRECTORY | O_CLOEXEC));
  TokenSurroundings surroundings;
  surroundings.error = errno;
  surroundings.opened = static_cast<bool>(opened);
  if (opened) {
    const Fd token(make_token(opened.get()));
    surroundings.error = errno;
    if (token) return;
    struct statfs info {};
    surroundings.is_bpffs = ::fstatfs(opened.get(), &info) == 0 && info.f_type == BPF_FS_MAGIC;
    surroundings.kernel_has_tokens = kernel_has_tokens();
    surroundings.in_user_namespace = in_user_namespace();
    surroundings.have = Capabilities::held();
  }
  throw token_error(directory, needed, surroundings);
}

int token_of([[maybe_unused]] const bpf_object* object) {
#if LIBBPF_MAJOR_VERSION > 1 || LIBBPF_MINOR_VERSION >= 4
  const int token = bpf_object__token_fd(object);
  return token > 0 ? token : -1;
#else
  return -1;
#endif
}

std::string missing_delegation(const bpf_object* object) {
  const int token = token_of(object);
  if (token < 0) return {};
  std::ostringstream text;
  text << std::ifstream(fmt::format("/proc/self/fdinfo/{}", token)).rdbuf();
  return missing_delegation(needed_delegation(object), read_delegation(text.str()));
}

}  // namespace probe_run
