// The documents are run: each ```console block is a list of commands ("$ ...") and exactly what they print.
//
// A block that needs privileges, or whose output differs from run to run, has the line <!-- not run: why -->
// above it. A block of another kind below <!-- file: NAME --> is written to that file, for the commands after
// it. Below <!-- file: NAME from SPEC --> it has keys of a spec: the file is SPEC with these.
// PROBE_RUN_ACCEPT=1 writes the actual output into the documents; read the diff before you commit it.
#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "attach/attach_type.h"
#include "attach/libbpf_version.h"
#include "decode/renderer.h"
#include "engine/option_table.h"
#include "spec/output_format.h"
#include "support/attach_table.h"
#include "support/catch.h"
#include "support/places.h"
#include "support/process.h"

namespace {
namespace fs = std::filesystem;

const fs::path source = PROBE_RUN_SOURCE_DIR;

using Lines = std::vector<std::string>;

std::string read_file(const fs::path& file) {
  std::ifstream in(file);
  REQUIRE(in);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

Lines lines_of(const std::string& text) {
  std::istringstream in(text);
  Lines lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::vector<fs::path> documents() {
  std::vector<fs::path> found{source / "README.md", source / "CONTRIBUTING.md", source / "CHANGELOG.md",
                              source / "tests/vm/README.md"};
  for (const char* directory : {"docs", "examples"}) {
    for (const auto& entry : fs::recursive_directory_iterator(source / directory)) {
      if (entry.path().extension() == ".md") found.push_back(entry.path());
    }
  }
  return found;
}

// The names in backquotes in the list item that begins with `title`.
std::set<std::string> names_in_item(const std::string& document, const std::string& title) {
  std::set<std::string> names;
  bool inside = false;
  for (const std::string& line : lines_of(document)) {
    if (line.starts_with("- ") || line.empty()) inside = line.starts_with("- **" + title + "**:");
    if (!inside) continue;
    const std::regex quoted("`([^`]+)`");
    for (std::sregex_iterator match(line.begin(), line.end(), quoted), end; match != end; ++match)
      names.insert((*match)[1]);
  }
  return names;
}

std::set<std::string> attach_types() {
  std::set<std::string> types;
  [&]<class... T>(const std::variant<T...>*) {
    (types.emplace(T::type), ...);
  }(static_cast<const probe_run::AttachPoint*>(nullptr));
  return types;
}

std::string without_places(std::string text) {
  const std::pair<std::string, std::string> places[] = {{PROBE_RUN_BINARY_DIR, "build/release"},
                                                        {PROBE_RUN_SOURCE_DIR, "."}};
  for (const auto& [place, name] : places) {
    for (std::size_t at = 0; (at = text.find(place, at)) != std::string::npos; at += name.size()) {
      text.replace(at, place.size(), name);
    }
  }
  return text;
}

// A writable directory that looks like the top of the project and contains the documents' own files. Each
// document has a new one.
fs::path working_directory() {
  const fs::path directory = fs::path(PROBE_RUN_BINARY_DIR) / "tests" / "docs" / "work";
  fs::remove_all(directory);
  fs::create_directories(directory);
  for (const char* name : {"specs", "schema", "examples", "tests", "bpf"})
    fs::create_symlink(source / name, directory / name);
  for (const auto& entry : fs::directory_iterator(source / "tests" / "docs" / "files")) {
    fs::copy_file(entry.path(), directory / entry.path().filename());
  }
  return directory;
}

// The block's commands, each followed by its output. A command sees the status of the previous one as $?.
Lines run_block(const Lines& block, const fs::path& directory) {
  Lines result;
  int status = 0;
  for (const std::string& line : block) {
    if (!line.starts_with("$ ")) continue;
    test::ProcessOptions options;
    options.directory = directory;
    options.environment["PATH"] = std::string(PROBE_RUN_BINARY_DIR) + ":" + std::getenv("PATH");
    options.environment["LC_ALL"] = "C";
    options.environment["TZ"] = "UTC";
    const std::string command = "exec 2>&1; (exit " + std::to_string(status) + "); " + line.substr(2);
    const test::Finished finished = test::run({"sh", "-c", command}, options);
    status = finished.status;
    result.push_back(line);
    for (const std::string& printed : lines_of(without_places(finished.out))) result.push_back(printed);
  }
  return result;
}

// NAME, and SPEC if there is one, of a line "<!-- file: NAME from SPEC -->"; both empty for any other line.
struct NamedFile {
  std::string name, from;
};
NamedFile file_named_in(const std::string& line) {
  std::smatch match;
  if (!std::regex_match(line, match, std::regex("<!-- file: ([^ ]+)(?: from ([^ ]+))? -->"))) return {};
  return {match[1], match[2]};
}

void write_file(const fs::path& directory, const NamedFile& file, const std::string& text) {
  std::string content = text;
  if (!file.from.empty()) {
    const test::Finished merged =
        test::run({"jq", "-s", ".[0] + .[1]", file.from, "-"},
                  {.input = "{" + text + "}", .environment = {}, .directory = directory});
    INFO(merged.err);
    REQUIRE(merged.status == 0);
    content = merged.out;
  }
  std::ofstream(directory / file.name) << content;
}

std::string joined(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

// The lines outside of fenced blocks.
Lines prose_of(const fs::path& document) {
  Lines prose;
  bool fenced = false;
  for (const std::string& line : lines_of(read_file(document))) {
    if (line.starts_with("```")) fenced = !fenced;
    if (!fenced) prose.push_back(line);
  }
  return prose;
}

std::size_t columns_of(const std::string& line) {  // of UTF-8: bytes that begin a character
  return static_cast<std::size_t>(
      std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

// Whether the width of the file's lines is for its author to choose. It is not for expected output, recordings,
// logs of the verifier and the schema, nor for the inputs of parsers in tests/spec and tests/fuzz.
bool is_hand_written(const fs::path& file) {
  const std::string path = file.generic_string();
  for (const char* directory : {"tests/fuzz/corpus/", "tests/fuzz/regressions/", "tests/spec/bad/",
                                "tests/spec/good/", "schema/", "LICENSES/"}) {
    if (path.starts_with(directory)) return false;
  }
  const std::string name = file.filename().string();
  if (name.starts_with("expected.") || name == "LICENSE") return false;
  const std::string extension = file.extension().string();
  return extension != ".rec" && extension != ".expected" && extension != ".log";
}

// The hand-written files, relative to the top of the source tree.
std::vector<fs::path> hand_written_files() {
  std::vector<fs::path> found;
  const auto add = [&](const fs::directory_entry& entry) {
    const fs::path file = fs::relative(entry.path(), source);
    if (entry.is_regular_file() && is_hand_written(file)) found.push_back(file);
  };
  for (const auto& entry : fs::directory_iterator(source)) add(entry);
  for (const char* directory :
       {".ci", "bench", "bpf", "cmake", "docs", "examples", "runner", "specs", "tests", "tools"}) {
    for (const auto& entry : fs::recursive_directory_iterator(source / directory)) add(entry);
  }
  return found;
}

// The anchors that GitHub gives the headings: lower case, spaces as hyphens, without punctuation; -1, -2, ...
// for duplicates.
std::set<std::string> headings_of(const fs::path& document) {
  std::set<std::string> anchors;
  for (const std::string& line : prose_of(document)) {
    if (!std::regex_search(line, std::regex("^#{1,6} "))) continue;
    std::string anchor;
    for (const char c : line.substr(line.find(' ') + 1)) {
      if (c == ' ') anchor += '-';
      if (c == '-' || c == '_' || std::isalnum(static_cast<unsigned char>(c))) {
        anchor += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      }
    }
    std::string unique = anchor;
    for (int again = 1; !anchors.insert(unique).second; ++again)
      unique = anchor + "-" + std::to_string(again);
  }
  return anchors;
}

}  // namespace

TEST_CASE("the documents' console blocks print what they show", "[docs]") {
  const bool accept = std::getenv("PROBE_RUN_ACCEPT") != nullptr;
  for (const fs::path& document : documents()) {
    const fs::path directory = working_directory();
    const Lines lines = lines_of(read_file(document));
    Lines accepted;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      accepted.push_back(lines[i]);
      if (!lines[i].starts_with("```")) continue;
      if (const NamedFile file = i == 0 ? NamedFile() : file_named_in(lines[i - 1]); !file.name.empty()) {
        Lines text;
        while (i + 1 < lines.size() && lines[i + 1] != "```") text.push_back(lines[++i]);
        accepted.insert(accepted.end(), text.begin(), text.end());
        write_file(directory, file, joined(text));
      }
      if (lines[i] != "```console") continue;
      const bool runs = i == 0 || !lines[i - 1].starts_with("<!-- not run");
      const std::string place = fs::relative(document, source).string() + ":" + std::to_string(i + 1);
      Lines shown;
      while (i + 1 < lines.size() && lines[i + 1] != "```") shown.push_back(lines[++i]);
      const Lines real = runs ? run_block(shown, directory) : shown;
      accepted.insert(accepted.end(), real.begin(), real.end());
      INFO(place);
      if (!accept) CHECK(joined(shown) == joined(real));
    }
    if (accept && accepted != lines) std::ofstream(document) << joined(accepted);
  }
}

TEST_CASE("docs/command-line.md has the options of the table", "[docs]") {
  constexpr std::string_view begin = "<!-- options: generated by the code -->\n";
  constexpr std::string_view end = "<!-- end of the generated options -->\n";
  const fs::path file = source / "docs" / "command-line.md";
  std::string text = read_file(file);
  const std::size_t at = text.find(begin);
  const std::size_t to = text.find(end);
  REQUIRE(at != std::string::npos);
  REQUIRE(to != std::string::npos);
  const std::size_t from = at + begin.size();
  const std::string real = "\n" + probe_run::options_reference() + "\n";
  INFO("to update it: PROBE_RUN_ACCEPT=1 ctest -R '^docs$'");
  if (std::getenv("PROBE_RUN_ACCEPT") != nullptr) {
    std::ofstream(file) << text.replace(from, to - from, real);
  } else {
    CHECK(text.substr(from, to - from) == real);
  }
}

TEST_CASE("--help lists every option of the table", "[docs]") {
  const test::Finished help = test::run({test::probe_run(), "--help"});
  REQUIRE(help.status == 0);
  const std::regex line("^  (?:-.,|   ) (--[a-z-]+)(?: |$)");
  std::set<std::string> listed, known;
  for (const std::string& text : lines_of(help.out)) {
    std::smatch match;
    if (std::regex_search(text, match, line)) listed.insert(match[1]);
    CHECK(columns_of(text) <= 80);
  }
  for (const probe_run::OptionRow& row : probe_run::option_table()) known.emplace(row.name);
  CHECK(listed == known);
}

TEST_CASE("--version prints the example in docs/command-line.md", "[docs]") {
  const test::Finished done = test::run({PROBE_RUN_BINARY_DIR "/probe-run", "--version"});
  CHECK(done.status == 0);
  CHECK(std::regex_match(done.out, std::regex(R"(probe-run \d+\.\d+\.\d+ \(libbpf \d+\.\d+\)\n)")));
}

TEST_CASE("README.md names every attach type, format and renderer", "[docs]") {
  const std::string readme = read_file(source / "README.md");

  CHECK(names_in_item(readme, "Attach types") == attach_types());

  std::set<std::string> formats;
  for (const auto& entry : probe_run::EnumNames<probe_run::OutputFormat>::names) formats.emplace(entry.name);
  CHECK(names_in_item(readme, "Formats") == formats);

  std::set<std::string> renderers;
  for (const std::string_view name : probe_run::renderer_names()) renderers.emplace(name);
  CHECK(names_in_item(readme, "Renderers") == renderers);
}

TEST_CASE("README.md names every shipped spec, and no other", "[docs]") {
  const std::string readme = read_file(source / "README.md");
  const std::string section = readme.substr(readme.find("\n## Shipped specs\n"));
  std::set<std::string> named;
  for (const std::string& line : lines_of(section.substr(0, section.find("\n## ", 1)))) {
    if (!line.starts_with("| `")) continue;
    const std::string names = line.substr(0, line.find(" |", 1));
    const std::regex quoted("`([^`]+)`");
    for (std::sregex_iterator match(names.begin(), names.end(), quoted), end; match != end; ++match)
      named.insert((*match)[1]);
  }
  std::set<std::string> shipped;
  for (const auto& entry : fs::directory_iterator(source / "specs"))
    shipped.insert(entry.path().stem().string());
  CHECK(named == shipped);
}

TEST_CASE("docs/attach-points.md has every attach type for every tested kernel", "[docs]") {
  const std::string document = read_file(source / "docs" / "attach-points.md");
  const test::AttachTable table(document);
  std::set<std::string> in_table;
  for (const test::AttachRow& row : table.rows()) in_table.insert(row.first);
  CHECK(in_table == attach_types());
  const test::Finished kernels = test::run({source / "tests" / "vm" / "fetch-kernel", "--list"});
  CHECK(table.kernels() == lines_of(kernels.out));
}

TEST_CASE("docs/attach-points.md says which attach types need a newer libbpf", "[docs]") {
  const std::string document = read_file(source / "docs" / "attach-points.md");
  const auto look = [&]<class Point>(const Point& point) {
    const probe_run::LibbpfVersion needed = probe_run::attach_type(point).libbpf;
    const std::string sentence = "`" + std::string(Point::type) + "` needs libbpf " +
                                 std::to_string(needed.major) + "." + std::to_string(needed.minor);
    INFO(sentence);
    CHECK((needed > probe_run::LibbpfVersion()) == (document.find(sentence) != std::string::npos));
  };
  [&]<class... Point>(const std::variant<Point...>*) {
    (look(Point{}), ...);
  }(static_cast<const probe_run::AttachPoint*>(nullptr));
}

TEST_CASE("the documents' relative links lead to files and to headings in them", "[docs]") {
  const std::regex link(R"(\]\(([^)#:]*)(#[^)]*)?\))");
  std::size_t anchors = 0;
  for (const fs::path& document : documents()) {
    const std::string text = joined(prose_of(document));
    for (std::sregex_iterator match(text.begin(), text.end(), link), end; match != end; ++match) {
      const std::string file = (*match)[1].str();
      const fs::path target = file.empty() ? document : document.parent_path() / file;
      INFO(fs::relative(document, source).string() + ": " + match->str());
      CHECK(fs::exists(target));
      if (!(*match)[2].matched) continue;
      ++anchors;
      CHECK(headings_of(target).count((*match)[2].str().substr(1)) == 1);
    }
  }
  CHECK(anchors > 10);
}

TEST_CASE("the tests that docs/security.md names exist", "[docs]") {
  const std::string text = read_file(source / "docs/security.md");
  const std::regex name("`(tests/[^`]+)`");
  std::size_t named = 0;
  for (std::sregex_iterator match(text.begin(), text.end(), name), end; match != end; ++match) {
    ++named;
    INFO((*match)[1].str());
    CHECK(fs::exists(source / (*match)[1].str()));
  }
  CHECK(named >= 8);
}

TEST_CASE("no hand-written line is longer than 120 columns", "[docs]") {
  const std::vector<fs::path> files = hand_written_files();
  CHECK(files.size() > 800);
  for (const fs::path& file : files) {
    // Output in a document is as wide as it is.
    const bool document = file.extension() == ".md";
    const Lines lines = document ? prose_of(source / file) : lines_of(read_file(source / file));
    for (const std::string& line : lines) {
      // A string of JSON cannot be broken.
      const bool one_string =
          file.extension() == ".json" && std::regex_match(line, std::regex(R"( *("\w+": )?".*",?)"));
      if (columns_of(line) <= 120 || one_string) continue;
      FAIL_CHECK(file.string() << ": " << columns_of(line) << " columns: " << line);
    }
  }
}

TEST_CASE("the tutorial writes the files of examples/tutorial", "[docs]") {
  std::map<std::string, std::string> written;
  const Lines lines = lines_of(read_file(source / "docs" / "tutorial.md"));
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string name = file_named_in(lines[i]).name;
    if (name.empty()) continue;
    std::string& text = written[name];
    text.clear();  // the last version counts
    for (i += 2; i < lines.size() && lines[i] != "```"; ++i) text += lines[i] + "\n";
  }
  CHECK(written.size() >= 2);
  for (const auto& [name, text] : written) {
    INFO(name);
    CHECK(read_file(source / "examples" / "tutorial" / name) == text);
  }
}

TEST_CASE("the spec in README.md is valid", "[docs]") {
  const Lines lines = lines_of(read_file(source / "README.md"));
  const auto begin = std::find(lines.begin(), lines.end(), "```json");
  const auto end = std::find(begin, lines.end(), "```");
  REQUIRE(end - begin > 5);
  const fs::path file = fs::path(PROBE_RUN_BINARY_DIR) / "tests" / "docs" / "readme.json";
  std::ofstream(file) << joined(Lines(begin + 1, end));
  const test::Finished finished = test::run({test::probe_run(), "--check", file});
  INFO(finished.err);
  CHECK(finished.status == 0);
}

TEST_CASE("every spec in examples/ is valid", "[docs]") {
  for (const auto& entry : fs::recursive_directory_iterator(source / "examples")) {
    const fs::path name = entry.path().filename();
    if (name.extension() != ".json" || name == "problem-matcher.json" || name == "case.json") continue;
    // docs/tutorial.md compiles its object and checks it.
    if (entry.path().parent_path().filename() == "tutorial") continue;
    const test::Finished finished = test::run({test::probe_run(), "--check", entry.path()});
    INFO(finished.err);
    CHECK(finished.status == 0);
  }
}

TEST_CASE("the problem matcher of examples/ci finds the location and the message of an error", "[docs]") {
  const std::string matcher = read_file(source / "examples" / "ci" / "problem-matcher.json");
  std::smatch found;
  REQUIRE(std::regex_search(matcher, found, std::regex("\"regexp\": \"(.*)\"")));
  const std::regex pattern(std::regex_replace(found[1].str(), std::regex(R"(\\\\)"), R"(\)"));
  test::ProcessOptions options;
  options.directory = source / "tests" / "docs" / "files";
  const test::Finished finished = test::run({test::probe_run(), "--check", "my-opensnoop.json"}, options);
  CHECK(finished.status == 2);
  std::smatch parts;
  const std::string first = lines_of(finished.err).front();
  REQUIRE(std::regex_match(first, parts, pattern));
  CHECK(parts[1] == "my-opensnoop.json");
  CHECK(std::stoi(parts[2]) > 1);
  CHECK(parts[4] == "error");
  CHECK(parts[5].length() > 10);
}
