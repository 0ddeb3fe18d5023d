// --test: compares rendered recordings with expected files.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <ctime>

#include "command/command.h"
#include "command/diff.h"
#include "command/test_case.h"
#include "engine/replay.h"
#include "spec/output_format.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr std::size_t expected_limit = std::size_t{1} << 30;

struct Tally {
  std::size_t cases = 0;
  std::size_t same = 0, different = 0, accepted = 0;
  std::size_t invalid = 0;  // cases that could not be run
};

// Diagnostics name the files of a case relative to it, so that expected files do not depend on how DIR was given.
std::string without_directory(std::string text, const std::string& directory) {
  const std::string prefix = escape_for_terminal(directory) + "/";
  for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix, at))
    text.erase(at, prefix.size());
  return text;
}

// The program's output: standard output, other targets with their names, "---", standard error.
std::string render(const TestCase& test, const std::string& format) {
  Options options;
  options.replay = test.recording;
  options.specs = test.specs;
  options.parameters = test.parameters;
  for (const auto& entry : EnumNames<OutputFormat>::names) {
    if (entry.name == format) options.format = entry.value;
  }
  SinkSet sinks(SinkSet::Kind::memory);
  Replay replay(options, sinks);
  ReplayPace pace;
  const Replay::Outcome outcome = replay.play(pace);

  std::string out;
  std::string others;
  std::string err;
  for (const auto& [target, text] : sinks.texts()) {
    if (target == "stdout") {
      out = text;
    } else if (target == "stderr") {
      err = text;
    } else {
      others += fmt::format("--- {}\n{}", target, text);
    }
  }
  std::string warnings;
  for (const Diagnostic& warning : replay.warnings()) {
    warnings += without_directory(to_text(warning), test.directory);
  }
  std::string end = fmt::format("probe-run: {}\n", to_text(outcome.figures, outcome.elapsed));
  if (!outcome.damage.empty()) end += to_text(damage_warning(test.recording_name, outcome.damage));
  return out + others + "---\n" + warnings + err + end;
}

// Renames a temporary file over it, so that a reader sees the old text or the new one.
void replace_file(const std::string& path, const std::string& text) {
  std::string temporary = path + ".XXXXXX";
  const Fd fd(::mkostemp(temporary.data(), O_CLOEXEC));
  int error = fd ? write_all(fd.get(), text) : errno;
  struct stat before {};
  const mode_t mode = ::stat(path.c_str(), &before) == 0 ? before.st_mode & 07777 : 0644;
  if (error == 0 && ::fchmod(fd.get(), mode) != 0) error = errno;
  if (error == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error == 0) return;
  if (fd) ::unlink(temporary.c_str());
  throw Error(fmt::format("cannot write {}: {}", escape_for_terminal(path), errno_text(error)));
}

class Tester {
 public:
  Tester(const Options& options, Sink& out) : options_(options), out_(out) {
    const char* const no_colour = std::getenv("NO_COLOR");
    style_.colours = ::isatty(STDOUT_FILENO) == 1 && (no_colour == nullptr || *no_colour == '\0');
  }

  void run(const std::string& directory) {
    ++tally_.cases;
    try {
      const TestCase test = read_test_case(directory);
      // The output must not depend on the machine's time zone.
      ::setenv("TZ", test.timezone.c_str(), 1);
      ::tzset();
      for (const std::string& format : formats(test)) compare(test, format);
    } catch (const Error& error) {
      ++tally_.invalid;
      line("31", "FAIL", directory);
      for (const Diagnostic& diagnostic : error.diagnostics()) print(out_, "{}", to_text(diagnostic));
    }
    out_.flush();
  }

  int finish() const {
    const std::size_t compared = tally_.same + tally_.different + tally_.accepted;
    if (compared == 0 && tally_.invalid == 0) {
      throw SpecError(
          fmt::format("no test case has an expected file for the format {}", *options_.test_format),
          fmt::format("create it with --accept --format {}", *options_.test_format));
    }
    if (!options_.quiet) {
      print(out_, "{} {}, {} expected {}: {} ok", tally_.cases, tally_.cases == 1 ? "case" : "cases",
            compared, compared == 1 ? "file" : "files", tally_.same);
      if (tally_.different > 0) print(out_, ", {} failed", tally_.different);
      if (tally_.accepted > 0) print(out_, ", {} accepted", tally_.accepted);
      if (tally_.invalid > 0) print(out_, "; {} could not be run", tally_.invalid);
      print(out_, "\n");
    }
    if (tally_.different > 0) {
      std::string directories;
      for (const std::string& directory : options_.tests) directories += shell_word(directory) + " ";
      print(out_, "to accept the actual output: probe-run --test {}--accept\n", directories);
    }
    if (tally_.invalid > 0) return exit_invalid;
    return tally_.different > 0 ? exit_failed : exit_ok;
  }

 private:
  std::vector<std::string> formats(const TestCase& test) const {
    if (!options_.test_format) {
      if (test.formats.empty()) {
        throw SpecError(fmt::format("{}: no expected.FORMAT file found", escape_for_terminal(test.directory)),
                        fmt::format("create expected.jsonl: probe-run --test {} --accept --format jsonl",
                                    shell_word(test.directory)));
      }
      return test.formats;
    }
    const bool known =
        std::find(test.formats.begin(), test.formats.end(), *options_.test_format) != test.formats.end();
    return known || options_.accept ? std::vector<std::string>{*options_.test_format}
                                    : std::vector<std::string>{};
  }

  // Not every format can show every view, and the error can be the expected output. An error without --format is an
  // error of the case itself.
  static std::string rendered_or_refused(const TestCase& test, const std::string& format) {
    try {
      return render(test, format);
    } catch (const SpecError& refusal) {
      if (format == "default") throw;
      render(test, "default");
      std::string text = "---\n";
      for (const Diagnostic& diagnostic : refusal.diagnostics()) text += to_text(diagnostic);
      return without_directory(std::move(text), test.directory);
    }
  }

  void compare(const TestCase& test, const std::string& format) {
    const std::string path = test.expected(format);
    const std::string received = rendered_or_refused(test, format);
    const bool is_new = ::access(path.c_str(), F_OK) != 0;
    const std::string expected = is_new ? "" : read_file(path, expected_limit);
    if (!is_new && received == expected) {
      ++tally_.same;
      if (!options_.quiet) line("32", "ok", path);
    } else if (options_.accept) {
      replace_file(path, received);
      ++tally_.accepted;
      line("33", is_new ? "new" : "changed", path);
    } else {
      ++tally_.different;
      line("31", "FAIL", path);
      print(out_, "--- expected\n+++ actual\n{}", diff_text(expected, received, style_));
    }
  }

  void line(std::string_view colour, std::string_view verdict, const std::string& path) const {
    if (style_.colours) {
      print(out_, "\x1b[{}m{}\x1b[0m  {}\n", colour, verdict, escape_for_terminal(path));
    } else {
      print(out_, "{}  {}\n", verdict, escape_for_terminal(path));
    }
  }

  const Options& options_;
  Sink& out_;
  DiffStyle style_;
  Tally tally_;
};

}  // namespace

int test(const Options& options, Sink& out) {
  std::vector<std::string> directories;
  for (const std::string& directory : options.tests) {
    const std::vector<std::string> found = find_test_cases(directory);
    if (found.empty()) {
      throw SpecError(fmt::format("no tests found in {}", escape_for_terminal(directory)),
                      "a test is a directory with a recording.rec and expected.FORMAT files");
    }
    directories.insert(directories.end(), found.begin(), found.end());
  }
  Tester tester(options, out);
  for (const std::string& directory : directories) tester.run(directory);
  return tester.finish();
}

}  // namespace probe_run
