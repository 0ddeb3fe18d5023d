// Files that are moved away or full, slow readers, and the live table on a terminal.

#include <sys/mount.h>

#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "actor.h"
#include "probe.h"
#include "support/catch.h"
#include "support/http_client.h"
#include "support/stuck_reader.h"
#include "terminal.h"

using namespace test;

namespace {

std::vector<std::string> flooding(const Actor& actor, std::vector<std::string> arguments = {}) {
  arguments.insert(arguments.end(), {"--set", "pid=" + actor.id()});
  return probe_command(own_spec_file("flood"), arguments);
}

// A file system of that size.
class SmallDisk {
 public:
  explicit SmallDisk(const std::string& directory) : directory_(directory) {
    std::filesystem::create_directory(directory);
    if (::mount("none", directory.c_str(), "tmpfs", 0, "size=16k") != 0)
      throw std::runtime_error("cannot mount a tmpfs");
  }
  ~SmallDisk() { ::umount2(directory_.c_str(), MNT_DETACH); }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

 private:
  std::string directory_;
};

std::uint64_t not_written(const Directory& directory) {
  return nlohmann::json::parse(read_file(directory / "stats"))["specs"][0]["figures"]["not_written"];
}

// All rows that a reader has taken are whole.
std::uint64_t rows_in(const std::string& text) {
  CHECK(text.ends_with('\n'));
  for (const nlohmann::json& row : json_lines(text)) CHECK(row.contains("number"));
  return split_lines(text).size();
}

// The spec flood, as a live table with one group for the process.
std::string live_spec(const Directory& directory) {
  return edited_spec(directory, own_spec_file("flood"), [](nlohmann::json& spec) {
    spec["outputs"] = {{{"map", "events"},
                        {"group_by", {"pid"}},
                        {"aggregate", {{"calls", "count"}}},
                        {"every", "200ms"},
                        {"format", "live"}}};
  });
}

}  // namespace

TEST_CASE("a full disk leaves whole lines, and a closed JSON array", "[host]") {
  const Directory directory;
  for (const std::string format : {"jsonl", "json", "csv"}) {
    const SmallDisk disk(directory / format);
    const std::string file = directory / format + "/out";
    Actor actor(calling_getppid(5000));
    Probe probe(flooding(actor, {"--format", format, "--output", file}));
    actor.act();
    const Finished done = probe.finish();
    INFO(format << "\n" << done.err);
    CHECK(done.status == 1);
    CHECK(contains(done.err, "No space left on device; "));
    CHECK(contains(done.err, " whole lines before that are kept"));
    const std::string text = read_file(file);
    REQUIRE(!text.empty());
    CHECK(text.back() == '\n');
    std::size_t next = 0;
    if (format == "json") {
      for (const auto& row : nlohmann::json::parse(text)) CHECK(row["number"] == next++);
    } else if (format == "jsonl") {
      for (const auto& row : json_lines(text)) CHECK(row["number"] == next++);
    } else {
      for (const std::string& line : split_lines(text))
        CHECK(line == (next++ == 0 ? "number,pid" : std::to_string(next - 2) + "," + actor.id()));
    }
    CHECK(next > 100);
  }
}

TEST_CASE("output continues in a new file after the old one was moved, at once after SIGHUP", "[host]") {
  const Directory directory;
  const std::string file = directory / "rows.csv";
  Actor actor(calling_getppid(3));
  Probe probe(flooding(actor, {"--format", "csv", "--output", file}));
  const auto rows = [&](const std::string& name, std::size_t first) {
    std::string text = "number,pid\n";
    for (std::size_t i = first; i < first + 3; ++i) text += std::to_string(i) + "," + actor.id() + "\n";
    CHECK(eventually([&] { return read_file(name) == text; }));
  };
  actor.act();
  rows(file, 0);
  std::filesystem::rename(file, directory / "rows.1");
  probe.process().signal(SIGHUP);
  REQUIRE(eventually([&] { return std::filesystem::exists(file); }));
  actor.act();
  rows(file, 3);
  rows(directory / "rows.1", 0);
  const Finished done = probe.stop();
  CHECK(done.status == 0);
  CHECK(contains(done.err, "rows.csv was moved away; continuing in a new file"));
  CHECK(summary_of(done.err).events == 6);
}

TEST_CASE("SIGHUP ends a run that writes to no file, quietly", "[host]") {
  Actor actor(calling_getppid(4));
  // The counts must not be written to a file either.
  const Directory directory;
  const std::string spec = edited_spec(directory, own_spec_file("flood"),
                                       [](nlohmann::json& edited) { edited["outputs"].erase(1); });
  Probe probe(probe_command(spec, {"--set", "pid=" + actor.id()}));
  actor.act();
  const Finished done = probe.stop(SIGHUP);
  CHECK(done.status == 0);
  CHECK(split_lines(done.out).size() == 4);
}

TEST_CASE("a slow reader gets every line that was not counted as lost", "[host]") {
  Actor actor(calling_getppid(50'000));
  const Directory directory;
  const std::string file = directory / "read";
  std::vector<std::string> words{"sh", "-c", "out=$1; shift; \"$@\" | { sleep 3; cat; } >\"$out\"", "sh",
                                 file};
  const std::vector<std::string> command = flooding(actor, {"--count", "50000"});
  words.insert(words.end(), command.begin(), command.end());
  Probe probe(words);
  actor.act();
  const Finished done = probe.finish();
  INFO(done.err);
  const Summary summary = summary_of(done.err);
  CHECK(summary.events == 50'000);
  CHECK(summary.lost == 0);
  std::size_t next = 0;
  bool in_order = true;
  for (const auto& row : json_lines(read_file(file))) in_order = in_order && row["number"] == next++;
  CHECK(in_order);
  CHECK(next == 50'000);
}

TEST_CASE("a reader that takes nothing does not hold up signals and --duration", "[host]") {
  const std::uint64_t calls = 10'000;  // more than a pipe holds
  const std::vector<std::string> ends[] = {{}, {"--duration", "2s"}};
  for (const std::vector<std::string>& end : ends) {
    const Directory directory;
    const StuckReader reader(directory / "fifo");
    Actor actor(calling_getppid(calls));
    std::vector<std::string> arguments{"--output", directory / "fifo", "--stats", directory / "stats"};
    arguments.insert(arguments.end(), end.begin(), end.end());
    Probe probe(flooding(actor, arguments));
    actor.act();
    const Finished done = end.empty() ? probe.stop() : probe.finish();
    INFO(done.err);
    CHECK(done.status == 0);
    const Summary summary = summary_of(done.err);
    CHECK(summary.events + summary.lost == calls);
    CHECK(rows_in(reader.take()) + not_written(directory) == summary.events);
    CHECK(not_written(directory) > 0);
    CHECK(contains(done.err, " lines not written in "));
  }
}

TEST_CASE("a reader that takes nothing does not hold up other outputs and --count", "[host]") {
  const std::uint64_t calls = 10'000;
  const Directory directory;
  const StuckReader reader(directory / "fifo");
  Actor actor(calling_getppid(calls));
  const std::string spec = edited_spec(directory, own_spec_file("flood"), [&](nlohmann::json& edited) {
    nlohmann::json output = edited["outputs"][0];
    output["to"] = directory / "rows";
    edited["outputs"].push_back(output);
  });
  Probe probe(probe_command(spec, {"--set", "pid=" + actor.id(), "--count", std::to_string(4 * calls),
                                   "--output", directory / "fifo", "--stats", directory / "stats"}));
  for (int acts = 1; acts <= 3; ++acts) {
    actor.act();
    CHECK(eventually([&] {
      return whole_lines(read_file(directory / "rows")) == static_cast<std::uint64_t>(acts) * calls;
    }));
  }
  // It goes on where it stopped: nothing is dropped before much more waits for it.
  std::string taken = reader.take();
  CHECK(eventually([&] {
    taken += reader.take();
    return whole_lines(taken) == 3 * calls;
  }));
  actor.act();
  const Finished done = probe.finish();
  INFO(done.err);
  CHECK(done.status == 0);
  CHECK(summary_of(done.err).events == 4 * calls);
  CHECK(rows_in(read_file(directory / "rows")) == 4 * calls);
  CHECK(rows_in(taken + reader.take()) + not_written(directory) == 4 * calls);
  CHECK(contains(done.err, "warning: the reader of " + (directory / "fifo") +
                               " did not take everything before the end; "));
}

TEST_CASE("what a reader that takes nothing may leave waiting is bounded, and the rest is counted",
          "[host]") {
  const std::uint64_t calls = 20'000;
  const Directory directory;
  const StuckReader reader(directory / "fifo");
  Actor actor(calling_getppid(calls));
  const std::string spec = edited_spec(directory, own_spec_file("flood"), [&](nlohmann::json& edited) {
    edited["outputs"][0]["to"] = directory / "rows";
    edited["outputs"].push_back(
        {{"map", "events"}, {"template", std::string(1000, 'x') + " {number}"}, {"to", directory / "fifo"}});
  });
  Probe probe(probe_command(spec, {"--set", "pid=" + actor.id(), "--stats", directory / "stats"}));
  actor.act();
  CHECK(probe.process().wait_for_err("is too slow; lines are dropped until it has caught up"));
  const Finished done = probe.stop();
  INFO(done.err);
  CHECK(split_lines(read_file(directory / "rows")).size() == calls + 1);  // and $summary
  const std::string taken = reader.take();
  CHECK(taken.ends_with('\n'));
  CHECK(split_lines(taken).size() + not_written(directory) == calls);
}

TEST_CASE("a reader that takes nothing does not hold up scrapes", "[host]") {
  const Directory directory;
  const StuckReader reader(directory / "fifo");
  Actor actor(calling_getppid(10'000));
  const std::string spec = edited_spec(directory, own_spec_file("flood"), [&](nlohmann::json& edited) {
    edited["outputs"][0]["to"] = directory / "fifo";
    edited["outputs"].push_back(
        {{"map", "events"}, {"metrics", {{"calls_total", {{"type", "counter"}}}}}, {"format", "prometheus"}});
  });
  Probe probe(probe_command(spec, {"--set", "pid=" + actor.id(), "--listen", "9437"}));
  for (int acts = 1; acts <= 2; ++acts) {
    actor.act();
    CHECK(eventually([&] {
      return contains(http_get(9437, "/metrics"), "\ncalls_total " + std::to_string(acts * 10'000) + "\n");
    }));
  }
  const Finished done = probe.stop();
  CHECK(done.status == 0);
  CHECK(summary_of(done.err).events == 20'000);
}

TEST_CASE("a live table is redrawn in place, and the cursor is restored", "[host]") {
  const Directory directory;
  Actor actor(calling_getppid(3));
  Terminal terminal(probe_command(live_spec(directory), {"--set", "pid=" + actor.id()}),
                    {{"TERM", "xterm"}, {"LC_ALL", "C.UTF-8"}, {"NO_COLOR", ""}});
  terminal.wait_for("\x1b[?25l", 1);
  actor.act();
  terminal.wait_for("rows 1/1", 1);
  terminal.wait_for("\r\x1b[2A", 1);
  terminal.type("\x03");
  terminal.wait_for("\x1b[?25h", 1);
  terminal.wait_for("events, 0 lost", 1);
}

TEST_CASE("a live table is a plain table if the output is not a terminal", "[host]") {
  const Directory directory;
  const std::string spec = live_spec(directory);
  Actor actor(calling_getppid(3));
  Probe probe(probe_command(spec, {"--set", "pid=" + actor.id()}));
  actor.act();
  const Finished done = probe.stop();
  CHECK(done.status == 0);
  CHECK(contains(done.out, "CALLS\n"));
  CHECK(done.out.find('\x1b') == std::string::npos);
}
