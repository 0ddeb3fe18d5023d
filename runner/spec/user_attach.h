// Attach points in programs and libraries.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "spec/keys.h"
#include "support/source_text.h"

namespace probe_run {

struct UprobeAttach {
  static constexpr std::string_view type = "uprobe";
  static constexpr std::string_view doc =
      "Entry of a function of a program or library, or an instruction in it.";
  Located<std::string> binary;
  std::optional<Located<std::string>> symbol;
  std::optional<Located<std::uint64_t>> offset;
  std::optional<Located<std::string>> pattern;
  std::optional<Located<std::uint64_t>> ordinal;
  std::optional<Located<std::int64_t>> pid;
  bool follow = false;
  static constexpr auto keys() {
    return std::tuple(
        key("binary", &UprobeAttach::binary, "A path, the name of a program in PATH or of a library.",
            required),
        key("symbol", &UprobeAttach::symbol,
            "Function, or one version of it, as NAME@VERSION; without it, `offset` is from the start of the file."),
        key("offset", &UprobeAttach::offset,
            "Bytes from the start of the function or, without `symbol`, of the file."),
        key("pattern", &UprobeAttach::pattern,
            "Instead of `symbol`: all functions that match; * is any text, ? any character."),
        key("ordinal", &UprobeAttach::ordinal,
            "Which function, if several have the name in `symbol`: 1 for the first in the file."),
        key("pid", &UprobeAttach::pid, "Only this process."),
        key("follow", &UprobeAttach::follow,
            "If the file is replaced during the run, attach to the new one as well."));
  }
};

struct UretprobeAttach {
  static constexpr std::string_view type = "uretprobe";
  static constexpr std::string_view doc = "Return of a function of a program or library.";
  Located<std::string> binary;
  std::optional<Located<std::string>> symbol;
  std::optional<Located<std::uint64_t>> offset;
  std::optional<Located<std::string>> pattern;
  std::optional<Located<std::uint64_t>> ordinal;
  std::optional<Located<std::int64_t>> pid;
  bool follow = false;
  static constexpr auto keys() {
    return std::tuple(
        key("binary", &UretprobeAttach::binary, "A path, the name of a program in PATH or of a library.",
            required),
        key("symbol", &UretprobeAttach::symbol,
            "Function, or one version of it, as NAME@VERSION; without it, `offset` is from the start of the file."),
        key("offset", &UretprobeAttach::offset,
            "The function's offset from the start of the file, without `symbol`."),
        key("pattern", &UretprobeAttach::pattern,
            "Instead of `symbol`: all functions that match; * is any text, ? any character."),
        key("ordinal", &UretprobeAttach::ordinal,
            "Which function, if several have the name in `symbol`: 1 for the first in the file."),
        key("pid", &UretprobeAttach::pid, "Only this process."),
        key("follow", &UretprobeAttach::follow,
            "If the file is replaced during the run, attach to the new one as well."));
  }
};

struct UprobeMultiAttach {
  static constexpr std::string_view type = "uprobe_multi";
  static constexpr std::string_view doc =
      "Entry or return of many functions of a program or library at once (Linux 6.6; libbpf 1.3).";
  Located<std::string> binary;
  Located<std::string> pattern;
  bool at_return = false;
  std::optional<Located<std::int64_t>> pid;
  bool follow = false;
  static constexpr auto keys() {
    return std::tuple(key("binary", &UprobeMultiAttach::binary,
                          "A path, the name of a program in PATH or of a library.", required),
                      key("pattern", &UprobeMultiAttach::pattern,
                          "All functions that match: * is any text, ? any character.", required),
                      key("return", &UprobeMultiAttach::at_return, "At their return instead of their entry."),
                      key("pid", &UprobeMultiAttach::pid, "Only this process."),
                      key("follow", &UprobeMultiAttach::follow,
                          "If the file is replaced during the run, attach to the new one as well."));
  }
};

struct UsdtAttach {
  static constexpr std::string_view type = "usdt";
  static constexpr std::string_view doc =
      "A probe defined in a program or library (USDT, SystemTap's sdt.h).";
  Located<std::string> binary;
  Located<std::string> provider;
  Located<std::string> probe;
  std::optional<Located<std::int64_t>> pid;
  bool follow = false;
  static constexpr auto keys() {
    return std::tuple(key("binary", &UsdtAttach::binary,
                          "A path, the name of a program in PATH or of a library.", required),
                      key("provider", &UsdtAttach::provider, "The probe's provider, such as libc.", required),
                      key("probe", &UsdtAttach::probe, "The probe's name, such as setjmp.", required),
                      key("pid", &UsdtAttach::pid, "Only this process."),
                      key("follow", &UsdtAttach::follow,
                          "If the file is replaced during the run, attach to the new one as well."));
  }
};

}  // namespace probe_run
