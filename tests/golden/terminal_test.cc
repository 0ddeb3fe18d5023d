// Output on a terminal: hostile recordings, replayed on a pseudo-terminal in every format.
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "spec/output_format.h"
#include "support/catch.h"
#include "support/places.h"
#include "support/process.h"
#include "support/utf8.h"

namespace fs = std::filesystem;

namespace {

struct Screen {
  std::string text;
  int status = -1;
};

// Everything that a program writes to its terminal, with its own line ends.
Screen on_terminal(const std::string& directory, std::vector<std::string> command) {
  winsize size{};
  size.ws_row = 40;
  size.ws_col = 160;
  termios mode{};
  ::cfmakeraw(&mode);
  int fd = -1;
  const pid_t pid = ::forkpty(&fd, nullptr, &mode, &size);
  if (pid < 0) throw std::runtime_error("forkpty failed");
  if (pid == 0) {
    ::setenv("TERM", "xterm-256color", 1);
    ::setenv("LC_ALL", "C.UTF-8", 1);
    std::vector<char*> arguments;
    for (std::string& word : command) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    if (::chdir(directory.c_str()) == 0) ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  Screen screen;
  std::array<char, 4096> bytes{};
  for (;;) {
    const ssize_t got = ::read(fd, bytes.data(), bytes.size());
    if (got > 0) screen.text.append(bytes.data(), static_cast<std::size_t>(got));
    if (got == 0 || (got < 0 && errno != EINTR)) break;  // EIO: the program has exited
  }
  ::close(fd);
  int status = 0;
  ::waitpid(pid, &status, 0);
  screen.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return screen;
}

// The escape sequences of a live table itself, which do not come from the recording.
std::string without_drawing(std::string text) {
  for (const std::string own :
       {"\x1b[?25l", "\x1b[?25h", "\x1b[2K", "\x1b[J", "\x1b[7m", "\x1b[1m", "\x1b[0m"}) {
    for (std::size_t at = 0; (at = text.find(own, at)) != std::string::npos;) text.erase(at, own.size());
  }
  // Moves the cursor up by that many lines, at the start of a line.
  for (std::size_t at = 0; (at = text.find("\r\x1b[", at)) != std::string::npos;) {
    const std::size_t end = text.find_first_not_of("0123456789", at + 3);
    if (end != std::string::npos && text[end] == 'A') {
      text.erase(at, end + 1 - at);
    } else {
      ++at;
    }
  }
  return text;
}

// Every character that is neither shown nor "\n", "\r" or "\t", and every byte that is not UTF-8; "" for
// none.
std::string harm_in(std::string_view text) {
  while (!text.empty()) {
    const probe_run::Utf8Character c = probe_run::next_utf8(text);
    const bool harmless = c.code_point == '\n' || c.code_point == '\r' || c.code_point == '\t';
    if (!c.valid || (!harmless && probe_run::must_escape(c.code_point)))
      return probe_run::escape_for_terminal(text.substr(0, 40));
    text.remove_prefix(c.length);
  }
  return {};
}

const fs::path hostile = fs::path(PROBE_RUN_SOURCE_DIR) / "tests/golden/hostile";

}  // namespace

TEST_CASE("No format sends hostile bytes in names to a terminal") {
  std::size_t shown = 0;
  std::size_t drawn = 0;
  for (const auto& entry : fs::directory_iterator(hostile)) {
    if (!entry.is_directory()) continue;
    const std::string name = entry.path().filename().string();
    const std::string recording = name == "cut" ? "../cut.rec" : "../hostile.rec";
    for (const auto& named : probe_run::EnumNames<probe_run::OutputFormat>::names) {
      const std::string format(named.name);
      INFO(name << " as " << format);
      const Screen screen = on_terminal(
          entry.path().string(), {test::probe_run(), "--replay", recording, "--format", format, "spec.json"});
      if (screen.status == 0) ++shown;
      CHECK(screen.status <= 2);
      CHECK(!screen.text.empty());
      const std::string harmless = format == "live" ? without_drawing(screen.text) : screen.text;
      if (harmless != screen.text) ++drawn;
      CHECK(harm_in(harmless) == "");
    }
  }
  CHECK(shown >= 150);
  CHECK(drawn >= 10);  // what is drawn is told from what is shown
}

TEST_CASE("The check of a terminal's bytes finds each kind of harm") {
  for (const std::string_view harm : {"\x1b]0;t\x07", "\x01", "\x7f", "\xc2\x9b", "\x9b", "\xff",
                                      "\xe2\x80\xae", "\xe2\x81\xa6", "\xe2\x80\xa8", "\b"}) {
    INFO(probe_run::escape_for_terminal(harm));
    CHECK(harm_in(without_drawing("a" + std::string(harm) + "b")) != "");
  }
  CHECK(harm_in(without_drawing("\x1b[?25l\x1b[2K\x1b[1ma\x1b[0m\r\n\t\xe6\xbc\xa2")) == "");
}
