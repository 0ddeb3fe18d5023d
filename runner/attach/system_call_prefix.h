// What this machine's kernel calls its functions for system calls.
#pragma once

#include <string_view>

namespace probe_run {

#if defined(__x86_64__)
inline constexpr std::string_view system_call_prefix = "__x64_sys_";
#elif defined(__aarch64__)
inline constexpr std::string_view system_call_prefix = "__arm64_sys_";
#elif defined(__s390x__)
inline constexpr std::string_view system_call_prefix = "__s390x_sys_";
#elif defined(__riscv)
inline constexpr std::string_view system_call_prefix = "__riscv_sys_";
#else
inline constexpr std::string_view system_call_prefix = "sys_";
#endif

}  // namespace probe_run
