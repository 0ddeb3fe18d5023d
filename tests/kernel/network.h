// Two network namespaces joined by a veth pair on which only a test's own frames travel.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace test {

using Frame = std::vector<std::uint8_t>;

class Network {
 public:
  Network();
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  // The namespace the probe runs in, and the interface there that frames arrive at.
  const std::string& name() const { return near_; }
  const std::string& iface() const { return near_iface_; }

  enum class Fate { arrives, dropped };
  // Sends that many of them to that interface. Returns when those that must arrive have arrived; throws if
  // they do not. Frames that must be dropped, at most `most_unanswered`, are processed before the next ones
  // are sent.
  void send(const Frame& frame, std::size_t count, Fate fate = Fate::arrives);
  static constexpr std::size_t most_unanswered = 48;  // far fewer than a veth device queues
  // The frames that have arrived so far.
  std::size_t arrived();

  // Calls the function in the namespace of the probe.
  void inside(const std::function<void()>& call) const;

 private:
  void join();
  void remove();
  void open_sockets();

  std::string near_, far_, near_iface_, far_iface_;
  int sender_ = -1, receiver_ = -1;
  std::size_t arrived_ = 0;
};

// Frames of 60 bytes or more, unless noted. The protocol is an Ethernet type.
constexpr std::uint16_t private_protocol = 0x88b5;  // IEEE 802: for experiments
constexpr std::uint16_t arp_protocol = 0x0806;
constexpr std::uint16_t ipv4_protocol = 0x0800;
constexpr std::uint16_t ipv6_protocol = 0x86dd;

Frame frame_of(std::uint16_t protocol, const Frame& payload = {});
// One more tag, before the protocol.
Frame with_vlan_tag(Frame frame, std::uint16_t tag_protocol = 0x8100);
Frame udp4(std::uint16_t port);
Frame udp6(std::uint16_t port);
// With an empty destination options header between IPv6 and UDP.
Frame udp6_behind_options(std::uint16_t port);
Frame tcp4(std::uint16_t port);
// The frame's first bytes only.
Frame cut(Frame frame, std::size_t size);

}  // namespace test
