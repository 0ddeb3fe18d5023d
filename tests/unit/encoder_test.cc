// Values of a spec as the bytes of C types.
#include "object/encoder.h"

#include <fmt/format.h>

#include "support/catch.h"
#include "unit/sample_object.h"

using namespace probe_run;
using test::BtfBuilder;

namespace {

// Types as in C headers.
class Types {
 public:
  Types() {
    u8_ = btf_.type_def("__u8", uchar_);
    u32_ = btf_.type_def("__u32", uint_);
    be32_ = btf_.type_def("__be32", u32_);
    const auto bytes16 = btf_.array(u8_, 16);
    const auto trie_key =
        btf_.structure("bpf_lpm_trie_key", 4, {{"prefixlen", u32_, 0}, {"data", btf_.array(u8_, 0), 32}});
    const auto anonymous = btf_.union_of("", 4, {{"port", u32_, 0}, {"id", u32_, 0}});
    named_ = {
        {"__u8", u8_},
        {"__u32", u32_},
        {"__be32", be32_},
        {"int", btf_.integer("int", 4, BTF_INT_SIGNED)},
        {"char", btf_.integer("char", 1, BTF_INT_CHAR)},
        {"float", btf_.floating("float", 4)},
        {"double", btf_.floating("double", 8)},
        {"wide", btf_.integer("unsigned __int128", 16)},
        {"signed wide", btf_.integer("__int128", 16, BTF_INT_SIGNED)},
        {"__u8[4]", btf_.array(u8_, 4)},
        {"__u8[5]", btf_.array(u8_, 5)},
        {"__u8[6]", btf_.array(u8_, 6)},
        {"__u8[16]", bytes16},
        {"__u32[4]", btf_.array(be32_, 4)},
        {"unsigned char[6]", btf_.array(uchar_, 6)},
        {"unsigned char[16]", btf_.array(uchar_, 16)},
        {"in6_addr", btf_.structure("in6_addr", 16, {{"in6_u", bytes16, 0}})},
        {"in_addr", btf_.structure("in_addr", 4, {{"s_addr", be32_, 0}})},
        {"block4", btf_.structure("block4", 8, {{"prefixlen", u32_, 0}, {"addr", be32_, 32}})},
        {"block6", btf_.structure("block6", 20, {{"prefixlen", u32_, 0}, {"addr", bytes16, 32}})},
        {"nested", btf_.structure("nested", 8, {{"lpm", trie_key, 0}, {"addr", be32_, 32}})},
        {"flow", btf_.structure("flow", 8, {{"pid", u32_, 0}, {"tid", u32_, 32}})},
        {"three",
         btf_.structure("three", 12, {{"prefixlen", u32_, 0}, {"addr", be32_, 32}, {"port", u32_, 64}})},
        {"bits", btf_.structure("bits", 4,
                                {{"low", u32_, 0, 3},
                                 {"over", u32_, 3, 7},
                                 {"sign", btf_.integer("int", 4, BTF_INT_SIGNED), 10, 4},
                                 {"mode", btf_.enumeration("mode", 4, {{"OFF", 0}, {"ON", 2}}), 14, 2}})},
        {"unnamed", btf_.structure("unnamed", 8, {{"kind", u32_, 0}, {"", anonymous, 32}})}};
    raw_ = btf_.build();
    table_ = TypeTable(raw_);
  }

  const Type& operator[](const std::string& name) const { return *table_.by_id(named_.at(name)); }

 private:
  BtfBuilder btf_;
  BtfBuilder::Id uchar_ = btf_.integer("unsigned char", 1);
  BtfBuilder::Id uint_ = btf_.integer("unsigned int", 4);
  BtfBuilder::Id u8_ = 0, u32_ = 0, be32_ = 0;
  std::map<std::string, BtfBuilder::Id> named_;
  std::vector<std::byte> raw_;
  TypeTable table_;
};

std::string hex(std::span<const std::byte> bytes) {
  std::string text;
  for (const std::byte byte : bytes) text += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
  return text;
}

// The bytes in hexadecimal, or what is wrong.
std::string encoded(const std::string& type, Value value) {
  static const Types types;
  Diagnostics diagnostics = test::no_diagnostics();
  std::vector<std::byte> bytes(strip(types[type]).size);
  Encoder("it", diagnostics).encode(value, types[type], bytes);
  const std::string mistakes = test::whats(diagnostics);
  return mistakes.empty() ? hex(bytes) : mistakes.substr(0, mistakes.size() - 1);
}

Value text(const std::string& value) {
  return {value, {}};
}
Value number(std::uint64_t value) {
  return {value, {}};
}
Value negative(std::int64_t value) {
  return {value, {}};
}
Value digits(const std::string& value) {
  return {Value::BigNumber{value}, {}};
}
Value object(std::initializer_list<std::pair<const char*, Value>> members) {
  Value::Object object;
  for (const auto& [key, value] : members) object.push_back({test::located(std::string(key)), value});
  return {object, {}};
}

}  // namespace

TEST_CASE("An IPv4 address goes into 4 bytes, the first octet first") {
  for (const char* const type : {"__u32", "__be32", "__u8[4]", "in_addr"}) {
    INFO(type);
    CHECK(encoded(type, text("10.1.2.3")) == "0a010203");
    CHECK(encoded(type, text("0.0.0.0")) == "00000000");
    CHECK(encoded(type, text("255.255.255.255")) == "ffffffff");
  }
}

TEST_CASE("A number may be given in place of an address, in this machine's byte order") {
  CHECK(encoded("__u32", number(1)) == "01000000");
}

TEST_CASE("Text that is not an IPv4 address is named in the error") {
  for (const char* const bad : {"300.1.1.1", "10.0.0", "10.0.0.0.1", "10.0.0.1 ", "010.0.0.1", "a.b.c.d", ".",
                                "10.0.0.1/32", "::1", "02:42:ac:11:00:02"}) {
    CHECK(encoded("__u32", text(bad)) == fmt::format("it: \"{}\" is not an IPv4 address", bad));
  }
  CHECK(encoded("__u32", text("abc")) == "it: __u32 takes a whole number or an IPv4 address, not \"abc\"");
  CHECK(encoded("__u32", text("")) == "it: __u32 takes a whole number or an IPv4 address, not \"\"");
}

TEST_CASE("A type of another shape does not accept an address") {
  CHECK(encoded("int", text("10.0.0.1")) == "it: int takes a whole number, not \"10.0.0.1\"");
  CHECK(encoded("__u8", text("10.0.0.1")) == "it: __u8 takes a whole number, not \"10.0.0.1\"");
  CHECK(encoded("__u8[5]", text("10.0.0.1")) == "it: __u8[5] takes a list, not \"10.0.0.1\"");
  CHECK(encoded("three", text("10.0.0.0/8")) == "it: struct three takes an object, not \"10.0.0.0/8\"");
  CHECK(encoded("wide", text("::1")) == "it: unsigned __int128 takes a whole number, not \"::1\"");
}

TEST_CASE("An IPv6 address goes into 16 bytes") {
  for (const char* const type : {"__u8[16]", "__u32[4]", "in6_addr"}) {
    INFO(type);
    CHECK(encoded(type, text("fe80::1")) == "fe800000000000000000000000000001");
    CHECK(encoded(type, text("::ffff:10.0.0.1")) == "00000000000000000000ffff0a000001");
    CHECK(encoded(type, text("10.0.0.1")) == "it: \"10.0.0.1\" is not an IPv6 address");
    CHECK(encoded(type, text("fe80::1%eth0")) == "it: \"fe80::1%eth0\" is not an IPv6 address");
    CHECK(encoded(type, text("fe80::1/64")) == "it: \"fe80::1/64\" is not an IPv6 address");
    CHECK(encoded(type, text("fe80:::1")) == "it: \"fe80:::1\" is not an IPv6 address");
  }
}

TEST_CASE("Character arrays are text even if they have the size of an address, except for a MAC address") {
  CHECK(encoded("unsigned char[16]", text("fe80::1")) == "666538303a3a31000000000000000000");
  CHECK(encoded("unsigned char[6]", text("a:b")) == "613a62000000");
  CHECK(encoded("unsigned char[6]", text("02:42:ac:11:00:0f")) == "0242ac11000f");
}

TEST_CASE("A MAC goes into 6 bytes") {
  CHECK(encoded("__u8[6]", text("02:42:ac:11:00:0F")) == "0242ac11000f");
  CHECK(encoded("__u8[6]", text("02:42:ac:11:00")) == "it: \"02:42:ac:11:00\" is not an Ethernet address");
  CHECK(encoded("__u8[6]", text("2:42:ac:11:0:f")) == "it: \"2:42:ac:11:0:f\" is not an Ethernet address");
}

TEST_CASE("A block of addresses goes into a struct of a prefix length and an address") {
  CHECK(encoded("block4", text("10.0.0.0/8")) == "080000000a000000");
  CHECK(encoded("nested", text("192.0.2.0/24")) == "18000000c0000200");
  CHECK(encoded("block4", text("0.0.0.0/0")) == "0000000000000000");
  CHECK(encoded("block4", text("10.1.2.3/32")) == "200000000a010203");
  CHECK(encoded("block6", text("2001:db8::/32")) == "2000000020010db8000000000000000000000000");
  // A struct of two numbers also fits: the text decides whether it is a block.
  CHECK(encoded("flow", text("10.0.0.0/8")) == "080000000a000000");
}

TEST_CASE("Text that is not a block of addresses is named in the error") {
  CHECK(encoded("block4", text("10.0.0.1")) == "it: \"10.0.0.1\" is not a block of IPv4 addresses");
  CHECK(encoded("block4", text("10.0.0.0/33")) == "it: \"10.0.0.0/33\" is not a block of IPv4 addresses");
  CHECK(encoded("block4", text("2001:db8::/32")) == "it: \"2001:db8::/32\" is not a block of IPv4 addresses");
  CHECK(encoded("block4", text("10.0.0.1/8")) == "it: \"10.0.0.1/8\" has bits set after its prefix of 8");
  CHECK(encoded("block6", text("10.0.0.0/8")) == "it: \"10.0.0.0/8\" is not a block of IPv6 addresses");
  CHECK(encoded("block4", text("ten")) == "it: struct block4 takes an object or an address, not \"ten\"");
}

TEST_CASE("A block can be written member by member") {
  CHECK(encoded("block4", object({{"prefixlen", number(8)}, {"addr", text("10.0.0.0")}})) ==
        "080000000a000000");
}

TEST_CASE("Numbers of 128 bits") {
  CHECK(encoded("wide", number(1)) == "01000000000000000000000000000000");
  CHECK(encoded("wide", digits("18446744073709551616")) == "00000000000000000100000000000000");
  CHECK(encoded("wide", digits("340282366920938463463374607431768211455")) == std::string(32, 'f'));
  CHECK(encoded("wide", digits("340282366920938463463374607431768211456")) ==
        "it: 340282366920938463463374607431768211456 does not fit unsigned __int128 (at most "
        "340282366920938463463374607431768211455)");
  CHECK(encoded("wide", negative(-1)) == std::string(32, 'f'));
  CHECK(encoded("wide", negative(-2)) ==
        "it: -2 does not fit unsigned __int128 (at least 0; -1 sets every bit)");
  CHECK(encoded("signed wide", negative(-2)) == "fe" + std::string(30, 'f'));
  CHECK(encoded("signed wide", digits("-170141183460469231731687303715884105728")) ==
        std::string(30, '0') + "80");
  CHECK(encoded("signed wide", digits("170141183460469231731687303715884105728")) ==
        "it: 170141183460469231731687303715884105728 does not fit __int128 (at most "
        "170141183460469231731687303715884105727)");
  CHECK(encoded("__u32", digits("18446744073709551616")) ==
        "it: 18446744073709551616 does not fit __u32 (at most 4294967295)");
}

TEST_CASE("Bitfields accept values that fit, and leave their neighbours unchanged") {
  CHECK(encoded("bits", object({{"low", number(7)}})) == "07000000");
  CHECK(encoded("bits", object({{"over", number(127)}})) == "f8030000");
  CHECK(encoded("bits", object({{"sign", negative(-8)}})) == "00200000");
  CHECK(encoded("bits", object({{"sign", negative(-1)}})) == "003c0000");
  CHECK(encoded("bits", object({{"mode", text("ON")}})) == "00800000");
  CHECK(encoded("bits", object({{"low", number(5)}, {"over", number(1)}, {"mode", number(1)}})) ==
        "0d400000");
  CHECK(encoded("bits", object({{"low", number(8)}})) ==
        "it: 8 does not fit the bitfield \"low\" of 3 bits (at most 7)");
  CHECK(encoded("bits", object({{"sign", negative(-9)}})) ==
        "it: -9 does not fit the bitfield \"sign\" of 4 bits (at least -8)");
  CHECK(encoded("bits", object({{"mode", text("UP")}})) == "it: enum mode has no \"UP\"");
  CHECK(encoded("bits", object({{"low", text("1.1.1.1")}})) ==
        "it: the bitfield \"low\" of 3 bits takes a whole number, not \"1.1.1.1\"");
}

TEST_CASE("Members of an anonymous union are members of the struct around it") {
  CHECK(encoded("unnamed", object({{"kind", number(1)}, {"id", number(2)}})) == "0100000002000000");
  CHECK(encoded("unnamed", object({{"none", number(1)}})) == "struct unnamed has no member \"none\"");
}

TEST_CASE("A floating-point type accepts every number that it can represent") {
  const Value huge = digits("36893488147419103232");  // 2^65
  CHECK(encoded("float", huge) == "00000060");
  CHECK(encoded("double", huge) == "0000000000000044");
  CHECK(encoded("float", Value{1e39, {}}) == "it: 1e+39 does not fit float (at most 3.4028235e+38)");
  CHECK(encoded("float", Value{-1e39, {}}) == "it: -1e+39 does not fit float (at least -3.4028235e+38)");
  CHECK(encoded("double", digits(std::string(400, '9'))) == "it: a number of 400 digits does not fit double");
  CHECK(encoded("double", text("fast")) == "it: double takes a number, not \"fast\"");
}
