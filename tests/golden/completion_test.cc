// Shell completion and the man page as cmake installs them: real shells, each on its own terminal, complete a
// line and show its words.
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "support/catch.h"
#include "support/places.h"
#include "support/process.h"
#include "support/temporary_directory.h"

namespace fs = std::filesystem;

namespace {

const std::string opensnoop = PROBE_RUN_SOURCE_DIR "/specs/opensnoop.json";

// A prefix with an executable, installed specs, and the files that cmake installs for shells and man.
class Prefix {
 public:
  Prefix() {
    const fs::path root = path();
    for (const char* directory : {"bin", "home", "share/probe-run/specs", "work/sub dir", "work/other"})
      fs::create_directories(root / directory);
    std::ofstream(root / "bin/probe-run") << "#!/bin/sh\nexec '" << test::probe_run() << "' \"$@\"\n";
    fs::permissions(root / "bin/probe-run", fs::perms::owner_all);
    for (const char* file : {"share/probe-run/specs/hello.json", "share/probe-run/specs/runqlat.json",
                             "work/my spec.json", "work/a:b.json", "work/my notes.txt", "work/made.rec"})
      std::ofstream(root / file) << "{}";
    const test::Finished done = test::run(
        {"cmake", "--install", PROBE_RUN_BINARY_DIR, "--component", "generated", "--prefix", root.string()});
    INFO(done.err);
    REQUIRE(done.status == 0);
  }

  fs::path path() const { return directory_.path(); }
  fs::path work() const { return path() / "work"; }

 private:
  test::TemporaryDirectory directory_;
};

// An interactive shell. The destructor kills it.
class Shell {
 public:
  Shell(const Prefix& prefix, std::vector<std::string> command) {
    winsize size{};
    size.ws_row = 40;
    size.ws_col = 200;
    pid_ = ::forkpty(&fd_, nullptr, nullptr, &size);
    if (pid_ < 0) throw std::runtime_error("forkpty failed");
    if (pid_ > 0) return;
    const std::string root = prefix.path().string();
    ::setenv("PATH", (root + "/bin:" + std::getenv("PATH")).c_str(), 1);
    ::setenv("HOME", (root + "/home").c_str(), 1);
    ::setenv("XDG_CONFIG_HOME", (root + "/home").c_str(), 1);
    ::setenv("XDG_DATA_HOME", (root + "/home").c_str(), 1);
    ::setenv("XDG_DATA_DIRS", (root + "/share:/usr/share").c_str(), 1);
    ::setenv("TERM", "dumb", 1);
    ::setenv("LC_ALL", "C.UTF-8", 1);
    std::vector<char*> arguments;
    for (std::string& word : command) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    if (::chdir(prefix.work().c_str()) == 0) ::execvp(arguments[0], arguments.data());
    ::_exit(127);
  }
  ~Shell() {
    ::kill(pid_, SIGKILL);
    ::close(fd_);
    ::waitpid(pid_, nullptr, 0);
  }
  Shell(const Shell&) = delete;
  Shell& operator=(const Shell&) = delete;

  void type(std::string_view keys) {
    while (!keys.empty()) {
      const ssize_t count = ::write(fd_, keys.data(), keys.size());
      if (count < 0 && errno != EINTR) throw std::runtime_error("the shell's terminal is closed");
      if (count > 0) keys.remove_prefix(static_cast<std::size_t>(count));
    }
  }

  // The text between `begin` and `end`, once both have appeared; fails after half a minute, or if the shell
  // exits.
  std::string wait_for(std::string_view begin, std::string_view end) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    for (;;) {
      const std::size_t from = screen_.find(begin);
      const std::size_t to = from == std::string::npos ? from : screen_.find(end, from + begin.size());
      if (to != std::string::npos) {
        std::string found = screen_.substr(from + begin.size(), to - from - begin.size());
        screen_.erase(0, to + end.size());
        return found;
      }
      pollfd ready{fd_, POLLIN, 0};
      std::array<char, 4096> bytes{};
      INFO(screen_);
      if (std::chrono::steady_clock::now() > limit) FAIL("the shell does not respond");
      if (::poll(&ready, 1, 1000) == 0) continue;
      const ssize_t count = ::read(fd_, bytes.data(), bytes.size());
      if (count <= 0) FAIL("the shell exited");
      screen_.append(bytes.data(), static_cast<std::size_t>(count));
    }
  }

 private:
  pid_t pid_ = -1;
  int fd_ = -1;
  std::string screen_;
};

// The line's words after TAB, each in <>. The shell has a function "show" that prints its arguments like
// that.
std::string completed(Shell& shell, const std::string& line) {
  constexpr std::string_view begin_of_line = "\x01";
  shell.type(line + "\t" + std::string(begin_of_line) + "show \r");
  return shell.wait_for("<probe-run>", "\r\n");
}

struct Case {
  std::string line, words;
};

const std::vector<Case> cases{
    {"probe-run --verb", "<--verbose>"},
    {"probe-run --format log", "<--format><logfmt>"},
    {"probe-run --format=log", "<--format=logfmt>"},
    {"probe-run --generate zs", "<--generate><zsh>"},
    {"probe-run hel", "<hello>"},
    {"probe-run --check runq", "<--check><runqlat>"},
    {"probe-run --set comm=runq hel", "<--set><comm=runq><hello>"},
    {"probe-run --check my", "<--check><my spec.json>"},
    {"probe-run --check a", "<--check><a:b.json>"},
    {"probe-run --replay mad", "<--replay><made.rec>"},
    {"probe-run --output=mad", "<--output=made.rec>"},
    {"probe-run --replay made.rec hel", "<--replay><made.rec><hello>"},
    {"probe-run --object-dir sub", "<--object-dir><sub dir/>"},
    {"probe-run --test sub", "<--test><sub dir/>"},
    {"probe-run --test other sub", "<--test><other><sub dir/>"},
    {"probe-run --list netk", "<--list><netkit>"},
    {"probe-run -l xdp netk", "<-l><xdp><netkit>"},
    {"probe-run -l xdp --verb", "<-l><xdp><--verbose>"},
    {"probe-run " + opensnoop + " --set fai", "<" + opensnoop + "><--set><failed=>"},
};

void check_all(Shell& shell) {
  for (const Case& one : cases) {
    INFO(one.line);
    CHECK(completed(shell, one.line) == one.words);
  }
}

void require_program(const char* name) {
  INFO(name << " is not installed: run tools/install-dependencies");
  REQUIRE(test::run({"sh", "-c", std::string("command -v ") + name}).status == 0);
}

}  // namespace

TEST_CASE("bash completes options, their arguments and specs") {
  require_program("bash");
  const Prefix prefix;
  Shell shell(prefix, {"bash", "--norc", "--noprofile", "-i"});
  shell.type(
      "PS1= PS2=; source ../share/bash-completion/completions/probe-run; show() { printf '<%s>' \"$@\"; echo; }; "
      "printf '%s:\\n' ready\r");
  shell.wait_for("ready:", "\r\n");
  check_all(shell);
  // A colon does not break words.
  shell.type("COMP_WORDBREAKS=${COMP_WORDBREAKS//:}; printf '%s:\\n' again\r");
  shell.wait_for("again:", "\r\n");
  check_all(shell);
}

TEST_CASE("zsh completes options, their arguments and specs") {
  require_program("zsh");
  const Prefix prefix;
  Shell shell(prefix, {"zsh", "-f", "-i"});
  shell.type(
      "PS1= PS2=; bindkey -e; unsetopt auto_remove_slash; fpath=(../share/zsh/site-functions $fpath); "
      "autoload -U compinit; compinit -D -u; show() { printf '<%s>' \"$@\"; echo; }; printf '%s:\\n' ready\r");
  shell.wait_for("ready:", "\r\n");
  check_all(shell);
}

TEST_CASE("fish completes options, their arguments and specs") {
  require_program("fish");
  const Prefix prefix;
  Shell shell(prefix, {"fish", "--private", "-i"});
  shell.type(
      "function fish_prompt; end; function show; printf '<%s>' $argv; echo; end; printf '%s:\\n' ready\r");
  shell.wait_for("ready:", "\r\n");
  check_all(shell);
}

TEST_CASE("man and mandoc accept the man page without warnings") {
  require_program("mandoc");
  require_program("man");
  const Prefix prefix;
  const std::string page = (prefix.path() / "share/man/man1/probe-run.1").string();
  // It has no date, so that a build can be reproduced.
  const test::Finished lint = test::run(
      {"sh", "-c", "mandoc -T lint -W warning \"$1\" | grep -v 'missing date, using \"\": TH$'", "sh", page});
  CHECK(lint.out == "");
  CHECK(lint.err == "");
  const test::Finished shown =
      test::run({"man", "--warnings", "-l", page},
                {.input = "", .environment = {{"MANWIDTH", "80"}, {"LC_ALL", "C.UTF-8"}}});
  CHECK(shown.err == "");
  CHECK(shown.status == 0);
  for (const char* section : {"NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "SIGNALS",
                              "ENVIRONMENT", "FILES", "EXAMPLES", "SEE ALSO"}) {
    INFO(section);
    CHECK(shown.out.find("\n" + std::string(section) + "\n") != std::string::npos);
  }
}
