// Each folder beside this file is a case: a recording (its own, or the one that its spec's "$recording"
// names), perhaps a spec to render it with, and what every format prints of it.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "support/catch.h"
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
    for (const std::string format : {"text", "table", "live", "json", "jsonl", "csv", "folded", "raw", "default"}) {
      std::vector<std::string> command{test::probe_run(), "--replay", recording.string()};
      if (fs::exists(spec)) command.push_back(spec.string());
      if (format != "default") command.insert(command.end(), {"--format", format});
      const test::Finished result = test::run(command, {.environment = {{"TZ", "UTC"}}});
      INFO(folder.filename().string() << " as " << format << "\n" << result.err);
      // Not every view fits every format: what is said of that is expected too.
      const bool may_refuse = format == "live" || format == "folded" || format == "raw";
      CHECK((result.status == 0 || (result.status == 2 && may_refuse)));

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
