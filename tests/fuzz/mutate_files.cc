// Runs the program on mutated specs, recordings and objects, each in a process of its own: none may crash it, take more
// than 2 s of a CPU, or more than 100 MB.
//
//   mutate_files [COUNT [SEED]]   so many of each kind (200, and 1)
//
// What fails is kept in the directory mutated/ beside the program, and the exit code is 1.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "support/places.h"
#include "support/temporary_directory.h"

namespace fs = std::filesystem;

namespace {

constexpr double most_seconds = 2;
constexpr long most_kilobytes = 100'000;

const fs::path sources = PROBE_RUN_SOURCE_DIR;
const fs::path built = PROBE_RUN_BINARY_DIR;

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

using Random = std::mt19937_64;

std::size_t below(Random& random, std::size_t count) {
  return count == 0 ? 0 : random() % count;
}

// One change: of a byte, of a number, of a length, of a piece that is removed, repeated or taken from another place.
void change(std::string& bytes, Random& random, bool is_text) {
  if (bytes.empty()) return;
  const std::size_t at = below(random, bytes.size());
  const std::size_t length = std::min(bytes.size() - at, 1 + below(random, 64));
  static constexpr std::array<std::string_view, 16> pieces{"{",
                                                           "}",
                                                           "[",
                                                           "]",
                                                           "\"",
                                                           ",",
                                                           ":",
                                                           "null",
                                                           "-1",
                                                           "1e999",
                                                           "18446744073709551616",
                                                           "\\u0000",
                                                           "${pid}",
                                                           "0.5",
                                                           "\"\xff\"",
                                                           "[[[[[[[["};
  switch (below(random, is_text ? 7 : 6)) {
    case 0:
      bytes[at] = static_cast<char>(random());
      break;
    case 1:
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(random, 8)));
      break;
    case 2:
      for (std::size_t i = at; i < std::min(bytes.size(), at + 4); ++i)
        bytes[i] = random() % 2 == 0 ? '\xff' : '\0';
      break;
    case 3:
      bytes.erase(at, length);
      break;
    case 4:
      bytes.insert(at, bytes.substr(below(random, bytes.size()), length));
      break;
    case 5:
      if (below(random, 8) == 0) bytes.resize(at);
      break;
    default:
      bytes.replace(at, std::min<std::size_t>(length, 4), pieces[below(random, pieces.size())]);
      break;
  }
}

struct Kind {
  std::string name;
  bool is_text;
  std::vector<fs::path> files;
  // The command for a mutated file, which is at `path` for the original.
  std::vector<std::string> (*command)(const fs::path& original, const fs::path& path);
};

std::vector<fs::path> files_in(const fs::path& directory, const std::string& end) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    if (entry.path().native().ends_with(end)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

struct Ended {
  int status = 0;
  double seconds = 0;  // of a CPU
  long kilobytes = 0;
};

Ended run(const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t child = ::vfork();
  if (child == 0) {
    const int nothing = ::open("/dev/null", O_RDWR);
    for (int fd = 0; fd <= 2; ++fd) ::dup2(nothing, fd);
    ::alarm(60);  // one that waits for something takes no CPU
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  Ended ended;
  rusage usage{};
  if (child < 0 || ::wait4(child, &ended.status, 0, &usage) != child) {
    std::perror("mutate_files");
    std::exit(2);
  }
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  ended.seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  ended.kilobytes = usage.ru_maxrss;
  return ended;
}

std::string fault_of(const Ended& ended) {
  if (WIFSIGNALED(ended.status)) return "signal " + std::to_string(WTERMSIG(ended.status));
  if (WEXITSTATUS(ended.status) > 2) return "exit code " + std::to_string(WEXITSTATUS(ended.status));
  if (ended.seconds > most_seconds) return std::to_string(ended.seconds) + " s";
  if (ended.kilobytes > most_kilobytes) return std::to_string(ended.kilobytes) + " KB";
  return {};
}

// The number of faults.
int mutate(const Kind& kind, std::size_t count, std::uint64_t seed) {
  if (kind.files.empty()) {
    std::printf("%s: there are no files\n", kind.name.c_str());
    return 1;
  }
  const test::TemporaryDirectory directory;
  Random random(seed);
  std::map<int, std::size_t> codes;
  double slowest = 0;
  long largest = 0;
  int faults = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const fs::path& original = kind.files[below(random, kind.files.size())];
    std::string bytes = read(original);
    for (std::size_t changes = 1 + below(random, 4); changes > 0; --changes)
      change(bytes, random, kind.is_text);
    directory.write(original.filename(), bytes);
    const fs::path path = directory / original.filename();
    const Ended ended = run(kind.command(original, path));
    if (const std::string fault = fault_of(ended); !fault.empty()) {
      const fs::path kept = built / "tests" / "fuzz" / "mutated";
      fs::create_directories(kept);
      const fs::path copy = kept / (kind.name + "-" + std::to_string(seed) + "-" + std::to_string(i) + "-" +
                                    original.filename().string());
      fs::copy_file(path, copy, fs::copy_options::overwrite_existing);
      std::printf("%s: %s: %s\n", kind.name.c_str(), fault.c_str(), copy.c_str());
      ++faults;
    } else {
      ++codes[WEXITSTATUS(ended.status)];
    }
    slowest = std::max(slowest, ended.seconds);
    largest = std::max(largest, ended.kilobytes);
    fs::remove(path);
  }
  std::printf("%s: %zu mutated, %d faults; exit codes", kind.name.c_str(), count, faults);
  for (const auto& [code, times] : codes) std::printf(" %d: %zu", code, times);
  std::printf("; at most %.2f s, %ld KB\n", slowest, largest);
  return faults;
}

const std::string program = (built / "probe-run").string();

std::vector<std::string> check_spec(const fs::path& /*original*/, const fs::path& path) {
  return {program, "--check", path, "--object-dir", built / "bpf"};
}

std::vector<std::string> replay_recording(const fs::path& /*original*/, const fs::path& path) {
  return {program, "--replay", path};
}

// With the spec of the object.
std::vector<std::string> check_object(const fs::path& original, const fs::path& path) {
  std::string name = original.filename();
  name.resize(name.find('.'));
  return {program, "--check", sources / "specs" / (name + ".json"), "--object-dir", path.parent_path()};
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 200;
  const std::uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  const Kind kinds[] = {
      {"spec", true, files_in(sources / "specs", ".json"), check_spec},
      {"recording", false, files_in(sources / "tests" / "golden", ".rec"), replay_recording},
      {"object", false, files_in(built / "bpf", ".bpf.o"), check_object}};
  int faults = 0;
  for (const Kind& kind : kinds) faults += mutate(kind, count, seed);
  return faults == 0 ? 0 : 1;
}
