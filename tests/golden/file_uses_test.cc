// Files that a run reads are not written, and none is written in two ways, however they are spelled.
#include <filesystem>

#include "support/catch.h"
#include "support/places.h"
#include "support/process.h"
#include "support/temporary_directory.h"

using test::Finished;

namespace {

namespace fs = std::filesystem;

const std::string source = PROBE_RUN_SOURCE_DIR;
const std::string recording = source + "/tests/golden/opensnoop/recording.rec";

// A directory with a recording, links to it, and its spec.
class Files {
 public:
  Files() {
    fs::copy_file(recording, directory_ / "trace.rec");
    fs::create_symlink("trace.rec", directory_ / "link");
    fs::create_hard_link(directory_ / "trace.rec", directory_ / "hard");
    fs::create_symlink("nothing", directory_ / "dangling");
    spec("stdout");
  }

  // An output of the spec goes there.
  void spec(const std::string& to, const std::string& more = "") {
    directory_.write("s.json", R"({ "name": "opens", "object": "opensnoop.bpf.o",
  "programs": [{ "name": "open", "attach": { "type": "raw_tracepoint", "name": "sys_enter" } }],
  "maps": [{ "name": "events", "type": "struct open_event" }],
  "outputs": [{ "map": "events", "fields": ["pid"], "format": "jsonl",
    "to": ")" + to + "\" }" + more +
                                   "] }\n");
  }

  // Runs a shell command in the directory; $P is the program.
  Finished shell(const std::string& command) const {
    test::ProcessOptions options;
    options.directory = directory_.path();
    options.environment = {{"P", test::probe_run()}};
    return test::run({"bash", "-c", command}, options);
  }
  std::string read(const std::string& name) const { return directory_.read(name); }
  bool whole() const {
    std::ifstream in(recording, std::ios::binary);
    return read("trace.rec") == std::string(std::istreambuf_iterator<char>(in), {});
  }

 private:
  test::TemporaryDirectory directory_;
};

}  // namespace

TEST_CASE("An output that is the recording being replayed is refused, and the recording stays whole") {
  const Files files;
  for (const std::string to :
       {"trace.rec", "./trace.rec", "link", "hard", "../$(basename $PWD)/hard", "/dev/fd/5"}) {
    for (const std::string option : {"--output", "--stats"}) {
      for (const std::string format : {"jsonl", "json", "prometheus"}) {
        const Finished done = files.shell("$P --replay trace.rec --format " + format + " " + option + " " +
                                          to + " 5>>trace.rec");
        INFO(to << " " << option << " " << format);
        CHECK(done.status == 2);
        CHECK(done.err.starts_with("probe-run: error: " + option + " "));
        CHECK(done.err.find(" is the same file as the recording trace.rec\n  hint: choose another file\n") !=
              std::string::npos);
      }
    }
  }
  for (const std::string command :
       {"$P --replay trace.rec >> trace.rec", "$P --replay - < link >> hard",
        "$P --replay trace.rec --stats - >> link", "$P --replay trace.rec --output /dev/stdout >> trace.rec",
        "$P --replay - --output hard < trace.rec"}) {
    const Finished done = files.shell(command);
    INFO(command << "\n" << done.err);
    CHECK(done.status == 2);
    CHECK(done.err.find(" is the same file as the recording ") != std::string::npos);
  }
  CHECK(files.whole());
}

TEST_CASE("An output that is the spec is refused at its place") {
  Files files;
  files.spec("./s.json");
  const std::string before = files.read("s.json");
  const Finished done = files.shell("$P --replay trace.rec s.json");
  CHECK(done.status == 2);
  CHECK(done.err ==
        "s.json:5:11: error: the output to ./s.json is the same file as the spec s.json\n"
        "  5 |     \"to\": \"./s.json\" }] }\n"
        "    |           ^~~~~~~~~~\n"
        "  hint: choose another file\n");
  files.spec("hard");
  CHECK(files.shell("$P --replay trace.rec s.json")
            .err.find("the output to hard is the same file as the recording") != std::string::npos);
  CHECK(files.whole());
  files.spec("rows");
  CHECK(
      files.shell("$P --replay trace.rec s.json --stats s.json").err ==
      "probe-run: error: --stats s.json is the same file as the spec s.json\n  hint: choose another file\n");
}

TEST_CASE("An answer is not appended to a file that the command reads") {
  Files files;
  const std::string before = files.read("s.json");
  for (const std::string command :
       {"$P --describe trace.rec >> trace.rec", "$P --describe trace.rec >> hard",
        "$P --describe link s.json >> hard", "$P --describe s.json trace.rec 1<> trace.rec"}) {
    const Finished done = files.shell(command);
    INFO(command << "\n" << done.err);
    CHECK(done.status == 2);
    CHECK(done.err.starts_with("probe-run: error: standard output is the same file as the recording "));
  }
  for (const std::string command :
       {"$P --describe s.json >> s.json", "$P --check s.json >> s.json",
        "$P --check s.json --quiet >> ./s.json", "$P --describe trace.rec s.json >> s.json"}) {
    const Finished done = files.shell(command);
    INFO(command << "\n" << done.err);
    CHECK(done.status == 2);
    CHECK(
        done.err ==
        "probe-run: error: standard output is the same file as the spec s.json\n  hint: choose another file\n");
  }
  CHECK(files.read("s.json") == before);
  CHECK(files.whole());
  CHECK(files.shell("$P --describe trace.rec >> other").status == 0);
}

TEST_CASE("Outputs share a file line by line, and nothing else shares it") {
  Files files;
  files.spec("nothing", R"(, { "map": "events", "fields": ["comm"], "format": "jsonl", "to": "dangling" })");
  CHECK(files.shell("$P --quiet --replay trace.rec s.json").status == 0);
  CHECK(files.read("nothing").starts_with("{\"pid\":157}\n{\"comm\":\"bash\"}\n"));
  for (const std::string command :
       {"$P --replay trace.rec --output new --stats ./new", "$P --replay trace.rec s.json --stats dangling",
        "$P --replay trace.rec --format prometheus --output new --stats new"}) {
    const Finished done = files.shell(command);
    INFO(command << "\n" << done.err);
    CHECK(done.status == 2);
    CHECK(done.err.find(" is the same file as --stats ") != std::string::npos);
  }
  CHECK(files.read("new") == "");
  // The counts follow the lines on stdout, whatever it is.
  const Finished both =
      files.shell("$P --quiet --replay trace.rec --format jsonl --stats - --output new > new; tail -1 new");
  CHECK(both.status == 0);
  CHECK(both.out.starts_with("{\"seconds\":"));
  CHECK(files.read("new").starts_with("{"));
  CHECK(files.read("new").find('\0') == std::string::npos);
}

TEST_CASE("Documents of metrics and lines do not share a file") {
  Files files;
  files.spec(
      "m.prom",
      R"(, { "map": "events", "metrics": { "opens_total": { "type": "counter" } }, "to": "./m.prom" })");
  const Finished done = files.shell("$P --replay trace.rec s.json");
  CHECK(done.status == 2);
  CHECK(done.err.find("cannot write both lines and a metrics document to ") != std::string::npos);
  CHECK(files.read("m.prom") == "");
}

TEST_CASE("--stats is opened before the replay, and keeps what it contains until the end") {
  const Files files;
  const Finished done = files.shell("$P --replay trace.rec --stats missing/x --format jsonl");
  CHECK(done.status == 1);
  CHECK(done.out == "");
  CHECK(done.err ==
        "probe-run: error: cannot write to missing/x: No such file or directory\n"
        "  hint: create its directory first, or correct the path\n");
  CHECK(files.shell("echo old > x; $P --replay nothing.rec --stats x").status == 1);
  CHECK(files.read("x") == "old\n");
  CHECK(files.shell("$P --replay trace.rec --quiet --stats x > rows").status == 0);
  CHECK(files.read("x").starts_with("{\"seconds\":0.377"));
}
