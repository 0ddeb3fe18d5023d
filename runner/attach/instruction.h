// Machine instructions, as far as probes must know them: where one begins.
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

// The instruction with the byte at `offset` in it, of code that is read from its first byte on. nullopt when
// it cannot be known: for another machine than x86 and arm64 (`machine` is ELF's EM_...), or where something
// before the place is no instruction.
std::optional<Instruction> instruction_at(std::uint16_t machine, std::span<const std::byte> code,
                                          std::uint64_t offset);

}  // namespace probe_run
