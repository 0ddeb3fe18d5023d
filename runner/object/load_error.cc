#include "object/load_error.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <fstream>
#include <memory>
#include <vector>

#include "object/core_relocation.h"
#include "object/load_causes.h"
#include "object/load_log.h"
#include "object/verifier_log.h"
#include "support/descriptors.h"
#include "support/error.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

struct FreeBtf {
  void operator()(btf* types) const { btf__free(types); }
};

std::string line_of(const char* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return escape_for_terminal(line);
}

// "huge" of "map 'huge': failed to create: Cannot allocate memory(-12)"
std::string_view failed_map(const LoadLog& log) {
  constexpr std::string_view begin = "map '";
  for (std::string_view line : log.libbpf) {
    if (!line.starts_with(begin) || line.find("': failed to create") == std::string_view::npos) continue;
    line.remove_prefix(begin.size());
    return line.substr(0, line.find('\''));
  }
  return {};
}

std::string core_cause(const LoadLog& log, const btf* kernel_types) {
  for (const std::string_view line : log.verifier) {
    if (const std::optional<CoreRelocation> sought = parse_core_relocation(line))
      return explain_core_relocation(*sought, kernel_types);
  }
  return {};
}

// Before Linux 5.11 maps and programs are locked memory, of which a process may have little.
std::string memory_cause(const LoadSurroundings& surroundings) {
  if (!surroundings.lockable_memory || surroundings.have.has(Capability::sys_resource)) return {};
  return fmt::format(
      "this process can lock {} KiB of memory, and before Linux 5.11 maps and programs count as locked "
      "memory: raise the limit (ulimit -l unlimited, as root), or grant CAP_SYS_RESOURCE",
      *surroundings.lockable_memory / 1024);
}

std::string map_cause(std::string_view map, int error, const LoadSurroundings& surroundings) {
  if (map.empty()) return {};
  if (error == -EPERM) return memory_cause(surroundings);
  if (error == -ENOMEM || error == -E2BIG) {
    return fmt::format(
        "the map \"{}\" needs more memory than the kernel can allocate: set a smaller \"max_entries\" for it "
        "in the spec",
        escape_for_terminal(map));
  }
  if (error == -EINVAL) {
    return fmt::format(
        "the map \"{}\" has a key size, value size, max_entries or flags that its type does not allow",
        escape_for_terminal(map));
  }
  return {};
}

// What may forbid it if no capability is missing.
std::string forbidden_cause(const LoadLog& log, const std::string& lockdown) {
  std::string hint =
      "the kernel does not allow this process to use BPF, although it has the capabilities: check for a "
      "container, a seccomp filter or a security module";
  if (!log.program.empty()) {
    hint = fmt::format(
        "the kernel does not allow the program \"{}\", although this process has the capabilities: check for "
        "a container, a seccomp filter or a security module; this kernel may also not support BPF "
        "trampolines (fentry, fexit, fmod_ret, lsm)",
        escape_for_terminal(log.program));
  }
  if (!lockdown.empty() && lockdown.find("[none]") == std::string::npos)
    hint += fmt::format("; lockdown is {}", lockdown);
  return hint;
}

// In the mode "confidentiality" the helpers that read kernel memory do not exist.
std::string lockdown_cause(const LoadLog& log, const std::string& lockdown) {
  if (!log.says("bpf_probe_read") && !log.says("bpf_probe_write_user")) return {};
  if (!log.says("unknown func ") && !log.says("program of this type cannot use helper ")) return {};
  if (lockdown.find("[confidentiality]") == std::string::npos) return {};
  return fmt::format(
      "the kernel is locked down ({}), so programs cannot read kernel memory: boot without "
      "lockdown=confidentiality",
      lockdown);
}

std::string subject(const std::string& object, const LoadLog& log) {
  std::string file = escape_for_terminal(object);
  if (!log.program.empty())
    return fmt::format("the program \"{}\" of {}", escape_for_terminal(log.program), file);
  if (const std::string_view map = failed_map(log); !map.empty())
    return fmt::format("the map \"{}\" of {}", escape_for_terminal(map), file);
  return file;
}

// The errno is the kernel's only if libbpf got as far as asking it; EACCES from the verifier is not about permission.
std::string reason(int error, const LoadLog& log) {
  if (!log.verifier.empty()) return "the verifier rejected it";
  if (error == -ESRCH || log.says("extern ") || log.says("system Kconfig"))
    return "it refers to something that does not exist here";
  return errno_text(error);
}

// libbpf's own messages, if no cause is known.
std::string libbpf_words(const LoadLog& log) {
  std::string text;
  bool in_types = false;  // libbpf prints all of the BTF if the kernel rejects it
  for (const std::string_view line : log.libbpf) {
    if (line.find("-- BEGIN BTF LOAD LOG --") != std::string_view::npos) in_types = true;
    if (line.find("-- END BTF LOAD LOG --") != std::string_view::npos) {
      in_types = false;
      continue;
    }
    if (in_types || line.starts_with("failed to load object") ||
        line.find(": failed to load: ") != line.npos || line.find("BPF program load failed") != line.npos ||
        line.find("try raising 'ulimit -l'") != line.npos || line.ends_with("Retrying without BTF.") ||
        line.starts_with("BTF loading error") || line.ends_with("BTF is optional, ignoring."))
      continue;
    text += fmt::format("{}{}", text.empty() ? "" : "\n", escape_for_terminal(line));
  }
  return text;
}

// Before Linux 5.11 the memory of maps and programs counted against RLIMIT_MEMLOCK.
bool maps_are_locked_memory() {
  utsname system{};
  if (::uname(&system) != 0) return false;
  const std::string_view release = system.release;  // "5.10.0-46-amd64"
  unsigned major = 0, minor = 0;
  const char* const end = release.data() + release.size();
  const auto [dot, bad] = std::from_chars(release.data(), end, major);
  if (bad != std::errc() || dot == end || *dot != '.') return false;
  if (std::from_chars(dot + 1, end, minor).ec != std::errc()) return false;
  return major < 5 || (major == 5 && minor < 11);
}

void append(std::string& hint, const std::string& text) {
  if (text.empty()) return;
  if (!hint.empty()) hint += '\n';
  hint += text;
}

// The permissions that this process does not have.
std::string permission_cause(Capabilities needed, const LoadSurroundings& surroundings) {
  if (!surroundings.in_user_namespace && surroundings.is_root)
    return missing_for_root(needed, surroundings.have);
  if (!surroundings.in_user_namespace)
    return missing_capabilities(needed, surroundings.have, surroundings.executable);
  if (!surroundings.has_token) {
    return "this process is in a user namespace, whose capabilities do not count for BPF: run it outside the "
           "namespace, or let root delegate BPF to the namespace and give the bpffs as \"token\" in the spec";
  }
  std::string hint = missing_in_user_namespace(needed, surroundings.have);
  append(hint, surroundings.not_delegated);
  return hint;
}

}  // namespace

std::string escape_lines(std::string_view text) {
  std::string result;
  for (const std::string_view line : log_lines(text)) append(result, escape_for_terminal(line));
  return result;
}

std::string failed_program(std::string_view log) {
  return std::string(read_load_log(log).program);
}

LoadError load_error(const std::string& object, int error, std::string_view text, Capabilities needed,
                     const std::string& known_cause, const LoadSurroundings& surroundings) {
  const LoadLog log = read_load_log(text);
  if (error == -EMFILE) {
    return {fmt::format("the kernel refused {}: {}", subject(object, log), errno_text(error)),
            descriptor_limit_hint(), std::string(log.program)};
  }
  const std::string what = fmt::format("the kernel refused {}: {}", subject(object, log), reason(error, log));
  // If the verifier ran, the process may load programs, unless its rules are stricter for some processes.
  const bool judged = !log.verifier.empty();
  const bool stricter = log.says("prohibited") || log.says("leaks addr");
  if ((!judged && (error == -EPERM || error == -EACCES)) || stricter) {
    if (stricter) needed.add(Capability::perfmon);
    const std::string hint = permission_cause(needed, surroundings);
    if (!hint.empty()) return {what, hint, std::string(log.program)};
  }
  std::string hint = known_cause;
  if (hint.empty()) hint = core_cause(log, surroundings.kernel_types);
  if (hint.empty()) hint = lockdown_cause(log, surroundings.lockdown);
  if (hint.empty()) hint = map_cause(failed_map(log), error, surroundings);
  // libbpf creates no map for global variables if its test for them failed for lack of memory.
  if (hint.empty() && log.says("is referenced but wasn't created")) hint = memory_cause(surroundings);
  if (hint.empty()) hint = likely_cause(log);
  if (hint.empty() && error == -EPERM) {
    hint = memory_cause(surroundings);
    if (!hint.empty()) hint += "\nif that does not help: ";
    hint += forbidden_cause(log, surroundings.lockdown);
  }
  append(hint, surroundings.not_delegated);
  if (judged) {
    append(hint, verifier_excerpt(log));
  } else if (hint.empty()) {
    hint = libbpf_words(log);
  }
  return {what, std::move(hint), std::string(log.program)};
}

void throw_load_error(const std::string& object, int error, std::string_view log, Capabilities needed,
                      const std::string& known_cause, const std::optional<std::string>& not_delegated) {
  LoadSurroundings surroundings;
  surroundings.is_root = ::geteuid() == 0;
  surroundings.in_user_namespace = in_user_namespace();
  surroundings.has_token = not_delegated.has_value();
  surroundings.not_delegated = not_delegated.value_or("");
  surroundings.have = Capabilities::held();
  surroundings.executable = own_executable();
  surroundings.lockdown = line_of("/sys/kernel/security/lockdown");
  rlimit limit{};
  if (maps_are_locked_memory() && ::getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
    surroundings.lockable_memory = limit.rlim_cur;
  const std::unique_ptr<btf, FreeBtf> types(btf__load_vmlinux_btf());
  surroundings.kernel_types = types.get();
  throw load_error(object, error, log, needed, known_cause, surroundings);
}

}  // namespace probe_run
