// Checks whether a breakpoint can be set at an offset in a binary.
//
// The kernel does not check this: a breakpoint inside an instruction crashes every process that runs it. So does
// a return probe after a function's first instruction, where the kernel takes whatever is on the stack for the
// return address.
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

// The instruction that contains the byte at `offset`, in code that is decoded from its first byte. nullopt if it
// is unknown: for machines other than x86 and arm64 (`machine` is ELF's EM_...), or if something before the
// offset is not an instruction.
std::optional<Instruction> instruction_at(std::uint16_t machine, std::span<const std::byte> code,
                                          std::uint64_t offset);

struct ProbePlace {
  const std::string& binary;
  const ElfFunctions& functions;  // of the binary
  const ElfFunction* function;    // named by the spec; nullptr for an offset in the file
  std::uint64_t offset;           // in the file
};

// Both throw as refuse() does. Code outside of named functions is not checked, nor are instructions that the
// disassembler does not know.
void require_instruction(const bpf_program* program, const std::string& target, const ProbePlace& place);
void require_function_start(const bpf_program* program, const std::string& target, const ProbePlace& place);

}  // namespace probe_run
