// Attach points at control groups, maps and programs, and for programs that only run once.
#pragma once

#include <optional>
#include <string>

#include "spec/keys.h"
#include "support/source_text.h"

namespace probe_run {

struct CgroupAttach {
  static constexpr std::string_view type = "cgroup";
  static constexpr std::string_view doc =
      "A control group and those below it; the program's SEC() selects the hook: "
      "cgroup_skb/ingress, cgroup/connect4, sockops, ...";
  Located<std::string> path;
  static constexpr auto keys() {
    return std::tuple(key("path", &CgroupAttach::path,
                          "An absolute path, or a path relative to the cgroup2 mount point.", required));
  }
};

struct SockmapAttach {
  static constexpr std::string_view type = "sockmap";
  static constexpr std::string_view doc =
      "The sockets of a map: what they receive (sk_skb) or send (sk_msg).";
  Located<std::string> map;
  static constexpr auto keys() {
    return std::tuple(key("map", &SockmapAttach::map, "The object's sockmap or sockhash.", required));
  }
};

struct StructOpsAttach {
  static constexpr std::string_view type = "struct_ops";
  static constexpr std::string_view doc =
      "A table of functions that the kernel calls, such as a congestion control (Linux 5.6).";
  Located<std::string> map;
  static constexpr auto keys() {
    return std::tuple(key("map", &StructOpsAttach::map,
                          "The variable of the object in SEC(\".struct_ops\") that contains the program.",
                          required));
  }
};

struct FreplaceAttach {
  static constexpr std::string_view type = "freplace";
  static constexpr std::string_view doc =
      "A function of another BPF program, which the program replaces (Linux 5.6).";
  Located<std::string> program;
  Located<std::string> function;
  static constexpr auto keys() {
    return std::tuple(key("program", &FreplaceAttach::program,
                          "The other program: the path where it is pinned, or its id.", required),
                      key("function", &FreplaceAttach::function, "Its global function.", required));
  }
};

struct RunAttach {
  static constexpr std::string_view type = "run";
  static constexpr std::string_view doc =
      "Nothing: the program of SEC(\"syscall\") runs once, after the others are attached (Linux 5.14).";
  static constexpr auto keys() { return std::tuple(); }
};

struct AutoAttach {
  static constexpr std::string_view type = "auto";
  static constexpr std::string_view doc = "The target in the program's SEC().";
  static constexpr auto keys() { return std::tuple(); }
};

}  // namespace probe_run
