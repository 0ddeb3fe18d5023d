#include "filter/filter.h"

#include <cmath>
#include <limits>

#include "support/catch.h"
#include "unit/fake_names.h"
#include "unit/sample_object.h"
#include "unit/spec_plan.h"

using namespace probe_run;
using test::BtfBuilder;
using test::RecordBytes;

namespace {

std::string quoted(std::string_view text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') json += '\\';
    json += c;
  }
  return json + "\"";
}

// "yes", "no", or what is wrong.
std::string ask(const Plan& plan, const std::string& where, Bytes record, const RenderContext& context = {}) {
  const std::string json = quoted(where);
  Diagnostics diagnostics = test::no_diagnostics(json);
  Filter filter(test::located(where, Span{0, json.size()}), plan, diagnostics);
  if (diagnostics.failed()) return test::whats(diagnostics);
  return filter.passes(record, context) ? "yes" : "no";
}

std::string ask(const std::string& where, const RecordBytes& record = test::event_record()) {
  static const test::Compiled plan = test::event_plan();
  return ask(*plan, where, record.view());
}

// The location of the first mistake: the marked part of the text.
std::string marked(const std::string& where) {
  const test::Compiled plan = test::event_plan();
  const std::string json = quoted(where);
  Diagnostics diagnostics = test::no_diagnostics(json);
  const Filter filter(test::located(where, Span{0, json.size()}), *plan, diagnostics);
  if (diagnostics.all().empty()) return "";
  const Excerpt place = diagnostics.all()[0].where.value();
  return place.text.substr(place.caret_column - 1, place.caret_length);
}

// One field `x` of this type, and its value.
template <class T>
struct Number {
  test::Compiled plan;
  RecordBytes record;

  Number(BtfBuilder btf, std::uint32_t type, T value, const test::Renderers& renderers = {}) {
    btf.structure("event", sizeof(T), {{"x", type, 0}});
    plan = test::stream_of(btf, "struct event", renderers);
    record.add(value);
  }
  std::string ask(const std::string& where) const { return ::ask(*plan, where, record.view()); }
};

template <class T>
Number<T> integer(T value, const test::Renderers& renderers = {}) {
  BtfBuilder btf;
  const bool is_signed = static_cast<T>(-1) < T{0};
  const auto type = btf.integer("number", sizeof(T), is_signed ? BTF_INT_SIGNED : 0);
  return {btf, type, value, renderers};
}

template <class T>
Number<T> real(T value) {
  BtfBuilder btf;
  const auto type = btf.floating("number", sizeof(T));
  return {btf, type, value};
}

}  // namespace

TEST_CASE("Numbers are compared by every operator") {
  for (const char* yes :
       {"pid == 42",   "pid != 41", "pid < 43",          "pid <= 42",         "pid > 41",  "pid >= 42",
        "pid == 0x2a", "pid in 42", "pid in [1, 42, 7]", "pid not in [1, 2]", "pid",       "ret == -2",
        "ret < 0",     "ret > -3",  "ret <= -2",         "ret in [-2]",       "42 == pid", "41 < pid",
        "42 <= pid",   "43 > pid",  "42 >= pid",         "41 != pid"}) {
    INFO(yes);
    CHECK(ask(yes) == "yes");
  }
  for (const char* no :
       {"pid == 41", "pid != 42", "pid < 42", "pid <= 41", "pid > 42", "pid >= 43", "pid in [1, 2]",
        "pid not in [1, 42]", "not pid", "ret == 2", "ret > 0", "ret > -2", "42 < pid", "43 <= pid"}) {
    INFO(no);
    CHECK(ask(no) == "no");
  }
}

TEST_CASE("not binds closer than and, and closer than or") {
  CHECK(ask("pid == 1 and pid == 2 or pid == 42") == "yes");
  CHECK(ask("pid == 42 or pid == 1 and pid == 2") == "yes");
  CHECK(ask("(pid == 42 or pid == 1) and pid == 2") == "no");
  CHECK(ask("not pid == 1 and pid == 42") == "yes");
  CHECK(ask("not (pid == 1 and pid == 42)") == "yes");
  CHECK(ask("not pid == 42 or pid == 42") == "yes");
  CHECK(ask("!pid == 42") == "no");
  CHECK(ask("not not pid == 42") == "yes");
  CHECK(ask("pid==42&&ret==-2||pid==1") == "yes");
  CHECK(ask("!(pid==42&&ret==-2)") == "no");
  CHECK(ask("pid == 1 or pid == 2 or pid == 42 or pid == 3") == "yes");
  CHECK(ask("pid == 42 and ret == -2 and ok and comm == 'bash'") == "yes");
  CHECK(ask("pid == 42 and ret == -2 and not ok and comm == 'bash'") == "no");
}

TEST_CASE("Text is compared, ordered and matched") {
  for (const char* yes :
       {"comm == 'bash'", "comm == \"bash\"", "comm != 'ls'", "comm in ['ls', 'bash']", "comm < 'c'",
        "comm >= 'bash'", "comm =~ '^b'", "comm =~ 'as'", "comm !~ '^a'", "comm =~ '^ba[s]h$'",
        "comm glob 'b*'", "comm glob '?a?h'", "comm glob ['x*', '*sh']", "comm not glob '*x'",
        "path glob '/etc/*'", "path =~ '^/etc/.*wd$'", "path == '/etc/passwd'", "comm =~ '(?i)BASH'"}) {
    INFO(yes);
    CHECK(ask(yes) == "yes");
  }
  for (const char* no :
       {"comm == 'bas'", "comm == 'bash '", "comm != 'bash'", "comm > 'bash'", "comm =~ '^a'", "comm !~ 'b'",
        "comm glob 'ash'", "comm glob 'b?s'", "comm not in ['bash']", "comm not glob 'b*'", "comm == ''"}) {
    INFO(no);
    CHECK(ask(no) == "no");
  }
}

TEST_CASE("Escapes in a text are replaced by their characters") {
  const RecordBytes record = test::event_record("a'b\"\\\n\x1b");
  CHECK(ask(R"(comm == 'a\'b"\\\n\x1b')", record) == "yes");
  CHECK(ask(R"(comm == "a'b\"\\\n\x1b")", record) == "yes");
  CHECK(ask(R"(comm == '\u{4e2d}\u{e9}')", test::event_record("\xe4\xb8\xad\xc3\xa9")) == "yes");
  CHECK(ask(R"(comm =~ '\x1b')", record) == "yes");
  CHECK(ask(R"(comm =~ '^a\'b\W')", record) == "yes");
  CHECK(ask(R"(comm glob 'a\'*')", record) == "yes");
}

TEST_CASE("Text that is not UTF-8 is matched by bytes") {
  const RecordBytes stray = test::event_record(
      "a\xff"
      "b");
  CHECK(ask("comm =~ '^a.b$'", stray) == "yes");
  CHECK(ask("comm glob 'a?b'", stray) == "yes");
  CHECK(ask("comm =~ '^a.b$'", test::event_record("a\xc3\xa9"
                                                  "b")) == "yes");
  CHECK(ask("comm =~ '^a..b$'", test::event_record("a\xc3\xa9"
                                                   "b")) == "no");
}

TEST_CASE("true and false are complete conditions") {
  CHECK(ask("ok") == "yes");
  CHECK(ask("not ok") == "no");
  CHECK(ask("ok == true") == "yes");
  CHECK(ask("ok != false") == "yes");
  CHECK(ask("ok == false") == "no");
  CHECK(ask("ok == 1") == "yes");
  CHECK(ask("ok < true") == "\"ok\" is true or false and cannot be compared with <\n");
}

TEST_CASE("Names of an enum stand for its numbers") {
  CHECK(ask("state == 'BUSY'") == "yes");
  CHECK(ask("state == BUSY") == "yes");
  CHECK(ask("state != IDLE") == "yes");
  CHECK(ask("state == 1") == "yes");
  CHECK(ask("state >= BUSY") == "yes");
  CHECK(ask("state in [IDLE, BROKEN]") == "no");
  CHECK(ask("state in [IDLE, 1]") == "yes");
  CHECK(ask("state =~ '^B'") == "yes");
  CHECK(ask("state glob 'BU*'") == "yes");
  CHECK(ask("state == 'BUZY'") == "\"state\" has no value \"BUZY\"\n");
}

TEST_CASE("Members, bitfields and items of arrays are fields") {
  CHECK(ask("net.port == 443") == "yes");
  CHECK(ask("net.low == 5") == "yes");
  CHECK(ask("net.high == 22") == "yes");
  CHECK(ask("counts[0] == 7 and counts[2] == 9") == "yes");
  CHECK(ask("counts[] == 8") == "yes");
  CHECK(ask("counts[] == 6") == "no");
  CHECK(ask("counts[] != 8") == "no");
  CHECK(ask("counts[] != 6") == "yes");
  CHECK(ask("counts[] > 8") == "yes");
  CHECK(ask("pairs[1].a == 2") == "yes");
  CHECK(ask("pairs[].b == 'two'") == "yes");
  CHECK(ask("pairs[0].b == 'two'") == "no");
  CHECK(ask("counts[3] == 1") == "\"counts\" has no item 3\n");
  CHECK(ask("pid[0] == 1") == "the field \"pid\" is not a list\n");
  CHECK(ask("pairs[0].x == 1") == "unknown field \"pairs[0].x\"\n");
  CHECK(ask("counts == 1") == "the field \"counts\" is a list\n");
  CHECK(ask("net == 1") == "the field \"net\" is a struct\n");
}

TEST_CASE("Addresses are compared byte by byte") {
  CHECK(ask("mac == 02:42:ac:11:00:02") == "yes");
  CHECK(ask("mac == '02:42:AC:11:00:02'") == "yes");
  CHECK(ask("mac in [02:42:ac:11:00:03]") == "no");
  CHECK(ask("mac =~ '^02:42'") == "yes");
  CHECK(ask("mac == 10.0.0.1") == "\"mac\" has 6 bytes and is never 10.0.0.1\n");
}

TEST_CASE("A UUID is printed with its hyphens and compared as that text") {
  BtfBuilder btf;
  const auto bytes = btf.array(btf.integer("unsigned char", 1), 16);
  btf.structure("event", 32, {{"id", bytes, 0}, {"wide", btf.integer("unsigned __int128", 16), 128}});
  const test::Compiled plan = test::stream_of(btf, "struct event", {{"id", "uuid"}, {"wide", "uuid"}});
  RecordBytes record;
  for (int i = 0; i < 2; ++i) record.u32(0xa0e56163).u32(0x8e4bd157).u32(0x42023f9c).u32(0x020011ac);
  const std::string uuid = "6361e5a0-57d1-4b8e-9c3f-0242ac110002";
  for (const std::string field : {"id", "wide"}) {
    CAPTURE(field);
    CHECK(test::plain(plan.field(field), record.view()) == uuid);
    const auto asked = [&](const std::string& test) { return ask(*plan, field + test, record.view()); };
    CHECK(asked(" == '" + uuid + "'") == "yes");
    CHECK(asked(" == '6361e5a0-57d1-4b8e-9c3f-0242ac110003'") == "no");
    CHECK(asked(" != '" + uuid + "'") == "no");
    CHECK(asked(" in ['00000000-0000-0000-0000-000000000000', '" + uuid + "']") == "yes");
    CHECK(asked(" glob '6361e5a0-*'") == "yes");
    CHECK(asked(" not glob '*0002'") == "no");
    CHECK(asked(" =~ '^6361.*-0242ac'") == "yes");
    CHECK(asked(" !~ '^6361'") == "no");
    CHECK(asked(" == 5") == "\"" + field + "\" is bytes shown as text and is never 5\n");
  }
}

TEST_CASE("A block holds the addresses that share its prefix") {
  BtfBuilder btf;
  const auto u32 = btf.integer("unsigned int", 4);
  const auto bytes = btf.array(btf.type_def("u8", btf.integer("unsigned char", 1)), 16);
  btf.structure("event", 40, {{"v4", u32, 0}, {"raw", u32, 32}, {"v6", bytes, 64}, {"mapped", bytes, 192}});
  const test::Compiled plan =
      test::stream_of(btf, "struct event", {{"v4", "ipv4"}, {"v6", "ip"}, {"mapped", "ipv6"}});
  RecordBytes record{10, 1, 2, 3, 192, 168, 7, 255};
  record.u8(0x20).u8(0x01).u8(0x0d).u8(0xb8).zeros(11).u8(1);
  record.zeros(10).u8(0xff).u8(0xff).u8(10).u8(9).u8(8).u8(7);
  const auto asked = [&](const std::string& where) { return ask(*plan, where, record.view()); };
  for (const char* yes :
       {"v4 == 10.1.2.3", "v4 == '10.1.2.3'", "v4 in 10.0.0.0/8", "v4 in [192.168.0.0/16, 10.1.2.0/23]",
        "v4 in 0.0.0.0/0", "v4 in 10.1.2.3/32", "v4 != 10.1.2.4", "v4 not in 10.2.0.0/15",
        "raw in 192.168.0.0/21", "v6 in 2001:db8::/32", "v6 == 2001:db8::1", "v6 in ::/0",
        "mapped in 10.0.0.0/8", "mapped == 10.9.8.7", "mapped == ::ffff:10.9.8.7", "v6 not in 10.0.0.0/8",
        "v4 glob '10.*'", "v6 =~ '^2001:'"}) {
    INFO(yes);
    CHECK(asked(yes) == "yes");
  }
  CHECK(asked("v4 in 10.1.2.0/31") == "no");
  // An array of bytes without a renderer that shows an address, and half of it.
  const test::Compiled plain = test::stream_of(btf, "struct event");
  CHECK(ask(*plain, "v6 in 2001:db8::/32", record.view()) == "yes");
  CHECK(ask(*plain, "v6 in 2001:db8::/32", record.view().first(20)) == "no");
  CHECK(ask(*plain, "v6 not in 10.0.0.0/8", record.view().first(8)) == "no");
  CHECK(asked("raw in 192.168.8.0/21") == "no");
  CHECK(asked("v6 in 2001:db9::/32") == "no");
  CHECK(asked("v4 in fe80::/10") == "\"v4\" has 4 bytes and is never fe80::/10\n");
  CHECK(asked("v4 == 10.0.0.0/8") == "10.0.0.0/8 is a block of addresses, not an address\n");
  CHECK(asked("v4 in 10.1.2.3/8") == "10.1.2.3/8 has bits set after its prefix\n");
  CHECK(asked("v4 < 10.1.2.3") == "addresses cannot be compared with <\n");
  CHECK(asked("v4 == 5") == "\"v4\" is an IP address and is never 5\n");
}

TEST_CASE("Numbers in network byte order compare as they are shown") {
  const auto port = integer<std::uint16_t>(0xbb01, {{"x", "port"}});
  CHECK(port.ask("x == 443") == "yes");
  CHECK(port.ask("x < 1024") == "yes");
  CHECK(port.ask("x in [80, 443]") == "yes");
  CHECK(port.ask("x == 65536") == "\"x\" is never 65536\n");
  CHECK(integer<std::uint32_t>(0x04030201, {{"x", "be32"}}).ask("x == 0x01020304") == "yes");
  CHECK(integer<std::uint64_t>(1, {{"x", "be64"}}).ask("x == 0x0100000000000000") == "yes");
  CHECK(integer<std::int16_t>(-1, {{"x", "be16"}}).ask("x == 65535") == "yes");
}

TEST_CASE("Integers compare by value at their limits") {
  const auto u64 = integer<std::uint64_t>(UINT64_MAX);
  CHECK(u64.ask("x == 18446744073709551615") == "yes");
  CHECK(u64.ask("x > 9223372036854775807") == "yes");
  CHECK(u64.ask("x == -1") == "\"x\" is never -1\n");
  CHECK(u64.ask("x == 18446744073709551616") == "\"x\" is never 18446744073709551616\n");
  CHECK(u64.ask("x > 18446744073709551615") ==
        "this is never true: \"x\" ranges from 0 to 18446744073709551615\n");
  CHECK(u64.ask("x < 0") == "this is never true: \"x\" ranges from 0 to 18446744073709551615\n");
  CHECK(u64.ask("x >= 0") == "yes");
  const auto s64 = integer<std::int64_t>(INT64_MIN);
  CHECK(s64.ask("x == -9223372036854775808") == "yes");
  CHECK(s64.ask("x < -9223372036854775807") == "yes");
  CHECK(s64.ask("x < 0") == "yes");
  CHECK(s64.ask("x > 9223372036854775806") == "no");
  const auto s8 = integer<std::int8_t>(-1);
  CHECK(s8.ask("x == -1") == "yes");
  CHECK(s8.ask("x == 255") == "\"x\" is never 255\n");
  CHECK(s8.ask("x in [-128, 127, -1]") == "yes");
  CHECK(s8.ask("x < 0x7f") == "yes");
}

TEST_CASE("Integers of 128 bits compare exactly") {
  __extension__ using U128 = unsigned __int128;
  __extension__ using S128 = __int128;
  const auto large = integer<U128>((U128{1} << 64) + 1);
  CHECK(large.ask("x == 18446744073709551617") == "yes");
  CHECK(large.ask("x == 0x10000000000000001") == "yes");
  CHECK(large.ask("x == 1") == "no");
  CHECK(large.ask("x > 18446744073709551616") == "yes");
  CHECK(large.ask("x in [1, 18446744073709551617]") == "yes");
  CHECK(large.ask("x") == "yes");
  CHECK(integer<U128>(~U128{0}).ask("x == 340282366920938463463374607431768211455") == "yes");
  const auto lowest = integer<S128>(static_cast<S128>(U128{1} << 127));
  CHECK(lowest.ask("x == -170141183460469231731687303715884105728") == "yes");
  CHECK(lowest.ask("x < 0") == "yes");
  CHECK(lowest.ask("x == 170141183460469231731687303715884105728") ==
        "\"x\" is never 170141183460469231731687303715884105728\n");
}

TEST_CASE("A floating-point field compares exactly with whole numbers") {
  const auto two53 = real<double>(9007199254740992.0);  // 2^53
  CHECK(two53.ask("x == 9007199254740992") == "yes");
  CHECK(two53.ask("x < 9007199254740993") == "yes");
  CHECK(two53.ask("x >= 9007199254740993") == "no");
  CHECK(two53.ask("x > 9007199254740991") == "yes");
  CHECK(two53.ask("x == 9007199254740993") ==
        "\"x\" is never exactly 9007199254740993: it is a floating-point number\n");
  const auto negative = real<double>(-9007199254740994.0);
  CHECK(negative.ask("x < -9007199254740993") == "yes");
  CHECK(negative.ask("x > -9007199254740993") == "no");
  CHECK(negative.ask("x > -9007199254740995") == "yes");
  CHECK(real<double>(0.25).ask("x == 0.25") == "yes");
  CHECK(real<double>(0.25).ask("x in [1, 0.25]") == "yes");
  CHECK(real<double>(0.25).ask("x > 2.5e-1") == "no");
  CHECK(real<double>(0.25).ask("x < 1ns") == "yes");
  CHECK(real<double>(std::numeric_limits<double>::infinity())
            .ask("x > 340282366920938463463374607431768211455") == "yes");
  CHECK(real<float>(0.1F).ask("x == 0.1") == "yes");
}

TEST_CASE("NaN is unequal to every number and nothing else") {
  const auto nan = real<double>(std::nan(""));
  CHECK(nan.ask("x != 1") == "yes");
  for (const char* no : {"x == 1", "x < 1", "x <= 1", "x > 1", "x >= 1", "x in [1]"})
    CHECK(nan.ask(no) == "no");
  CHECK(nan.ask("not x < 1") == "yes");
}

TEST_CASE("Units of time and size are nanoseconds and bytes") {
  const auto took = integer<std::uint64_t>(1'500'000, {{"x", "duration"}});
  CHECK(took.ask("x == 1.5ms") == "yes");
  CHECK(took.ask("x > 1ms and x < 2ms") == "yes");
  CHECK(took.ask("x < 1s") == "yes");
  CHECK(took.ask("x == 1500us") == "yes");
  CHECK(integer<std::uint32_t>(4096).ask("x == 4KiB") == "yes");
  CHECK(integer<std::uint32_t>(1536).ask("x == 1.5KiB") == "yes");
  CHECK(took.ask("x < 0.5ns") == "\"0.5ns\" is not a number\n");
  CHECK(took.ask("x < 4KB") == "\"4KB\" is not a number\n");
  CHECK(integer<std::uint32_t>(0).ask("x < 1m") == "\"x\" is never 1m (60000000000)\n");
}

TEST_CASE("An errno matches with either sign") {
  const auto errors = [](std::int32_t value) { return integer<std::int32_t>(value, {{"x", "errno"}}); };
  CHECK(errors(-2).ask("x == 'ENOENT'") == "yes");
  CHECK(errors(2).ask("x == ENOENT") == "yes");
  CHECK(errors(-2).ask("x == -2") == "yes");
  CHECK(errors(-2).ask("x == 2") == "no");
  CHECK(errors(-13).ask("x in [ENOENT, EACCES]") == "yes");
  CHECK(errors(0).ask("x != ENOENT") == "yes");
  CHECK(errors(-11).ask("x == EWOULDBLOCK") == "yes");
  CHECK(errors(-2).ask("x =~ 'NOENT$'") == "yes");
  CHECK(errors(-2).ask("x < ENOENT") == "< needs one number\n");
  const auto bits = [](std::uint32_t value) { return integer<std::uint32_t>(value, {{"x", "errno"}}); };
  CHECK(bits(4294967294).ask("x == ENOENT") == "yes");
  CHECK(bits(2).ask("x == ENOENT") == "yes");
  CHECK(bits(3).ask("x == ENOENT") == "no");
  CHECK(errors(-2).ask("x == ENOENTT") == "\"x\" has no value \"ENOENTT\"\n");
}

TEST_CASE("A signal matches with or without SIG") {
  const auto signal = integer<std::uint32_t>(9, {{"x", "signal"}});
  CHECK(signal.ask("x == SIGKILL") == "yes");
  CHECK(signal.ask("x == 'KILL'") == "yes");
  CHECK(signal.ask("x in [SIGTERM, SIGINT]") == "no");
}

TEST_CASE("Bits can be tested by name") {
  BtfBuilder btf;
  const auto u32 = btf.integer("unsigned int", 4);
  btf.structure("event", 8, {{"tcp", u32, 0}, {"open", u32, 32}});
  const test::SpecPlan plan = test::ring_of(btf, R"("type": "struct event", "fields": {
      "tcp": {"as": "flags", "values": {"1": "FIN", "2": "SYN", "0x10": "ACK"}},
      "open": {"as": "open_flags"}})");
  REQUIRE(plan.mistakes.empty());
  RecordBytes record;
  record.u32(0x12).u32(01 | 0100 | 02000000);
  const auto asked = [&](const std::string& where) { return ask(*plan, where, record.view()); };
  for (const char* yes : {"tcp has SYN", "tcp has 'ACK'", "tcp has SYN|ACK", "tcp not has FIN",
                          "tcp has 0x10", "tcp == 'SYN|ACK'", "tcp != SYN", "tcp == 0x12", "open has O_CREAT",
                          "open has O_WRONLY", "open not has O_RDWR", "open not has O_RDONLY",
                          "open has O_CREAT|O_CLOEXEC", "open =~ 'O_CREAT'", "tcp"}) {
    INFO(yes);
    CHECK(asked(yes) == "yes");
  }
  CHECK(asked("tcp has FIN|SYN") == "no");
  CHECK(asked("open has O_RDONLY") == "no");
  CHECK(asked("tcp has SYM") == "\"tcp\" has no value \"SYM\"\n");
  CHECK(asked("tcp has 0") == "0 is not in the bits of \"tcp\"\n");
}

TEST_CASE("Names from the host are compared as shown") {
  test::FakeNames names;
  names.add(NameKind::user, "root", std::uint32_t{42});
  names.add(NameKind::kernel_symbol, "vfs_read\t28\t\t\n", std::uint64_t{0xffff'8880'0000'1234});
  RenderContext context;
  context.names = &names;
  const test::Compiled plan = test::event_plan({{"pid", "uid"}, {"address", "ksym"}});
  const RecordBytes record = test::event_record();
  const auto asked = [&](const std::string& where) { return ask(*plan, where, record.view(), context); };
  for (const char* yes : {"pid == 'root'", "pid == 42", "pid != 'adm'", "pid glob 'r*'", "pid =~ 'oo'",
                          "pid in ['adm', 'root']", "address == 'vfs_read'", "address == 'vfs_read+0x1c'",
                          "address glob 'vfs_*'", "address glob '*_read'", "address =~ '^vfs_read\\+'",
                          "address != 'vfs_write'", "address > 0xffff000000000000"}) {
    INFO(yes);
    CHECK(asked(yes) == "yes");
  }
  CHECK(asked("address != 'vfs_read'") == "no");
  CHECK(asked("address !~ 'read'") == "no");
  CHECK(asked("pid == 'adm'") == "no");
}

TEST_CASE("A stack matches when one of its frames does") {
  test::FakeNames names;
  names.add(NameKind::kernel_symbol, "inner\t4\t\t\n", std::uint64_t{0x1000});
  names.add(NameKind::kernel_symbol, "outer\t8\t\t\n", std::uint64_t{0x1fff});
  RenderContext context;
  context.names = &names;
  BtfBuilder btf;
  const auto u64 = btf.integer("unsigned long long", 8);
  btf.structure("event", 32, {{"stack", btf.array(u64, 4), 0}});
  const test::Compiled plan = test::stream_of(btf, "struct event", {{"stack", "kstack"}});
  RecordBytes record;
  record.u64(0x1000).u64(0x2000).zeros(16);
  const auto asked = [&](const std::string& where) { return ask(*plan, where, record.view(), context); };
  CHECK(asked("stack == 'outer'") == "yes");
  CHECK(asked("stack == 'inner'") == "yes");
  CHECK(asked("stack glob 'out*'") == "yes");
  CHECK(asked("stack =~ '^outer'") == "yes");
  CHECK(asked("stack != 'outer'") == "no");
  CHECK(asked("stack !~ 'nothing'") == "yes");
  CHECK(asked("stack == 'nothing'") == "no");
}

TEST_CASE("Every comparison with a missing field is false") {
  const RecordBytes whole = test::event_record();
  const test::Compiled plan = test::event_plan();
  const Bytes cut = whole.view().first(12);  // ret is missing
  const auto asked = [&](const std::string& where) { return ask(*plan, where, cut); };
  for (const char* no :
       {"ret == -2", "ret != 5", "ret < 0", "ret in [1]", "ret not in [1]", "ret", "comm == ''",
        "comm != 'x'", "comm !~ 'x'", "state == BUSY", "mac != 02:42:ac:11:00:03", "load < 1",
        "counts[0] == 7", "counts[] != 1", "state not has BUSY", "exists(ret)", "exists(counts)"}) {
    INFO(no);
    CHECK(asked(no) == "no");
    CHECK(asked(std::string("not ") + no) == "yes");
  }
  CHECK(asked("exists(pid)") == "yes");
  CHECK(asked("pid == 42") == "yes");
  CHECK(ask("exists(net)") == "yes");
  CHECK(ask("exists(counts[2])") == "yes");
}

TEST_CASE("A field whose condition is not met is missing") {
  BtfBuilder btf;
  const auto u32 = btf.integer("unsigned int", 4);
  btf.structure("event", 8, {{"kind", u32, 0}, {"x", u32, 32}});
  const test::SpecPlan plan =
      test::ring_of(btf, R"("type": "struct event", "fields": {"x": {"when": {"kind": 1}}})");
  REQUIRE(plan.mistakes.empty());
  RecordBytes one;
  RecordBytes two;
  one.u32(1).u32(5);
  two.u32(2).u32(5);
  CHECK(ask(*plan, "x == 5", one.view()) == "yes");
  CHECK(ask(*plan, "x == 5", two.view()) == "no");
  CHECK(ask(*plan, "x != 6", two.view()) == "no");
  CHECK(ask(*plan, "not x == 5", two.view()) == "yes");
  CHECK(ask(*plan, "exists(x)", two.view()) == "no");
}

TEST_CASE("A record cut anywhere is safe") {
  const test::Compiled plan = test::event_plan();
  const RecordBytes whole = test::event_record();
  const std::string where =
      "ts > 0 and pid > 0 and (ret < 0 or comm == 'x') and net.low == 5 and state == BUSY and "
      "mac in [02:42:ac:11:00:02] and ok and load == 0.25 and counts[] == 9 and counts[1] == 8 and "
      "address != 0 and pairs[1].b glob 't*' and path =~ 'passwd'";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::vector<std::byte> record(whole.view().begin(),
                                        whole.view().begin() + static_cast<std::ptrdiff_t>(size));
    INFO(size);
    CHECK(ask(*plan, where, record) == "no");
  }
  CHECK(ask(*plan, where, whole.view()) == "yes");
}

TEST_CASE("A mistake is marked at its location, also after escapes") {
  CHECK(marked("pidd == 1") == "pidd");
  CHECK(marked("pid == 1 and pidd == 1") == "pidd");
  CHECK(marked("comm == \"a\" and pidd == 1") == "pidd");
  CHECK(marked("comm == 'a\\nb' and pidd == 1") == "pidd");
  CHECK(marked("comm =~ 'a(b'").find("a(b") != std::string::npos);
  CHECK(marked("pid = 1") == "=");
  CHECK(marked("pid == 99999999999") == "99999999999");
}

TEST_CASE("Several mistakes are reported at once") {
  CHECK(ask("pidd == 1 and comm == 5 or state == X") ==
        "unknown field \"pidd\"\n\"comm\" is text and is never 5\n\"state\" has no value \"X\"\n");
}

TEST_CASE("Text that is not an expression is refused") {
  const std::pair<std::string, std::string> wrong[] = {
      {"", "the expression is empty\n"},
      {"pid ==", "the expression ends here\n"},
      {"pid = 1", "unexpected \"=\"\n"},
      {"(pid == 1", "\"(\" without \")\"\n"},
      {"pid == 1)", "\")\" is not expected here\n"},
      {"pid == 1 == 2", "\"==\" is not expected here\n"},
      {"pid == 1 and", "the expression ends here\n"},
      {"and pid", "\"and\" is not expected here\n"},
      {"pid in [1, 2", "the expression ends here\n"},
      {"pid in []", "\"]\" is not expected here\n"},
      {"42", "a value alone is not a condition\n"},
      {"true", "a value alone is not a condition\n"},
      {"pid == [1]", "== takes one value, not a list\n"},
      {"comm == 'x", "text without a closing '\n"},
      {"comm == '\\q'", "unknown escape sequence\n"},
      {"comm == bash", "\"bash\" is not a value\n"},
      {"pid == ret", "a field must be compared with a value, not with another field\n"},
      {"pid =~ '4'", "=~ needs text, but \"pid\" is a 32-bit integer\n"},
      {"pid == 'x'", "\"pid\" is a 32-bit integer and is never 'x'\n"},
      {"pid == true", "\"pid\" is a 32-bit integer and is never true\n"},
      {"pid == 1.5", "\"pid\" is a 32-bit integer and has no fraction\n"},
      {"comm", "\"comm\" alone is not a condition: it is text\n"},
      {"load", "\"load\" alone is not a condition: it is a floating-point number\n"},
      {"comm has X", "has needs an integer, but \"comm\" is text\n"},
      {"comm glob '[a'", "not a pattern: \"[\" without \"]\"\n"},
      {"comm glob bash", "glob must be followed by text in quotes\n"},
      {"comm =~ '*'", "not a regular expression: no argument for repetition operator: *\n"},
      {"exists(pid", "the expression ends here\n"},
      {"pid not 5", "\"5\" is not expected here\n"},
      {"pid & 5", "unexpected \"&\"\n"},
      {"comm contains 'x'", "\"contains\" is not expected here\n"},
      {"mac == 02:42", "\"02:42\" is not an address\n"},
      {"pid == 340282366920938463463374607431768211456",
       "\"340282366920938463463374607431768211456\" is not a number\n"}};
  for (const auto& [where, what] : wrong) {
    INFO(where);
    CHECK(ask(where) == what);
  }
}

TEST_CASE("The size and the depth of an expression are bounded") {
  const auto repeated = [](std::size_t count, const std::string& text) {
    std::string all;
    for (std::size_t i = 0; i < count; ++i) all += text;
    return all;
  };
  CHECK(ask(repeated(100'000, "(") + "pid") == "the expression is too long: 100003 bytes\n");
  CHECK(ask(repeated(10'000, "(") + "pid") == "the parentheses are nested too deeply\n");
  CHECK(ask(repeated(64, "(") + "pid" + repeated(64, ")")) == "yes");
  CHECK(ask(repeated(10'000, "not ") + "pid") == "yes");
  CHECK(ask(repeated(10'001, "!") + "pid") == "no");
  CHECK(ask(repeated(5'000, "pid == 1 or ") + "pid == 42") == "yes");
  CHECK(ask(repeated(9'000, "ok and ") + "pid == 42") == "yes");
}
