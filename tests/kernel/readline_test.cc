// readline: lines typed into bash on a terminal.
#include <regex>

#include "probe.h"
#include "support/catch.h"
#include "terminal.h"

using namespace test;

namespace {

class Shell {
 public:
  explicit Shell(const std::string& bash)
      : terminal_({bash, "--norc", "-i"},
                  {{"PS1", "ready> "}, {"TERM", "dumb"}, {"LC_ALL", "C.UTF-8"}, {"HISTFILE", "/dev/null"}}) {
    terminal_.wait_for("ready> ", ++prompts_);
  }
  pid_t pid() const { return terminal_.pid(); }
  void enter(const std::string& line) {
    terminal_.type(line + "\n");
    terminal_.wait_for("ready> ", ++prompts_);
  }

 private:
  Terminal terminal_;
  std::size_t prompts_ = 0;
};

const std::vector<std::string>& typed() {
  static const std::vector<std::string> lines{
      ": plain",
      "",
      ": \xc3\xbc\xc3\xb1\xc3\xaf \xe6\xbc\xa2\xe5\xad\x97 \xf0\x9f\x98\x80",
      ": 'quotes' \"and\" {braces} %d \\\\",
      "   ",
      "echo done",
      ": " + std::string(250, 'x'),
  };
  return lines;
}

// A shell that is at its prompt when the probe attaches has called readline before that. The kernel reports
// only the returns of later calls, so the line typed at that prompt is not seen.
const std::string waiting = ": waiting";

std::string on_screen(std::string line) {
  return std::regex_replace(line, std::regex("\\\\"), "\\\\");
}

}  // namespace

TEST_CASE("readline shows the lines exactly as typed") {
  Shell shell("/bin/bash");
  Probe probe(probe_command(spec_file("readline")));
  shell.enter(waiting);
  for (const std::string& line : typed()) shell.enter(line);
  const Finished done = probe.stop();
  CHECK(done.status == 0);
  CHECK(contains(done.err, "bash:readline"));
  const std::regex of_shell("\\d\\d:\\d\\d:\\d\\d +" + std::to_string(shell.pid()) + " bash +(.*)");
  std::vector<std::string> seen;
  for (const std::string& line : split_lines(done.out)) {
    // "bash" and the padding to 16 columns, a space, the line: leading spaces are kept.
    std::smatch match;
    if (!std::regex_match(line, match, of_shell)) continue;
    const std::size_t name = line.find(" bash") + 1;
    REQUIRE(line.size() >= name + 17);
    seen.push_back(line.substr(name + 17));
  }
  std::vector<std::string> expected;
  for (const std::string& line : typed()) expected.push_back(on_screen(line));
  CHECK(seen == expected);
}

TEST_CASE("readline watches the given binary, and no other") {
  const Directory directory;
  const std::string name = unique_name("sh");
  std::filesystem::copy_file("/bin/bash", directory / name);
  Shell watched(directory / name);
  Shell other("/bin/bash");
  Probe probe(
      probe_command(spec_file("readline"), {"--set", "binary=" + (directory / name), "--format", "jsonl"}));
  other.enter(waiting);
  other.enter(": not this");
  watched.enter(waiting);
  for (const std::string& line : typed()) watched.enter(line);
  other.enter(": nor this");
  std::vector<std::string> seen;
  for (const nlohmann::json& line : json_lines(probe.stop().out)) {
    CHECK(line["pid"] == watched.pid());
    CHECK(line["comm"] == name);
    seen.push_back(line["line"]);
  }
  CHECK(seen == typed());
}

TEST_CASE("readline shows the beginning of a line longer than its record") {
  Shell shell("/bin/bash");
  Probe probe(probe_command(spec_file("readline"), {"--format", "jsonl"}));
  const std::string line = ": " + std::string(400, 'y');
  shell.enter(waiting);
  shell.enter(line);
  std::vector<std::string> seen;
  for (const nlohmann::json& shown : json_lines(probe.stop().out)) {
    if (shown["pid"] == shell.pid()) seen.push_back(shown["line"]);
  }
  CHECK(seen == std::vector<std::string>{line.substr(0, 255)});
}

TEST_CASE("a binary without the function readline, or that does not exist, is an error") {
  const Finished none = run(probe_command(spec_file("readline"), {"--set", "binary=/bin/true"}));
  CHECK(none.status == 1);
  CHECK(contains(none.err, "/true"));
  CHECK(contains(none.err, "readline"));
  const Finished missing = run(probe_command(spec_file("readline"), {"--set", "binary=/does/not/exist"}));
  CHECK(missing.status == 1);
  CHECK(contains(missing.err, "/does/not/exist"));
}

TEST_CASE("a uprobe runs at each call of its function") {
  const Directory directory;
  // At its entry readline has not returned anything yet, so the program uses whatever is in the register as
  // the line.
  const std::string spec = edited_spec(directory, spec_file("readline"), [](nlohmann::json& changed) {
    changed["programs"][0]["attach"]["type"] = "uprobe";
    changed["programs"][0]["attach"]["pid"] = "${pid}";
    changed["parameters"]["pid"] = {{"example", 1}};
    changed["outputs"][0]["template"] = "called by {pid}";
  });
  Shell shell("/bin/bash");
  Shell other("/bin/bash");
  Probe probe(probe_command(spec, {"--set", "pid=" + std::to_string(shell.pid())}));
  for (int i = 0; i < 3; ++i) shell.enter(": again");
  other.enter(": unseen");
  const Finished done = probe.stop();
  CHECK(contains(done.err, "attached to uprobe:"));
  const std::vector<std::string> lines = split_lines(done.out);
  // The program skips a call if the register happens to be zero.
  CHECK(lines.size() <= 3);
  CHECK(!lines.empty());
  for (const std::string& line : lines) CHECK(line == "called by " + std::to_string(shell.pid()));
}
