#include "object/open_error.h"

#include <elf.h>
#include <fmt/format.h>

#include <bit>
#include <cstring>
#include <optional>

#include "object/libbpf.h"
#include "object/load_error.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr std::string_view how_to_compile =
    "compile the BPF program: clang -g -O2 -target bpf -c program.bpf.c -o program.bpf.o";

std::string machine_name(std::uint16_t machine) {
  switch (machine) {
    case EM_X86_64:
      return "x86-64";
    case EM_386:
      return "x86";
    case EM_AARCH64:
      return "arm64";
    case EM_ARM:
      return "arm";
    case EM_RISCV:
      return "RISC-V";
    case EM_PPC64:
      return "PowerPC";
    case EM_S390:
      return "s390";
    default:
      return fmt::format("another machine (number {})", machine);
  }
}

std::string_view byte_order(bool little) {
  return little ? "little-endian" : "big-endian";
}

struct Words {
  std::string what;
  std::string hint;
};

// What the file's header shows.
std::optional<Words> head_cause(const std::string& shown, std::string_view elf) {
  Elf64_Ehdr head{};
  if (elf.size() < sizeof head) {
    return Words{fmt::format("{} is truncated: it has {} bytes, fewer than the header of an ELF file", shown,
                             elf.size()),
                 "compile or copy it again"};
  }
  std::memcpy(&head, elf.data(), sizeof head);
  const bool little = head.e_ident[EI_DATA] == ELFDATA2LSB;
  const bool same_order = little == (std::endian::native == std::endian::little);
  const std::uint16_t machine = same_order ? head.e_machine : __builtin_bswap16(head.e_machine);
  if (machine != EM_BPF) {
    return Words{fmt::format("{} is code for {}, not a BPF object", shown, machine_name(machine)),
                 std::string(how_to_compile)};
  }
  if (!same_order) {
    return Words{fmt::format("{} is compiled for {} machines, and this one is {}", shown, byte_order(little),
                             byte_order(!little)),
                 "compile it with -target bpf, on a machine or for one of this byte order"};
  }
  const std::uint64_t end = head.e_shoff + std::uint64_t{head.e_shnum} * head.e_shentsize;
  if (head.e_shoff > elf.size() || end > elf.size()) {
    return Words{fmt::format("{} is truncated: it has {} bytes, but its section table ends at {}", shown,
                             elf.size(), end),
                 "compile or copy it again"};
  }
  return std::nullopt;
}

// What the messages of libbpf mean.
std::optional<Words> log_cause(const std::string& shown, std::string_view log) {
  const auto says = [&](std::string_view words) { return log.find(words) != std::string_view::npos; };
  if (says("couldn't find symbol table")) {
    return Words{
        fmt::format("{} is stripped: its programs have no names", shown),
        "use the object as the compiler wrote it; `llvm-strip -g` removes its debug information only"};
  }
  if (says("Error loading ELF section .BTF")) {
    return Words{fmt::format("{} has damaged types (BTF)", shown), "compile or copy it again"};
  }
  if (says("BTF is required, but is missing")) {
    return Words{fmt::format("{} has no types (BTF), which describe its maps", shown),
                 "compile it with -g: clang -g -O2 -target bpf -c program.bpf.c -o program.bpf.o"};
  }
  if (says("legacy map definitions in 'maps' section")) {
    return Words{
        fmt::format("{} has maps in SEC(\"maps\"), which libbpf no longer supports", shown),
        "define them in SEC(\".maps\"): struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 64); "
        "__type(key, __u32); __type(value, __u64); } counts SEC(\".maps\");"};
  }
  return std::nullopt;
}

}  // namespace

Error open_error(const std::string& path, std::string_view elf, int error, std::string_view log) {
  const std::string shown = escape_for_terminal(path);
  std::optional<Words> words = head_cause(shown, elf);
  if (!words) words = log_cause(shown, log);
  if (words) return Error(std::move(words->what), std::move(words->hint));
  char reason[128];
  libbpf_strerror(error, reason, sizeof reason);  // libbpf has numbers of its own beyond errno
  return Error(fmt::format("{} is not a usable BPF object: {}", shown, reason), escape_lines(log));
}

}  // namespace probe_run
