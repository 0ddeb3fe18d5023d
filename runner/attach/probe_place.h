// Checks whether a breakpoint can be set at an offset in a binary.
//
// The kernel does not check this: a breakpoint inside an instruction crashes every process that runs it. So does
// a return probe after a function's first instruction, where the kernel takes whatever is on the stack for the
// return address.
#pragma once

#include <cstdint>
#include <string>

#include "attach/elf_functions.h"
#include "object/libbpf.h"

namespace probe_run {

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
