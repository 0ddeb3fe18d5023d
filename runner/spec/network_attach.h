// Attach points on the path of packets.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

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
                          "or auto: native if the driver supports it, else generic."));
  }
};

enum class Direction { ingress, egress };
template <>
struct EnumNames<Direction> {
  static constexpr std::array<EnumName<Direction>, 2> names{
      {{Direction::ingress, "ingress"}, {Direction::egress, "egress"}}};
};

struct TcAttach {
  static constexpr std::string_view type = "tc";
  static constexpr std::string_view doc =
      "Packets that enter or leave a network interface: a traffic control filter.";
  Located<std::string> iface;
  Direction direction = {};
  std::optional<Located<std::uint64_t>> priority;
  std::optional<Located<std::uint64_t>> handle;
  static constexpr auto keys() {
    return std::tuple(
        key("iface", &TcAttach::iface, "Network interface, by name.", required),
        key("direction", &TcAttach::direction, "ingress or egress.", required),
        key("priority", &TcAttach::priority,
            "Its order among the filters, from 1 to 65535; lower is earlier. By default the kernel chooses."),
        key("handle", &TcAttach::handle,
            "The filter's number within its priority, from 1; by default the kernel chooses."));
  }
};

struct TcxAttach {
  static constexpr std::string_view type = "tcx";
  static constexpr std::string_view doc =
      "The same with a kernel link, which is removed when the process exits (Linux 6.6).";
  Located<std::string> iface;
  Direction direction = {};
  static constexpr auto keys() {
    return std::tuple(key("iface", &TcxAttach::iface, "Network interface, by name.", required),
                      key("direction", &TcxAttach::direction, "ingress or egress.", required));
  }
};

enum class NetkitEnd { primary, peer };
template <>
struct EnumNames<NetkitEnd> {
  static constexpr std::array<EnumName<NetkitEnd>, 2> names{
      {{NetkitEnd::primary, "primary"}, {NetkitEnd::peer, "peer"}}};
};

struct NetkitAttach {
  static constexpr std::string_view type = "netkit";
  static constexpr std::string_view doc = "Packets that an end of a netkit pair sends (Linux 6.7).";
  Located<std::string> iface;
  NetkitEnd end = {};
  static constexpr auto keys() {
    return std::tuple(
        key("iface", &NetkitAttach::iface, "Network interface, by name.", required),
        key("end", &NetkitAttach::end,
            "primary, or peer, whose packets the program sees on the primary device's side.", required));
  }
};

enum class NetfilterFamily { ipv4, ipv6 };
template <>
struct EnumNames<NetfilterFamily> {
  static constexpr std::array<EnumName<NetfilterFamily>, 2> names{
      {{NetfilterFamily::ipv4, "ipv4"}, {NetfilterFamily::ipv6, "ipv6"}}};
};

enum class NetfilterHook { pre_routing, local_in, forward, local_out, post_routing };
template <>
struct EnumNames<NetfilterHook> {
  static constexpr std::array<EnumName<NetfilterHook>, 5> names{
      {{NetfilterHook::pre_routing, "pre_routing"},
       {NetfilterHook::local_in, "local_in"},
       {NetfilterHook::forward, "forward"},
       {NetfilterHook::local_out, "local_out"},
       {NetfilterHook::post_routing, "post_routing"}}};
};

struct NetfilterAttach {
  static constexpr std::string_view type = "netfilter";
  static constexpr std::string_view doc = "A netfilter hook (Linux 6.4; libbpf 1.3).";
  NetfilterFamily family = NetfilterFamily::ipv4;
  NetfilterHook hook = NetfilterHook::local_in;
  Located<std::int32_t> priority;
  static constexpr auto keys() {
    return std::tuple(
        key("family", &NetfilterAttach::family, "ipv4 or ipv6.", required),
        key("hook", &NetfilterAttach::hook, "Where on a packet's way.", required),
        key("priority", &NetfilterAttach::priority,
            "Its order among the other programs at the hook; lower is earlier; may be negative.", required));
  }
};

struct SkLookupAttach {
  static constexpr std::string_view type = "sk_lookup";
  static constexpr std::string_view doc = "Selection of the socket for a packet or connection (Linux 5.9).";
  std::optional<Located<std::string>> netns;
  static constexpr auto keys() {
    return std::tuple(key("netns", &SkLookupAttach::netns,
                          "Network namespace: a path such as /proc/PID/ns/net, or a name of `ip netns`; "
                          "by default that of this process."));
  }
};

struct FlowDissectorAttach {
  static constexpr std::string_view type = "flow_dissector";
  static constexpr std::string_view doc = "Parsing of packet headers in a network namespace (Linux 5.7).";
  std::optional<Located<std::string>> netns;
  static constexpr auto keys() {
    return std::tuple(key("netns", &FlowDissectorAttach::netns,
                          "Network namespace: a path such as /proc/PID/ns/net, or a name of `ip netns`; "
                          "by default that of this process."));
  }
};

}  // namespace probe_run
