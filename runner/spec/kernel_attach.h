// Attach points at kernel functions.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "spec/keys.h"
#include "support/source_text.h"

namespace probe_run {

struct KprobeAttach {
  static constexpr std::string_view type = "kprobe";
  static constexpr std::string_view doc = "Entry of a kernel function, or an instruction in it.";
  Located<std::string> symbol;
  std::uint64_t offset = 0;
  std::optional<Located<std::string>> module;
  std::optional<Located<std::uint64_t>> ordinal;
  static constexpr auto keys() {
    return std::tuple(
        key("symbol", &KprobeAttach::symbol, "Kernel function.", required),
        key("offset", &KprobeAttach::offset, "Bytes from the function's start."),
        key("module", &KprobeAttach::module,
            "The kernel module of the function, if several have one of that name."),
        key("ordinal", &KprobeAttach::ordinal,
            "Which function, if several have that name: 1 for the one with the lowest address."));
  }
};

struct KretprobeAttach {
  static constexpr std::string_view type = "kretprobe";
  static constexpr std::string_view doc = "Return of a kernel function.";
  Located<std::string> symbol;
  std::optional<Located<std::string>> module;
  std::optional<Located<std::uint64_t>> ordinal;
  static constexpr auto keys() {
    return std::tuple(
        key("symbol", &KretprobeAttach::symbol, "Kernel function.", required),
        key("module", &KretprobeAttach::module,
            "The kernel module of the function, if several have one of that name."),
        key("ordinal", &KretprobeAttach::ordinal,
            "Which function, if several have that name: 1 for the one with the lowest address."));
  }
};

// Either all functions that match a pattern, or those in a list.
struct KprobeMultiAttach {
  static constexpr std::string_view type = "kprobe_multi";
  static constexpr std::string_view doc =
      "Entry or return of many kernel functions at once (Linux 5.18 with CONFIG_FPROBE).";
  static constexpr std::array<std::string_view, 2> one_of{"pattern", "symbols"};
  std::optional<Located<std::string>> pattern;
  std::optional<OneOrMany<Located<std::string>>> symbols;
  bool at_return = false;
  static constexpr auto keys() {
    return std::tuple(
        key("pattern", &KprobeMultiAttach::pattern,
            "All functions that match: * is any text, ? any character."),
        key("symbols", &KprobeMultiAttach::symbols, "All functions of this name, or of a list of names."),
        key("return", &KprobeMultiAttach::at_return, "At their return instead of their entry."));
  }
};

struct KprobeSessionAttach {
  static constexpr std::string_view type = "kprobe_session";
  static constexpr std::string_view doc =
      "Entry and return of many kernel functions, by one program (Linux 6.10; libbpf 1.5).";
  static constexpr std::array<std::string_view, 2> one_of{"pattern", "symbols"};
  std::optional<Located<std::string>> pattern;
  std::optional<OneOrMany<Located<std::string>>> symbols;
  static constexpr auto keys() {
    return std::tuple(
        key("pattern", &KprobeSessionAttach::pattern,
            "All functions that match: * is any text, ? any character."),
        key("symbols", &KprobeSessionAttach::symbols, "All functions of this name, or of a list of names."));
  }
};

struct KsyscallAttach {
  static constexpr std::string_view type = "ksyscall";
  static constexpr std::string_view doc =
      "Entry of a system call, by a kprobe on the kernel's function for it.";
  Located<std::string> syscall;
  static constexpr auto keys() {
    return std::tuple(key("syscall", &KsyscallAttach::syscall, "The system call, such as openat.", required));
  }
};

struct KretsyscallAttach {
  static constexpr std::string_view type = "kretsyscall";
  static constexpr std::string_view doc =
      "Return of a system call, by a kretprobe on the kernel's function for it.";
  Located<std::string> syscall;
  static constexpr auto keys() {
    return std::tuple(
        key("syscall", &KretsyscallAttach::syscall, "The system call, such as openat.", required));
  }
};

struct FentryAttach {
  static constexpr std::string_view type = "fentry";
  static constexpr std::string_view doc =
      "Entry of a kernel function, with its arguments typed by BTF (Linux 5.5).";
  Located<std::string> function;
  static constexpr auto keys() {
    return std::tuple(
        key("function", &FentryAttach::function, "Function of the kernel or of a module.", required));
  }
};

struct FexitAttach {
  static constexpr std::string_view type = "fexit";
  static constexpr std::string_view doc =
      "Return of a kernel function, with its arguments and its result (Linux 5.5).";
  Located<std::string> function;
  static constexpr auto keys() {
    return std::tuple(
        key("function", &FexitAttach::function, "Function of the kernel or of a module.", required));
  }
};

struct FmodRetAttach {
  static constexpr std::string_view type = "fmod_ret";
  static constexpr std::string_view doc =
      "Before a kernel function that may be made to fail; the program's result replaces its own.";
  Located<std::string> function;
  static constexpr auto keys() {
    return std::tuple(key("function", &FmodRetAttach::function,
                          "Function that allows error injection, or a security hook.", required));
  }
};

struct LsmAttach {
  static constexpr std::string_view type = "lsm";
  static constexpr std::string_view doc =
      "A security hook of the kernel (Linux 5.7, with bpf as an active security module).";
  Located<std::string> hook;
  static constexpr auto keys() {
    return std::tuple(key("hook", &LsmAttach::hook, "The hook, such as file_open.", required));
  }
};

}  // namespace probe_run
