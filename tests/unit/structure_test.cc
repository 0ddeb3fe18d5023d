#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

#include "decode/renderer.h"
#include "support/catch.h"
#include "support/places.h"
#include "unit/include_rules.h"

namespace fs = std::filesystem;
using test::include_mistakes;

namespace {

struct File {
  std::string path;  // from the project's directory
  std::string text;
};

std::vector<File> runner_files() {
  const fs::path project = PROBE_RUN_SOURCE_DIR;
  std::vector<File> files;
  for (const auto& entry : fs::recursive_directory_iterator(project / "runner")) {
    const std::string kind = entry.path().extension();
    if (kind != ".h" && kind != ".cc") continue;
    std::ifstream in(entry.path());
    files.push_back({fs::relative(entry.path(), project), {std::istreambuf_iterator<char>(in), {}}});
  }
  std::sort(files.begin(), files.end(), [](const File& a, const File& b) { return a.path < b.path; });
  return files;
}

// String literals that are the name of a renderer, in code that could use them to ask for one. Rooms before
// decode cannot include decode/renderer.h, which the test of includes checks.
std::string renderer_names_in(const File& file) {
  // The same word with another meaning.
  const std::pair<std::string_view, std::string_view> others[] = {
      {"runner/engine/own_metrics.cc", "bytes"},  // a metric's unit
      {"runner/command/place_text.cc", "size"}};  // a member of JSON
  const std::string_view rooms[] = {"decode", "filter", "view", "format", "engine", "command"};
  const std::string_view path = file.path;
  const bool may_ask = std::any_of(std::begin(rooms), std::end(rooms), [&](std::string_view room) {
    return path.starts_with("runner/" + std::string(room) + "/");
  });
  if (!may_ask || path.starts_with("runner/decode/renderers/")) return {};
  std::istringstream lines(file.text);
  std::string found;
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    const std::string_view code = std::string_view(line).substr(0, line.find("//"));
    for (const std::string_view name : probe_run::renderer_names()) {
      if (code.find('"' + std::string(name) + '"') == std::string_view::npos) continue;
      if (std::find(std::begin(others), std::end(others), std::pair(path, name)) != std::end(others))
        continue;
      found += file.path + ":" + std::to_string(number) + ": " + std::string(name) + "\n";
    }
  }
  return found;
}

std::string mistakes(std::string_view path, std::string_view text) {
  std::string all;
  for (const std::string& mistake : include_mistakes(path, text)) all += mistake + "\n";
  return all;
}

}  // namespace

TEST_CASE("Rooms include only rooms above them", "[structure]") {
  const std::vector<File> files = runner_files();
  REQUIRE(files.size() > 50);
  std::string all;
  for (const File& file : files) all += mistakes(file.path, file.text);
  CHECK(all == "");
}

TEST_CASE("Every header is read once", "[structure]") {
  std::string without;
  for (const File& file : runner_files()) {
    if (file.path.ends_with(".h") && file.text.find("\n#pragma once\n") == std::string::npos &&
        !file.text.starts_with("#pragma once\n")) {
      without += file.path + "\n";
    }
  }
  CHECK(without == "");
}

TEST_CASE("main.cc is a table of contents", "[structure]") {
  for (const File& file : runner_files()) {
    if (file.path == "runner/main.cc") CHECK(std::count(file.text.begin(), file.text.end(), '\n') < 100);
  }
}

TEST_CASE("No code outside of decode/renderers compares a renderer's name", "[structure]") {
  std::string all;
  for (const File& file : runner_files()) all += renderer_names_in(file);
  CHECK(all == "");
}

// The tests above can fail.

TEST_CASE("Code that compares a renderer's name is found, with its file and line", "[structure]") {
  const std::string code = "// \"ktime\"\nif (name == \"ktime\") return;\n";
  CHECK(renderer_names_in({"runner/view/numbers.cc", code}) == "runner/view/numbers.cc:2: ktime\n");
  CHECK(renderer_names_in({"runner/decode/plan.cc", "find_renderer(\"bytes\")"}) ==
        "runner/decode/plan.cc:1: bytes\n");
  CHECK(renderer_names_in({"runner/decode/renderers/time.cc", code}) == "");
}

TEST_CASE("An include in the wrong direction is found, with its file and line", "[structure]") {
  CHECK(mistakes("runner/decode/plan.cc", "#include \"decode/plan.h\"\n\n#include \"format/format.h\"\n") ==
        "runner/decode/plan.cc:3: decode must not include \"format/format.h\"\n");
  CHECK(mistakes("runner/support/fd.cc", "#include \"spec/spec.h\"") ==
        "runner/support/fd.cc:1: support must not include \"spec/spec.h\"\n");
  CHECK(mistakes("runner/decode/renderers/time.cc", "  #  include \"view/row_value.h\"\n") ==
        "runner/decode/renderers/time.cc:1: decode must not include \"view/row_value.h\"\n");
  CHECK(mistakes("runner/source/map_reader.cc", "#include \"attach/attach.h\"\n") != "");
  CHECK(mistakes("runner/sink/file_sink.cc", "#include \"spec/spec.h\"\n") != "");
  CHECK(mistakes("runner/format/format.cc", "#include \"engine/pipeline.h\"\n") != "");
  CHECK(mistakes("runner/engine/pipeline.cc", "#include \"command/command.h\"\n") ==
        "runner/engine/pipeline.cc:1: engine must not include \"command/command.h\"\n");
}

TEST_CASE("A library outside of its rooms is found", "[structure]") {
  CHECK(mistakes("runner/decode/plan.cc", "#include <bpf/btf.h>\n") ==
        "runner/decode/plan.cc:1: <bpf/btf.h> does not belong in decode\n");
  CHECK(mistakes("runner/command/run.cc", "#include <bpf/libbpf.h>\n") != "");
  CHECK(mistakes("runner/format/json_value.cc", "#include <nlohmann/json.hpp>\n") != "");
  CHECK(mistakes("runner/command/run.cc", "#include <CLI/CLI.hpp>\n") != "");
  CHECK(mistakes("runner/main.cc", "#include <CLI/CLI.hpp>\n") != "");
}

TEST_CASE("A header that is in no room is found", "[structure]") {
  CHECK(mistakes("runner/decode/plan.cc", "#include \"plan.h\"\n") ==
        "runner/decode/plan.cc:1: \"plan.h\" names no room\n");
  CHECK(mistakes("runner/decode/plan.cc", "#include \"helpers/text.h\"\n") ==
        "runner/decode/plan.cc:1: unknown room \"helpers\"\n");
}

TEST_CASE("Includes in the right direction are not errors", "[structure]") {
  CHECK(mistakes("runner/format/format.cc",
                 "#include \"view/row_batch.h\"\n#include \"decode/plan.h\"\n#include <vector>\n") == "");
  CHECK(mistakes("runner/object/btf.cc", "#include <bpf/btf.h>\n") == "");
  CHECK(mistakes("runner/spec/parse.cc", "#include <nlohmann/json.hpp>\n") == "");
  CHECK(mistakes("runner/command/run.cc", "#include \"attach/attach.h\"\n#include \"sink/sink.h\"\n") == "");
  CHECK(mistakes("runner/command_line.cc",
                 "#include <CLI/CLI.hpp>\n#include \"command_line.h\"\n#include \"engine/options.h\"\n") ==
        "");
  CHECK(mistakes("runner/decode/plan.cc", "// #include \"format/format.h\"\nint x;\n") == "");
}
