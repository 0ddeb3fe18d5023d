// IPv4, IPv6 and Ethernet addresses, and blocks of addresses (CIDR).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace probe_run {

struct AddressBlock {
  enum class Kind : std::uint8_t { ipv4, ipv6, mac };

  Kind kind = Kind::ipv4;
  std::array<std::byte, 16> bytes{};  // in the order of the network
  std::uint32_t prefix = 0;           // bits that all of its addresses share
  bool has_prefix = false;            // written with one: 10.0.0.0/8

  std::uint32_t size() const { return kind == Kind::ipv4 ? 4 : kind == Kind::ipv6 ? 16 : 6; }

  // REQUIRES: address.size() >= size()
  bool contains(std::span<const std::byte> address) const noexcept;

  // The block that the address lies in, when bits after the prefix are set: 10.1.2.3/8 -> 10.0.0.0/8.
  AddressBlock base() const;
  friend bool operator==(const AddressBlock&, const AddressBlock&) = default;
};

// "10.0.0.1", "10.0.0.0/8", "2001:db8::/32", "02:42:ac:11:00:02"; nullopt for anything else.
std::optional<AddressBlock> parse_address(std::string_view text);

std::string to_text(const AddressBlock& block);

// The addresses that stand for those of an IPv4 block in fields of 16 bytes: ::ffff:0:0/96. REQUIRES:
// block.kind is ipv4
AddressBlock mapped_to_ipv6(const AddressBlock& block);

}  // namespace probe_run
