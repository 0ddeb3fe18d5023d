// The attach points a spec can name.
//
// To add one: a struct here with its keys, its name in the AttachPoint variant, and an attach() in
// runner/attach/. The compiler names every other place that must know it; the schema and the reference follow
// by themselves.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "spec/keys.h"
#include "support/source_text.h"

namespace probe_run {

enum class XdpMode { automatic, generic, native, offload };
template <>
struct EnumNames<XdpMode> {
  static constexpr std::array<EnumName<XdpMode>, 4> names{{{XdpMode::automatic, "auto"},
                                                           {XdpMode::generic, "generic"},
                                                           {XdpMode::native, "native"},
                                                           {XdpMode::offload, "offload"}}};
};

struct XdpAttach {
  static constexpr std::string_view type = "xdp";
  static constexpr std::string_view doc =
      "Packets received on a network interface, before the network stack sees them.";
  Located<std::string> iface;
  XdpMode mode = XdpMode::automatic;
  static constexpr auto keys() {
    return std::tuple(key("iface", &XdpAttach::iface, "Network interface, by name.", required),
                      key("mode", &XdpAttach::mode,
                          "generic (in the network stack), native (in the driver), offload (on the device), "
                          "or auto: native "
                          "where the driver can, else generic."));
  }
};

struct KprobeAttach {
  static constexpr std::string_view type = "kprobe";
  static constexpr std::string_view doc = "Entry of a kernel function, or an instruction in it.";
  Located<std::string> symbol;
  std::uint64_t offset = 0;
  static constexpr auto keys() {
    return std::tuple(key("symbol", &KprobeAttach::symbol, "Kernel function.", required),
                      key("offset", &KprobeAttach::offset, "Bytes from the function's start."));
  }
};

struct KretprobeAttach {
  static constexpr std::string_view type = "kretprobe";
  static constexpr std::string_view doc = "Return of a kernel function.";
  Located<std::string> symbol;
  static constexpr auto keys() {
    return std::tuple(key("symbol", &KretprobeAttach::symbol, "Kernel function.", required));
  }
};

struct TracepointAttach {
  static constexpr std::string_view type = "tracepoint";
  static constexpr std::string_view doc = "A static tracepoint of the kernel.";
  Located<std::string> category;
  Located<std::string> name;
  static constexpr auto keys() {
    return std::tuple(
        key("category", &TracepointAttach::category, "Its group, such as syscalls or sched.", required),
        key("name", &TracepointAttach::name, "Its name, such as sys_enter_execve.", required));
  }
};

struct RawTracepointAttach {
  static constexpr std::string_view type = "raw_tracepoint";
  static constexpr std::string_view doc = "A tracepoint with its raw arguments.";
  Located<std::string> name;
  static constexpr auto keys() {
    return std::tuple(key("name", &RawTracepointAttach::name, "Its name, such as sys_enter.", required));
  }
};

struct UprobeAttach {
  static constexpr std::string_view type = "uprobe";
  static constexpr std::string_view doc =
      "Entry of a function of a program or library, or an instruction in it.";
  Located<std::string> binary;
  std::optional<Located<std::string>> symbol;
  std::optional<std::uint64_t> offset;
  std::optional<Located<std::int64_t>> pid;
  static constexpr auto keys() {
    return std::tuple(
        key("binary", &UprobeAttach::binary, "A path, the name of a program in PATH or of a library.",
            required),
        key("symbol", &UprobeAttach::symbol, "Function; without it, `offset` is from the file's start."),
        key("offset", &UprobeAttach::offset, "Bytes from the function's start, or from the file's."),
        key("pid", &UprobeAttach::pid, "Only this process."));
  }
};

struct UretprobeAttach {
  static constexpr std::string_view type = "uretprobe";
  static constexpr std::string_view doc = "Return of a function of a program or library.";
  Located<std::string> binary;
  std::optional<Located<std::string>> symbol;
  std::optional<std::uint64_t> offset;
  std::optional<Located<std::int64_t>> pid;
  static constexpr auto keys() {
    return std::tuple(
        key("binary", &UretprobeAttach::binary, "A path, the name of a program in PATH or of a library.",
            required),
        key("symbol", &UretprobeAttach::symbol, "Function; without it, `offset` is from the file's start."),
        key("offset", &UretprobeAttach::offset,
            "The function's offset from the file's start, where it has no symbol."),
        key("pid", &UretprobeAttach::pid, "Only this process."));
  }
};

struct AutoAttach {
  static constexpr std::string_view type = "auto";
  static constexpr std::string_view doc = "Where the program's SEC() in the object says.";
  static constexpr auto keys() { return std::tuple(); }
};

using AttachPoint = std::variant<XdpAttach, KprobeAttach, KretprobeAttach, TracepointAttach,
                                 RawTracepointAttach, UprobeAttach, UretprobeAttach, AutoAttach>;

}  // namespace probe_run
