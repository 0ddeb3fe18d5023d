#include "format/text_template.h"

#include "support/catch.h"
#include "unit/sample_object.h"

using namespace probe_run;

namespace {

// Each mistake as "offset+length what".
std::string mistakes(const std::string& text) {
  const test::Compiled plan = test::event_plan();
  std::vector<TemplateError> errors;
  compile_template(text, *plan, errors);
  std::string said;
  for (const TemplateError& e : errors)
    said += std::to_string(e.offset) + "+" + std::to_string(e.length) + " " + e.what + "\n";
  return said;
}

std::string hint(const std::string& text) {
  const test::Compiled plan = test::event_plan();
  std::vector<TemplateError> errors;
  compile_template(text, *plan, errors);
  return errors.empty() ? "" : errors.front().hint;
}

}  // namespace

TEST_CASE("A template consists of literals and fields") {
  const test::Compiled plan = test::event_plan();
  std::vector<TemplateError> errors;
  const std::vector<Segment> segments = compile_template("a {pid} b{comm}", *plan, errors);
  REQUIRE(errors.empty());
  REQUIRE(segments.size() == 3);
  CHECK(segments[0].literal == "a ");
  CHECK(segments[0].field == &plan.field("pid"));
  CHECK(segments[1].literal == " b");
  CHECK(segments[1].field == &plan.field("comm"));
  CHECK(segments[2].literal == "");
  CHECK(segments[2].field == nullptr);
}

TEST_CASE("A template's format has fill, alignment, prefix, width, precision and type") {
  const test::Compiled plan = test::event_plan();
  std::vector<TemplateError> errors;
  const FieldFormat format = compile_template("{pid:*^#12x}{comm:<8.4s}", *plan, errors)[0].format;
  REQUIRE(errors.empty());
  CHECK(format.fill == '*');
  CHECK(format.align == '^');
  CHECK(format.prefix);
  CHECK(format.width == 12);
  CHECK(format.type == 'x');
  CHECK_FALSE(format.precision);
}

TEST_CASE("A field that does not exist is an error at its location") {
  CHECK(mistakes("abc {pdi}") == "5+3 unknown field \"pdi\"\n");
  CHECK(hint("abc {pdi}") == "did you mean \"pid\"?");
  CHECK(mistakes("{pdi:>7}") == "1+3 unknown field \"pdi\"\n");
  CHECK(mistakes("{pid }") == "1+4 unknown field \"pid \"\n");
}

TEST_CASE("A placeholder without a field is an error") {
  CHECK(mistakes("x{}") == "2+1 a placeholder without a field\n");
  CHECK(mistakes("x{:>5}") == "2+1 a placeholder without a field\n");
}

TEST_CASE("A brace that is not closed is an error up to the end") {
  CHECK(mistakes("ab {pid") == "3+4 \"{\" without \"}\"\n");
  CHECK(mistakes("ab {") == "3+1 \"{\" without \"}\"\n");
  CHECK(hint("ab {") == "for a literal brace write \"{{\"");
}

TEST_CASE("A brace that was not opened is an error") {
  CHECK(mistakes("ab } cd") == "3+1 \"}\" without \"{\"\n");
  CHECK(hint("ab }") == "for a literal brace write \"}}\"");
  CHECK(mistakes("{{}") == "2+1 \"}\" without \"{\"\n");
}

TEST_CASE("A control or invisible character is an error, except for tabs") {
  CHECK(mistakes("{pid}\t{comm}\xc2\xa0é") == "");
  CHECK(mistakes("{pid}\x1b[7m") == "5+1 a template cannot contain \"\\x1b\"\n");
  CHECK(mistakes("a\n") == "1+1 a template cannot contain \"\\n\"\n");
  CHECK(mistakes("\xe2\x80\xae") == "0+3 a template cannot contain \"\\u{202e}\"\n");
  CHECK(mistakes("{ts:%H\x7f}") == "6+1 a template cannot contain \"\\x7f\"\n");
  CHECK(hint("\x1b") == "use one line of visible characters, spaces and tabs");
}

TEST_CASE("An invalid format is an error at the format") {
  CHECK(mistakes("{pid:zz}") == "5+2 invalid format \"zz\"\n");
  CHECK(mistakes("{pid:>7y}") == "5+3 invalid format \">7y\"\n");
  std::string wide;
  for (int i = 0; i < 16; ++i) wide += "{pid:>4096}";
  CHECK(mistakes(wide).empty());
  CHECK(mistakes(wide + "{pid:>1}{pid:>9}") == "181+2 the line is too wide: 65537 columns up to here\n");
  CHECK(mistakes("{pid:.99999}") == "5+6 the precision is too large: 99999\n");
  CHECK(mistakes("{pid:>99999}") == "5+6 the width is too large: 99999 columns\n");
  CHECK(mistakes("{pid:>99999999999999999999999}") == "5+24 invalid format \">99999999999999999999999\"\n");
  CHECK(mistakes("{pid:-5}") == "5+2 invalid format \"-5\"\n");
  CHECK(mistakes("{comm:\t<5}") == "6+3 invalid format \"\\t<5\"\n");
  CHECK(mistakes("{comm:é<5}") == "6+4 invalid format \"é<5\"\n");
}

TEST_CASE("A point without a precision is an error") {
  CHECK(mistakes("{comm:5.}") == "6+2 a \".\" without a precision\n");
}

TEST_CASE("An integer format on a field that is not an integer is an error") {
  CHECK(mistakes("{comm:x}") == "6+1 the format \"x\" needs an integer, but \"comm\" is not one\n");
  CHECK(mistakes("{load:d}") == "6+1 the format \"d\" needs an integer, but \"load\" is not one\n");
  CHECK(mistakes("{net:x}") == "5+1 the format \"x\" needs an integer, but \"net\" is not one\n");
  CHECK(mistakes("{counts:x}") == "8+1 the format \"x\" needs an integer, but \"counts\" is not one\n");
  CHECK(mistakes("{mac:x}") == "5+1 the format \"x\" needs an integer, but \"mac\" is not one\n");
  CHECK(mistakes("{state:d}{ok:d}{address:x}{ret:b}") == "");
}

TEST_CASE("A precision on an integer is an error, because it would cut digits") {
  CHECK(mistakes("{pid:.2}") != "");
  CHECK(mistakes("{pid:.2d}") != "");
  CHECK(mistakes("{comm:.2}") == "");
}

TEST_CASE("Zeros after a number are an error, because they would change the number") {
  CHECK(mistakes("{pid:<05}") == "5+3 \"<05\" would append zeros to a number\n");
  CHECK(mistakes("{ret:^#08x}") == "5+5 \"^#08x\" would append zeros to a number\n");
  CHECK(mistakes("{pid:>05}{comm:<05}") == "");
}

TEST_CASE("A time format on a field that is not a time is an error") {
  CHECK(mistakes("{pid:%H}") == "5+2 the field \"pid\" is not a time\n");
  CHECK(mistakes("{comm:%H}") == "6+2 the field \"comm\" is not a time\n");
}

TEST_CASE("An invalid time format is an error") {
  CHECK(mistakes("{ts:%H:%Q}") == "4+5 invalid time format \"%Q\"\n");
  CHECK(mistakes("{ts:%}") == "4+1 invalid time format \"%\"\n");
}

TEST_CASE("Every mistake in a template is reported") {
  CHECK(mistakes("{a} } {pid:zz} {") ==
        "1+1 unknown field \"a\"\n4+1 \"}\" without \"{\"\n11+2 invalid format \"zz\"\n15+1 \"{\" without "
        "\"}\"\n");
}

TEST_CASE("No short template does harm") {
  const test::Compiled plan = test::event_plan();
  const std::string alphabet = "{}:pid<.0x#%s";
  std::string text(5, ' ');
  for (std::size_t i = 0; i < 371293; i += 7) {
    std::size_t rest = i;
    for (char& c : text) {
      c = alphabet[rest % alphabet.size()];
      rest /= alphabet.size();
    }
    std::vector<TemplateError> errors;
    compile_template(text, *plan, errors);
    for (const TemplateError& error : errors) {
      if (error.offset + error.length > text.size() + 1 || error.length == 0) {
        CAPTURE(text, error.offset, error.length);
        FAIL_CHECK("the mistake is outside of the template");
      }
    }
  }
}
