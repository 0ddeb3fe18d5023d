#include "format/text_format.h"

#include <cstdlib>

#include "spec/output_spec.h"
#include "support/catch.h"
#include "unit/sample_object.h"

using namespace probe_run;

namespace {

std::string line(const std::string& text, const test::RecordBytes& record = test::event_record(),
                 const RenderContext& context = {}, const test::Renderers& renderers = {{"mac", "mac"}}) {
  const test::Compiled plan = test::event_plan(renderers);
  OutputSpec output;
  output.text_template = test::located(text);
  Diagnostics diagnostics = test::no_diagnostics();
  TextFormat format(output, *plan, diagnostics);
  if (diagnostics.failed()) return test::whats(diagnostics);
  TextBuffer out;
  format.begin(out);
  format.row(record.view(), context, out);
  format.end_batch(out);
  return std::string(out.view());
}

}  // namespace

TEST_CASE("A line is the template with the record's values") {
  CHECK(line("pid {pid}, {comm}!") == "pid 42, bash!\n");
  CHECK(line("") == "\n");
  CHECK(line("{net.port}{net.low}") == "4435\n");
}

TEST_CASE("Doubled braces are braces") {
  CHECK(line("{{}}") == "{}\n");
  CHECK(line("{{pid}}") == "{pid}\n");
  CHECK(line("{{{pid}}}") == "{42}\n");
}

TEST_CASE("A value is as wide as its format says, with numbers on the right and text on the left") {
  CHECK(line("[{pid:6}]") == "[    42]\n");
  CHECK(line("[{comm:6}]") == "[bash  ]\n");
  CHECK(line("[{ok:6}]") == "[true  ]\n");
  CHECK(line("[{pid:1}]") == "[42]\n");
}

TEST_CASE("An alignment and a fill are applied") {
  CHECK(line("[{pid:<6}]") == "[42    ]\n");
  CHECK(line("[{comm:>6}]") == "[  bash]\n");
  CHECK(line("[{comm:^7}]") == "[ bash  ]\n");
  CHECK(line("[{comm:*^8}]") == "[**bash**]\n");
  CHECK(line("[{comm:<<6}]") == "[bash<<]\n");
  CHECK(line("[{comm:{<6}]") == "[bash{{]\n");
}

TEST_CASE("A precision cuts text") {
  CHECK(line("{comm:.2}") == "ba\n");
  CHECK(line("[{comm:4.2}]") == "[ba  ]\n");
  CHECK(line("[{comm:.0}]") == "[]\n");
  CHECK(line("{comm:.100}") == "bash\n");
}

TEST_CASE("A precision gives a float its decimals") {
  test::RecordBytes record;
  record.zeros(48).add(3.14159).zeros(40);
  CHECK(line("{load:.2}", record) == "3.14\n");
}

TEST_CASE("An integer is written in the base of its type") {
  CHECK(line("{pid:d} {pid:x} {pid:X} {pid:o} {pid:b}") == "42 2a 2A 52 101010\n");
  CHECK(line("{pid:#x} {pid:#X} {pid:#o} {pid:#b}") == "0x2a 0X2A 052 0b101010\n");
  CHECK(line("{ret:x}") == "fffffffe\n");
  CHECK(line("{state} {state:d} {ok:d}") == "BUSY 1 1\n");
  CHECK(line("{pid:s}") == "42\n");
}

TEST_CASE("A number in network byte order is written as the number that its renderer shows, in any base") {
  const test::Renderers renderers = {{"net.port", "port"}, {"pid", "ipv4"}, {"ts", "be64"}};
  const auto shown = [&](const char* text) { return line(text, test::event_record(), {}, renderers); };
  CHECK(shown("{net.port} {net.port:d} {net.port:x} {net.port:#06x}") == "47873 47873 bb01 0xbb01\n");
  CHECK(shown("{pid} {pid:08x} {pid:d}") == "42.0.0.0 2a000000 704643072\n");
  CHECK(shown("{ts:016x}") == "002f685900000000\n");
}

TEST_CASE("A zero before the width fills with zeros") {
  CHECK(line("{pid:06}") == "000042\n");
  CHECK(line("{ret:>06}") == "-00002\n");
  CHECK(line("{pid:08x}") == "0000002a\n");
}

TEST_CASE("Zeros follow the sign") {
  CHECK(line("{ret:06}") == "-00002\n");
  CHECK(line("{ret:06d}") == "-00002\n");
}

TEST_CASE("Zeros follow the prefix") {
  CHECK(line("{pid:#010x}") == "0x0000002a\n");
  CHECK(line("{pid:#010b}") == "0b00101010\n");
}

TEST_CASE("Wide and combining characters are measured in columns") {
  CHECK(line("[{comm:6}]", test::event_record("\xe4\xb8\xad\xe6\x96\x87")) ==
        "[\xe4\xb8\xad\xe6\x96\x87  ]\n");
  CHECK(line("[{comm:>4}]", test::event_record("e\xcc\x81")) == "[   e\xcc\x81]\n");
  CHECK(line("[{comm:.3}]", test::event_record("\xe4\xb8\xad\xe6\x96\x87")) == "[\xe4\xb8\xad]\n");
  CHECK(line("[{comm:4.3}]", test::event_record("\xe4\xb8\xad\xe6\x96\x87")) == "[\xe4\xb8\xad  ]\n");
  CHECK(line("[{comm:.1}]", test::event_record("e\xcc\x81x")) == "[e\xcc\x81]\n");
}

TEST_CASE("Text in a line is escaped for a terminal") {
  CHECK(line("{comm}", test::event_record("a\x1b[31m\n")) == "a\\x1b[31m\\n\n");
  CHECK(line("[{comm:6}]", test::event_record("\x1b")) == "[\\x1b  ]\n");
  CHECK(line("{path}", test::event_record("x", "\xff\\")) == "\\xff\\\\\n");
}

TEST_CASE("A field that is missing in a short record is a dash, aligned like a value") {
  test::RecordBytes empty;
  CHECK(line("[{pid:4}] [{comm:4}] [{ts:%H}]", empty) == "[   -] [-   ] [-]\n");
}

TEST_CASE("A time since boot is shown as the time of day") {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  CHECK(line("{ts:%H:%M:%S.%L}", test::event_record(), test::clock_at(3600'000'000'000), {{"ts", "ktime"}}) ==
        "01:00:01.500\n");
  CHECK(line("{ts:%H:%M:%S.%L}", test::event_record(), test::clock_at(3600'000'000'000),
             {{"ts", "timestamp"}}) == "00:00:01.500\n");
  CHECK(line("{ts:%H:%M:%S}", test::event_record(), test::clock_at(3600'000'000'000), {}) == "01:00:01\n");
  ::unsetenv("TZ");
  ::tzset();
}

TEST_CASE("A time that overflows is still a time") {
  test::RecordBytes record;
  record.u64(0x7fff'ffff'ffff'ffff).zeros(88);
  CHECK(line("{ts:%Y}", record, test::clock_at(std::int64_t{1} << 61)).size() == 5);
}

TEST_CASE("Without a template a line has every field by name") {
  test::BtfBuilder btf;
  const auto u32 = btf.integer("unsigned int", 4);
  const auto inner = btf.structure("inner", 4, {{"x", u32, 0}});
  btf.structure("event", 12,
                {{"a", u32, 0}, {"in", inner, 32}, {"t", btf.array(btf.integer("char", 1), 4), 64}});
  const test::Compiled plan = test::stream_of(btf, "struct event");
  Diagnostics diagnostics = test::no_diagnostics();
  OutputSpec output;
  TextFormat all(output, *plan, diagnostics);
  TextBuffer out;
  test::RecordBytes record;
  all.row(record.u32(1).u32(2).text("hi", 4).view(), {}, out);
  CHECK(out.view() == "a=1 in.x=2 t=hi\n");

  output.fields = {test::located(std::string("t")), test::located(std::string("a"))};
  TextFormat some(output, *plan, diagnostics);
  out.clear();
  some.row(record.view(), {}, out);
  CHECK(out.view() == "t=hi a=1\n");
}

TEST_CASE("A mistake in a template is shown at its location in the spec") {
  const test::Compiled plan = test::event_plan();
  const std::string spec = R"({"template": "{pid} {pdi}"})";
  Diagnostics diagnostics = test::no_diagnostics(spec);
  OutputSpec output;
  output.text_template = test::located(std::string("{pid} {pdi}"), {13, 26});
  const TextFormat format(output, *plan, diagnostics);
  REQUIRE(diagnostics.all().size() == 1);
  CHECK(diagnostics.all()[0].where->column == 22);
  CHECK(diagnostics.all()[0].where->caret_length == 3);
}

TEST_CASE("A mistake in a template with escapes is shown at its location") {
  const test::Compiled plan = test::event_plan();
  const std::string spec = R"({"template": "\u007bpdi}"})";
  Diagnostics diagnostics = test::no_diagnostics(spec);
  OutputSpec output;
  output.text_template = test::located(std::string("{pdi}"), {13, 25});
  const TextFormat format(output, *plan, diagnostics);
  REQUIRE(diagnostics.all().size() == 1);
  CHECK(diagnostics.all()[0].where->column == 21);
  CHECK(diagnostics.all()[0].where->caret_length == 3);
}

TEST_CASE("Without a template every column is shown, whatever its name") {
  Plan plan;
  for (const char* name : {"{", "a b:>5}", "\x1b"}) {
    Field& field = plan.root.fields.emplace_back();
    field.name = field.path = name;
    field.shape = Shape::unsigned_number;
    field.scalar = true;
    field.size = 1;
    field.slot = {0, 1, 0, 0, false};
  }
  plan.root.shape = Shape::structure;
  Diagnostics diagnostics = test::no_diagnostics();
  TextFormat format(OutputSpec(), plan, diagnostics);
  TextBuffer out;
  format.row(test::RecordBytes({7}).view(), {}, out);
  CHECK(out.view() == "{=7 a b:>5}=7 \\x1b=7\n");
}
