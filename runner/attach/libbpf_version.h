// Attach types that need a newer libbpf.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "object/libbpf.h"

namespace probe_run {

struct LibbpfVersion {
  unsigned major = 0, minor = 0;
  auto operator<=>(const LibbpfVersion&) const = default;
};

inline constexpr LibbpfVersion libbpf_built_with{LIBBPF_MAJOR_VERSION, LIBBPF_MINOR_VERSION};

// "netfilter needs libbpf 1.3; this probe-run was built with libbpf 1.1"
std::string needs_newer_libbpf(std::string_view type, LibbpfVersion needed);

[[noreturn]] void refuse_old_libbpf(const bpf_program* program, std::string_view target,
                                    std::string_view type, LibbpfVersion needed);

}  // namespace probe_run
