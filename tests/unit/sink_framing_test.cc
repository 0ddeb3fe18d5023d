// JSON arrays, files that are moved away, and files on a full disk.
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/sink_set.h"
#include "format/format.h"
#include "spec/output_format.h"
#include "support/catch.h"
#include "unit/sample_object.h"
#include "unit/temporary_file.h"

using namespace probe_run;

namespace {

void add(Sink& sink, const std::string& row) {
  sink.begin_row();
  sink.buffer().append(row);
  if (!sink.is_array()) sink.buffer().append('\n');
  sink.line_done();
}

// Limits the files of this process to that many bytes: EFBIG.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  void (*handler_)(int);
  rlimit before_{};
};

}  // namespace

TEST_CASE("An array is one document with a row per line, even without rows") {
  const test::TemporaryFile file;
  auto sink = open_sink(file.path());
  sink->make_array();
  add(*sink, "{\"a\":1}");
  sink->flush();
  add(*sink, "{\"a\":2}");
  sink->finish();
  CHECK(file.read() == "[\n{\"a\":1},\n{\"a\":2}\n]\n");
  sink = open_sink(file.path());
  sink->make_array();
  sink->finish();
  sink.reset();
  CHECK(file.read() == "[]\n");
}

TEST_CASE("An array that has begun is closed however the run ends") {
  const test::TemporaryFile file;
  auto sink = open_sink(file.path());
  sink->make_array();
  sink.reset();
  CHECK(file.read() == "");
  sink = open_sink(file.path());
  sink->make_array();
  add(*sink, "{}");
  sink.reset();
  CHECK(file.read() == "[\n{}\n]\n");
}

TEST_CASE("A file on a full disk keeps whole lines, and their number is known") {
  for (rlim_t room = 1; room < 60; ++room) {
    const test::TemporaryFile file;
    auto sink = open_sink(file.path());
    {
      const FileSizeLimit limit(room);
      for (int i = 0; i < 10; ++i) {
        add(*sink, "line " + std::to_string(i));
        if (i % 3 == 2) sink->flush();
      }
      sink->finish();
    }
    const std::string text = file.read();
    const std::size_t whole = room / 7;
    CHECK(text.size() == whole * 7);
    CHECK(sink->failure() ==
          "cannot write to " + file.path() + ": File too large; " + std::to_string(whole) +
              (whole == 1 ? " whole line before that is kept" : " whole lines before that are kept"));
    CHECK(sink->not_written() == 10 - whole);
  }
}

TEST_CASE("An array on a full disk is cut to whole rows and closed") {
  for (rlim_t room = 1; room < 90; ++room) {
    const test::TemporaryFile file;
    auto sink = open_sink(file.path());
    sink->make_array();
    {
      const FileSizeLimit limit(room);
      for (int i = 0; i < 12; ++i) add(*sink, "{\"n\":" + std::to_string(i) + "}");
      sink->finish();
    }
    const std::string text = file.read();
    CAPTURE(room, text);
    const auto rows = nlohmann::json::parse(text, nullptr, false);
    if (room < 4) continue;  // not even "[]" fits
    REQUIRE(rows.is_array());
    for (std::size_t i = 0; i < rows.size(); ++i) CHECK(rows[i]["n"] == i);
    CHECK(sink->failure().find("; " + std::to_string(rows.size()) + " whole line") != std::string::npos);
    CHECK(sink->not_written() == 12 - rows.size());
  }
}

TEST_CASE("A file that was moved away is reopened on request") {
  const test::TemporaryFile file;
  const std::string old = file.path() + ".1";
  auto sink = open_sink(file.path());
  sink->make_array();
  add(*sink, "1");
  std::filesystem::rename(file.path(), old);
  add(*sink, "2");
  CHECK(sink->reopen());
  CHECK(sink->generation() == 1);
  CHECK(sink->take_notice() == file.path() + " was moved away; continuing in a new file");
  CHECK(sink->take_notice() == "");
  add(*sink, "3");
  sink->finish();
  std::ifstream stream(old);
  CHECK(std::string(std::istreambuf_iterator<char>(stream), {}) == "[\n1,\n2\n]\n");
  CHECK(file.read() == "[\n3\n]\n");
  std::filesystem::remove(old);
}

TEST_CASE("A file that still exists is not reopened, and a removed one is noticed") {
  const test::TemporaryFile file;
  auto sink = open_sink(file.path());
  add(*sink, "1");
  CHECK(sink->reopen());
  CHECK(sink->generation() == 0);
  sink->flush();
  std::filesystem::remove(file.path());
  CHECK(sink->reopen());
  CHECK(sink->generation() == 1);
  add(*sink, "2");
  sink->finish();
  CHECK(file.read() == "2\n");
  CHECK_FALSE(open_sink("/dev/null")->reopen());
}

TEST_CASE("A file has one sink, however its path is written") {
  const test::TemporaryFile file;
  const std::filesystem::path path = file.path();
  const std::filesystem::path link = path.string() + ".link";
  std::filesystem::create_hard_link(path, link);
  const std::string name = path.filename();
  for (const auto kind : {SinkSet::Kind::real, SinkSet::Kind::null, SinkSet::Kind::memory}) {
    SinkSet sinks(kind);
    const auto open = [&](std::string target) {
      CHECK(sinks.claim(target, FileUses::Use::lines, "an output") == std::nullopt);
      return &sinks.open(target);
    };
    Sink* const first = open(path);
    CHECK(open(path.parent_path() / "." / name) == first);
    CHECK(open(path.parent_path() / ".." / path.parent_path().filename() / name) == first);
    CHECK(open(link) == first);
    CHECK(open("/dev/null") != first);
    // Also one that does not exist yet.
    Sink* const none = open(path.string() + ".new");
    CHECK(open(path.parent_path() / "." / (name + ".new")) == none);
    CHECK(open("/dev/stdout") == open("stdout"));
  }
  CHECK_FALSE(std::filesystem::exists(path.string() + ".new"));
  std::filesystem::remove(link);
}

TEST_CASE("Formats whose readers need a whole file do not share it with others") {
  SinkSet sinks(SinkSet::Kind::null);
  const auto mistakes = [&](OutputFormat first, OutputFormat second) {
    Sink& sink = sinks.open(std::string(name_of(first)) + "." + std::string(name_of(second)));
    Diagnostics diagnostics = test::no_diagnostics();
    sinks.share(sink, first, {}, diagnostics);
    sinks.share(sink, second, {}, diagnostics);
    return test::whats(diagnostics);
  };
  CHECK(mistakes(format_named("json"), format_named("json")) == "");
  CHECK(mistakes(format_named("jsonl"), format_named("text")) == "");
  CHECK(mistakes(format_named("json"), format_named("jsonl")) ==
        "cannot write rows to json.jsonl as both json and jsonl\n");
  CHECK(mistakes(format_named("table"), format_named("csv")) ==
        "cannot write rows to table.csv as both table and csv\n");
}
