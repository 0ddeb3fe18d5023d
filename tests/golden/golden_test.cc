// Each folder beside this file is a case: a recording (its own, or the one that its spec's "$recording"
// names), perhaps a spec to render it with, and what every format prints of it.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "support/catch.h"
#include "support/exposition.h"
#include "support/process.h"

namespace fs = std::filesystem;

namespace {

const fs::path golden = fs::path(PROBE_RUN_SOURCE_DIR) / "tests/golden";

std::string read(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

void write(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

// The value of "$recording" in a spec; cases are ours, so this needs no JSON reader.
std::string recording_of(const std::string& spec) {
  const std::string key = "\"$recording\": \"";
  const std::size_t begin = spec.find(key);
  if (begin == std::string::npos) return "recording.rec";
  const std::size_t value = begin + key.size();
  return spec.substr(value, spec.find('"', value) - value);
}

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> result;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) result.push_back(line);
  return result;
}

// The first lines that differ.
std::string difference(const std::string& expected, const std::string& received) {
  const std::vector<std::string> a = lines(expected);
  const std::vector<std::string> b = lines(received);
  for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    const std::string before = i < a.size() ? a[i] : "(no line)";
    const std::string after = i < b.size() ? b[i] : "(no line)";
    if (before != after) return "line " + std::to_string(i + 1) + "\n- " + before + "\n+ " + after;
  }
  return "the ends differ";
}

std::vector<fs::path> cases() {
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(golden)) {
    if (entry.is_directory()) folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

}  // namespace

TEST_CASE("every recording renders as expected in every format") {
  const bool accept = std::getenv("PROBE_RUN_ACCEPT") != nullptr;
  REQUIRE(cases().size() >= 5);
  for (const fs::path& folder : cases()) {
    const fs::path spec = folder / "spec.json";
    const fs::path recording = folder / recording_of(fs::exists(spec) ? read(spec) : "");
    for (const std::string format :
         {"text", "table", "jsonl", "csv", "prometheus", "openmetrics", "default"}) {
      std::vector<std::string> command{test::probe_run(), "--replay", recording.string()};
      if (fs::exists(spec)) command.push_back(spec.string());
      if (format != "default") command.insert(command.end(), {"--format", format});
      const test::Finished result = test::run(command, {.environment = {{"TZ", "UTC"}}});
      INFO(folder.filename().string() << " as " << format << "\n" << result.err);
      CHECK(result.status == 0);

      const fs::path expected = folder / ("expected." + format);
      const std::string received = result.out + "---\n" + result.err;
      if (accept) {
        write(expected, received);
      } else if (read(expected) != received) {
        const fs::path file =
            fs::path(PROBE_RUN_BINARY_DIR) / "golden" / folder.filename() / ("received." + format);
        write(file, received);
        FAIL_CHECK(expected.string()
                   << " and " << file.string() << " differ at " << difference(read(expected), received)
                   << "\nif the new text is right: cmake --build --preset release --target accept-golden");
      }
    }
  }
}

namespace {

std::string rendered(const fs::path& folder, const std::string& format, const fs::path& to = {}) {
  const fs::path spec = folder / "spec.json";
  const fs::path recording = folder / recording_of(fs::exists(spec) ? read(spec) : "");
  std::vector<std::string> command{test::probe_run(), "--replay", recording.string()};
  if (fs::exists(spec)) command.push_back(spec.string());
  command.insert(command.end(), {"--quiet", "--format", format});
  if (!to.empty()) command.insert(command.end(), {"--output", to.string()});
  const test::Finished result = test::run(command);
  INFO(result.err);
  REQUIRE(result.status == 0);
  return to.empty() ? result.out : read(to);
}

}  // namespace

TEST_CASE("every recording renders as metrics that the grammar of each dialect has") {
  for (const fs::path& folder : cases()) {
    INFO(folder.filename().string());
    const auto plain = test::read_exposition(rendered(folder, "prometheus"), test::Exposition::prometheus);
    const auto open = test::read_exposition(rendered(folder, "openmetrics"), test::Exposition::openmetrics);
    CHECK_FALSE(plain.empty());
    REQUIRE(plain.size() == open.size());
    for (std::size_t i = 0; i < plain.size(); ++i) {
      REQUIRE(plain[i].samples.size() == open[i].samples.size());
      for (std::size_t j = 0; j < plain[i].samples.size(); ++j) {
        CHECK(plain[i].samples[j].labels == open[i].samples[j].labels);
        CHECK(plain[i].samples[j].text == open[i].samples[j].text);
      }
    }
  }
}

TEST_CASE("promtool has nothing to say of the metrics of any recording") {
  REQUIRE(fs::exists("/usr/bin/promtool"));  // tools/install-dependencies
  const fs::path folder = fs::path(PROBE_RUN_BINARY_DIR) / "golden";
  fs::create_directories(folder);
  for (const fs::path& one : cases()) {
    const fs::path file = folder / (one.filename().string() + ".prom");
    REQUIRE_FALSE(rendered(one, "prometheus", file).empty());
    const test::Finished result =
        test::run({"/bin/sh", "-c", "promtool check metrics < \"$1\"", "sh", file.string()});
    INFO(file.string() << "\n" << result.out << result.err);
    CHECK(result.status == 0);
    CHECK(result.out + result.err == "");
  }
}
