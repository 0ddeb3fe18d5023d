// Machine instructions, decoded by Capstone. Apart from the rest of attach/, because Capstone 5 and libbpf's headers
// both define `bpf_insn`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

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

}  // namespace probe_run
