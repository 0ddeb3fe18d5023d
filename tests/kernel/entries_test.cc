// "entries": maps that are filled before the first program is attached.
#include <algorithm>

#include "actor.h"
#include "network.h"
#include "probe.h"
#include "set_up_spec.h"
#include "support/catch.h"

using namespace test;
using nlohmann::json;
using namespace nlohmann::literals;

namespace {

using Numbers = std::vector<std::uint64_t>;

json list(const json& item) {
  return json::array({item});
}

// The values of an array map, in its order.
Numbers values(const std::string& out) {
  Numbers values;
  for (const json& row : json_lines(out)) values.push_back(row.at("value"));
  return values;
}

// Frames of 192.0.2.1 that the program let pass, and those that it dropped.
Numbers verdicts(const json& maps, std::size_t passing, std::size_t dropped,
                 const std::vector<std::string>& settings = {}) {
  const Directory directory;
  Network network;
  json all = maps;
  all.push_back({{"name", "verdicts"}});
  const std::string spec = write_set_up(
      directory, {R"([{ "name": "block_listed", "attach": { "type": "xdp", "iface": "${iface}" } }])"_json,
                  all, list(at_exit("verdicts"))});
  std::vector<std::string> arguments{"--set", "iface=" + network.iface()};
  arguments.insert(arguments.end(), settings.begin(), settings.end());
  Probe probe(in_network(network.name(), probe_command(spec, arguments)));
  network.send(udp4(53), passing);
  network.send(udp4(53), dropped, Network::Fate::dropped);
  const Finished done = probe.stop();
  INFO(done.err);
  CHECK(done.status == 0);
  CHECK(summary_of(done.err).reads == 1);  // the list is in no output
  return values(done.out);
}

// Runs programs for three getppid() and returns what they left in the array.
Numbers left_in(const std::string& array, const json& programs, json maps) {
  const Directory directory;
  maps.push_back({{"name", array}});
  const std::string spec = write_set_up(directory, {programs, maps, list(at_exit(array))});
  Actor actor(calling_getppid(3));
  Probe probe(probe_command(spec, {"--set", "pid=" + actor.id()}));
  actor.act();
  const Finished done = probe.stop();
  INFO(done.err);
  CHECK(done.status == 0);
  return values(done.out);
}

// What a map holds at the end of a run that fills it.
std::vector<json> read_back(const json& map) {
  const Directory directory;
  const std::string spec =
      write_set_up(directory, {list(at_system_calls("idle")), list(map), list(at_exit(map.at("name")))});
  const Finished done = Probe(probe_command(spec)).stop();
  INFO(done.err);
  CHECK(done.status == 0);
  std::vector<json> rows = json_lines(done.out);
  std::sort(rows.begin(), rows.end());
  return rows;
}

std::vector<json> rows(const json& list) {
  return {list.begin(), list.end()};
}

}  // namespace

TEST_CASE("A block list of hosts applies from the first frame on") {
  const json maps = R"([{
    "name": "blocked_hosts",
    "entries": [
      { "key": "198.51.100.1", "value": { "rate": 7, "strict": 1 } },
      { "key": "192.0.2.1", "value": { "rate": 7, "strict": 1 } }
    ]
  }])"_json;
  CHECK(verdicts(maps, 0, 20) == Numbers{0, 20});
}

TEST_CASE("Frames of hosts that are not on the block list pass") {
  const json maps = R"([{
    "name": "blocked_hosts",
    "entries": [
      { "key": "192.0.2.2", "value": { "rate": 7, "strict": 1 } },
      { "key": "192.0.2.1", "value": { "rate": 6, "strict": 1 } }
    ]
  }])"_json;
  CHECK(verdicts(maps, 20, 0) == Numbers{20, 0});
}

TEST_CASE("A block of addresses in an LPM trie applies from the first frame on") {
  const json around = R"([{
    "name": "blocked_nets",
    "entries": [{ "key": "10.0.0.0/8", "value": 1 }, { "key": "192.0.2.0/25", "value": 1 }]
  }])"_json;
  CHECK(verdicts(around, 0, 20) == Numbers{0, 20});
  const json beside =
      R"([{ "name": "blocked_nets", "entries": [{ "key": "192.0.2.128/25", "value": 1 }] }])"_json;
  CHECK(verdicts(beside, 20, 0) == Numbers{20, 0});
}

TEST_CASE("--set assigns an address to a global") {
  CHECK(verdicts(json::array(), 0, 20, {"--set", "address=192.0.2.1"}) == Numbers{0, 20});
  CHECK(verdicts(json::array(), 20, 0, {"--set", "address=192.0.2.2"}) == Numbers{20, 0});
}

TEST_CASE("Programs call one another through a program array") {
  const json programs = {at_system_calls("call_second"), R"({ "name": "second" })"_json,
                         R"({ "name": "third" })"_json};
  const json maps = R"([{
    "name": "calls",
    "entries": [{ "key": 2, "value": "second" }, { "key": 3, "value": "third" }]
  }])"_json;
  CHECK(left_in("called", programs, maps) == Numbers{0, 3, 3});
}

TEST_CASE("A tail call to an empty slot of a program array falls through") {
  const json programs = {at_system_calls("call_second"), R"({ "name": "third" })"_json};
  const json maps = R"([{ "name": "calls", "entries": [{ "key": 3, "value": "third" }] }])"_json;
  CHECK(left_in("called", programs, maps) == Numbers{3, 0, 0});
}

TEST_CASE("An entry for an optional program that cannot attach is left out") {
  const json programs = {at_system_calls("call_second"),
                         R"({ "name": "second", "optional": true,
           "attach": { "type": "raw_tracepoint", "name": "no_such_tracepoint" } })"_json};
  const json maps = R"([{ "name": "calls", "entries": [{ "key": 2, "value": "second" }] }])"_json;
  CHECK(left_in("called", programs, maps) == Numbers{0, 3, 0});  // loaded all the same
}

TEST_CASE("Maps of maps contain maps of the object and new ones") {
  const json maps = R"([
    { "name": "first_inner", "entries": [{ "key": 5, "value": 100 }] },
    {
      "name": "outer",
      "entries": [
        { "key": 0, "value": "first_inner" },
        { "key": 1, "value": { "entries": [{ "key": 5, "value": 200 }] } },
        { "key": 2, "value": { "max_entries": 2, "entries": [{ "key": 5, "value": 300 }, { "key": 6, "value": 301 }] } }
      ]
    },
    { "name": "outer_of_arrays", "entries": [{ "key": 7, "value": { "entries": [{ "key": 1, "value": 400 }] } }] }
  ])"_json;
  CHECK(left_in("looked_up", list(at_system_calls("look_up_inner")), maps) == Numbers{100, 200, 300, 400});
}

TEST_CASE("Entries of an array are read back, including bitfields and strings") {
  const json map = R"({
    "name": "an_array",
    "entries": [
      { "key": 2, "value": { "rate": 16777215, "burst": 127, "strict": true, "name": "test" } },
      { "key": 1, "value": { "burst": 1 } }
    ]
  })"_json;
  CHECK(read_back(map) == rows(R"([
    { "key": 0, "value": { "rate": 0, "burst": 0, "strict": 0, "name": "" } },
    { "key": 1, "value": { "rate": 0, "burst": 1, "strict": 0, "name": "" } },
    { "key": 2, "value": { "rate": 16777215, "burst": 127, "strict": 1, "name": "test" } },
    { "key": 3, "value": { "rate": 0, "burst": 0, "strict": 0, "name": "" } }
  ])"_json));
}

TEST_CASE("Entries of hashes are read back") {
  CHECK(read_back(R"({
    "name": "a_hash",
    "fields": { "key": { "as": "mac" } },
    "entries": [{ "key": "02:42:ac:11:00:02", "value": 18446744073709551615 }]
  })"_json) == rows(R"([{ "key": "02:42:ac:11:00:02", "value": 18446744073709551615 }])"_json));
  CHECK(read_back(R"({
    "name": "an_lru",
    "entries": [{ "key": 1, "value": 2 }, { "key": 3, "value": 4 }]
  })"_json) == rows(R"([{ "key": 1, "value": 2 }, { "key": 3, "value": 4 }])"_json));
}

TEST_CASE("An entry of a per-CPU map is the same on every CPU") {
  for (const char* const name : {"cpu_array", "cpu_hash"}) {
    INFO(name);
    json map = R"({ "per_cpu": true, "entries": [{ "key": 1, "value": 77 }] })"_json;
    map["name"] = name;
    const std::vector<json> found = read_back(map);
    REQUIRE_FALSE(found.empty());
    CHECK(found.back().at("key") == 1);
    const json each = found.back().at("value");
    CHECK_FALSE(each.empty());
    CHECK(std::count(each.begin(), each.end(), json(77)) == static_cast<std::ptrdiff_t>(each.size()));
  }
}

TEST_CASE("Entries of a queue are values, the first at the front") {
  const json map =
      R"({ "name": "a_queue", "read": "drain", "entries": [{ "value": 3 }, { "value": 5 }] })"_json;
  CHECK(read_back(map) == rows(R"([{ "value": 3 }, { "value": 5 }])"_json));
}

TEST_CASE("Entries of a map without BTF are laid out by the spec") {
  CHECK(read_back(R"({
    "name": "untyped",
    "key_layout": [{ "name": "addr", "type": "u8[4]" }, { "name": "port", "type": "u16" }],
    "layout": [{ "name": "hits", "type": "u32" }],
    "fields": { "key.addr": { "as": "ipv4" } },
    "entries": [{ "key": { "addr": "10.0.0.1", "port": 443 }, "value": { "hits": 9 } }]
  })"_json) == rows(R"([{ "key": { "addr": "10.0.0.1", "port": 443 }, "value": { "hits": 9 } }])"_json));
}

TEST_CASE("Entries of device maps and CPU maps are interfaces and queue sizes") {
  CHECK(read_back(R"({ "name": "device_hash", "entries": [{ "key": 9, "value": "lo" }] })"_json) ==
        rows(R"([{ "key": 9, "value": 1 }])"_json));
  const std::vector<json> devices =
      read_back(R"({ "name": "devices", "entries": [{ "key": 1, "value": { "iface": "lo" } }] })"_json);
  REQUIRE(devices.size() == 1);
  CHECK(devices[0].at("value").at("ifindex") == 1);
  CHECK(read_back(R"({ "name": "cpus", "entries": [{ "key": 0, "value": 192 }] })"_json) ==
        rows(R"([{ "key": 0, "value": 192 }])"_json));
}

TEST_CASE("The error for an entry that names what this machine does not have has its place in the spec") {
  const Directory directory;
  const std::string spec = write_set_up(
      directory, {list(at_system_calls("idle")),
                  R"([{ "name": "device_hash", "entries": [{ "key": 9, "value": "nowhere0" }] }])"_json,
                  R"([{ "trace_pipe": true }])"_json});
  const Finished done = run(probe_command(spec));
  INFO(done.err);
  CHECK(done.status == 1);
  CHECK(contains(done.err, "set_up.json:"));
  CHECK(contains(done.err, "error: network interface \"nowhere0\" is not found\n"));
  CHECK(contains(done.err, "\"value\": \"nowhere0\"\n"));
}
