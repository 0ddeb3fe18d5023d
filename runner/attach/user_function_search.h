// Finds the functions of a program or library that a spec names, by name, version and number, or by a pattern.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "attach/elf_functions.h"
#include "object/libbpf.h"

namespace probe_run {

// All throw as refuse() does.

ElfFunctions read_functions(const bpf_program* program, const std::string& target, const std::string& binary);

struct FoundFunction {
  ElfFunction function;
  std::size_t count = 1;  // how many have that name
};

// "ordinal" of the spec chooses among functions of one name, from 1; 0 if the spec has none.
FoundFunction find_function(const bpf_program* program, const std::string& target, const std::string& binary,
                            const ElfFunctions& functions, const std::string& symbol, std::uint64_t ordinal);

// The offsets of all functions that the pattern matches; a function with several names counts once.
std::vector<std::uint64_t> matching_offsets(const bpf_program* program, const std::string& target,
                                            const std::string& binary, const std::string& pattern);

}  // namespace probe_run
