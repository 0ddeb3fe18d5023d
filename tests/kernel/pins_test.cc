// Maps and links that stay after the run.
#include <bpf/bpf.h>
#include <unistd.h>

#include <array>
#include <fstream>

#include "actor.h"
#include "bpf_filesystem.h"
#include "network.h"
#include "probe.h"
#include "set_up_spec.h"
#include "support/catch.h"

using namespace test;
using nlohmann::json;
using namespace nlohmann::literals;

namespace {

constexpr std::uint64_t calls = 5;  // in one act of an actor

json list(const json& item) {
  return json::array({item});
}

json pinned(const std::string& name, const std::string& path, bool reuse) {
  return {{"name", name}, {"pin", path}, {"reuse_pin", reuse}};
}

// A spec that counts an actor's calls by process, in a pinned map.
class Counting {
 public:
  explicit Counting(json map = pinned("counts", "", true),
                    const json& programs = list(at_system_calls("count_raw_calls"))) {
    if (map["pin"] == "") map["pin"] = bpffs_ / "counts";
    spec_ = write_set_up(directory_, {programs, list(map), list(at_exit("counts"))});
  }

  const BpfFilesystem& bpffs() const { return bpffs_; }
  Actor& actor() { return actor_; }
  std::uint32_t pid() const { return static_cast<std::uint32_t>(actor_.pid()); }
  std::vector<std::string> command() const { return probe_command(spec_, {"--set", "pid=" + actor_.id()}); }
  void rewrite(const json& programs, const json& map) {
    spec_ = write_set_up(directory_, {programs, list(map), list(at_exit("counts"))});
  }

  Finished run_once() {
    Probe probe(command());
    actor_.act();
    return probe.stop();
  }

  // The counts in the pinned map.
  std::uint64_t counted() const {
    const probe_run::Fd map = bpffs_.open("counts");
    const std::uint32_t key = pid();
    std::uint64_t value = 0;
    return bpf_map_lookup_elem(map.get(), &key, &value) == 0 ? value : 0;
  }

 private:
  Directory directory_;
  BpfFilesystem bpffs_;
  Actor actor_{calling_getppid(calls)};
  std::string spec_;
};

json row(std::uint64_t key, std::uint64_t value) {
  return {{"key", key}, {"value", value}};
}

void check_refused(const std::vector<std::string>& command, const std::string& what,
                   const std::string& hint) {
  const Finished done = run(command);
  INFO(done.err);
  CHECK(done.status == 1);
  CHECK(contains(done.err, "set_up.json:"));
  CHECK(contains(done.err, "error: " + what + "\n"));
  CHECK(contains(done.err, "hint: " + hint));
}

}  // namespace

TEST_CASE("A second run continues the counts of a pinned map") {
  Counting counting;
  for (std::uint64_t runs = 1; runs <= 3; ++runs) {
    const Finished done = counting.run_once();
    INFO(done.err);
    CHECK(done.status == 0);
    CHECK(json_lines(done.out) == std::vector<json>{row(counting.pid(), runs * calls)});
    CHECK(counting.counted() == runs * calls);
  }
}

TEST_CASE("Entries of the spec overwrite those of a reused map; the others stay") {
  Counting counting;
  counting.run_once();
  json map = pinned("counts", counting.bpffs() / "counts", true);
  map["entries"] = R"([{ "key": 1, "value": 10 }])"_json;
  counting.rewrite(list(at_system_calls("count_raw_calls")), map);
  const Finished done = counting.run_once();
  INFO(done.err);
  std::vector<json> rows = json_lines(done.out);
  CHECK(rows.size() == 2);
  CHECK(std::count(rows.begin(), rows.end(), row(1, 10)) == 1);
  CHECK(std::count(rows.begin(), rows.end(), row(counting.pid(), 2 * calls)) == 1);
}

TEST_CASE("An existing pin is not reused without \"reuse\"") {
  Counting counting;
  counting.run_once();
  const std::string path = counting.bpffs() / "counts";
  counting.rewrite(list(at_system_calls("count_raw_calls")), pinned("counts", path, false));
  check_refused(counting.command(),
                "the map \"counts\" cannot be pinned at " + path + ": a map is pinned there already",
                "\"reuse_pin\": true takes that map, with what is in it; `rm " + path + "` removes the pin");
  CHECK(counting.counted() == calls);
}

TEST_CASE("A pinned map that does not match is not reused, and the error names both sides") {
  Counting counting;
  counting.run_once();
  const std::string path = counting.bpffs() / "counts";
  json larger = pinned("counts", path, true);
  larger["max_entries"] = 128;
  counting.rewrite(list(at_system_calls("count_raw_calls")), larger);
  check_refused(counting.command(),
                "the map pinned at " + path +
                    " does not match \"counts\": it has max_entries 64, but the object wants max_entries 128",
                "`rm " + path + "` removes the pin, and the next run creates the map again");
  const Directory directory;
  const std::string other = write_set_up(
      directory,
      {list(at_system_calls("idle")), list(pinned("an_array", path, true)), list(at_exit("an_array"))});
  check_refused(
      probe_command(other),
      "the map pinned at " + path +
          " does not match \"an_array\": it has the name \"counts\", the type hash, "
          "values of 8 bytes and max_entries 64, but the object wants the name \"an_array\", the type "
          "array, values of 16 bytes and max_entries 4",
      "`rm " + path + "` removes the pin");
}

TEST_CASE("A path that is not on a bpffs is refused, with a hint how to mount one") {
  const Directory directory;
  const std::string path = directory / "counts";
  const Counting counting(pinned("counts", path, false));
  check_refused(counting.command(),
                "the map \"counts\" cannot be pinned at " + path + ": " + directory.path().string() +
                    " is not on a bpffs",
                "mount a file system for pins: mount -t bpf bpf /sys/fs/bpf");
}

TEST_CASE("Directories of a pin are created, and removed with it if the start fails") {
  Counting counting;
  const std::string path = counting.bpffs() / "team/probe/counts";
  json failing = at_system_calls("idle");
  failing["attach"]["name"] = "no_such_tracepoint";
  counting.rewrite({at_system_calls("count_raw_calls"), failing}, pinned("counts", path, false));
  const Finished failed = run(counting.command());
  INFO(failed.err);
  CHECK(failed.status == 1);
  CHECK(contains(failed.err, "no_such_tracepoint"));
  CHECK_FALSE(counting.bpffs().has("team"));

  counting.rewrite(list(at_system_calls("count_raw_calls")), pinned("counts", path, false));
  const Finished done = counting.run_once();
  INFO(done.err);
  CHECK(done.status == 0);
  CHECK(counting.bpffs().has("team/probe/counts"));
}

TEST_CASE(
    "Of several specs, one that does not start takes the pins of the others with it when all are to run") {
  Counting counting;
  const Directory directory;
  json failing = at_system_calls("idle");
  failing["attach"]["name"] = "no_such_tracepoint";
  const std::string second =
      write_set_up(directory, {list(failing), json::array(), R"([{ "trace_pipe": true }])"_json});
  std::vector<std::string> command = counting.command();
  command.insert(command.end(), {"--strict", second});
  const Finished done = run(command);
  INFO(done.err);
  CHECK(done.status == 1);
  CHECK_FALSE(counting.bpffs().has("counts"));
}

TEST_CASE("A program whose link is pinned stays attached until the pin is removed") {
  const json at_tracepoint =
      R"({ "name": "count_calls",
           "attach": { "type": "tracepoint", "category": "syscalls", "name": "sys_enter_getppid" } })"_json;
  for (json program : {at_system_calls("count_raw_calls"), at_tracepoint}) {
    CAPTURE(program.dump());
    if (program["name"] == "count_calls" && !kernel_is_at_least(5, 15)) {
      WARN("this kernel has no links of perf events (Linux 5.15 has): only the raw tracepoint is looked at");
      continue;
    }
    Counting counting;
    const std::string path = counting.bpffs() / "link";
    program["pin"] = path;
    counting.rewrite(list(program), pinned("counts", counting.bpffs() / "counts", true));
    const Finished first = counting.run_once();
    INFO(first.err);
    CHECK(first.status == 0);
    CHECK(counting.counted() == calls);

    counting.actor().act();
    CHECK(counting.counted() == 2 * calls);
    bpf_link_info info{};
    std::uint32_t size = sizeof info;
    CHECK(bpf_obj_get_info_by_fd(counting.bpffs().open("link").get(), &info, &size) == 0);

    check_refused(counting.command(),
                  "the link of the program \"" + std::string(program["name"]) + "\" cannot be pinned at " +
                      path + ": the program is already attached by this pin",
                  "add \"reuse_pin\": true to keep that link, or detach it: rm " + path);

    program["reuse_pin"] = true;
    counting.rewrite(list(program), pinned("counts", counting.bpffs() / "counts", true));
    const Finished second = counting.run_once();
    INFO(second.err);
    CHECK(second.status == 0);
    CHECK(contains(second.err, "attached to the link pinned at " + path + "\n"));
    CHECK_FALSE(contains(second.err, "warning"));
    CHECK(json_lines(second.out) == std::vector<json>{row(counting.pid(), 3 * calls)});

    REQUIRE(::unlink(path.c_str()) == 0);
    CHECK(eventually([&] {
      const std::uint64_t before = counting.counted();
      counting.actor().act();
      return counting.counted() == before;
    }));
  }
}

TEST_CASE("An XDP program whose link is pinned stays on the interface") {
  const Directory directory;
  const BpfFilesystem bpffs;
  Network network;
  json program = R"({ "name": "block_listed", "attach": { "type": "xdp", "iface": "${iface}" } })"_json;
  program["pin"] = bpffs / "link";
  const std::string spec = write_set_up(
      directory,
      {list(program), list(pinned("verdicts", bpffs / "verdicts", false)), list(at_exit("verdicts"))});
  Probe probe(in_network(network.name(), probe_command(spec, {"--set", "iface=" + network.iface()})));
  network.send(udp4(53), 3);
  CHECK(probe.stop().status == 0);
  network.send(udp4(53), 4);
  const probe_run::Fd map = bpffs.open("verdicts");
  const std::uint32_t passed = 0;
  std::uint64_t value = 0;
  REQUIRE(bpf_map_lookup_elem(map.get(), &passed, &value) == 0);
  CHECK(value == 7);
  CHECK(::unlink((bpffs / "link").c_str()) == 0);
}

TEST_CASE("A map that the attached program does not write to gives a warning") {
  Counting counting;
  json program = at_system_calls("count_raw_calls");
  program["pin"] = counting.bpffs() / "link";
  program["reuse_pin"] = true;
  counting.rewrite(list(program), R"({ "name": "counts" })"_json);
  CHECK(counting.run_once().status == 0);
  const Finished second = counting.run_once();
  INFO(second.err);
  CHECK(second.status == 0);
  CHECK(second.out == "");
  CHECK(contains(second.err, "warning: \"counts\" is not the map that the already attached programs use\n"));
}

TEST_CASE("A pinned link of another program is not reused") {
  Counting counting;
  json program = at_system_calls("count_raw_calls");
  program["pin"] = counting.bpffs() / "link";
  counting.rewrite(list(program), pinned("counts", counting.bpffs() / "counts", true));
  CHECK(counting.run_once().status == 0);
  json other = at_system_calls("idle");
  other["pin"] = counting.bpffs() / "link";
  other["reuse_pin"] = true;
  counting.rewrite(list(other), pinned("counts", counting.bpffs() / "counts", true));
  check_refused(counting.command(),
                "the link of the program \"idle\" cannot be pinned at " + (counting.bpffs() / "link") +
                    ": the link there belongs to the program \"count_raw_calls\"",
                "choose another path; `rm ");
  CHECK(::unlink((counting.bpffs() / "link").c_str()) == 0);
}

TEST_CASE("A map that the object pins itself is reported, and follows the rules of pins") {
  const Directory directory;
  const auto spec = [&](const std::string& name, json program, json map) {
    const std::string path = directory / (name + ".json");
    std::ofstream(path) << json{{"name", name},
                                {"object", "own_pin.bpf.o"},
                                {"programs", list(program)},
                                {"maps", list(map)},
                                {"outputs",
                                 list({{"map", "own_hits"}, {"every", "exit"}, {"format", "jsonl"}})}}
                               .dump();
    return path;
  };
  const json once{{"name", "on_run"}, {"attach", {{"type", "run"}}}};
  const json never{{"name", "on_xdp"}, {"attach", {{"type", "xdp"}, {"iface", "nowhere0"}}}};
  const std::string good = spec("good", once, {{"name", "own_hits"}});
  const std::string other = spec("other", once, {{"name", "own_hits"}, {"max_entries", 4}});
  const std::string failing = spec("failing", never, {{"name", "own_hits"}});
  // In a mount namespace of its own: the place of such pins is fixed.
  const auto inside = [&](const std::string& mount, const std::string& commands) {
    std::string run_it;
    for (const std::string& word : probe_command("\"$@\"", {"--duration", "1ms", "--quiet"}))
      run_it += word + ' ';
    return run({"unshare", "-m", "sh", "-c",
                "set -e; mount -t " + mount + " none /sys/fs/bpf; run() { " + run_it + "; }; " + commands});
  };
  if (inside("bpf", "run " + good).status != 0) {
    WARN("this kernel does not run programs of SEC(\"syscall\") (Linux 5.14)");
    return;
  }
  const std::string pin = "/sys/fs/bpf/own_hits";
  Finished done = inside("bpf", "run " + good + "; run " + good + "; test -e " + pin);
  INFO(done.err);
  CHECK(done.status == 0);
  CHECK(json_lines(done.out) == std::vector<json>{row(0, 1), row(0, 2)});
  CHECK(contains(done.err,
                 "warning: the object pins the map \"own_hits\" at " + pin + " (LIBBPF_PIN_BY_NAME): "));
  done = inside("tmpfs", "run " + good);
  CHECK(contains(done.err,
                 "the map \"own_hits\" cannot be pinned at " + pin + ": /sys/fs/bpf is not on a bpffs\n"));
  done = inside("bpf", "run " + good + "; run " + other);
  CHECK(contains(done.err,
                 "does not match \"own_hits\": it has max_entries 1, but the object wants max_entries 4\n"));
  done = inside("bpf", "run " + failing + " || test ! -e " + pin);
  INFO(done.err);
  CHECK(done.status == 0);
  CHECK(contains(done.err, "network interface \"nowhere0\" is not found"));
}
