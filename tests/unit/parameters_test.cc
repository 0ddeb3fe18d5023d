#include "spec/parameters.h"

#include "spec/json_reader.h"
#include "spec/spec.h"
#include "support/catch.h"
#include "unit/sample_object.h"

using namespace probe_run;

namespace {

// A JSON value as text, with its type if JSON does not show it.
std::string shown(const Value& value) {
  struct Show {
    std::string operator()(const Value::Null&) const { return "null"; }
    std::string operator()(const Value::Unknown&) const { return "unknown"; }
    std::string operator()(bool v) const { return v ? "true" : "false"; }
    std::string operator()(std::int64_t v) const { return std::to_string(v); }
    std::string operator()(std::uint64_t v) const { return std::to_string(v); }
    std::string operator()(double v) const { return "double " + std::to_string(v); }
    std::string operator()(const Value::BigNumber& v) const { return "big " + v.digits; }
    std::string operator()(const std::string& v) const { return '"' + v + '"'; }
    std::string operator()(const Value::Array& v) const {
      std::string text = "[";
      for (const Value& item : v) text += shown(item) + " ";
      return text + "]";
    }
    std::string operator()(const Value::Object& v) const {
      std::string text = "{";
      for (const Member& member : v) text += *member.key + "=" + shown(member.value) + " ";
      return text + "}";
    }
  };
  return std::visit(Show{}, value.data);
}

Value json(const std::string& text) {
  Diagnostics diagnostics = test::no_diagnostics(text);
  return read_json(diagnostics).value();
}

// The text after parameters pid = 42, comm = "bash", on = true, part = 0.5, nothing = "", list = [1, 2] were
// put in; or the mistake.
std::string substituted(const std::string& text) {
  Dictionary<Value> values;
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{{"pid", "42"},
                                                                                    {"comm", "\"bash\""},
                                                                                    {"on", "true"},
                                                                                    {"part", "0.5"},
                                                                                    {"nothing", "\"\""},
                                                                                    {"list", "[1, 2]"}}) {
    values.emplace_back(test::located(name), json(value));
  }
  Diagnostics diagnostics = test::no_diagnostics(text);
  Value root = json("{\"at\": " + text + "}");
  substitute(root, values, {}, diagnostics);
  return diagnostics.failed() ? test::whats(diagnostics) : shown(std::get<Value::Object>(root.data)[0].value);
}

// What --set NAME=TEXT makes of a parameter with this default.
std::string set_to(const std::string& default_value, const std::string& text) {
  Dictionary<Parameter> parameters;
  Parameter parameter;
  parameter.default_value = json(default_value);
  parameters.emplace_back(test::located(std::string("x")), parameter);
  Diagnostics diagnostics = test::no_diagnostics();
  const auto values = parameter_values(parameters, {{"x", text}}, MissingParameters::refuse, diagnostics);
  return diagnostics.failed() ? test::whats(diagnostics) : shown(values.at(0).second);
}

}  // namespace

TEST_CASE("A string that is only a parameter becomes the parameter's value") {
  CHECK(substituted(R"("${pid}")") == "42");
  CHECK(substituted(R"("${comm}")") == "\"bash\"");
  CHECK(substituted(R"("${on}")") == "true");
  CHECK(substituted(R"("${list}")") == "[1 2 ]");
  CHECK(substituted(R"({"a": ["${pid}", {"b": "${on}"}]})") == "{a=[42 {b=true } ] }");
}

TEST_CASE("A parameter within a string becomes text") {
  CHECK(substituted(R"("pid ${pid}!")") == "\"pid 42!\"");
  CHECK(substituted(R"("${pid}${pid}")") == "\"4242\"");
  CHECK(substituted(R"("${comm}-${on}-${part}")") == "\"bash-true-0.5\"");
  CHECK(substituted(R"("/${nothing}/")") == "\"//\"");
}

TEST_CASE("Two parameters in one string are text, even if the first is empty") {
  CHECK(substituted(R"("${nothing}${pid}")") == "\"42\"");
}

TEST_CASE("A doubled dollar sign is a dollar sign") {
  CHECK(substituted(R"("$${pid}")") == "\"${pid}\"");
  CHECK(substituted(R"("$${ ${pid} $${")") == "\"${ 42 ${\"");
  CHECK(substituted(R"("${pid}$${")") == "\"42${\"");
  CHECK(substituted(R"("$${}${pid}")") == "\"${}42\"");
}

TEST_CASE("A dollar sign without a brace is a dollar sign") {
  CHECK(substituted(R"("$5 and $ and $$")") == "\"$5 and $ and $$\"");
}

TEST_CASE("A substituted value is not searched for parameters again") {
  Dictionary<Value> values;
  values.emplace_back(test::located(std::string("a")), json(R"("${a}")"));
  Diagnostics diagnostics = test::no_diagnostics();
  Value root = json(R"({"at": "<${a}>"})");
  substitute(root, values, {}, diagnostics);
  CHECK(shown(root) == "{at=\"<${a}>\" }");
}

TEST_CASE("Nothing is substituted in keys, and in values of keys with a dollar sign") {
  CHECK(substituted(R"({"${pid}": 1, "$comment": "${unknown}"})") == "{${pid}=1 $comment=\"${unknown}\" }");
}

TEST_CASE("An unknown parameter is an error") {
  CHECK(substituted(R"("${pdi}")") == "unknown parameter \"${pdi}\"\n");
  CHECK(substituted(R"("${}")") == "unknown parameter \"${}\"\n");
}

TEST_CASE("A parameter that is not closed is an error") {
  CHECK(substituted(R"("${pid")") == "\"${\" without a closing \"}\"\n");
}

TEST_CASE("A list cannot be substituted inside a string") {
  CHECK(substituted(R"("x${list}")") ==
        "the parameter \"list\" is a list, which cannot be part of a string\n");
}

TEST_CASE("Values of parameters may add 16 MiB to a spec, and no more") {
  Dictionary<Value> values;
  values.emplace_back(test::located(std::string("text")), json('"' + std::string(1 << 20, 'x') + '"'));
  values.emplace_back(test::located(std::string("list")), json("[\"" + std::string(1 << 20, 'x') + "\"]"));
  for (const std::string use : {"\"a${text}\"", "\"${text}\"", "\"${list}\""}) {
    const auto mistakes_of = [&](int times) {
      std::string text = "{\"at\": [";
      for (int i = 0; i < times; ++i) text += (i == 0 ? "" : ", ") + use;
      text += "]}";
      Diagnostics diagnostics = test::no_diagnostics(text);
      Value root = json(text);
      substitute(root, values, {}, diagnostics);
      return test::whats(diagnostics);
    };
    CHECK(mistakes_of(15).empty());
    CHECK(mistakes_of(5000) == "the values of parameters make this spec too large\n");
  }
}

TEST_CASE("--set has the type of the default") {
  CHECK(set_to("1", "42") == "42");
  CHECK(set_to("1", "-42") == "-42");
  CHECK(set_to("1", "0x1F") == "31");
  CHECK(set_to("1", "18446744073709551615") == "18446744073709551615");
  CHECK(set_to("true", "false") == "false");
  CHECK(set_to("1.5", "2.5") == "double 2.500000");
}

TEST_CASE("--set of a string stays a string, whatever it looks like") {
  CHECK(set_to("\"x\"", "42") == "\"42\"");
  CHECK(set_to("\"x\"", "true") == "\"true\"");
  CHECK(set_to("\"x\"", "") == "\"\"");
}

TEST_CASE("--set of text that is not a number is refused if the default is a number") {
  for (const std::string text : {"many", "", "1 ", " 1", "0x", "1x", "nan", "inf", "-inf"}) {
    CAPTURE(text);
    CHECK(set_to("1", text) == "--set x=" + text + ": the value must be a number, such as 1\n");
  }
}

TEST_CASE("A parameter without --set has its default") {
  Dictionary<Parameter> parameters;
  Parameter parameter;
  parameter.default_value = json("7");
  parameters.emplace_back(test::located(std::string("x")), parameter);
  Diagnostics diagnostics = test::no_diagnostics();
  CHECK(shown(parameter_values(parameters, {}, MissingParameters::refuse, diagnostics).at(0).second) == "7");
}

TEST_CASE("An example is used as the value only in a check") {
  Dictionary<Parameter> parameters;
  Parameter parameter;
  parameter.example = json("7");
  parameters.emplace_back(test::located(std::string("x")), parameter);
  Diagnostics check = test::no_diagnostics();
  CHECK(shown(parameter_values(parameters, {}, MissingParameters::use_example, check).at(0).second) == "7");
  CHECK_FALSE(check.failed());
  Diagnostics run = test::no_diagnostics();
  parameter_values(parameters, {}, MissingParameters::refuse, run);
  REQUIRE(run.failed());
  CHECK(run.all()[0].what == "the parameter \"x\" needs a value");
  CHECK(run.all()[0].hint == "use --set x=7");
}

TEST_CASE("A parameter needs a default or an example") {
  Dictionary<Parameter> parameters;
  parameters.emplace_back(test::located(std::string("x")), Parameter{});
  Diagnostics diagnostics = test::no_diagnostics();
  parameter_values(parameters, {}, MissingParameters::use_example, diagnostics);
  CHECK(test::whats(diagnostics) == "the parameter \"x\" has neither a default nor an example\n");
}

TEST_CASE("--set of an unknown parameter is an error") {
  Dictionary<Parameter> parameters;
  Parameter parameter;
  parameter.default_value = json("7");
  parameters.emplace_back(test::located(std::string("pid")), parameter);
  Diagnostics diagnostics = test::no_diagnostics();
  parameter_values(parameters, {{"pdi", "1"}}, MissingParameters::refuse, diagnostics);
  REQUIRE(diagnostics.failed());
  CHECK(diagnostics.all()[0].what == "--set pdi: spec.json has no such parameter");
  CHECK(diagnostics.all()[0].hint == "did you mean \"pid\"?");
}
