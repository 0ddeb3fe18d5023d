// The errors for files that are not BPF objects, or not for this machine.
#include "object/open_error.h"

#include <elf.h>

#include <bit>
#include <cerrno>
#include <cstring>

#include "support/catch.h"

using namespace probe_run;

namespace {

constexpr std::size_t size = 1000;
constexpr std::uint64_t sections_at = 500;
constexpr bool little = std::endian::native == std::endian::little;

Elf64_Ehdr head_of(std::uint16_t machine) {
  Elf64_Ehdr head{};
  std::memcpy(head.e_ident, ELFMAG, SELFMAG);
  head.e_ident[EI_CLASS] = ELFCLASS64;
  head.e_ident[EI_DATA] = little ? ELFDATA2LSB : ELFDATA2MSB;
  head.e_machine = machine;
  head.e_shoff = sections_at;
  head.e_shentsize = sizeof(Elf64_Shdr);
  head.e_shnum = 2;
  return head;
}

std::string file_of(const Elf64_Ehdr& head, std::size_t length = size) {
  std::string bytes(size, '\0');
  std::memcpy(bytes.data(), &head, sizeof head);
  bytes.resize(length);
  return bytes;
}

std::string said(const std::string& file, std::string_view log = {}, int error = EINVAL) {
  const Diagnostic diagnostic = open_error("a.o", file, error, log).diagnostics().front();
  return diagnostic.what + "\n" + diagnostic.hint;
}

}  // namespace

TEST_CASE("An object file for a CPU is not a BPF object") {
  constexpr const char* hint =
      "compile the BPF program: clang -g -O2 -target bpf -c program.bpf.c -o program.bpf.o";
  CHECK(said(file_of(head_of(EM_X86_64))) ==
        std::string("a.o is code for x86-64, not a BPF object\n") + hint);
  CHECK(said(file_of(head_of(9999))) ==
        std::string("a.o is code for another machine (number 9999), not a BPF object\n") + hint);
}

TEST_CASE("An object of the other byte order is distinguished from native code") {
  Elf64_Ehdr head = head_of(__builtin_bswap16(EM_BPF));
  head.e_ident[EI_DATA] = little ? ELFDATA2MSB : ELFDATA2LSB;
  const std::string other = little ? "big-endian" : "little-endian",
                    own = little ? "little-endian" : "big-endian";
  CHECK(said(file_of(head)) ==
        "a.o is compiled for " + other + " machines, and this one is " + own +
            "\ncompile it with -target bpf, on a machine or for one of this byte order");
}

TEST_CASE("A truncated object is reported as such") {
  CHECK(said(file_of(head_of(EM_BPF), 20)) ==
        "a.o is truncated: it has 20 bytes, fewer than the header of an ELF file\ncompile or copy it again");
  CHECK(said(file_of(head_of(EM_BPF), 600)) ==
        "a.o is truncated: it has 600 bytes, but its section table ends at 628\ncompile or copy it again");
}

TEST_CASE("The error says what is missing in the object, instead of libbpf's errno") {
  const std::string object = file_of(head_of(EM_BPF));
  CHECK(said(object, "libbpf: BTF is required, but is missing or corrupted.\n", ENOENT) ==
        "a.o has no types (BTF), which describe its maps\n"
        "compile it with -g: clang -g -O2 -target bpf -c program.bpf.c -o program.bpf.o");
  CHECK(said(object,
             "libbpf: Error loading ELF section .BTF: -22.\nlibbpf: BTF is required, but is missing or "
             "corrupted.\n") == "a.o has damaged types (BTF)\ncompile or copy it again");
  CHECK(said(object, "libbpf: elf: couldn't find symbol table in a, stripped object file?\n", ENOENT) ==
        "a.o is stripped: its programs have no names\n"
        "use the object as the compiler wrote it; `llvm-strip -g` removes its debug information only");
  CHECK(
      said(object,
           "libbpf: elf: legacy map definitions in 'maps' section are not supported by libbpf v1.0+\n",
           EOPNOTSUPP)
          .find(
              "a.o has maps in SEC(\"maps\"), which libbpf no longer supports\ndefine them in SEC(\".maps\")") ==
      0);
}

TEST_CASE("Other errors are reported with libbpf's message") {
  CHECK(said(file_of(head_of(EM_BPF)), "libbpf: something new\n", EINVAL) ==
        "a.o is not a usable BPF object: Invalid argument\nlibbpf: something new");
}
