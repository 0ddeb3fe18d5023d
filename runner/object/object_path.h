// Where the object of a spec is found.
#pragma once

#include <string>
#include <vector>

namespace probe_run {

struct Spec;

// A path with a slash is relative to the spec's directory. A bare name is looked for beside the spec, then in
// each of `object_dirs` (--object-dir), then in bpf/ beside the executable, then where probe-run is
// installed; never in the current directory as such. Throws Error at the spec's "object" that lists where it
// looked.
std::string find_object(const Spec& spec, const std::vector<std::string>& object_dirs);

// The directory of the running executable.
std::string executable_directory();

// The kernel's types from a file, for kernels without BTF.
struct Spec;

// A path of the spec's "btf", which is relative to the spec.
std::string custom_btf_path(const Spec& spec);

// Throws Error naming the file when it is neither BTF nor an ELF file with BTF.
void check_custom_btf(const std::string& path);

}  // namespace probe_run
