#include "object/load_causes.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <string_view>

#include "object/kernel_support.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// A message of the verifier or of libbpf, and what it means. The first row whose message occurs applies.
struct Cause {
  std::string_view said;
  std::string_view hint;
};
constexpr std::array<Cause, 46> causes{{
    {"invalid func unknown#195896080",
     "a CO-RE relocation failed: a type or field that the program uses is not in this kernel"},
    {"is not modifiable",
     "fmod_ret attaches to security hooks (security_...), and to functions that the kernel marks for error "
     "injection: /sys/kernel/debug/error_injection/list"},
    {"cannot be found",
     "the kernel's BTF describes the function, but it was inlined into its callers or its module was unloaded"},
    {"is not found in kernel BTF", "this kernel has no such struct_ops type, or its module is not loaded"},
    {"infinite loop detected", "the verifier cannot prove that a loop ends: bound it by a constant"},
    {"back-edge",
     "the verifier of this kernel cannot prove that a loop ends: bound it by a constant (loops need Linux "
     "5.3)"},
    {"BPF program is too large",
     "the verifier gave up after 1,000,000 instructions: shorten the program, bound its loops more tightly, "
     "or use bpf_loop (Linux 5.17)"},
    {"jumps is too complex",
     "the verifier gave up because of too many successive branches: split the program into global functions, "
     "or bound its loops more tightly"},
    {"'map_value_or_null'", "test the result of bpf_map_lookup_elem against NULL before using it"},
    {"mem_or_null'", "test the result of bpf_ringbuf_reserve against NULL before using it"},
    {"_or_null", "a pointer that may be NULL is used: test it against NULL first"},
    {"possibly NULL pointer", "a pointer that may be NULL is used: test it against NULL first"},
    {"invalid access to map value",
     "the access may reach beyond the map's value: compare the index or the size with a constant first"},
    {"invalid access to packet", "compare the pointer with data_end before reading the packet"},
    {"doesn't have",
     "the function or tracepoint has fewer arguments than the program reads: see its declaration in the "
     "kernel's source, or `bpftool btf dump file /sys/kernel/btf/vmlinux`"},
    {"invalid bpf_context access",
     "the context of this program type has no field at that offset that can be read (or written) this way"},
    {"invalid access to memory",
     "the access may reach beyond the memory: compare the index or the size first"},
    {"with unbounded min value",
     "bound the index before it is added to a pointer: if (i >= SIZE) return 0; or i &= SIZE - 1"},
    {"makes pointer be out of bounds",
     "bound the index before it is added to a pointer: if (i >= SIZE) return 0; or i &= SIZE - 1"},
    {"either use unsigned index",
     "bound the index before it is added to a pointer: if (i >= SIZE) return 0; or i &= SIZE - 1"},
    {"make sure to bounds check any such access",
     "bound the index before it is added to a pointer: if (i >= SIZE) return 0; or i &= SIZE - 1"},
    {"min value is negative",
     "make the size unsigned and bound it: if (size > sizeof buffer) size = sizeof buffer"},
    {"unbounded memory access", "bound the size: if (size > sizeof buffer) size = sizeof buffer"},
    {"invalid mem access",
     "a number is used as a pointer, which the verifier cannot check: read kernel memory with BPF_CORE_READ "
     "or bpf_probe_read_kernel, and user memory with bpf_probe_read_user"},
    {"only read is supported", "that kernel memory can be read, but not written"},
    {"R0 !read_ok", "the program can end without a return value: return a number on every path"},
    {"!read_ok", "a variable is used before it is set"},
    {"read from stack",
     "part of a variable on the stack is not initialised, perhaps the padding of a struct: clear it first "
     "with = {} or __builtin_memset"},
    {"invalid write to stack",
     "the access goes beyond the variable on the stack: compare its size with the size of the access"},
    {"indirect access to stack",
     "the access goes beyond the variable on the stack: compare its size with the size of the access"},
    {"invalid stack",
     "the access goes beyond the variable on the stack: compare its size with the size of the access"},
    {"combined stack size",
     "functions in one call chain share 512 bytes of stack: keep large variables in a per-CPU array"},
    {"unreachable insn",
     "an instruction cannot be reached: check inline assembly and code that the compiler removed"},
    {"Unreleased reference",
     "a reserved or acquired object, such as a ring buffer record, must be submitted, discarded or released "
     "on every path"},
    {"At program exit the register R0", "the program returns a value that is not valid for its type"},
    {"At subprogram exit the register R0", "a callback returns a value that is not valid for it"},
    {" expected=",
     "the helper needs another kind of argument: a pointer to the stack or to a map's value, not a number"},
    {"cannot call GPL-restricted function",
     "the object's license must be GPL-compatible, such as \"Dual BSD/GPL\""},
    {"BPF_STX uses reserved fields",
     "this kernel's atomic operations only add and return nothing: the result of __sync_fetch_and_add, and "
     "other operations, need Linux 5.12"},
    {"pointer comparison prohibited", "the verifier does not allow this without CAP_PERFMON"},
    {"prohibited for !root", "the verifier does not allow this without CAP_PERFMON"},
    {"leaks addr", "the verifier does not allow this without CAP_PERFMON"},
    {"failed to open system Kconfig",
     "the program needs the kernel's configuration, which is neither in /proc/config.gz "
     "(CONFIG_IKCONFIG_PROC) nor in /boot/config-$(uname -r)"},
    {"failed to find valid kernel BTF",
     "the program needs the kernel's BTF: boot a kernel with CONFIG_DEBUG_INFO_BTF (/sys/kernel/btf/vmlinux)"},
    {"Error loading vmlinux BTF",
     "the program needs the kernel's BTF: boot a kernel with CONFIG_DEBUG_INFO_BTF (/sys/kernel/btf/vmlinux)"},
    {"kernel BTF is missing",
     "the program needs the kernel's BTF: boot a kernel with CONFIG_DEBUG_INFO_BTF (/sys/kernel/btf/vmlinux)"},
}};

// The text between `begin` and `end` in the first line that contains both.
std::string_view between(const std::vector<std::string_view>& lines, std::string_view begin,
                         std::string_view end) {
  for (const std::string_view line : lines) {
    const std::size_t at = line.find(begin);
    if (at == std::string_view::npos) continue;
    const std::string_view rest = line.substr(at + begin.size());
    const std::size_t length = end.empty() ? rest.size() : rest.find(end);
    if (length != std::string_view::npos) return rest.substr(0, length);
  }
  return {};
}

std::string helper_cause(const LoadLog& log) {
  if (const std::string_view number = between(log.complaints, "invalid func unknown#", {}); !number.empty()) {
    std::uint32_t id = 0;
    std::from_chars(number.data(), number.data() + number.size(), id);
    constexpr std::uint32_t last_possible =
        1'000'000;  // larger numbers are libbpf's marks for what it cannot resolve
    if (id > last_possible) return {};
    if (const Helper* const helper = find_newer_helper(id)) {
      return fmt::format("this kernel does not have the helper {}, which needs Linux {}", helper->name,
                         helper->linux_version);
    }
    return fmt::format("this kernel has no helper number {}", id);
  }
  std::string_view name = between(log.complaints, "program of this type cannot use helper ", "#");
  if (name.empty()) name = between(log.complaints, "unknown func ", "#");
  if (name.empty()) return {};
  return fmt::format(
      "this kernel does not allow the helper {} in this type of program: `bpftool feature probe kernel` "
      "lists the helpers of each type",
      escape_for_terminal(name));
}

std::string symbol_cause(const LoadLog& log) {
  if (std::string_view name = between(log.libbpf, "extern (func ksym) '", "': not found"); !name.empty()) {
    return fmt::format(
        "this kernel has no kfunc \"{}\": a newer kernel or a module that is not loaded may have it; declare "
        "it __weak to let the program test for it",
        escape_for_terminal(name));
  }
  if (std::string_view name = between(log.complaints, "kfunc '", "' is referenced but wasn't resolved");
      !name.empty()) {
    return fmt::format("this kernel has no kfunc \"{}\": test bpf_ksym_exists before calling it",
                       escape_for_terminal(name));
  }
  if (std::string_view name = between(log.complaints, "calling kernel function ", " is not allowed");
      !name.empty()) {
    return fmt::format("this kernel does not allow this type of program to call {}",
                       escape_for_terminal(name));
  }
  if (std::string_view name = between(log.libbpf, "extern (var ksym) '", "': not found"); !name.empty()) {
    return fmt::format(
        "this kernel's BTF has no variable \"{}\"; declare it __weak to let the program test for it",
        escape_for_terminal(name));
  }
  if (std::string_view name = between(log.libbpf, "extern '", "' (strong): not resolved"); !name.empty()) {
    return fmt::format("this kernel's configuration does not set {}; declare it __weak to read 0 then",
                       escape_for_terminal(name));
  }
  if (std::string_view name = between(log.libbpf, "failed to find kernel BTF type ID of '", "'");
      !name.empty()) {
    return fmt::format("this kernel's BTF has no \"{}\" that a program of this type can attach to",
                       escape_for_terminal(name));
  }
  return {};
}

}  // namespace

std::string likely_cause(const LoadLog& log) {
  for (const auto find : {helper_cause, symbol_cause}) {
    if (std::string hint = find(log); !hint.empty()) return hint;
  }
  for (const Cause& cause : causes) {
    if (log.says(cause.said)) return std::string(cause.hint);
  }
  return {};
}

}  // namespace probe_run
