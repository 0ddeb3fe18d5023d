// The language of specs compared with its documentation: valid specs, invalid specs with their exact
// diagnostics, the schema, and the reference.
//
// PROBE_RUN_ACCEPT=1 ctest -R '^spec$' writes the actual diagnostics to tests/spec/bad/*/*.expected and the
// generated lists to docs/reference/*.md. Read the diff before you commit it.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "attach/attach_type.h"
#include "decode/renderer.h"
#include "schema_verdict.h"
#include "spec/output_format.h"
#include "spec/parse.h"
#include "support/catch.h"
#include "support/places.h"
#include "support/process.h"
#include "support/temporary_directory.h"
#include "view/group_table.h"

namespace {

namespace fs = std::filesystem;
using probe_run::Diagnostics;

const fs::path source = PROBE_RUN_SOURCE_DIR;
constexpr unsigned nobody = 65534;

std::string read(const fs::path& path) {
  const std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void write(const fs::path& path, std::string_view text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

bool accepting() {
  const char* const value = std::getenv("PROBE_RUN_ACCEPT");
  return value != nullptr && std::string_view(value) == "1";
}

// Paths relative to the top of the source tree.
std::vector<std::string> specs_in(const std::string& directory) {
  std::vector<std::string> found;
  for (const auto& entry : fs::directory_iterator(source / directory)) {
    if (entry.path().extension() == ".json") found.push_back(fs::relative(entry.path(), source));
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<std::string> specs_in(std::initializer_list<std::string> directories) {
  std::vector<std::string> all;
  for (const std::string& directory : directories) {
    const std::vector<std::string> found = specs_in(directory);
    all.insert(all.end(), found.begin(), found.end());
  }
  return all;
}

test::Finished check(const std::string& spec, unsigned uid = 0) {
  return test::run({test::probe_run(), "--check", "--object-dir", SPEC_TEST_OBJECTS, spec},
                   {.input = {}, .environment = {}, .uid = uid, .directory = source});
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

// Replaces paths that depend on the build directory by names.
std::string normalised(std::string text) {
  const fs::path executable = fs::weakly_canonical(test::probe_run()).parent_path();
  replace_all(text, SPEC_TEST_OBJECTS, "<objects>");
  replace_all(text, (executable / "bpf").string(), "<built objects>");
  // The directory for installed objects, .../lib/probe-run/bpf, relative to the executable.
  const std::string installed = "/probe-run/bpf/";
  for (std::size_t at = text.find(installed); at != std::string::npos; at = text.find(installed, at + 1)) {
    const std::size_t begin = text.find_last_of(" \n", at) + 1;
    text.replace(begin, at + installed.size() - 1 - begin, "<installed objects>");
    at = begin;
  }
  return text;
}

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> found;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) found.push_back(line);
  return found;
}

// The lines that differ, without the common ones at the beginning and at the end.
std::string difference(const std::string& expected, const std::string& received) {
  std::vector<std::string> a = lines(expected);
  std::vector<std::string> b = lines(received);
  std::string text;
  const auto [a_begin, b_begin] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  auto a_end = a.end();
  auto b_end = b.end();
  while (a_end != a_begin && b_end != b_begin && *(a_end - 1) == *(b_end - 1)) --a_end, --b_end;
  for (auto line = a.begin(); line != a_begin; ++line) text += "  " + *line + "\n";
  for (auto line = a_begin; line != a_end; ++line) text += "- " + *line + "\n";
  for (auto line = b_begin; line != b_end; ++line) text += "+ " + *line + "\n";
  for (auto line = a_end; line != a.end(); ++line) text += "  " + *line + "\n";
  return text;
}

// Only the parser: the object is not read.
std::string parser_complaints(const std::string& file, std::string text) {
  Diagnostics diagnostics(std::make_shared<probe_run::SourceText>(file, std::move(text)));
  const auto shared = std::make_shared<probe_run::SourceText>(diagnostics.source());
  const auto spec = probe_run::parse_spec(shared, {}, probe_run::MissingParameters::use_example, diagnostics);
  std::string complaints;
  for (const auto& diagnostic : diagnostics.all()) complaints += to_text(diagnostic);
  CHECK(spec.has_value() == complaints.empty());  // a refusal is never silent
  return complaints;
}

// Errors that a schema cannot detect, and why.
const std::map<std::string, std::string, std::less<>> beyond_schema{
    {"first-of-never-refused", "a list of which not all items are alike"},
    {"two-keys", "a validator gets one of two equal keys"},
    {"two-keys-deep", "a validator gets one of two equal keys"},
    {"two-keys-escaped", "a validator gets one of two equal keys"},
    {"nul-in-string", "every string would need a pattern"},
    {"map-poll-overflow", "a pattern cannot tell how long it lasts"},
    {"map-poll-tiny", "a pattern cannot tell how long it lasts"},
    {"output-every-tiny", "a pattern cannot tell how long it lasts"},
    {"values-key-overflow", "a pattern cannot tell how large it is"},
    {"parameter-unknown", "the names of parameters are the spec's own"},
    {"parameter-unknown-none", "the names of parameters are the spec's own"},
    {"parameter-unknown-number", "the names of parameters are the spec's own"},
    {"parameter-unknown-twice", "the names of parameters are the spec's own"},
    {"parameter-not-closed", "what stands within a string"},
    {"parameter-empty", "what stands within a string"},
    {"parameter-list-in-string", "the parameter's value decides"},
    {"parameter-number-as-string", "the parameter's value decides"},
    {"parameter-bad-duration", "the parameter's value decides"},
};

constexpr std::string_view keys_begin = "<!-- keys: generated by the code -->\n";
constexpr std::string_view keys_end = "<!-- end of the generated keys -->\n";
constexpr std::string_view renderers_begin = "<!-- renderers: generated by the code -->\n";
constexpr std::string_view renderers_end = "<!-- end of the generated renderers -->\n";

std::string_view in_json(const probe_run::Renderer& renderer) {
  using Form = probe_run::Renderer::Form;
  switch (renderer.form) {
    case Form::number:
      return "number";
    case Form::string:
    case Form::text:
      return "string";
    case Form::boolean:
      return "true or false";
    case Form::lines:
      return renderer.takes == probe_run::Renderer::Takes::address ? "string, of an array a list of strings"
                                                                   : "list of strings";
    case Form::strings:
      return "list of strings";
  }
  return "";
}

std::string renderer_list() {
  std::string text;
  for (const probe_run::Renderer* renderer : probe_run::all_renderers()) {
    text += fmt::format("- `{}`: {}\n  Takes {}. JSON: {}.\n", renderer->name, renderer->doc,
                        probe_run::taken(renderer->takes), in_json(*renderer));
  }
  return text;
}

constexpr std::string_view attach_begin = "<!-- attach types: generated by the code -->\n";
constexpr std::string_view attach_end = "<!-- end of the generated attach types -->\n";

struct Generated {
  const char* file;
  std::string_view begin, end;
  std::string text;
};

std::vector<Generated> generated() {
  return {{"docs/reference/keys.md", keys_begin, keys_end, probe_run::spec_reference()},
          {"docs/reference/fields.md", renderers_begin, renderers_end, renderer_list()},
          {"docs/reference/programs.md", attach_begin, attach_end, probe_run::attach_types_reference()}};
}

// The text of every ```json block, with its first line.
std::vector<std::pair<std::size_t, std::string>> json_blocks(const std::string& markdown) {
  std::vector<std::pair<std::size_t, std::string>> blocks;
  bool inside = false;
  std::size_t number = 0;
  for (const std::string& line : lines(markdown)) {
    ++number;
    if (!inside && line == "```json") {
      inside = true;
      blocks.emplace_back(number + 1, "");
    } else if (line == "```") {
      inside = false;
    } else if (inside) {
      blocks.back().second += line + "\n";
    }
  }
  return blocks;
}

// The documents that show parts of specs.
std::vector<fs::path> language_documents() {
  std::vector<fs::path> found;
  for (const auto& entry : fs::recursive_directory_iterator(source / "docs")) {
    if (entry.path().extension() == ".md") found.push_back(entry.path());
  }
  return found;
}

bool is_whole_spec(const std::string& block) {
  return block.find("\"object\":") != std::string::npos && block.find("\"programs\":") != std::string::npos;
}

}  // namespace

TEST_CASE("shipped specs and good specs pass --check") {
  for (const std::string& spec : specs_in({"specs", "tests/spec/good"})) {
    INFO(spec);
    const test::Finished result = check(spec);
    CHECK(result.err == "");
    CHECK(result.out == spec + ": ok\n");
    CHECK(result.status == 0);
  }
}

// An unprivileged user, who can neither load a program nor read tracefs.
TEST_CASE("--check needs no privileges") {
  if (::geteuid() != 0) {
    SUCCEED("these tests run without privileges themselves");
    return;
  }
  const test::Finished tracefs =
      test::run({"ls", "/sys/kernel/tracing/events", "/sys/kernel/debug/tracing/events"},
                {.input = {}, .environment = {}, .uid = nobody, .directory = "/"});
  CHECK(tracefs.status != 0);
  for (const std::string& spec : specs_in({"specs", "tests/spec/good"})) {
    INFO(spec << " as nobody: the source and the build directory must be readable for everybody");
    const test::Finished result = check(spec, nobody);
    CHECK(result.err == "");
    CHECK(result.out == spec + ": ok\n");
    CHECK(result.status == 0);
  }
}

TEST_CASE("each spec with something to warn of is valid and gives exactly the expected warnings") {
  for (const std::string& spec : specs_in("tests/spec/warned")) {
    INFO(spec);
    const fs::path expected_file = (source / spec).replace_extension(".expected");
    const test::Finished result = check(spec);
    CHECK(result.status == 0);
    CHECK(result.out == spec + ": ok\n");
    if (accepting()) write(expected_file, normalised(result.err));
    CHECK(normalised(result.err) == read(expected_file));
    CHECK(result.err.find("warning: ") != std::string::npos);
  }
}

TEST_CASE("two specs that define one metric are refused together, and pass one by one") {
  const test::TemporaryDirectory directory;
  const std::string spec = R"({ "name": "NAME", "object": "spec_test.bpf.o",
    "programs": [{ "name": "on_packet", "attach": { "type": "xdp", "iface": "eth0" } }],
    "maps": [{ "name": "events", "type": "struct event" }],
    "outputs": [{ "map": "events", "metrics": { "packets_total": {} } }] })";
  std::vector<std::string> command{test::probe_run(), "--check", "--object-dir", SPEC_TEST_OBJECTS};
  for (const std::string name : {"one", "two"}) {
    std::string text = spec;
    replace_all(text, "NAME", name);
    directory.write(name + ".json", text);
    const test::Finished alone = check(directory / (name + ".json"));
    INFO(alone.err);
    CHECK(alone.status == 0);
    command.push_back(directory / (name + ".json"));
  }
  const test::Finished together =
      test::run(command, {.input = {}, .environment = {}, .uid = 0, .directory = source});
  INFO(together.err);
  CHECK(together.status == 2);
  CHECK(together.err.find("duplicate metric \"") != std::string::npos);
  CHECK(together.err.find("also defined by " + (directory / "one.json") + ":") != std::string::npos);
}

TEST_CASE("each bad spec gives exactly the expected diagnostics") {
  for (const std::string& spec : specs_in({"tests/spec/bad/structure", "tests/spec/bad/meaning"})) {
    INFO(spec);
    const fs::path expected_file = (source / spec).replace_extension(".expected");
    const test::Finished result = check(spec);
    CHECK(result.status == 2);
    CHECK(result.out == "");
    const std::string received = normalised(result.err);
    if (accepting()) {
      write(expected_file, received);
      continue;
    }
    const std::string expected = read(expected_file);
    const fs::path received_file = fs::path(SPEC_TEST_RECEIVED) / fs::path(spec).parent_path().filename() /
                                   fs::path(spec).filename().replace_extension(".received");
    if (received == expected) {
      fs::remove(received_file);
      SUCCEED();
      continue;
    }
    write(received_file, received);
    FAIL_CHECK(
        fmt::format("{}\n{}\nreceived: {}\nto accept what was received: PROBE_RUN_ACCEPT=1 ctest -R '^spec$'",
                    spec, difference(expected, received), received_file.string()));
  }
}

TEST_CASE("every .expected file has its spec") {
  for (const std::string directory : {"structure", "meaning"}) {
    for (const auto& entry : fs::directory_iterator(source / "tests/spec/bad" / directory)) {
      if (entry.path().extension() != ".expected") continue;
      INFO(entry.path().string());
      CHECK(fs::exists(fs::path(entry.path()).replace_extension(".json")));
    }
  }
}

TEST_CASE("several specs: each is checked, and the number of invalid ones is reported") {
  const std::vector<std::string> command{test::probe_run(),  "--check",
                                         "--object-dir",     SPEC_TEST_OBJECTS,
                                         "specs/hello.json", "tests/spec/bad/structure/root-list.json",
                                         "specs/openat.json"};
  const test::Finished result =
      test::run(command, {.input = {}, .environment = {}, .uid = 0, .directory = source});
  CHECK(result.status == 2);
  CHECK(result.out == "specs/hello.json: ok\nspecs/openat.json: ok\n");
  CHECK(result.err == read(source / "tests/spec/bad/structure/root-list.expected") +
                          "probe-run: 1 of 3 specs are invalid\n");
}

TEST_CASE("the schema and the parser agree") {
  for (const auto& [name, reason] : beyond_schema) {
    INFO(name << ": " << reason);
    CHECK(fs::exists(source / "tests/spec/bad/structure" / (name + ".json")));
  }
  const test::SchemaJudge schema(read(source / "schema/probe-spec.schema.json"));
  for (const std::string& spec : specs_in({"specs", "tests/spec/good", "tests/spec/bad/structure"})) {
    INFO(spec);
    const std::string text = read(source / spec);
    const std::string parser = parser_complaints(spec, text);
    const std::string name = fs::path(spec).stem();
    const bool bad = spec.starts_with("tests/spec/bad/");
    CHECK(parser.empty() != bad);
    if (!test::is_json(text)) {
      CHECK_FALSE(parser.empty());
      continue;
    }
    if (name == "too-deep") continue;  // only for the parser: validators recurse
    const std::string complaints = schema.complaints(text);
    INFO("parser: " << parser << "schema: " << complaints);
    const auto exempt = beyond_schema.find(name);
    if (exempt == beyond_schema.end()) {
      CHECK(parser.empty() == complaints.empty());
    } else {
      INFO("listed as beyond a schema because " << exempt->second << "; if it is not, take it off the list");
      CHECK((!parser.empty() && complaints.empty()));
    }
  }
}

TEST_CASE("the schema file is the output of --schema") {
  const test::Finished printed = test::run({test::probe_run(), "--schema"});
  REQUIRE(printed.status == 0);
  CHECK(printed.err == "");
  INFO("to update it: probe-run --schema > schema/probe-spec.schema.json");
  CHECK((printed.out == read(source / "schema/probe-spec.schema.json")));
}

TEST_CASE("the generated lists in docs/reference match the code") {
  for (const Generated& part : generated()) {
    const fs::path file = source / part.file;
    std::string text = read(file);
    INFO(part.file << ", after " << part.begin << "to update it: PROBE_RUN_ACCEPT=1 ctest -R '^spec$'");
    const std::size_t begin = text.find(part.begin);
    const std::size_t end = text.find(part.end);
    REQUIRE(begin != std::string::npos);
    REQUIRE(end != std::string::npos);
    const std::size_t from = begin + part.begin.size();
    if (accepting()) {
      text.replace(from, end - from, "\n" + part.text + "\n");
      write(file, text);
    } else {
      CHECK(text.substr(from, end - from) == "\n" + part.text + "\n");
    }
  }
}

TEST_CASE("the reference has the defaults that the program uses") {
  const std::string keys = read(source / "docs/reference/keys.md");
  const std::string groups =
      fmt::format("- `groups` (whole number from 1, default `{}`)", probe_run::GroupTable::default_groups);
  CHECK(keys.find(groups) != std::string::npos);
}

TEST_CASE("every JSON block of the documents is valid") {
  std::size_t whole = 0;
  for (const fs::path& file : language_documents()) {
    for (const auto& [line, block] : json_blocks(read(file))) {
      INFO(file.string() << ":" << line << ":\n" << block);
      // A fragment may be the members of an object, without its braces.
      CHECK((test::is_json(block) || test::is_json("{" + block + "}")));
      if (!is_whole_spec(block)) continue;
      ++whole;
      CHECK(parser_complaints("block", block) == "");
    }
  }
  CHECK(whole > 0);
}

TEST_CASE("docs/reference names every format") {
  const std::string outputs = read(source / "docs/reference/outputs.md");
  for (const auto& entry : probe_run::EnumNames<probe_run::OutputFormat>::names) {
    INFO(entry.name);
    CHECK(outputs.find(fmt::format("`{}`", entry.name)) != std::string::npos);
  }
}
