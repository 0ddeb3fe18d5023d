// Addresses that a spec writes as text, as the bytes of the C types that hold them.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "object/type_table.h"

namespace probe_run {

// What a type can hold, by its shape:
//   ipv4         an unsigned integer of 4 bytes, an array of 4 bytes, struct in_addr
//   ipv6         an array of 16 bytes or of four unsigned integers of 4, struct in6_addr
//   mac          an array of 6 bytes
//   ipv4_block,  a struct of an unsigned integer of 4 bytes (or of struct bpf_lpm_trie_key) and, right after
//   ipv6_block   it, one of the above and nothing else: a key of an LPM trie
// A byte is an unsigned integer of 1 byte, but no character: those arrays hold strings. Of 6 `unsigned char`
// can be MACs nevertheless: a MAC as text does not fit there.
enum class AddressForm { none, ipv4, ipv6, mac, ipv4_block, ipv6_block };
AddressForm address_form(const Type& type);

struct AddressMistake {
  std::string what;
  std::string hint;
};

// Stores the address in the order of the network, a block's prefix length in that of this machine. Returns
// what is wrong with the text, or nothing. REQUIRES: address_form(type) is not none, bytes has the type's
// size
std::optional<AddressMistake> encode_address(std::string_view text, const Type& type,
                                             std::span<std::byte> bytes);

}  // namespace probe_run
