#include "attach/probe_place.h"

#include <capstone/capstone.h>
#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "attach/refusal.h"
#include "support/fd.h"
#include "support/utf8.h"

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
    // Moves all three on.
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

constexpr std::uint64_t longest_instruction = 15;  // of x86
constexpr std::uint64_t longest_read = 16u << 20;  // no function is longer, whatever a file says

std::string shown(const ElfFunction& function) {
  return escape_for_terminal(std::string(function.name));
}

// The function's bytes, to the end of an instruction that begins at `last` or before it. As many as there
// are.
std::vector<std::byte> code_of(const std::string& binary, const ElfFunction& function, std::uint64_t last) {
  const Fd file(::open(binary.c_str(), O_RDONLY | O_CLOEXEC));
  std::vector<std::byte> code;
  if (!file || last > longest_read) return code;
  code.resize(std::min(function.size, last + longest_instruction));
  const ssize_t got = ::pread(file.get(), code.data(), code.size(), static_cast<off_t>(function.offset));
  code.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return code;
}

// As a spec gives it: from the function's start where it names one, else from the file's.
std::string offset_in_spec(const ProbePlace& place, const ElfFunction& function, std::uint64_t within) {
  return fmt::format("{:#x}", place.function != nullptr ? within : function.offset + within);
}

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

void require_instruction(const bpf_program* program, const std::string& target, const ProbePlace& place) {
  if (place.function != nullptr && place.function->size != 0 &&
      place.offset - place.function->offset >= place.function->size) {
    refuse(
        program, target,
        fmt::format("\"{}\" ends before that: it has {} bytes", shown(*place.function), place.function->size),
        "take the offset from a disassembler, or leave it out for the function's start");
  }
  const ElfFunction* function = place.functions.covering(place.offset);
  if (function == nullptr || function->offset == place.offset) return;
  // Of its names the one that the spec has.
  if (place.function != nullptr && place.function->offset == function->offset) function = place.function;
  const std::uint64_t within = place.offset - function->offset;
  const std::optional<Instruction> instruction =
      instruction_at(place.functions.machine(), code_of(place.binary, *function, within), within);
  if (!instruction || instruction->begin == within) return;
  const ElfFunction& base = place.function != nullptr ? *place.function : *function;
  const std::uint64_t begin = function->offset + instruction->begin - base.offset;
  refuse(program, target,
         fmt::format("that is within the instruction \"{}\" of \"{}\": a breakpoint there breaks every "
                     "process that comes by",
                     instruction->text, shown(*function)),
         fmt::format("it begins at {}, the next one at {}", offset_in_spec(place, base, begin),
                     offset_in_spec(place, base, begin + instruction->size)));
}

void require_function_start(const bpf_program* program, const std::string& target, const ProbePlace& place) {
  const ElfFunction* const function = place.functions.covering(place.offset);
  if (function == nullptr || function->offset == place.offset) return;
  refuse(program, target,
         fmt::format("that is within the function \"{}\": the return address is no longer where the kernel "
                     "takes it from, and every process that comes by would crash",
                     shown(*function)),
         fmt::format("the function begins at {:#x}", function->offset));
}

}  // namespace probe_run
