// Bytes that a hostile program could put into a record, in every format.
#include <nlohmann/json.hpp>

#include "format/folded_format.h"
#include "format/format.h"
#include "spec/output_spec.h"
#include "support/catch.h"
#include "support/utf8.h"
#include "unit/csv_reader.h"
#include "unit/fake_names.h"
#include "unit/sample_object.h"

using namespace probe_run;

namespace {

std::vector<std::string> hostile_texts() {
  std::vector<std::string> texts{"plain",
                                 "\x1b[2J\x1b]0;title\x07",
                                 "\xc2\x9b"
                                 "31m",
                                 "\x9b"
                                 "31m",
                                 "\x7f",
                                 "\xe2\x80\xae"
                                 "abc",
                                 "\xe2\x81\xa6",
                                 "\xe2\x80\xa8",
                                 "\xff\xfe\xc0\x80\xed\xa0\x80",
                                 "a,b;c\"d'e{f}g%h\\i",
                                 "line\r\nline\n\n",
                                 "\"\"\",,\n\"",
                                 "[],\n{}",
                                 "\t\t",
                                 "\xe4\xb8\xad\xf0\x9f\x98\x80"
                                 "e\xcc\x81",
                                 "= cmd|' /C'!A0"};
  std::string all;
  for (int c = 1; c < 256; ++c) all += static_cast<char>(c);
  texts.push_back(all);
  texts.emplace_back(4096, 'x');
  texts.emplace_back(4096, '"');
  texts.emplace_back(4096, '\x1b');
  return texts;
}

// Every control character except newlines, C1, bidirectional controls, and bytes that are not UTF-8.
std::string harm_in(std::string_view text) {
  while (!text.empty()) {
    const Utf8Character c = next_utf8(text);
    if (!c.valid || (c.code_point != '\n' && must_escape(c.code_point)))
      return "harmful at: " + escape_for_terminal(text.substr(0, 20));
    text.remove_prefix(c.length);
  }
  return {};
}

// struct event as in sample_object.h; `address` is shown as a stack, so that it can be folded.
struct Case {
  Case() : plan(test::event_plan()) {}

  std::string shown(OutputFormat name, Reader reader, const std::vector<std::string>& texts,
                    const std::vector<std::string>& fields, const Screen& screen = {}) {
    OutputSpec output;
    for (const std::string& field : fields) output.fields.push_back(test::located(field));
    Diagnostics diagnostics = test::no_diagnostics();
    const auto format = compile_format(name, {output, *plan, true, reader, true}, diagnostics);
    if (diagnostics.failed()) throw std::runtime_error(test::whats(diagnostics));
    if (Drawing* const drawing = format->drawing()) drawing->prepare(screen, 0);
    TextBuffer out;
    format->begin(out);
    for (const std::string& text : texts) {
      const test::RecordBytes record = test::event_record(text.substr(0, 16), text);
      format->row(record.view(), {}, out);
    }
    format->end_batch(out);
    return std::string(out.view());
  }

  test::Compiled plan;
};

std::size_t newlines(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("Hostile bytes stay on their line in text, table and jsonl, and reach no terminal") {
  Case it;
  const auto texts = hostile_texts();
  const auto check = [&](OutputFormat format, std::size_t lines) {
    INFO(name_of(format));
    for (const Reader reader : {Reader::person, Reader::program}) {
      const std::string shown = it.shown(format, reader, texts, {"pid", "comm", "path"});
      CHECK(newlines(shown) == lines);
      CHECK(harm_in(shown) == "");
    }
  };
  check(format_named("text"), texts.size());
  check(format_named("table"), texts.size() + 1);
  check(format_named("jsonl"), texts.size());
}

TEST_CASE("Another JSON parser reads back hostile bytes unchanged") {
  Case it;
  for (const std::string& text : hostile_texts()) {
    const std::string line = it.shown(format_named("jsonl"), Reader::program, {text}, {"comm", "path"});
    const auto value = nlohmann::json::parse(line);
    if (harm_in(text).empty() || text == "line\r\nline\n\n") CHECK(value["path"] == text);
    CHECK(it.shown(format_named("json"), Reader::program, {text}, {"comm", "path"}) + "\n" == line);
  }
}

TEST_CASE("A strict CSV reader reads back hostile bytes unchanged, and on a terminal they are escaped") {
  Case it;
  const auto texts = hostile_texts();
  const auto table =
      test::read_csv(it.shown(format_named("csv"), Reader::program, texts, {"comm", "path", "pid"}));
  REQUIRE(table.size() == texts.size() + 1);
  for (std::size_t i = 0; i < texts.size(); ++i)
    CHECK(table[i + 1] == std::vector<std::string>{texts[i].substr(0, 16), texts[i], "42"});
  const std::string person = it.shown(format_named("csv"), Reader::person, texts, {"comm", "path"});
  CHECK(newlines(person) == texts.size() + 1);
  CHECK(harm_in(person) == "");
}

TEST_CASE("Hostile bytes in a live table are escaped and cut to the screen") {
  Case it;
  Screen screen;
  screen.columns = 60;
  screen.lines = 50;
  const auto texts = hostile_texts();
  for (const bool utf8 : {false, true}) {
    screen.utf8 = utf8;
    std::string shown =
        it.shown(format_named("live"), Reader::person, texts, {"comm", "path", "pid"}, screen);
    CHECK(newlines(shown) == texts.size() + 2);
    // The escape sequences of the table itself.
    for (const std::string own : {"\x1b[?25l", "\x1b[2K", "\x1b[J", "\r"}) {
      for (std::size_t at = shown.find(own); at != std::string::npos; at = shown.find(own))
        shown.erase(at, own.size());
    }
    CHECK(harm_in(shown) == "");
    std::istringstream lines(shown);
    for (std::string line; std::getline(lines, line);) CHECK(screen_width(line) <= 60);
    if (!utf8) CHECK(std::all_of(shown.begin(), shown.end(), [](char c) { return c > 0; }));
  }
}

TEST_CASE("Hostile bytes in folded stacks keep each stack one line of frames and a count") {
  test::BtfBuilder btf;
  const auto u64 = btf.integer("unsigned long long", 8);
  const auto character = btf.integer("char", 1, BTF_INT_SIGNED);
  btf.structure("event", 24, {{"stack", btf.array(u64, 2), 0}, {"path", btf.array(character, 0), 128}});
  const test::Compiled plan = test::stream_of(btf, "struct event", {{"stack", "kstack"}});
  REQUIRE(plan.mistakes == "");
  for (const std::string& text : hostile_texts()) {
    std::string name = text;
    std::erase_if(name, [](char c) { return c == '\n' || c == '\t'; });
    test::FakeNames names;
    names.add(NameKind::kernel_symbol, name + "\t1\t\t\n", std::uint64_t{0x1000});
    RenderContext context;
    context.names = &names;
    OutputSpec output;
    output.fields = {test::located(std::string("path")), test::located(std::string("stack"))};
    Diagnostics diagnostics = test::no_diagnostics();
    FoldedFormat format(output, *plan, FoldedFormat::Mode::stream, diagnostics);
    REQUIRE_FALSE(diagnostics.failed());
    TextBuffer out;
    test::RecordBytes record;
    record.u64(0x1000).u64(0).text(text, text.size());
    format.row(record.view(), context, out);
    const std::string line(out.view());
    CHECK(newlines(line) == 1);
    CHECK(harm_in(line) == "");
    CHECK(std::count(line.begin(), line.end(), ';') == 1);
    CHECK(line.substr(line.size() - 3) == " 1\n");
  }
}

TEST_CASE("Raw rows are the bytes of the record in hexadecimal, including hostile ones") {
  Case it;
  for (const std::string& text : hostile_texts()) {
    const std::string line = it.shown(format_named("raw"), Reader::program, {text}, {});
    const test::RecordBytes record = test::event_record(text.substr(0, 16), text);
    REQUIRE(line.size() == 2 * record.size() + 1);
    CHECK(line.find_first_not_of("0123456789abcdef") == line.size() - 1);
    for (std::size_t i = 0; i < record.size(); ++i)
      REQUIRE(std::stoi(line.substr(2 * i, 2), nullptr, 16) == std::to_integer<int>(record.view()[i]));
  }
}
