#include "attach/instruction.h"

#include <capstone/capstone.h>
#include <elf.h>
#include <fmt/format.h>

namespace probe_run {
namespace {

class Disassembler {
 public:
  Disassembler(cs_arch machine, cs_mode mode) {
    if (::cs_open(machine, mode, &handle_) != CS_ERR_OK) handle_ = 0;
    if (handle_ != 0) instruction_ = ::cs_malloc(handle_);
  }
  ~Disassembler() {
    if (instruction_ != nullptr) ::cs_free(instruction_, 1);
    if (handle_ != 0) ::cs_close(&handle_);
  }
  Disassembler(const Disassembler&) = delete;
  Disassembler& operator=(const Disassembler&) = delete;

  std::optional<Instruction> at(std::span<const std::byte> code, std::uint64_t offset) {
    if (instruction_ == nullptr) return std::nullopt;
    const void* const bytes = code.data();
    const auto* next = static_cast<const std::uint8_t*>(bytes);
    std::size_t left = code.size();
    std::uint64_t begin = 0;
    // Advances all three.
    while (::cs_disasm_iter(handle_, &next, &left, &begin, instruction_)) {
      const cs_insn& found = *instruction_;
      if (offset >= begin) continue;
      const char* const operands = static_cast<const char*>(found.op_str);
      std::string text = static_cast<const char*>(found.mnemonic);
      if (*operands != 0) text += fmt::format(" {}", operands);
      return Instruction{found.address, found.size, std::move(text)};
    }
    return std::nullopt;
  }

 private:
  csh handle_ = 0;
  cs_insn* instruction_ = nullptr;
};

}  // namespace

std::optional<Instruction> instruction_at(std::uint16_t machine, std::span<const std::byte> code,
                                          std::uint64_t offset) {
  switch (machine) {
    case EM_X86_64:
      return Disassembler(CS_ARCH_X86, CS_MODE_64).at(code, offset);
    case EM_386:
      return Disassembler(CS_ARCH_X86, CS_MODE_32).at(code, offset);
    case EM_AARCH64:
      return Disassembler(CS_ARCH_ARM64, CS_MODE_LITTLE_ENDIAN).at(code, offset);
    default:
      return std::nullopt;
  }
}

}  // namespace probe_run
