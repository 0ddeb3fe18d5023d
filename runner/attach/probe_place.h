// Whether a breakpoint may stand at a place in a binary.
//
// The kernel does not look where it puts one: within an instruction, it breaks every process that comes by;
// so does a return probe behind a function's first instruction, for which the kernel takes whatever is on the
// stack there for the return address.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "attach/elf_functions.h"
#include "object/libbpf.h"

namespace probe_run {

struct Instruction {
  std::uint64_t begin = 0;  // from the code's first byte
  std::uint64_t size = 0;   // bytes
  std::string text;         // "mov rbp, rsp"
};

// The instruction with the byte at `offset` in it, of code that is read from its first byte on. nullopt when
// it cannot be known: for another machine than x86 and arm64 (`machine` is ELF's EM_...), or where something
// before the place is no instruction.
std::optional<Instruction> instruction_at(std::uint16_t machine, std::span<const std::byte> code,
                                          std::uint64_t offset);

struct ProbePlace {
  const std::string& binary;
  const ElfFunctions& functions;  // of the binary
  const ElfFunction* function;    // that the spec names; nullptr for an offset in the file
  std::uint64_t offset;           // in the file
};

// Both throw as refuse() does. Code that no function's name covers is not looked at, nor are instructions
// that the disassembler does not know.
void require_instruction(const bpf_program* program, const std::string& target, const ProbePlace& place);
void require_function_start(const bpf_program* program, const std::string& target, const ProbePlace& place);

}  // namespace probe_run
