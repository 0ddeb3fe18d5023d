// Runs the targets on the inputs in the repository, without a fuzzer, with any compiler.
//
//   fuzz_replay            every file of corpus/ and regressions/
//   fuzz_replay TARGET FILE...
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "fuzz/targets.h"
#include "support/places.h"

namespace fs = std::filesystem;

namespace {

bool replay(const fuzz::Target& target, const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(in), {}};
  if (!in.is_open() || in.bad()) {
    std::fprintf(stderr, "fuzz_replay: cannot read %s\n", file.c_str());
    return false;
  }
  // A target that fails ends the process: this is the last line then.
  std::printf("%s %s\n", std::string(target.name).c_str(), file.c_str());
  std::fflush(stdout);
  target.run(fuzz::exact(fuzz::as_bytes(content)));
  return true;
}

std::vector<fs::path> files_of(const fs::path& directory) {
  std::vector<fs::path> files;
  if (!fs::exists(directory)) return files;
  for (const auto& entry : fs::directory_iterator(directory)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

int replay_all() {
  const fs::path here = fs::path(PROBE_RUN_SOURCE_DIR) / "tests" / "fuzz";
  bool good = true;
  for (const fuzz::Target& target : fuzz::targets) {
    const std::vector<fs::path> corpus = files_of(here / "corpus" / target.name);
    if (corpus.empty()) {
      std::fprintf(stderr, "fuzz_replay: %s has no corpus\n", std::string(target.name).c_str());
      good = false;
    }
    for (const fs::path& file : corpus) good = replay(target, file) && good;
    for (const fs::path& file : files_of(here / "regressions" / target.name))
      good = replay(target, file) && good;
  }
  return good ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 1) return replay_all();
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  for (const fuzz::Target& target : fuzz::targets) {
    if (target.name != arguments[0]) continue;
    bool good = true;
    for (std::size_t i = 1; i < arguments.size(); ++i) good = replay(target, arguments[i]) && good;
    return good ? 0 : 1;
  }
  std::fprintf(stderr, "fuzz_replay: unknown target %s\n", arguments[0].c_str());
  return 2;
}
