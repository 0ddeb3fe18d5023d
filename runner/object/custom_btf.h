// The kernel's types from a file, for kernels that do not bring them along.
#pragma once

#include <string>

namespace probe_run {

struct Spec;

// A path of the spec's "btf", which is relative to the spec.
std::string custom_btf_path(const Spec& spec);

// Throws Error naming the file when it is neither BTF nor an ELF file with BTF.
void check_custom_btf(const std::string& path);

}  // namespace probe_run
