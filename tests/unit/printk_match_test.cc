#include "source/printed_lines.h"
#include "support/catch.h"
#include "unit/sample_object.h"

using namespace probe_run;

namespace {

bool matches(const std::string& format, const std::string& line) {
  return PrintkMatch({format}).matches(line);
}

}  // namespace

TEST_CASE("A printed line matches the format that it was printed with") {
  CHECK(matches("hello", "hello"));
  CHECK(matches("pid %d", "pid 42"));
  CHECK(matches("pid %d opened %s", "pid 42 opened /etc/passwd"));
  CHECK(matches("%s", "anything at all"));
  CHECK(matches("%d%d", "12"));
  CHECK(matches("a%sb%sc", "a1b2c"));
  CHECK(matches("a%sb%sc", "abbcbcc"));
}

TEST_CASE("A printed line does not match another format") {
  CHECK_FALSE(matches("hello", "hello "));
  CHECK_FALSE(matches("hello", "hell"));
  CHECK_FALSE(matches("pid %d", "tid 42"));
  CHECK_FALSE(matches("pid %d end", "pid 42"));
  CHECK_FALSE(matches("a%da", "a"));
  CHECK_FALSE(matches("a%sb%sc", "acb"));
  CHECK_FALSE(matches("", "x"));
}

TEST_CASE("The newline at a format's end is not in the line") {
  CHECK(matches("hello\n", "hello"));
  CHECK(matches("pid %d\n", "pid 42"));
}

TEST_CASE("Conversions with flags, width, precision and length are conversions") {
  for (const char* format : {"%-08x|", "%+.3lld|", "% 5hhu|", "%#llx|", "%*d|", "%c|", "%zu|", "%i|"}) {
    CAPTURE(format);
    CHECK(matches(format, "value|"));
    CHECK_FALSE(matches(format, "value"));
  }
}

TEST_CASE("Pointer conversions include the letters that follow them") {
  CHECK(matches("ip %pI4 port", "ip 10.0.0.1 port"));
  CHECK(matches("%pks.", "text."));
  CHECK(matches("%p", "00000000deadbeef"));
  CHECK(matches("sym %ps+", "sym do_sys_open+"));
}

TEST_CASE("A doubled percent sign is one") {
  CHECK(matches("100%%", "100%"));
  CHECK_FALSE(matches("100%%", "100%%"));
  CHECK(matches("%d%% of %s", "5% of all"));
}

TEST_CASE("A format that ends within a conversion does no harm") {
  CHECK(matches("100%", "100"));
  CHECK(matches("x%l", "x"));
  CHECK(matches("x%5", "x"));
}

TEST_CASE("A line that the kernel truncated matches with the rest of it") {
  const std::string long_text(2000, 'x');
  CHECK(matches(long_text, std::string(1023, 'x')));
  CHECK_FALSE(matches(long_text, std::string(100, 'x')));
  CHECK(matches("%s end", std::string(1023, 'y')));
  CHECK_FALSE(matches("%s end", std::string(1000, 'y')));
  CHECK_FALSE(matches("start %s", std::string(1023, 'y')));
}

TEST_CASE("A line matches when one of several formats does") {
  const PrintkMatch match({"a %d", "b %d"});
  CHECK(match.matches("b 1"));
  CHECK(match.matches("a 1"));
  CHECK_FALSE(match.matches("c 1"));
}

TEST_CASE("Without formats every line matches") {
  CHECK(PrintkMatch({}).matches("anything"));
}

TEST_CASE("The format strings of an object are found in .rodata") {
  test::BtfBuilder btf;
  const auto character = btf.integer("char", 1, BTF_INT_SIGNED);
  const auto u32 = btf.integer("unsigned int", 4);
  const auto first = btf.variable("handle.____fmt", btf.constant(btf.array(character, 6)));
  const auto second = btf.variable("handle.____fmt.1", btf.constant(btf.array(character, 4)));
  const auto third = btf.variable("___fmt", btf.array(character, 6));
  const auto other = btf.variable("wanted_pid", u32);
  btf.section(".rodata", 20, {{first, 0, 6}, {second, 6, 4}, {third, 10, 6}, {other, 16, 4}});
  const auto object = test::object_of(btf, {});
  test::RecordBytes rodata;
  rodata.text("pid %d", 6).text("bye", 4).text("x %s\n", 6).u32(0x21212121);
  CHECK(printk_formats(*object, rodata.view()) == std::vector<std::string>{"pid %d", "bye", "x %s\n"});
}

TEST_CASE("Format strings outside of .rodata's bytes do no harm") {
  test::BtfBuilder btf;
  const auto text = btf.array(btf.integer("char", 1), 100);
  btf.section(".rodata", 8,
              {{btf.variable("a.____fmt", text), 4, 100}, {btf.variable("b.____fmt", text), 5000, 100}});
  const auto object = test::object_of(btf, {});
  test::RecordBytes rodata;
  rodata.text("0123abcd", 8);
  CHECK(printk_formats(*object, rodata.view()) == std::vector<std::string>{"abcd"});
}
