// libbpf's option structs. Its own macro for them is C, which clang does not take in C++.
#pragma once

#include <cstring>
#include <type_traits>

namespace probe_run {

// Bytes between the members are zero too: libbpf takes others for options that it does not know.
template <class Options>
Options zeroed_options() {
  static_assert(std::is_trivially_copyable_v<Options>);
  Options options;
  std::memset(&options, 0, sizeof options);
  options.sz = sizeof options;
  return options;
}

}  // namespace probe_run
