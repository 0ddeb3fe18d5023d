// --test, as a user runs it.
#include "support/catch.h"
#include "support/places.h"
#include "support/process.h"
#include "support/temporary_directory.h"

using test::Finished;
using test::TemporaryDirectory;

namespace {

const std::filesystem::path golden = std::filesystem::path(PROBE_RUN_SOURCE_DIR) / "tests" / "golden";

// Runs in the directory, so that paths in messages are the same.
Finished run_test(const TemporaryDirectory& directory, std::vector<std::string> arguments,
                  std::map<std::string, std::string> environment = {}) {
  arguments.insert(arguments.begin(), {test::probe_run(), "--test"});
  test::ProcessOptions options;
  options.directory = directory.path();
  options.environment = std::move(environment);
  return test::run(arguments, options);
}

void add_case(const TemporaryDirectory& directory, const std::string& name) {
  std::filesystem::create_directories(directory / name);
  for (const std::string file : {"spec.json", "expected.csv", "expected.default", "expected.jsonl",
                                 "expected.table", "expected.text"}) {
    std::filesystem::copy_file(golden / "opensnoop_by_result" / file, directory / (name + "/" + file));
  }
  std::filesystem::create_directories(directory / "opensnoop");
  std::filesystem::copy_file(golden / "opensnoop" / "recording.rec", directory / "opensnoop/recording.rec",
                             std::filesystem::copy_options::overwrite_existing);
  std::filesystem::copy_file(golden / "opensnoop" / "expected.text", directory / "opensnoop/expected.text",
                             std::filesystem::copy_options::overwrite_existing);
}

}  // namespace

TEST_CASE("--test compares each expected file with the output in its format") {
  const TemporaryDirectory directory;
  add_case(directory, "counts");
  const Finished all = run_test(directory, {"."});
  CHECK(all.out ==
        "ok  ./counts/expected.csv\n"
        "ok  ./counts/expected.default\n"
        "ok  ./counts/expected.jsonl\n"
        "ok  ./counts/expected.table\n"
        "ok  ./counts/expected.text\n"
        "ok  ./opensnoop/expected.text\n"
        "2 cases, 6 expected files: 6 ok\n");
  CHECK(all.err == "");
  CHECK(all.status == 0);
  const Finished some = run_test(directory, {"counts", "opensnoop/", "--format", "text"});
  CHECK(some.out ==
        "ok  counts/expected.text\nok  opensnoop/expected.text\n2 cases, 2 expected files: 2 ok\n");
  CHECK(run_test(directory, {".", "--format", "default", "--quiet"}).out == "");
}

TEST_CASE("--test shows what differs, and fails") {
  const TemporaryDirectory directory;
  add_case(directory, "counts");
  directory.write("counts/expected.csv", "comm,err,opens\nbash,\x1b[31m,9 \n---\n");
  const Finished result = run_test(directory, {"counts", "--format", "csv"});
  INFO(result.out);
  CHECK(result.status == 1);
  CHECK(result.out.starts_with("FAIL  counts/expected.csv\n--- expected\n+++ actual\n@@ -1,3 +1,5 @@\n"));
  CHECK(result.out.find("\n-bash,<1B>[31m,9·\n") != std::string::npos);
  CHECK(result.out.find("\n+probe-run: 14 events, 0 lost") != std::string::npos);
  CHECK(
      result.out.ends_with("1 case, 1 expected file: 0 ok, 1 failed\n"
                           "to accept the actual output: probe-run --test counts --accept\n"));
  CHECK(directory.read("counts/expected.csv").starts_with("comm,err,opens\nbash,\x1b"));
}

TEST_CASE("--accept writes the actual output and reports which files changed") {
  const TemporaryDirectory directory;
  add_case(directory, "counts");
  const std::string right = directory.read("counts/expected.csv");
  directory.write("counts/expected.csv", "old\n");
  std::filesystem::remove(directory / "counts/expected.table");
  const Finished accepted = run_test(directory, {"counts", "--accept", "--quiet"});
  CHECK(accepted.out == "changed  counts/expected.csv\n");
  CHECK(accepted.status == 0);
  CHECK(directory.read("counts/expected.csv") == right);
  CHECK_FALSE(std::filesystem::exists(directory / "counts/expected.table"));
  const Finished added = run_test(directory, {"counts", "--accept", "--format", "table"});
  CHECK(added.out == "new  counts/expected.table\n1 case, 1 expected file: 0 ok, 1 accepted\n");
  CHECK(run_test(directory, {"counts"}).status == 0);
  for (const auto& entry : std::filesystem::directory_iterator(directory / "counts"))
    CHECK(entry.path().string().find("XXXXXX") == std::string::npos);
}

TEST_CASE("--accept reports a file that cannot be written") {
  const TemporaryDirectory directory;
  add_case(directory, "counts");
  directory.write("counts/expected.csv", "old\n");
  std::filesystem::permissions(directory.path(), std::filesystem::perms::all);
  std::filesystem::permissions(directory / "counts", static_cast<std::filesystem::perms>(0555));
  test::ProcessOptions options;
  options.directory = directory.path();
  options.uid = 65534;  // root can write anywhere
  if (::getuid() != 0) options.uid = 0;
  const Finished result =
      test::run({test::probe_run(), "--test", "counts", "--accept", "--format", "csv"}, options);
  INFO(result.out);
  CHECK(result.out.find("error: cannot write counts/expected.csv: Permission denied") != std::string::npos);
  CHECK(result.status == 2);
  CHECK(directory.read("counts/expected.csv") == "old\n");
}

TEST_CASE("--test reports why a case cannot be run, and runs the others") {
  const TemporaryDirectory directory;
  add_case(directory, "good");
  directory.write("no-recording/spec.json", "{}");
  directory.write("no-recording/expected.csv", "");
  directory.write("only-expected/expected.csv", "");
  std::filesystem::create_directories(directory / "nothing-expected");
  std::filesystem::copy_file(golden / "hello" / "recording.rec",
                             directory / "nothing-expected/recording.rec");
  directory.write("strange-format/expected.jsonn", "");
  directory.write("bad-case/case.json", R"({ "recordin": "../opensnoop/recording.rec" })");
  directory.write("bad-zone/case.json", R"({ "timezone": "Mars/Olympus" })");
  directory.write("bad-spec/spec.json", R"({ "$recording": "../opensnoop/recording.rec" })");
  directory.write("bad-spec/expected.csv", "");
  directory.write("no-file/recording.rec", "PROBE");
  directory.write("no-file/expected.csv", "");
  const Finished result = run_test(directory, {"."});
  INFO(result.out);
  CHECK(result.status == 2);
  for (const char* const said :
       {"FAIL  ./no-recording\nprobe-run: error: ./no-recording: recording recording.rec is not found\n"
        "  hint: record one: probe-run --record ./no-recording/recording.rec SPEC\n",
        "FAIL  ./only-expected\nprobe-run: error: ./only-expected: recording recording.rec is not found\n",
        "FAIL  ./nothing-expected\nprobe-run: error: ./nothing-expected: no expected.FORMAT file found\n"
        "  hint: create expected.jsonl: probe-run --test ./nothing-expected --accept --format jsonl\n",
        "FAIL  ./strange-format\nprobe-run: error: ./strange-format/expected.jsonn: unknown format "
        "\"jsonn\"\n  hint: did you mean \"json\"?\n",
        "FAIL  ./bad-case\n./bad-case/case.json:1:3: error: unknown key \"recordin\" in a test case",
        "hint: did you mean \"recording\"?",
        "./bad-zone/case.json:1:15: error: time zone \"Mars/Olympus\" is not found on this machine",
        "FAIL  ./bad-spec\n./bad-spec/spec.json:1:1: error: ",
        "FAIL  ./no-file\nprobe-run: error: ./no-file/recording.rec is not a probe-run recording\n",
        "ok  ./good/expected.csv\n", "6 ok; 8 could not be run\n"}) {
    INFO(said);
    CHECK(result.out.find(said) != std::string::npos);
  }
}

TEST_CASE("--test that finds nothing to compare is an error") {
  const TemporaryDirectory directory;
  const Finished empty = run_test(directory, {"."});
  CHECK(empty.err.starts_with("probe-run: error: no tests found in .\n"));
  CHECK(empty.status == 2);
  add_case(directory, "counts");
  std::filesystem::remove(directory / "counts/expected.csv");
  const Finished none = run_test(directory, {".", "--format", "csv"});
  CHECK(none.err ==
        "probe-run: error: no test case has an expected file for the format csv\n"
        "  hint: create it with --accept --format csv\n");
  CHECK(none.status == 2);
  CHECK(run_test(directory, {"nowhere"}).err ==
        "probe-run: error: cannot read nowhere: No such file or directory\n");
  directory.write("one.rec", "");
  CHECK(run_test(directory, {"one.rec"}).err ==
        "probe-run: error: cannot read one.rec: Not a directory\n"
        "  hint: give the directory that contains the file\n");
}

TEST_CASE("--test refuses options that would change a case") {
  const TemporaryDirectory directory;
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{".", "--set", "a=b"},
                                             {".", "--count", "1"},
                                             {".", "--output", "x"},
                                             {".", "--duration", "1s"},
                                             {".", "--stats", "x"},
                                             {".", "--record", "x"},
                                             {".", "--replay", "x"},
                                             {".", "--speed", "1x"}}) {
    INFO(arguments[1]);
    const Finished result = run_test(directory, arguments);
    CHECK(result.status == 2);
    CHECK(result.err.find(arguments[1]) != std::string::npos);
  }
}

TEST_CASE("A case's time zone, parameters, spec and recording are those of its case.json") {
  const TemporaryDirectory directory;
  add_case(directory, "counts");
  directory.write("spec/real.json", R"({ "name": "real", "object": "opensnoop.bpf.o",
    "parameters": { "most": { "example": 1 } },
    "programs": [{ "name": "exit_openat", "attach": { "type": "auto" } }],
    "maps": [{ "name": "events", "type": "struct open_event", "fields": { "ts": { "as": "ktime" } } }],
    "outputs": [{ "map": "events", "template": "{ts:%H:%M} {path}" },
                { "map": "events", "group_by": ["comm"], "aggregate": { "n": "count" }, "every": "exit",
                  "limit": "${most}", "to": "counts.txt" }] })");
  directory.write("case/case.json", R"({ "$comment": "All keys.", "recording": "../opensnoop/recording.rec",
    "spec": "../spec/real.json", "set": { "most": 1 }, "timezone": "XYZ-10:30" })");
  const Finished accepted =
      run_test(directory, {"case", "--accept", "--format", "default"}, {{"TZ", "America/Lima"}});
  INFO(accepted.out);
  REQUIRE(accepted.status == 0);
  const std::string first = directory.read("case/expected.default");
  CHECK(first.find("\n--- counts.txt\n{\"comm\":\"bash\",\"n\":14}\n---\nprobe-run: 14 events") !=
        std::string::npos);
  CHECK_FALSE(std::filesystem::exists(directory / "counts.txt"));
  const std::string zone = directory.read("case/case.json");
  directory.write("case/case.json", zone.substr(0, zone.find("XYZ")) + "XYZ-09:30\" }");
  REQUIRE(run_test(directory, {"case", "--accept"}).status == 0);
  const std::string second = directory.read("case/expected.default");
  CHECK(std::stoi(first.substr(0, 2)) == (std::stoi(second.substr(0, 2)) + 1) % 24);
  CHECK(first.substr(3, 2) == second.substr(3, 2));
}

TEST_CASE("The expected file of a cut recording includes its error") {
  const TemporaryDirectory directory;
  add_case(directory, "counts");
  const std::string whole = directory.read("opensnoop/recording.rec");
  directory.write("cut/recording.rec", whole.substr(0, whole.size() - 5));
  const Finished accepted = run_test(directory, {"cut", "--accept", "--format", "csv"});
  CHECK(accepted.status == 0);
  const std::string expected = directory.read("cut/expected.csv");
  INFO(expected);
  CHECK(expected.find("warning: recording.rec: it was cut at byte " + std::to_string(whole.size() - 5)) !=
        std::string::npos);
}

TEST_CASE("A case's directory may have any name, and commands in messages can be copied") {
  const TemporaryDirectory directory;
  const std::string name = "my 'first' case; $(x)";
  add_case(directory, name);
  const Finished same = run_test(directory, {name});
  CHECK(same.err == "");
  CHECK(same.out.starts_with("ok  my 'first' case; $(x)/expected.csv\n"));
  CHECK(same.status == 0);

  directory.write(name + "/expected.csv", "old\n");
  const Finished differs = run_test(directory, {name, "--format", "csv"});
  CHECK(differs.status == 1);
  const std::string told = "to accept the actual output: probe-run --test ";
  const std::size_t at = differs.out.find(told);
  REQUIRE(at != std::string::npos);
  CHECK(differs.out.substr(at + told.size()) == R"('my '"'"'first'"'"' case; $(x)' --accept)"
                                                "\n");
  test::ProcessOptions options;
  options.directory = directory.path();
  const std::string command = test::probe_run() + " --test " + differs.out.substr(at + told.size());
  CHECK(test::run({"/bin/sh", "-c", command}, options).status == 0);
  CHECK(run_test(directory, {name}).status == 0);

  const std::string harm = "\x1b[31m two\nlines\\ \xff";
  add_case(directory, harm);
  directory.write(harm + "/expected.csv", "old\n");
  const Finished hostile = run_test(directory, {harm, "--format", "csv"});
  INFO(hostile.out);
  CHECK(hostile.out.starts_with("FAIL  \\x1b[31m two\\nlines\\\\ \\xff/expected.csv\n"));
  CHECK(hostile.out.find(told + R"($'\x1b[31m two\x0alines\x5c \xff' --accept)"
                                "\n") != std::string::npos);
}

TEST_CASE("An expected error of a format matches wherever the case is") {
  const TemporaryDirectory directory;
  add_case(directory, "counts");
  REQUIRE(run_test(directory, {"counts", "--accept", "--format", "folded"}).status == 0);
  const std::string refusal = directory.read("counts/expected.folded");
  INFO(refusal);
  CHECK(refusal.starts_with("---\nspec.json:9:5: error: the format folded needs a column with a stack"));
  CHECK(run_test(directory, {"counts"}).status == 0);
  CHECK(run_test(directory, {directory / "counts"}).status == 0);
  CHECK(run_test(directory, {"./counts/"}).status == 0);

  // A different error is a difference, and so are rows.
  directory.write("counts/expected.folded", refusal + "more\n");
  CHECK(run_test(directory, {"counts"}).status == 1);
  directory.write("counts/expected.folded", "bash 1\n---\n");
  CHECK(run_test(directory, {"counts"}).status == 1);
}
