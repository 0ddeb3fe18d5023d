// All formats agree: each recording in every format that can be parsed again, compared row by row.
//
// The cells of CSV are the reference, because CSV keeps every byte. JSON must have the same rows, with
// structs and lists flattened as in CSV; tables and text the same cells, with their escapes; metrics the same
// numbers with the same labels.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "golden/read_back.h"
#include "support/catch.h"
#include "support/exposition.h"
#include "support/places.h"
#include "support/process.h"
#include "support/temporary_directory.h"
#include "unit/csv_reader.h"

namespace fs = std::filesystem;
using namespace test;

namespace {

struct Case {
  fs::path directory;
  std::vector<std::string> arguments;  // of --replay
  Json spec;                           // null if the recording's own spec renders it
};

// A recording rendered by its own spec, with the names of metrics removed: each metric is then named after
// its column. The recording contains the spec as text.
Case with_unnamed_metrics(Case one, const test::TemporaryDirectory& directory) {
  if (one.spec.is_object()) return one;
  std::ifstream file(one.arguments[0], std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const std::size_t begin = bytes.find("{\n  \"");
  REQUIRE(begin != std::string::npos);
  std::istringstream text(bytes.substr(begin));
  Json spec;
  text >> spec;  // to its end, and no further
  const Json& first = spec["outputs"][0];
  // Metrics include the rows that a limit leaves out. In a recording whose metrics had no stacks, names of
  // stacks come after the read.
  if (first.contains("limit") || first.value("format", "") == "folded") {
    one.spec = spec;
    return one;
  }
  for (Json& output : spec["outputs"]) output.erase("metrics");
  directory.write("unnamed.json", spec.dump(2));
  one.arguments.push_back(directory / "unnamed.json");
  return one;
}

std::vector<Case> cases() {
  std::vector<Case> all;
  const auto add = [&](const fs::path& directory) {
    Case one{directory, {(directory / "recording.rec").string()}, {}};
    if (fs::exists(directory / "spec.json")) {
      one.spec = Json::parse(std::ifstream(directory / "spec.json"));
      one.arguments = {(directory / one.spec.value("$recording", "recording.rec")).string(),
                       (directory / "spec.json").string()};
    }
    all.push_back(std::move(one));
  };
  const fs::path golden = fs::path(PROBE_RUN_SOURCE_DIR) / "tests/golden";
  for (const auto& entry : fs::recursive_directory_iterator(golden)) {
    if (entry.path().filename() == "expected.csv") add(entry.path().parent_path());
  }
  std::sort(all.begin(), all.end(), [](const Case& a, const Case& b) { return a.directory < b.directory; });
  REQUIRE(all.size() >= 30);
  return all;
}

// Standard output; nothing if the format refuses, as the case expects.
std::optional<std::string> shown(const Case& one, const std::string& format) {
  std::vector<std::string> command{probe_run(), "--quiet", "--format", format, "--replay"};
  command.insert(command.end(), one.arguments.begin(), one.arguments.end());
  const Finished done = run(command);
  INFO(format << ": " << done.err);
  if (done.status == 2) {
    std::ifstream file(one.directory / ("expected." + format));
    std::string line;
    REQUIRE(std::getline(file, line));
    REQUIRE(line == "---");
    return std::nullopt;
  }
  // A truncated recording is shown up to its end.
  REQUIRE(done.status == (one.directory.filename() == "cut" ? 1 : 0));
  return done.out;
}

std::vector<Json> json_rows(const std::string& text) {
  std::vector<Json> rows;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    rows.push_back(Json::parse(line));
    if (rows.back().contains("$summary")) rows.pop_back();
  }
  return rows;
}

void compare_json(const std::vector<Json>& rows, const std::string& document) {
  std::vector<Json> others = Json::parse(document).get<std::vector<Json>>();
  if (!others.empty() && others.back().contains("$summary")) others.pop_back();
  REQUIRE(others.size() == rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) CHECK(others[i].dump() == rows[i].dump());
}

void compare_csv(const CsvTable& table, const std::vector<Json>& rows) {
  REQUIRE(table.size() == rows.size() + 1);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    REQUIRE(table[i + 1].size() == table[0].size());
    std::size_t leaves = 0;
    for (std::size_t column = 0; column < table[0].size(); ++column) {
      const Json* const value = find_cell(rows[i], table[0][column]);
      INFO("row " << i << ", column " << table[0][column]);
      CHECK(difference(table[i + 1][column], value) == "");
      if (value != nullptr) ++leaves;
    }
    // JSON has nothing in addition.
    CHECK(leaves == count_cells(rows[i], table[0]));
  }
}

std::vector<Shown> shown_cells(const CsvTable& table, const std::vector<Json>& rows, std::size_t row) {
  std::vector<Shown> cells;
  for (std::size_t column = 0; column < table[0].size(); ++column)
    cells.push_back(on_screen(table[row + 1][column], find_cell(rows[row], table[0][column])));
  return cells;
}

// The rows of each batch, or of the stream.
std::vector<std::size_t> compare_table(const CsvTable& table, const std::vector<Json>& rows,
                                       const std::string& text) {
  std::vector<std::size_t> batches;
  std::istringstream lines(text);
  std::size_t row = 0;
  bool header = true;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() && !table[0].empty()) {
      header = true;
      continue;
    }
    INFO(line);
    if (header) {
      CHECK(is_header(line, table[0]));
      batches.push_back(0);
      header = false;
      continue;
    }
    REQUIRE(row < rows.size());
    CHECK(is_row_of(line, shown_cells(table, rows, row)));
    ++row;
    ++batches.back();
  }
  CHECK(row == rows.size());
  return batches;
}

// "name=value name=value"; false if the output has a template.
bool compare_text(const CsvTable& table, const std::vector<Json>& rows, const std::string& text) {
  if (!text.empty() && !text.starts_with(escaped(table[0][0]) + "=")) return false;
  std::istringstream lines(text);
  std::size_t row = 0;
  for (std::string line; std::getline(lines, line); ++row) {
    INFO(line);
    REQUIRE(row < rows.size());
    CHECK(is_text_of(line, table[0], shown_cells(table, rows, row)));
  }
  CHECK(row == rows.size());
  return true;
}

}  // namespace

TEST_CASE("Every recording has the same rows and values in every format") {
  std::size_t texts = 0;
  for (const Case& one : cases()) {
    INFO(one.directory.string());
    const std::vector<Json> rows = json_rows(shown(one, "jsonl").value());
    compare_json(rows, shown(one, "json").value());
    // Two tables in sequence do not have a single header.
    if (one.spec.is_object() && one.spec["outputs"].size() > 1) continue;
    const CsvTable table = read_csv(shown(one, "csv").value());
    compare_csv(table, rows);
    const std::string lines = shown(one, "table").value();
    compare_table(table, rows, lines);
    // When not on a terminal, it is the same table.
    if (const auto live = shown(one, "live")) CHECK(*live == lines);
    if (compare_text(table, rows, shown(one, "text").value())) ++texts;
  }
  CHECK(texts >= 20);
}

TEST_CASE("Metrics have the values of the rows that other formats show") {
  std::size_t compared = 0;
  const test::TemporaryDirectory directory;
  for (const Case& recorded : cases()) {
    const Case one = with_unnamed_metrics(recorded, directory);
    INFO(one.directory.string());
    // Named metrics have no columns, cumulative rows repeat those before them, and a limit on lines does not
    // limit what is counted.
    const Json output = one.spec.is_object() ? one.spec["outputs"][0] : Json::object();
    if (output.contains("metrics") || output.contains("cumulative") || output.contains("rate_limit"))
      continue;
    if (one.spec.is_object() && one.spec["outputs"].size() > 1) continue;
    const std::vector<Json> rows = json_rows(shown(one, "jsonl").value());
    const CsvTable table = read_csv(shown(one, "csv").value());
    const std::vector<std::size_t> batches = compare_table(table, rows, shown(one, "table").value());
    const auto plain = read_exposition(shown(one, "prometheus").value(), Exposition::prometheus);
    const auto open = read_exposition(shown(one, "openmetrics").value(), Exposition::openmetrics);
    for (const auto* families : {&plain, &open}) {
      for (const Family& family : *families) {
        INFO(family.name);
        compared += compare_metric(family, table, rows, batches.empty() ? 0 : batches.back());
      }
    }
  }
  CHECK(compared >= 100);
}
