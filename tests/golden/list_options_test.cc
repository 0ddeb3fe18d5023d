// --list without a kernel: its patterns and options.
#include <cstdlib>

#include "support/catch.h"
#include "support/process.h"
#include "support/temporary_directory.h"

using test::Finished;

namespace {

Finished list(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {test::probe_run(), "--list"});
  return test::run(arguments);
}

void check_refusal(const std::vector<std::string>& arguments, int status, const std::string& text) {
  const Finished done = list(arguments);
  CHECK(done.status == status);
  CHECK(done.out == "");
  CHECK(done.err == text);
}

}  // namespace

TEST_CASE("--list suggests a similar attach type") {
  check_refusal({"fentri:vfs_read"}, 2,
                "probe-run: error: unknown attach type \"fentri\"\n"
                "  hint: did you mean \"fentry\"?\n"
                "        search all types: --list '*fentri:vfs_read*'\n");
  check_refusal({"fentri"}, 2,
                "probe-run: error: unknown attach type \"fentri\"\n"
                "  hint: did you mean \"fentry\"?\n"
                "        search all types: --list '*fentri*'\n");
  check_refusal({"tcp"}, 2,
                "probe-run: error: unknown attach type \"tcp\"\n"
                "  hint: did you mean \"tc\"?\n"
                "        search all types: --list '*tcp*'\n");
}

TEST_CASE("--list accepts patterns after its other options, too") {
  const Finished before = list({"netfilter:*", "xdp:lo"});
  CHECK(before.status == 0);
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--quiet", "netfilter:*", "xdp:lo"}, {"netfilter:*", "--quiet", "xdp:lo"}}) {
    const Finished after = list(arguments);
    CHECK(after.err == "");
    CHECK(after.out == before.out);
  }
  CHECK(list({"--verbose", "xdp"}).status == 0);
}

TEST_CASE("the error for an option without its value says what it needs") {
  const Finished done = test::run({test::probe_run(), "opensnoop", "--set"});
  CHECK(done.status == 2);
  CHECK(done.err ==
        "probe-run: error: --set requires NAME=VALUE\n  hint: run probe-run --help for the options\n");
}

TEST_CASE("--list explains why a type has nothing to list") {
  check_refusal(
      {"sockmap"}, 2,
      "probe-run: error: type sockmap cannot be listed: its targets are maps of the spec's object\n");
}

TEST_CASE("--list of attach points in files needs the file") {
  check_refusal({"uprobe"}, 2,
                "probe-run: error: --list uprobe: the program or library is missing\n"
                "  hint: try --list 'uprobe:/bin/bash:*' or --list 'uprobe:libc.so.6:*'\n");
  check_refusal(
      {"usdt:/no/such/file:*"}, 1,
      "probe-run: error: cannot probe /no/such/file: No such file or directory\n"
      "  hint: give the path of a program or library as seen by this process; files in a container are below "
      "/proc/PID/root\n");
}

TEST_CASE("--list refuses an invalid pattern") {
  check_refusal({"xdp", "tc:["}, 2,
                "probe-run: error: --list tc:[: \"[\" without \"]\"\n"
                "  hint: use * for any characters, ? for one character, [a-z] for one of a range\n");
}

TEST_CASE("--list refuses the options of a run") {
  const auto refused = [](const std::string& what, const std::string& modes) {
    return "probe-run: error: " + what + " cannot be used with --list\n  hint: use it in a run or with " +
           modes + "\n";
  };
  const std::string most = "--check, --describe or --replay";
  check_refusal({"xdp", "--set", "a=b"}, 2, refused("--set", most));
  check_refusal({"xdp", "--count", "1"}, 2, refused("--count", most));
  check_refusal({"xdp", "--duration", "1s"}, 2, refused("--duration", most));
  check_refusal({"xdp", "--object-dir", "/tmp"}, 2,
                refused("--object-dir", "--check, --describe, --replay or --test"));
  const Finished with_spec = test::run({test::probe_run(), "opensnoop", "--list", "xdp"});
  CHECK(with_spec.status == 2);
  CHECK(with_spec.err == refused("a SPEC argument", most));
}

TEST_CASE("--list writes text or JSON") {
  check_refusal({"xdp", "--format", "csv"}, 2,
                "probe-run: error: --list cannot write csv\n"
                "  hint: use text, json or jsonl\n");
}

TEST_CASE("--list refuses other modes, and only --list accepts --verbose") {
  check_refusal({"xdp", "--schema"}, 2,
                "probe-run: error: --list and --schema cannot be used together\n"
                "  hint: run them one after the other\n");
  const Finished verbose = test::run({test::probe_run(), "--verbose", "--schema"});
  CHECK(verbose.status == 2);
  CHECK(verbose.err ==
        "probe-run: error: --verbose cannot be used with --schema\n"
        "  hint: use it with --list\n");
}

TEST_CASE("--list writes to a file, and the results of its patterns are combined") {
  const test::TemporaryDirectory directory;
  const std::string path = directory / "places";
  const Finished done =
      list({"sk_lookup:/proc/self/*", "flow_dissector:/proc/self/ns/net", "--output", path});
  CHECK(done.status == 0);
  CHECK(done.out == "");
  std::ifstream in(path);
  CHECK(std::string{std::istreambuf_iterator<char>(in), {}} ==
        "flow_dissector:/proc/self/ns/net\nsk_lookup:/proc/self/ns/net\n");
}

TEST_CASE("an attach point that two patterns match is listed once") {
  const Finished done = list({"sk_lookup", "sk_*:/proc/self/ns/net"});
  CHECK(done.status == 0);
  CHECK(done.out.find("sk_lookup:/proc/self/ns/net\n") == done.out.rfind("sk_lookup:/proc/self/ns/net\n"));
}

TEST_CASE("--list reports each pattern without matches, and lists the matches of the others") {
  const Finished done = list({"sk_lookup:/proc/self/ns/net", "xdp:no-such-interface"});
  CHECK(done.status == 1);
  CHECK(done.out == "sk_lookup:/proc/self/ns/net\n");
  CHECK(done.err == "probe-run: error: nothing here matches \"xdp:no-such-interface\"\n");
}

TEST_CASE("--list as JSON is one array, as JSON lines one object per line") {
  const std::string object =
      R"({"type":"sk_lookup","target":"/proc/self/ns/net","attach":{"type":"sk_lookup","netns":"/proc/self/ns/net"}})";
  CHECK(list({"sk_lookup:/proc/*", "--format", "json"}).out == "[\n" + object + "\n]\n");
  CHECK(list({"sk_lookup:/proc/*", "--format", "jsonl"}).out == object + "\n");
  CHECK(list({"sk_lookup:/nowhere", "--format", "json"}).out == "[]\n");
}
