#include "support/address_block.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace probe_run {
namespace {

std::optional<std::uint32_t> parse_prefix(std::string_view text, std::uint32_t most) {
  std::uint32_t prefix = 0;
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, prefix);
  if (result.ec != std::errc() || result.ptr != end || prefix > most) return std::nullopt;
  return prefix;
}

std::optional<AddressBlock> parse_mac(std::string_view text) {
  AddressBlock mac;
  mac.kind = AddressBlock::Kind::mac;
  mac.prefix = 48;
  if (text.size() != 17) return std::nullopt;
  for (std::size_t i = 0; i < 6; ++i) {
    unsigned byte = 0;
    const char* const begin = text.data() + 3 * i;
    const auto result = std::from_chars(begin, begin + 2, byte, 16);
    if (result.ec != std::errc() || result.ptr != begin + 2) return std::nullopt;
    if (i < 5 && begin[2] != ':') return std::nullopt;
    mac.bytes[i] = static_cast<std::byte>(byte);
  }
  return mac;
}

}  // namespace

bool AddressBlock::contains(std::span<const std::byte> address) const noexcept {
  const std::uint32_t whole = prefix / 8;
  if (!std::equal(bytes.begin(), bytes.begin() + whole, address.begin())) return false;
  if (prefix % 8 == 0) return true;
  const auto mask = static_cast<std::byte>(0xff00u >> (prefix % 8));
  return ((bytes[whole] ^ address[whole]) & mask) == std::byte{0};
}

AddressBlock AddressBlock::base() const {
  AddressBlock block = *this;
  for (std::uint32_t bit = prefix; bit < size() * 8; ++bit) {
    block.bytes[bit / 8] &= ~static_cast<std::byte>(0x80u >> (bit % 8));
  }
  return block;
}

std::optional<AddressBlock> parse_address(std::string_view text) {
  if (auto mac = parse_mac(text)) return mac;
  const std::size_t slash = text.find('/');
  const std::string address(text.substr(0, slash));
  AddressBlock block;
  if (inet_pton(AF_INET, address.c_str(), block.bytes.data()) == 1) {
    block.kind = AddressBlock::Kind::ipv4;
  } else if (inet_pton(AF_INET6, address.c_str(), block.bytes.data()) == 1) {
    block.kind = AddressBlock::Kind::ipv6;
  } else {
    return std::nullopt;
  }
  block.prefix = block.size() * 8;
  if (slash == std::string_view::npos) return block;
  const auto prefix = parse_prefix(text.substr(slash + 1), block.prefix);
  if (!prefix) return std::nullopt;
  block.prefix = *prefix;
  block.has_prefix = true;
  return block;
}

std::string to_text(const AddressBlock& block) {
  if (block.kind == AddressBlock::Kind::mac) {
    std::string text;
    for (std::size_t i = 0; i < 6; ++i) {
      text += fmt::format("{}{:02x}", i == 0 ? "" : ":", std::to_integer<unsigned>(block.bytes[i]));
    }
    return text;
  }
  char text[INET6_ADDRSTRLEN] = "";
  const int family = block.kind == AddressBlock::Kind::ipv4 ? AF_INET : AF_INET6;
  inet_ntop(family, block.bytes.data(), text, sizeof text);
  return block.has_prefix ? fmt::format("{}/{}", text, block.prefix) : std::string(text);
}

AddressBlock mapped_to_ipv6(const AddressBlock& block) {
  AddressBlock mapped;
  mapped.kind = AddressBlock::Kind::ipv6;
  mapped.prefix = block.prefix + 96;
  mapped.has_prefix = block.has_prefix;
  mapped.bytes[10] = mapped.bytes[11] = std::byte{0xff};
  std::copy_n(block.bytes.begin(), 4, mapped.bytes.begin() + 12);
  return mapped;
}

}  // namespace probe_run
