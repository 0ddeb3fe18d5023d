#include "object/load_error.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/utsname.h>

#include <cerrno>
#include <charconv>
#include <fstream>
#include <memory>
#include <vector>

#include "object/core_relocation.h"
#include "object/load_causes.h"
#include "object/load_log.h"
#include "object/verifier_log.h"
#include "support/error.h"
#include "support/fd.h"
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
      "this process may lock {} KiB of memory, and before Linux 5.11 maps and programs count as such: raise "
      "the limit (ulimit -l unlimited, as root), or grant CAP_SYS_RESOURCE",
      *surroundings.lockable_memory / 1024);
}

std::string map_cause(std::string_view map, int error, const LoadSurroundings& surroundings) {
  if (map.empty()) return {};
  if (error == -EPERM) return memory_cause(surroundings);
  if (error == -ENOMEM || error == -E2BIG) {
    return fmt::format(
        "the map \"{}\" takes more memory than the kernel gives: \"max_entries\" of the map in the "
        "spec makes it smaller",
        escape_for_terminal(map));
  }
  if (error == -EINVAL) {
    return fmt::format(
        "the type of the map \"{}\" does not go with the sizes of its keys and values, its "
        "max_entries or its flags",
        escape_for_terminal(map));
  }
  return {};
}

// Who forbids, where no capability lacks.
std::string forbidden_cause(const LoadLog& log, const std::string& lockdown) {
  std::string hint =
      "the kernel forbids BPF to this process, though it has the capabilities: a container, a seccomp filter "
      "or a security module may be the cause";
  if (!log.program.empty()) {
    hint = fmt::format(
        "the kernel forbids the program \"{}\" to this process, though it has the capabilities: a container, "
        "a "
        "seccomp filter or a security module may be the cause, or that this kernel allows no BPF trampolines "
        "(fentry, fexit, fmod_ret, lsm)",
        escape_for_terminal(log.program));
  }
  if (!lockdown.empty() && lockdown.find("[none]") == std::string::npos)
    hint += fmt::format("; lockdown is {}", lockdown);
  return hint;
}

// Helpers that read the kernel's memory are not there in the strict mode.
std::string lockdown_cause(const LoadLog& log, const std::string& lockdown) {
  if (!log.says("bpf_probe_read") && !log.says("bpf_probe_write_user")) return {};
  if (!log.says("unknown func ") && !log.says("program of this type cannot use helper ")) return {};
  if (lockdown.find("[confidentiality]") == std::string::npos) return {};
  return fmt::format(
      "the kernel is locked down ({}), so no program may read its memory: boot without "
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

// The error's number is the kernel's only where it was asked; EACCES from the verifier is no matter of
// permission.
std::string reason(int error, const LoadLog& log) {
  if (!log.verifier.empty()) return "its verifier found a fault";
  if (error == -ESRCH || log.says("extern ") || log.says("system Kconfig"))
    return "it names what is not there";
  return errno_text(error);
}

// Where no cause is known, libbpf's own words.
std::string libbpf_words(const LoadLog& log) {
  std::string text;
  bool in_types = false;  // which libbpf shows whole where the kernel does not like them
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

// Which ended with Linux 5.11.
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

// What this process may not do.
std::string permission_cause(Capabilities needed, const LoadSurroundings& surroundings) {
  if (!surroundings.in_user_namespace)
    return missing_capabilities(needed, surroundings.have, surroundings.executable);
  if (!surroundings.has_token) {
    return "this process is in a user namespace, whose capabilities do not count for BPF: run it outside of "
           "it, or let root delegate BPF to the namespace and name the bpffs (\"token\" of the spec)";
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
  const std::string what = fmt::format("the kernel refused {}: {}", subject(object, log), reason(error, log));
  // Whom the verifier judged may load programs; unless it says that it is stricter with some.
  const bool judged = !log.verifier.empty();
  const bool stricter = log.says("prohibited") || log.says("leaks addr");
  if ((!judged && (error == -EPERM || error == -EACCES)) || stricter) {
    if (stricter) needed.add(Capability::perfmon);
    const std::string hint = permission_cause(needed, surroundings);
    if (!hint.empty()) return {what, hint, std::string(log.program)};
  }
  std::string hint = known_cause;
  if (error == -EMFILE) hint = descriptor_limit_hint();
  if (hint.empty()) hint = core_cause(log, surroundings.kernel_types);
  if (hint.empty()) hint = lockdown_cause(log, surroundings.lockdown);
  if (hint.empty()) hint = map_cause(failed_map(log), error, surroundings);
  // libbpf makes no map of global variables where it was refused the memory to find out whether it could.
  if (hint.empty() && log.says("is referenced but wasn't created")) hint = memory_cause(surroundings);
  if (hint.empty()) hint = likely_cause(log);
  if (hint.empty() && error == -EPERM) {
    hint = memory_cause(surroundings);
    if (!hint.empty()) hint += "\nif that changes nothing: ";
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
  surroundings.in_user_namespace = in_user_namespace();
  surroundings.has_token = not_delegated.has_value();
  surroundings.not_delegated = not_delegated.value_or("");
  surroundings.have = Capabilities::effective();
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
