#include "decode/renderer.h"

#include "support/catch.h"
#include "unit/fate.h"
#include "unit/sample_object.h"

using namespace probe_run;
using test::BtfBuilder;
using test::RecordBytes;

namespace {

// C types of fields for renderers.
struct Of {
  std::uint32_t size = 4;
  bool is_signed = false;
  std::uint32_t count = 0;  // of an array
  std::uint32_t bits = 0;   // of a bitfield
};
constexpr Of u8{1}, u16{2}, u32{4}, u64{8};
constexpr Of i32{4, true}, i64{8, true};

constexpr Of bytes(std::uint32_t count) {
  return {1, false, count};
}

test::Compiled alone(std::string_view as, const Of& of) {
  BtfBuilder btf;
  auto type = btf.integer("number", of.size, of.is_signed ? BTF_INT_SIGNED : 0);
  if (of.count != 0) type = btf.array(type, of.count);
  const std::uint32_t size = of.count != 0 ? of.size * of.count : of.size;
  btf.structure("event", size, {{"f", type, 0, of.bits}});
  return test::stream_of(btf, "struct event", {{"f", std::string(as)}});
}

// The renderer's text for the only field of a record.
std::string as(std::string_view name, const Of& of, const RecordBytes& record,
               std::int64_t ktime_to_wall = 0) {
  const test::Compiled plan = alone(name, of);
  if (!plan.mistakes.empty()) return plan.mistakes;
  return test::plain(plan.field("f"), record.view(), test::clock_at(ktime_to_wall));
}

RecordBytes number(std::uint64_t value, std::size_t size = 8) {
  RecordBytes record;
  for (std::size_t i = 0; i < size; ++i) record.u8(static_cast<std::uint8_t>(value >> (8 * i)));
  return record;
}

RecordBytes negative(std::int64_t value, std::size_t size) {
  return number(static_cast<std::uint64_t>(value), size);
}

}  // namespace

TEST_CASE("Every renderer has a unique name and a description") {
  std::vector<std::string_view> names = renderer_names();
  CHECK(names.size() == all_renderers().size());
  std::sort(names.begin(), names.end());
  CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
  for (const Renderer* renderer : all_renderers()) {
    CAPTURE(std::string(renderer->name));
    CHECK_FALSE(renderer->doc.empty());
    CHECK(find_renderer(renderer->name) == renderer);
    CHECK_FALSE(taken(renderer->takes).empty());
  }
  CHECK(find_renderer("nothing") == nullptr);
}

TEST_CASE("Renderer dec") {
  CHECK(as("dec", u32, number(42, 4)) == "42");
  CHECK(as("dec", i32, negative(-42, 4)) == "-42");
  CHECK(as("dec", u64, number(~0ull)) == "18446744073709551615");
}

TEST_CASE("Renderer hex") {
  CHECK(as("hex", u8, number(0, 1)) == "0x0");
  CHECK(as("hex", u32, number(0xbeef, 4)) == "0xbeef");
  CHECK(as("hex", i32, negative(-1, 4)) == "0xffffffff");
  CHECK(as("hex", i64, negative(-1, 8)) == "0xffffffffffffffff");
}

TEST_CASE("Renderer oct") {
  CHECK(as("oct", u32, number(0644, 4)) == "0644");
  CHECK(as("oct", u64, number(~0ull)) == "01777777777777777777777");
}

TEST_CASE("Renderer bin") {
  CHECK(as("bin", u8, number(5, 1)) == "0b101");
  CHECK(as("bin", u64, number(~0ull)) == "0b" + std::string(64, '1'));
}

TEST_CASE("Renderer bool") {
  CHECK(as("bool", u32, number(0, 4)) == "false");
  CHECK(as("bool", u32, number(256, 4)) == "true");
}

TEST_CASE("Renderer size") {
  CHECK(as("size", u64, number(0)) == "0B");
  CHECK(as("size", u64, number(1023)) == "1023B");
  CHECK(as("size", u64, number(1536)) == "1.5KiB");
  CHECK(as("size", u64, number(1ull << 30)) == "1.0GiB");
  CHECK(as("size", u64, number(~0ull)) == "16.0EiB");
  CHECK(as("size", u64, number((1ull << 20) - 1)) == "1.0MiB");
  CHECK(as("size", i64, negative(-1536, 8)) == "-1.5KiB");
}

TEST_CASE("Renderers of network byte order") {
  CHECK(as("be16", u16, {0x01, 0xbb}) == "443");
  CHECK(as("be16", bytes(2), {0x01, 0xbb}) == "443");
  CHECK(as("be32", u32, {0x01, 0x02, 0x03, 0x04}) == std::to_string(0x01020304));
  CHECK(as("be64", u64, {1, 2, 3, 4, 5, 6, 7, 8}) == std::to_string(0x0102030405060708));
}

TEST_CASE("Renderer bytes") {
  CHECK(as("bytes", bytes(4), {0xde, 0xad, 0x00, 0x0f}) == "dead000f");
  CHECK(as("bytes", u16, {0x01, 0xbb}) == "01bb");
}

TEST_CASE("Renderer ipv4") {
  CHECK(as("ipv4", u32, {192, 168, 0, 1}) == "192.168.0.1");
  CHECK(as("ipv4", bytes(4), {255, 255, 255, 255}) == "255.255.255.255");
}

TEST_CASE("Renderer ipv6") {
  CHECK(as("ipv6", bytes(16), {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}) == "2001:db8::1");
  CHECK(as("ipv6", {4, false, 4}, RecordBytes().zeros(16)) == "::");
}

TEST_CASE("Renderer mac") {
  CHECK(as("mac", bytes(6), {0x00, 0x1a, 0x2b, 0x3c, 0x4d, 0xff}) == "00:1a:2b:3c:4d:ff");
}

TEST_CASE("Renderer port") {
  CHECK(as("port", u16, {0x1f, 0x90}) == "8080");
  CHECK(as("port", bytes(2), {0xff, 0xff}) == "65535");
}

TEST_CASE("Renderer ktime") {
  CHECK(as("ktime", u64, number(1'000'000'001), 1'700'000'000'000'000'000) ==
        "2023-11-14T22:13:21.000000001Z");
  CHECK(as("ktime", u64, number(0)) == "1970-01-01T00:00:00.000000000Z");
}

TEST_CASE("Renderer ktime accepts any number, even if it is not a time") {
  for (const std::uint64_t value : {0x7fff'ffff'ffff'ffffull, 0x8000'0000'0000'0000ull, ~0ull}) {
    for (const std::int64_t to_wall : {std::int64_t{1} << 61, -(std::int64_t{1} << 61)}) {
      CAPTURE(value, to_wall);
      CHECK(as("ktime", u64, number(value), to_wall).size() == 30);
    }
  }
}

TEST_CASE("Renderer timestamp") {
  CHECK(as("timestamp", u64, number(1'700'000'000'123'456'789)) == "2023-11-14T22:13:20.123456789Z");
  CHECK(as("timestamp", i64, negative(-1, 8)) == "1969-12-31T23:59:59.999999999Z");
}

TEST_CASE("Renderer duration") {
  CHECK(as("duration", u64, number(0)) == "0ns");
  CHECK(as("duration", u64, number(999)) == "999ns");
  CHECK(as("duration", u64, number(1'250'000)) == "1.250ms");
  CHECK(as("duration", u64, number(90'000'000'000)) == "90.000s");
  CHECK(as("duration", i64, negative(-1500, 8)) == "-1.500us");
  CHECK(as("duration", u64, number(999'999'999)) == "1.000s");
}

TEST_CASE("Renderer boottime") {
  RenderContext context;
  context.clock.observe(0, 1'000'000'000);
  context.boot_clock.observe(0, 3'000'000'000);
  const auto shown = [&](std::string_view renderer) {
    const test::Compiled plan = alone(renderer, u64);
    return test::plain(plan.field("f"), number(500'000'000, 8).view(), context);
  };
  CHECK(shown("boottime") == "1970-01-01T00:00:03.500000000Z");
  CHECK(shown("ktime") == "1970-01-01T00:00:01.500000000Z");
}

TEST_CASE("Renderer errno") {
  CHECK(as("errno", i32, negative(0, 4)) == "0");
  CHECK(as("errno", i32, negative(-512, 4)) == "ERESTARTSYS");
  CHECK(as("errno", u64, negative(-516, 8)) == "ERESTART_RESTARTBLOCK");
  CHECK(as("errno", u32, number(524, 4)) == "ENOTSUPP");
  CHECK(as("errno", i32, negative(-4095, 4)) == "-4095");
  CHECK(as("errno", i32, negative(-4096, 4)) == "-4096");
  CHECK(as("errno", u64, negative(-5000, 8)) == "18446744073709546616");
  CHECK(as("errno", i32, negative(-2, 4)) == "ENOENT");
  CHECK(as("errno", u64, negative(-13, 8)) == "EACCES");
  CHECK(as("errno", u32, number(1, 4)) == "EPERM");
  CHECK(as("errno", u32, negative(-2, 4)) == "ENOENT");
  CHECK(as("errno", u16, negative(-1, 2)) == "EPERM");
  CHECK(as("errno", u32, negative(-5000, 4)) == "4294962296");
  CHECK(as("errno", u8, number(255, 1)) == "255");
  CHECK(as("errno", i32, negative(-3999, 4)) == "-3999");
  CHECK(as("errno", i64, negative(-1'000'000, 8)) == "-1000000");
}

TEST_CASE("Renderer errno accepts the smallest number") {
  CHECK(as("errno", i64, number(1ull << 63)) == "-9223372036854775808");
}

TEST_CASE("Renderer signal") {
  CHECK(as("signal", i32, number(9, 4)) == "SIGKILL");
  CHECK(as("signal", i32, number(0, 4)) == "0");
  CHECK(as("signal", u32, number(1000, 4)) == "1000");
  CHECK(as("signal", i32, negative(-1, 4)) == "-1");
}

TEST_CASE("Renderer enum accepts only an enum") {
  CHECK(alone("enum", u32).mistakes ==
        "\"enum\" takes an integer whose values have names (an enum, or with \"values\"); the field \"f\" is "
        "number\n");
}

TEST_CASE("A renderer refuses a field that it cannot print") {
  CHECK(alone("ipv4", u64).mistakes == "\"ipv4\" takes 4 bytes; the field \"f\" is number\n");
  CHECK(alone("mac", bytes(5)).mistakes.starts_with("\"mac\" takes 6 bytes; the field \"f\" is number[5]"));
  CHECK_FALSE(alone("be64", u32).mistakes.empty());
  CHECK_FALSE(alone("be64", bytes(9)).mistakes.empty());
  CHECK_FALSE(alone("be16", u8).mistakes.empty());
  CHECK_FALSE(alone("port", u8).mistakes.empty());
}

TEST_CASE("Integer renderers accept a bitfield of any width") {
  const Of wide{8, false, 0, 60};
  CHECK(as("hex", wide, number(0xf123'4567'89ab'cdef)) == "0x123456789abcdef");
  // From bit 5 on it spans nine bytes.
  BtfBuilder btf;
  const auto type = btf.integer("unsigned long long", 8);
  btf.structure("event", 16, {{"low", type, 0, 5}, {"f", type, 5, 60}});
  CHECK(test::stream_of(btf, "struct event", {{"f", "hex"}}).mistakes == "");
}

TEST_CASE("No renderer reads past its field") {
  std::vector<Of> kinds{
      u8,           u16, u32, u64, i32, i64, {16}, {3}, {8, true, 0, 3}, {8, true, 0, 60}, {4, false, 0, 27},
      {8, false, 5}};
  for (std::uint32_t count = 1; count <= 17; ++count) kinds.push_back(bytes(count));
  std::string bad;
  for (const Renderer* renderer : all_renderers()) {
    for (const Of& of : kinds) {
      const test::Compiled plan = alone(renderer->name, of);
      if (!plan.mistakes.empty()) continue;
      const std::string end = test::fate([&](volatile unsigned&) {
        // Bytes after the record must not appear.
        std::vector<std::byte> memory(64, std::byte{0x55});
        const Bytes record = Bytes(memory).first(plan->size);
        const std::string before = test::plain(plan.field("f"), record);
        std::fill(memory.begin() + static_cast<std::ptrdiff_t>(plan->size), memory.end(), std::byte{0xaa});
        return before == test::plain(plan.field("f"), record);
      });
      if (!end.empty()) {
        bad += std::string(renderer->name) + " of " + std::to_string(of.size) + " bytes" +
               (of.count != 0 ? " x " + std::to_string(of.count) : "") + ": " + end + "\n";
      }
    }
  }
  CHECK(bad == "");
}

TEST_CASE("Renderers print printable ASCII only") {
  for (const Renderer* renderer : all_renderers()) {
    for (const Of& of : {u8, u16, u32, u64, i32, bytes(4), bytes(6), bytes(16)}) {
      for (const unsigned byte : {0x00u, 0x1bu, 0x7fu, 0x80u, 0xffu}) {
        const test::Compiled plan = alone(renderer->name, of);
        if (!plan.mistakes.empty() || plan->size < 2) continue;
        const std::vector<std::byte> record(plan->size, static_cast<std::byte>(byte));
        const std::string text = test::plain(plan.field("f"), record);
        CAPTURE(std::string(renderer->name), of.size, of.count, byte, text);
        CHECK(std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; }));
      }
    }
  }
}

TEST_CASE("The name of an enum value is escaped, because it may come from a recording") {
  BtfBuilder btf;
  btf.structure("event", 4, {{"f", btf.enumeration("state", 4, {{"\x1b]0;x\x07\"", 0}}), 0}});
  const std::string text =
      test::plain(test::stream_of(btf, "struct event").field("f"), RecordBytes().zeros(4).view());
  CHECK(std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; }));
}
