// The bytes of Ethernet frames.
#include <algorithm>

#include "network.h"

namespace test {
namespace {

constexpr std::size_t address_bytes = 12;
constexpr std::size_t smallest = 60;
constexpr std::uint8_t tcp = 6, udp = 17, destination_options = 60;

void append16(Frame& frame, std::size_t value) {
  frame.push_back(static_cast<std::uint8_t>(value >> 8));
  frame.push_back(static_cast<std::uint8_t>(value));
}

Frame joined(Frame first, const Frame& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

Frame udp_datagram(std::uint16_t port) {
  Frame datagram;
  append16(datagram, 40000);
  append16(datagram, port);
  append16(datagram, 8 + 4);
  append16(datagram, 0);
  return joined(datagram, {'t', 'e', 's', 't'});
}

Frame ipv4_packet(std::uint8_t protocol, const Frame& payload) {
  Frame packet{0x45, 0};
  append16(packet, 20 + payload.size());
  packet = joined(packet, {0, 0, 0, 0, 64, protocol, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2});
  return joined(packet, payload);
}

Frame ipv6_packet(std::uint8_t next, const Frame& payload) {
  Frame packet{0x60, 0, 0, 0};
  append16(packet, payload.size());
  packet = joined(packet, {next, 64});
  Frame address{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  packet = joined(packet, address);
  address.back() = 2;
  return joined(joined(packet, address), payload);
}

}  // namespace

Frame frame_of(std::uint16_t protocol, const Frame& payload) {
  Frame frame(6, 0xff);
  frame = joined(frame, {0x02, 0, 0, 0, 0, 0x01});
  append16(frame, protocol);
  frame = joined(frame, payload);
  frame.resize(std::max(frame.size(), smallest));
  return frame;
}

Frame with_vlan_tag(Frame frame, std::uint16_t tag_protocol) {
  Frame tag;
  append16(tag, tag_protocol);
  append16(tag, 7);
  frame.insert(frame.begin() + address_bytes, tag.begin(), tag.end());
  return frame;
}

Frame udp4(std::uint16_t port) {
  return frame_of(ipv4_protocol, ipv4_packet(udp, udp_datagram(port)));
}

Frame udp6(std::uint16_t port) {
  return frame_of(ipv6_protocol, ipv6_packet(udp, udp_datagram(port)));
}

Frame udp6_behind_options(std::uint16_t port) {
  const Frame options{udp, 0, 1, 4, 0, 0, 0, 0};  // padding of four bytes
  return frame_of(ipv6_protocol, ipv6_packet(destination_options, joined(options, udp_datagram(port))));
}

Frame tcp4(std::uint16_t port) {
  Frame segment;
  append16(segment, 40000);
  append16(segment, port);
  segment.resize(20);
  return frame_of(ipv4_protocol, ipv4_packet(tcp, segment));
}

Frame cut(Frame frame, std::size_t size) {
  frame.resize(size);
  return frame;
}

}  // namespace test
