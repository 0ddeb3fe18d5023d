#include "attach/probe_place.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "attach/instruction.h"
#include "attach/refusal.h"
#include "support/fd.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr std::uint64_t longest_instruction = 15;  // of x86
constexpr std::uint64_t longest_read = 16u << 20;  // longer than any real function

std::string shown(const ElfFunction& function) {
  return escape_for_terminal(std::string(function.name));
}

// The function's bytes up to the end of an instruction that begins at or before `last`, or fewer if the file
// ends earlier.
std::vector<std::byte> code_of(const std::string& binary, const ElfFunction& function, std::uint64_t last) {
  const Fd file(::open(binary.c_str(), O_RDONLY | O_CLOEXEC));
  std::vector<std::byte> code;
  if (!file || last > longest_read) return code;
  code.resize(std::min(function.size, last + longest_instruction));
  const ssize_t got = ::pread(file.get(), code.data(), code.size(), static_cast<off_t>(function.offset));
  code.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return code;
}

// As in the spec: from the function's start if it names a function, otherwise from the start of the file.
std::string offset_in_spec(const ProbePlace& place, const ElfFunction& function, std::uint64_t within) {
  return fmt::format("{:#x}", place.function != nullptr ? within : function.offset + within);
}

}  // namespace

void require_instruction(const bpf_program* program, const std::string& target, const ProbePlace& place) {
  if (place.function != nullptr && place.function->size != 0 &&
      place.offset - place.function->offset >= place.function->size) {
    refuse(program, target,
           fmt::format("the offset is beyond the end of \"{}\", which has {} bytes", shown(*place.function),
                       place.function->size),
           "take the offset from a disassembler, or leave it out for the function's start");
  }
  const ElfFunction* function = place.functions.covering(place.offset);
  if (function == nullptr || function->offset == place.offset) return;
  // The name that the spec uses, if there are several.
  if (place.function != nullptr && place.function->offset == function->offset) function = place.function;
  const std::uint64_t within = place.offset - function->offset;
  const std::optional<Instruction> instruction =
      instruction_at(place.functions.machine(), code_of(place.binary, *function, within), within);
  if (!instruction || instruction->begin == within) return;
  const ElfFunction& base = place.function != nullptr ? *place.function : *function;
  const std::uint64_t begin = function->offset + instruction->begin - base.offset;
  refuse(program, target,
         fmt::format(
             "the offset is inside the instruction \"{}\" of \"{}\": a breakpoint there would crash every "
             "process that runs it",
             instruction->text, shown(*function)),
         fmt::format("the instruction begins at {}, the next one at {}", offset_in_spec(place, base, begin),
                     offset_in_spec(place, base, begin + instruction->size)));
}

void require_function_start(const bpf_program* program, const std::string& target, const ProbePlace& place) {
  const ElfFunction* const function = place.functions.covering(place.offset);
  if (function == nullptr || function->offset == place.offset) return;
  refuse(
      program, target,
      fmt::format(
          "the offset is inside the function \"{}\": the kernel would not find the return address, and every "
          "process that calls the function would crash",
          shown(*function)),
      fmt::format("the function begins at {:#x}", function->offset));
}

}  // namespace probe_run
