#include "object/address_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "support/address_block.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

using Kind = Type::Kind;

bool is_unsigned(const Type& type, std::uint32_t size) {
  const Type& base = strip(type);
  return base.kind == Kind::integer && base.size == size && !base.is_signed && !base.is_bool;
}

bool is_record(const Type& type) {
  return type.kind == Kind::structure || type.kind == Kind::union_;
}

// As `struct bpf_lpm_trie_key` has it: alone, or in an anonymous union with a struct of it.
bool is_prefix_length(const Type& type, int depth = 0) {
  if (is_unsigned(type, 4)) return true;
  const Type& base = strip(type);
  if (!is_record(base) || base.size != 4 || base.members.empty() || depth > 2) return false;
  const TypeMember& first = base.members.front();
  return first.bit_offset == 0 && first.bit_size == 0 && is_prefix_length(*first.type, depth + 1);
}

AddressForm form_of_array(const Type& array) {
  const Type& item = *array.target;
  if (is_unsigned(item, 4)) return array.count == 4 ? AddressForm::ipv6 : AddressForm::none;
  if (!is_unsigned(item, 1)) return AddressForm::none;
  if (array.count == 6) return AddressForm::mac;
  if (is_character(item)) return AddressForm::none;
  if (array.count == 4) return AddressForm::ipv4;
  return array.count == 16 ? AddressForm::ipv6 : AddressForm::none;
}

AddressForm form_of_record(const Type& record) {
  if (record.name == "in_addr" && record.size == 4) return AddressForm::ipv4;
  if (record.name == "in6_addr" && record.size == 16) return AddressForm::ipv6;
  if (record.kind != Kind::structure || record.members.size() != 2) return AddressForm::none;
  const TypeMember& length = record.members[0];
  const TypeMember& address = record.members[1];
  if (length.bit_offset != 0 || length.bit_size != 0 || !is_prefix_length(*length.type))
    return AddressForm::none;
  if (address.bit_offset != 32 || address.bit_size != 0) return AddressForm::none;
  const AddressForm form = address_form(*address.type);
  if (form == AddressForm::ipv4 && record.size == 8) return AddressForm::ipv4_block;
  if (form == AddressForm::ipv6 && record.size == 20) return AddressForm::ipv6_block;
  return AddressForm::none;
}

struct Wanted {
  AddressBlock::Kind kind;
  bool block;
  std::string_view name;
  std::string_view example;
};

Wanted wanted(AddressForm form) {
  using K = AddressBlock::Kind;
  switch (form) {
    case AddressForm::none:
    case AddressForm::ipv4:
      break;
    case AddressForm::ipv6:
      return {K::ipv6, false, "an IPv6 address", "2001:db8::1"};
    case AddressForm::mac:
      return {K::mac, false, "an Ethernet address", "02:42:ac:11:00:02"};
    case AddressForm::ipv4_block:
      return {K::ipv4, true, "a block of IPv4 addresses", "10.0.0.0/8"};
    case AddressForm::ipv6_block:
      return {K::ipv6, true, "a block of IPv6 addresses", "2001:db8::/32"};
  }
  return {K::ipv4, false, "an IPv4 address", "10.0.0.1"};
}

// What would be right, where the text is an address of another kind.
std::string advice(const Wanted& want, const std::optional<AddressBlock>& given) {
  using K = AddressBlock::Kind;
  if (given && want.kind == given->kind && want.block) {
    return fmt::format("the block of this single address is \"{}/{}\"", to_text(*given), given->size() * 8);
  }
  if (given && want.kind == given->kind) return "a single address takes no prefix length";
  if (given && want.kind == K::ipv6 && given->kind == K::ipv4) {
    AddressBlock mapped = mapped_to_ipv6(*given);
    mapped.has_prefix = want.block;
    return fmt::format("as an IPv6 address it is \"{}\"", to_text(mapped));
  }
  return fmt::format("such as \"{}\"", want.example);
}

}  // namespace

AddressForm address_form(const Type& type) {
  if (is_unsigned(type, 4)) return AddressForm::ipv4;
  const Type& base = strip(type);
  if (base.kind == Kind::array) return form_of_array(base);
  return is_record(base) ? form_of_record(base) : AddressForm::none;
}

std::optional<AddressMistake> encode_address(std::string_view text, const Type& type,
                                             std::span<std::byte> bytes) {
  const Wanted want = wanted(address_form(type));
  const std::optional<AddressBlock> address = parse_address(text);
  if (!address || address->kind != want.kind || address->has_prefix != want.block) {
    return AddressMistake{fmt::format("\"{}\" is not {}", escape_for_terminal(text), want.name),
                          advice(want, address)};
  }
  if (const AddressBlock base = address->base(); base != *address) {
    return AddressMistake{
        fmt::format("\"{}\" has bits set after its prefix of {}", escape_for_terminal(text), address->prefix),
        fmt::format("the block is \"{}\"", to_text(base))};
  }
  if (want.block) {
    std::memcpy(bytes.data(), &address->prefix, sizeof address->prefix);
    bytes = bytes.subspan(sizeof address->prefix);
  }
  std::copy_n(address->bytes.begin(), address->size(), bytes.begin());
  return std::nullopt;
}

}  // namespace probe_run
