#include "view/row_value.h"

#include "support/catch.h"
#include "unit/sample_object.h"

using namespace probe_run;
using test::BtfBuilder;
using test::RecordBytes;

namespace {

std::string order(const Field& field, Bytes a, Bytes b) {
  const auto result = compare_by(field, a, b);
  return result < 0 ? "less" : result > 0 ? "greater" : "equal";
}

// Compares two records that are one field of the type that `make` adds to the BTF.
template <class Make>
std::string order_of(Make make, std::uint32_t size, const RecordBytes& a, const RecordBytes& b,
                     const test::Renderers& renderers = {}) {
  BtfBuilder btf;
  const auto type = make(btf);
  btf.structure("row", size, {{"f", type, 0}});
  const test::Compiled plan = test::stream_of(btf, "struct row", renderers);
  return order(plan.field("f"), a.view(), b.view());
}

auto integer(std::uint32_t size, std::uint32_t encoding) {
  return [=](BtfBuilder& btf) { return btf.integer("number", size, encoding); };
}

}  // namespace

TEST_CASE("Unsigned numbers are compared without a sign") {
  CHECK(order_of(integer(4, 0), 4, {1, 0, 0, 0}, {0xff, 0xff, 0xff, 0xff}) == "less");
  CHECK(order_of(integer(8, 0), 8, RecordBytes().u64(~0ull), RecordBytes().u64(1)) == "greater");
  CHECK(order_of(integer(2, 0), 2, {0, 1}, {0xff, 0}) == "greater");
  CHECK(order_of(integer(1, 0), 1, {7}, {7}) == "equal");
}

TEST_CASE("Signed numbers are compared with their sign") {
  CHECK(order_of(integer(4, BTF_INT_SIGNED), 4, {1, 0, 0, 0}, {0xff, 0xff, 0xff, 0xff}) == "greater");
  CHECK(order_of(integer(1, BTF_INT_SIGNED), 1, {0x80}, {0x7f}) == "less");
}

TEST_CASE("Texts are compared up to their NUL") {
  const auto text = [](BtfBuilder& btf) { return btf.array(btf.integer("char", 1), 4); };
  CHECK(order_of(text, 4, {'a', 0, 'x', 'x'}, {'a', 0, 'y', 'y'}) == "equal");
  CHECK(order_of(text, 4, {'a', 'b', 0, 0}, {'a', 'c', 0, 0}) == "less");
  CHECK(order_of(text, 4, {'a', 'b', 0, 0}, {'a', 0, 0xff, 0xff}) == "greater");
  CHECK(order_of(text, 4, {0xc3, 0xa9, 0, 0}, {'z', 0, 0, 0}) == "greater");
}

TEST_CASE("Floats are compared by value") {
  const auto real = [](BtfBuilder& btf) { return btf.floating("double", 8); };
  CHECK(order_of(real, 8, RecordBytes().add(-1.5), RecordBytes().add(0.5)) == "less");
  CHECK(order_of(real, 8, RecordBytes().add(10.0), RecordBytes().add(9.0)) == "greater");
}

TEST_CASE("A renderer does not change the order of numbers") {
  CHECK(order_of(integer(4, 0), 4, RecordBytes().u32(9), RecordBytes().u32(10), {{"f", "hex"}}) == "less");
  CHECK(order_of(integer(4, BTF_INT_SIGNED), 4, RecordBytes().i32(-1), RecordBytes().i32(1),
                 {{"f", "errno"}}) == "less");
}

TEST_CASE("Bytes that a renderer prints as a whole are compared byte by byte") {
  const auto bytes = [](std::uint32_t count) {
    return [count](BtfBuilder& btf) {
      return btf.array(btf.type_def("u8", btf.integer("unsigned char", 1)), count);
    };
  };
  CHECK(order_of(bytes(16), 16, RecordBytes{1}.zeros(15), RecordBytes{0}.zeros(14).u8(9), {{"f", "ipv6"}}) ==
        "greater");
  CHECK(order_of(bytes(6), 6, {2, 0, 0, 0, 0, 0}, {1, 0, 0, 0, 0, 9}, {{"f", "mac"}}) == "greater");
  CHECK(order_of(bytes(4), 4, {10, 0, 0, 1}, {9, 0, 0, 2}, {{"f", "ipv4"}}) == "greater");
}

TEST_CASE("Flexible arrays of bytes are compared as well") {
  const auto bytes = [](BtfBuilder& btf) {
    return btf.array(btf.type_def("u8", btf.integer("unsigned char", 1)), 0);
  };
  CHECK(order_of(bytes, 0, {1, 2}, {1, 3}, {{"f", "bytes"}}) == "less");
}

TEST_CASE("Bitfields are compared by their own bits") {
  const test::Compiled plan = test::event_plan();
  RecordBytes first;
  first.zeros(34).u8(0b11111'001).zeros(61);
  RecordBytes second;
  second.zeros(34).u8(0b00000'010).zeros(61);
  CHECK(order(plan.field("net.low"), first.view(), second.view()) == "less");
  CHECK(order(plan.field("net.high"), first.view(), second.view()) == "greater");
}

TEST_CASE("A record that is too short for the field comes first") {
  const test::Compiled plan = test::event_plan();
  const RecordBytes record = test::event_record();
  CHECK(order(plan.field("pid"), record.view().first(10), record.view()) == "less");
  CHECK(order(plan.field("pid"), record.view(), record.view().first(10)) == "greater");
  CHECK(order(plan.field("pid"), record.view().first(10), {}) == "equal");
}

TEST_CASE("Numbers in network byte order are compared as they are shown") {
  const RecordBytes low{0x00, 0xff};
  const RecordBytes high{0x01, 0x00};
  CHECK(order_of(integer(2, 0), 2, low, high, {{"f", "port"}}) == "less");
  CHECK(order_of(integer(2, 0), 2, low, high, {{"f", "be16"}}) == "less");
  CHECK(order_of(integer(2, BTF_INT_SIGNED), 2, {0x80, 0}, {0x7f, 0}, {{"f", "be16"}}) == "greater");
  CHECK(order_of(integer(4, 0), 4, {10, 0, 0, 9}, {10, 0, 1, 0}, {{"f", "ipv4"}}) == "less");
  CHECK(order_of(integer(4, 0), 4, {10, 0, 0, 9}, {10, 0, 1, 0}, {{"f", "ip"}}) == "less");
  CHECK(order_of(integer(4, 0), 4, {10, 0, 0, 9}, {10, 0, 1, 0}, {{"f", "be32"}}) == "less");
  CHECK(order_of(integer(8, 0), 8, {0, 0, 0, 0, 0, 0, 0, 9}, {0, 0, 0, 0, 0, 0, 1, 0}, {{"f", "be64"}}) ==
        "less");
}

TEST_CASE("Structs and arrays are compared by the first part that differs") {
  const test::Compiled plan = test::event_plan();
  const RecordBytes record = test::event_record();
  for (const char* path : {"net", "counts", "pairs"}) {
    CAPTURE(path);
    CHECK(order(plan.field(path), record.view(), record.view()) == "equal");
    CHECK(order(plan.field(path), record.view().first(96), RecordBytes().zeros(96).view()) == "greater");
  }
  const auto counts = [](BtfBuilder& btf) { return btf.array(btf.integer("unsigned int", 4), 2); };
  CHECK(order_of(counts, 8, RecordBytes().u32(256).u32(0), RecordBytes().u32(2).u32(0)) == "greater");
  CHECK(order_of(counts, 8, RecordBytes().u32(2).u32(256), RecordBytes().u32(2).u32(3)) == "greater");
}

TEST_CASE("A copied field has zeros after its text, and after the record's end") {
  const test::Compiled plan = test::event_plan();
  std::byte out[16];
  RecordBytes record;
  record.zeros(16).text(std::string_view("ab\0cd", 5), 16, 'z');
  copy_canonical(plan.field("comm"), record.view(), out);
  CHECK(std::string(reinterpret_cast<const char*>(out), 16) == std::string("ab") + std::string(14, '\0'));
  copy_canonical(plan.field("comm"), record.view().first(17), out);
  CHECK(std::string(reinterpret_cast<const char*>(out), 16) == std::string("a") + std::string(15, '\0'));
  copy_canonical(plan.field("comm"), {}, out);
  CHECK(std::string(reinterpret_cast<const char*>(out), 16) == std::string(16, '\0'));
}

TEST_CASE("A floating-point number is sorted by value, also as a percentage") {
  BtfBuilder btf;
  btf.structure("event", 8, {{"f", btf.floating("double", 8), 0}});
  for (const test::Renderers& renderers : {test::Renderers{}, test::Renderers{{"f", "percent"}}}) {
    const test::Compiled plan = test::stream_of(btf, "struct event", renderers);
    REQUIRE(plan.mistakes == "");
    const auto less = [&](double a, double b) {
      return compare_by(plan.field("f"), RecordBytes().add(a).view(), RecordBytes().add(b).view()) < 0;
    };
    CHECK(less(-1.5, 0.25));
    CHECK(less(0.25, 100.0));
    CHECK(less(1.0, 2.0));
    CHECK_FALSE(less(2.0, 1.0));
  }
}

// A sanitizer detects copies from or to a null pointer.
TEST_CASE("Nothing is copied from an empty record or a field of size 0") {
  test::BtfBuilder btf;
  const auto character = btf.integer("char", 1, BTF_INT_SIGNED);
  const auto nothing = btf.structure("nothing", 0, {});
  btf.structure("event", 4, {{"text", btf.array(character, 4), 0}, {"none", btf.array(nothing, 2), 0}});
  const test::Compiled plan = test::stream_of(btf, "struct event");
  std::byte out[4] = {std::byte{1}, std::byte{2}};
  copy_canonical(plan.field("text"), {}, out);
  CHECK(out[0] == std::byte{0});
  copy_canonical(plan.field("none"), {}, out);
  CHECK(out[1] == std::byte{0});
}
