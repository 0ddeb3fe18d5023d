// opensnoop: each open of a process, with its result, and the filters.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

#include "actor.h"
#include "probe.h"
#include "support/catch.h"

using namespace test;
using nlohmann::json;

namespace {

constexpr unsigned some_user = 54321;

// Files and what is wrong with some of them.
class Files {
 public:
  Files() {
    std::ofstream(directory_ / "plain") << "text\n";
    std::ofstream(directory_ / "secret") << "text\n";
    std::filesystem::permissions(directory_ / "secret", std::filesystem::perms::owner_read);
    std::filesystem::create_symlink("loop", directory_ / "loop");
    std::filesystem::create_directory(directory_ / "directory");
  }
  std::string operator/(std::string_view name) const { return directory_ / name; }

  std::vector<Open> opens() const {
    using Call = Open::Call;
    return {{*this / "plain", O_RDONLY},
            {*this / "plain", O_RDONLY | O_CLOEXEC, Call::openat2},
            {*this / "plain", O_RDONLY, Call::open},
            {*this / "missing", O_RDONLY},
            {*this / "secret", O_RDONLY},
            {*this / "loop", O_RDONLY},
            {*this / "plain/below", O_RDONLY, Call::openat2},
            {*this / "directory", O_WRONLY, Call::open},
            {*this / "directory", O_RDONLY | O_DIRECTORY},
            {*this / "plain", O_RDONLY | O_DIRECTORY},
            {"", O_RDONLY},
            {"/dev/null", O_RDWR | O_NONBLOCK}};
  }
  // The expected results if a user other than root opens them.
  static std::vector<int> errors() {
    return {0, 0, 0, ENOENT, EACCES, ELOOP, ENOTDIR, EISDIR, 0, ENOTDIR, ENOENT, 0};
  }

 private:
  Directory directory_;
};

json row(const Actor& actor, const std::string& comm, const Open& open, const Opened& result) {
  return {
      {"pid", actor.pid()}, {"comm", comm}, {"fd", result.fd}, {"err", result.error}, {"path", open.path}};
}

std::vector<std::string> snoop(const std::vector<std::string>& settings) {
  std::vector<std::string> arguments{"--format", "jsonl"};
  for (const std::string& setting : settings) arguments.insert(arguments.end(), {"--set", setting});
  return probe_command(spec_file("opensnoop"), arguments);
}

}  // namespace

TEST_CASE("opensnoop shows every open of a process, with its descriptor or its error") {
  const Files files;
  const std::string name = unique_name("opener");
  Actor actor(opening(files.opens()), [&] {
    name_task(name);
    become_user(some_user);
  });
  Probe probe(snoop({"pid=" + actor.id()}));
  const std::vector<Opened> results = opened(actor.act());
  const Finished done = probe.stop();
  CHECK(done.status == 0);

  const std::vector<Open> opens = files.opens();
  const std::vector<int> errors = Files::errors();
  std::vector<json> expected;
  for (std::size_t i = 0; i < opens.size(); ++i) {
    INFO(opens[i].path);
    CHECK(results[i].error == errors[i]);
    expected.push_back(row(actor, name, opens[i], results[i]));
  }
  CHECK(json_lines(done.out) == expected);
  const Summary summary = summary_of(done.err);
  CHECK(summary.events == opens.size());
  CHECK(summary.lost == 0);
  CHECK(summary.undecodable == 0);
}

TEST_CASE("opensnoop shows the flags, the user and the thread of each open") {
  const Files files;
  const Directory directory;
  const std::string spec = edited_spec(directory, spec_file("opensnoop"), [](json& changed) {
    changed["outputs"][0]["fields"] = {"uid", "tid", "flags"};
    changed["maps"][0]["fields"]["flags"]["as"] = "hex";
  });
  Actor actor(opening(files.opens()), [] { become_user(some_user); });
  Probe probe(probe_command(spec, {"--format", "csv", "--set", "pid=" + actor.id()}));
  actor.act();
  std::string expected = "uid,tid,flags\n";
  for (const Open& open : files.opens()) {
    char flags[32];
    std::snprintf(flags, sizeof flags, "0x%x", static_cast<unsigned>(open.flags));
    expected += std::to_string(some_user) + "," + actor.id() + "," + flags + "\n";
  }
  CHECK(probe.stop().out == expected);
}

TEST_CASE("opensnoop shows only failed opens on request") {
  const Files files;
  Actor actor(opening(files.opens()), [] { become_user(some_user); });
  Probe probe(snoop({"failed=true", "pid=" + actor.id()}));
  actor.act();
  std::vector<int> errors;
  for (const json& line : json_lines(probe.stop().out)) {
    CHECK(line["fd"] == -1);
    errors.push_back(line["err"]);
  }
  std::vector<int> expected = Files::errors();
  std::erase(expected, 0);
  CHECK(errors == expected);
}

TEST_CASE("opensnoop shows only one user's opens on request") {
  const Files files;
  const std::vector<Open> opens{{files / "plain", O_RDONLY}};
  Actor one(opening(opens), [] { become_user(some_user); });
  Actor other(opening(opens), [] { become_user(some_user + 1); });
  Actor root(opening(opens));
  Probe probe(snoop({"uid=" + std::to_string(some_user)}));
  for (Actor* const actor : {&root, &other, &one, &root, &one}) actor->act();
  const std::vector<json> lines = json_lines(probe.stop().out);
  REQUIRE(lines.size() == 2);
  for (const json& line : lines) CHECK(line["pid"] == one.pid());
}

TEST_CASE("opensnoop shows only one command's opens on request") {
  const Files files;
  const std::string name = unique_name("opener");
  Actor one(opening({{files / "plain", O_RDONLY}}), [&] { name_task(name); });
  Actor other(opening({{files / "plain", O_RDONLY}}), [&] { name_task(name.substr(0, name.size() - 1)); });
  Probe probe(snoop({"comm=" + name}));
  other.act();
  one.act();
  const std::vector<json> lines = json_lines(probe.stop().out);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0]["pid"] == one.pid());
}

TEST_CASE("opensnoop treats user 0 as root, not as all users") {
  const Files files;
  Actor other(opening({{files / "plain", O_RDONLY}}), [] { become_user(some_user); });
  Probe probe(snoop({"uid=0", "pid=" + other.id()}));
  other.act();
  CHECK(probe.stop().out.empty());
}

TEST_CASE("opensnoop shows only one thread's opens on request") {
  const Files files;
  Actor one(opening({{files / "plain", O_RDONLY}}));
  Actor other(opening({{files / "plain", O_RDONLY}}));
  Probe probe(snoop({"tid=" + one.id()}));
  other.act();
  one.act();
  const std::vector<json> lines = json_lines(probe.stop().out);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0]["pid"] == one.pid());
}

namespace {

// A name, and a task of that name that opens five files, each with a different call or result.
struct Opener {
  std::string name = unique_name("opener");
  Actor actor{opening({{"/dev/null", O_RDONLY},
                       {"/does/not/exist", O_RDONLY},
                       {"/dev/null", O_RDWR, Open::Call::open},
                       {"/dev/null", O_RDONLY, Open::Call::openat2},
                       {"/dev/null", O_WRONLY, Open::Call::creat}}),
              [this] { name_task(name); }};
};

std::vector<json> opens_of(const std::string& name, const std::string& out) {
  std::vector<json> lines = json_lines(out);
  // A run that lost events ends with a line of its figures, which has no "comm".
  std::erase_if(lines, [&](const json& line) { return !line.contains("comm") || line.at("comm") != name; });
  return lines;
}

}  // namespace

TEST_CASE("openat counts each open once, by command") {
  Opener opener;
  Probe by_name(probe_command(spec_file("openat"), {"--format", "jsonl"}));
  Probe by_process(probe_command(spec_file("openat"), {"--set", "pid=" + opener.actor.id()}));
  for (int i = 0; i < 20; ++i) opener.actor.act();
  const Finished everyone = by_name.stop();
  INFO(everyone.err);
  const std::vector<json> named = opens_of(opener.name, everyone.out);
  if (summary_of(everyone.err).lost == 0) {
    CHECK(named == std::vector<json>{{{"comm", opener.name}, {"opens", 100}}});
  } else {
    // Whatever runs beside the test opens files too, and may fill the ring buffer.
    WARN("this busy machine made openat lose events of all processes");
    REQUIRE(named.size() == 1);
    CHECK(named[0].at("opens") <= 100);
  }
  const Finished done = by_process.stop();
  const std::vector<std::string> lines = split_lines(done.out);
  REQUIRE(lines.size() == 2);
  CHECK(contains(lines[0], "COMM"));
  CHECK(contains(lines[1], opener.name));
  CHECK(lines[1].ends_with(" 100"));
  CHECK(summary_of(done.err).events == 100);
  CHECK(summary_of(done.err).lost == 0);
}

TEST_CASE("openat counts the same with each of its ways that this kernel supports") {
  Opener opener;
  const json ways = json::parse(read_file(spec_file("openat")))["programs"][0]["first_of"];
  REQUIRE(ways.size() == 3);
  for (const json& way : ways) {
    const Directory directory;
    const std::string spec = edited_spec(directory, spec_file("openat"), [&](json& changed) {
      changed["programs"] = way.is_array() ? way : json::array({way});
    });
    const std::vector<std::string> command =
        probe_command(spec, {"--format", "jsonl", "--set", "pid=" + opener.actor.id()});
    if (!has_kprobes() && way.is_object()) {
      // A kernel without kprobes cannot trace functions with trampolines either.
      const Finished refused = run(command);
      CHECK(refused.status == 1);
      CHECK(contains(refused.err, way["name"].get<std::string>()));
      continue;
    }
    Probe probe(command);
    for (int i = 0; i < 10; ++i) opener.actor.act();
    const Finished done = probe.stop();
    INFO(done.err);
    CHECK(opens_of(opener.name, done.out) == std::vector<json>{{{"comm", opener.name}, {"opens", 50}}});
  }
}

TEST_CASE("openat reports which way it chose, and why not an earlier one") {
  const Finished done = run(probe_command(spec_file("openat"), {"--duration", "1ms"}));
  INFO(done.err);
  CHECK(done.status == 0);
  if (has_kprobes()) {
    CHECK(contains(done.err, "openat: attached to fentry:do_sys_openat2\n"));
    CHECK_FALSE(contains(done.err, "skipped:"));
  } else {
    CHECK(contains(done.err, "openat: skipped: the kernel refused the program \"open_by_fentry\" of "));
    CHECK(contains(done.err,
                   "openat: skipped: cannot attach program \"open_by_kprobe\" to kprobe:do_sys_openat2: "
                   "this kernel has no kprobes"));
    CHECK(contains(done.err, "openat: attached to tracepoint:syscalls:sys_enter_openat, "));
  }
}

TEST_CASE("a kretprobe runs at each return of its function, with kprobes") {
  const Directory directory;
  const std::string spec = edited_spec(directory, spec_file("openat"), [](json& changed) {
    changed["programs"] = {
        {{"name", "open_by_kprobe"}, {"attach", {{"type", "kretprobe"}, {"symbol", "do_sys_openat2"}}}}};
  });
  if (!has_kprobes()) {
    const Finished refused = run(probe_command(spec));
    CHECK(refused.status == 1);
    CHECK(contains(refused.err, "to kretprobe:do_sys_openat2: this kernel has no kprobes"));
    return;
  }
  Opener opener;
  Probe probe(probe_command(spec, {"--format", "jsonl"}));
  for (int i = 0; i < 10; ++i) opener.actor.act();
  const Finished done = probe.stop();
  CHECK(contains(done.err, "attached to kretprobe:do_sys_openat2"));
  CHECK(opens_of(opener.name, done.out) == std::vector<json>{{{"comm", opener.name}, {"opens", 50}}});
}
