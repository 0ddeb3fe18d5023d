// Produced = delivered + lost, exactly, under any load.
#include <sched.h>

#include <charconv>
#include <cstdio>
#include <fstream>

#include "actor.h"
#include "probe.h"
#include "support/catch.h"

using namespace test;

namespace {

struct Flood {
  std::uint64_t produced = 0, dropped = 0;  // as the object counted
  std::uint64_t delivered = 0;              // lines
  bool in_order = true;                     // and none repeated
  Summary summary;
  std::uint64_t said_lost = 0;  // in the last JSON line
};

constexpr std::string_view summary_begin = "{\"$summary\"";

// The lines are {"number":0,"pid":1} or 0,1 after a header: too many for a JSON reader.
void read_lines(std::string_view text, Flood& flood) {
  std::int64_t before = -1;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    REQUIRE(end != std::string_view::npos);
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    const std::size_t digit = line.find_first_of("0123456789");
    if (digit == std::string_view::npos) continue;
    if (line.starts_with(summary_begin)) {
      flood.said_lost = nlohmann::json::parse(line).at("$summary").at("lost");
      continue;
    }
    std::int64_t number = -1;
    std::from_chars(line.data() + digit, line.data() + line.size(), number);
    flood.in_order = flood.in_order && number > before;
    before = number;
    ++flood.delivered;
  }
}

// The CPU of the flood: records of different CPUs in a perf buffer have no order.
enum class From { any_cpu, one_cpu };

void stay_on_first_cpu(const Actor& actor) {
  cpu_set_t first;
  CPU_ZERO(&first);
  CPU_SET(0, &first);
  REQUIRE(::sched_setaffinity(std::stoi(actor.id()), sizeof first, &first) == 0);
}

Flood flood(const std::string& spec, std::uint64_t size, std::vector<std::string> arguments,
            From from = From::any_cpu) {
  const Directory directory;
  Actor actor(calling_getppid(size));
  if (from == From::one_cpu) stay_on_first_cpu(actor);
  const std::string counts = directory / "counts.json";
  std::ofstream(counts).close();
  arguments.insert(arguments.end(), {"--set", "pid=" + actor.id(), "--set", "counts=" + counts});
  Probe probe(probe_command(spec, arguments));
  actor.begin();
  probe.read_until([&] { return actor.has_acted(); });
  const Finished done = probe.stop();
  INFO(done.err);
  REQUIRE(done.status == 0);

  Flood result;
  read_lines(done.out, result);
  result.summary = summary_of(done.err);
  std::vector<std::string> lines = split_lines(read_file(counts));
  std::erase_if(lines, [](const std::string& line) { return line.starts_with(summary_begin); });
  REQUIRE_FALSE(lines.empty());
  if (lines.back().starts_with("{")) {
    const auto counted = nlohmann::json::parse(lines.back());
    const auto& value = counted.contains("value") ? counted["value"] : counted;
    result.produced = value["produced"];
    result.dropped = value["dropped"];
  } else {
    unsigned long long produced = 0, dropped = 0;
    REQUIRE(std::sscanf(lines.back().c_str(), "0,%llu,%llu", &produced, &dropped) == 2);
    result.produced = produced;
    result.dropped = dropped;
  }
  CAPTURE(result.produced, result.dropped, result.delivered, result.summary.lost);
  CHECK(result.produced == size);
  CHECK(result.delivered + result.summary.lost == result.produced);
  CHECK(result.summary.lost == result.dropped);
  if (done.out.starts_with('{')) CHECK(result.said_lost == result.summary.lost);
  CHECK(result.summary.events == result.delivered);
  CHECK(result.summary.undecodable == 0);
  CHECK(result.in_order);
  return result;
}

}  // namespace

TEST_CASE("a ring buffer with enough room delivers every record") {
  const Flood result = flood(own_spec_file("flood"), flood_size(), {});
  CHECK(result.delivered == flood_size());
}

TEST_CASE("a small ring buffer loses records, and every loss is counted") {
  const Flood result = flood(own_spec_file("flood"), flood_size(), {"--set", "ring=4096", "--format", "csv"});
  CHECK(result.delivered > 0);
  CHECK(result.summary.lost > 0);
}

TEST_CASE("a ring buffer of the usual size accounts for every record") {
  flood(own_spec_file("flood"), flood_size(), {"--set", "ring=262144"});
}

TEST_CASE("a perf buffer accounts for every record") {
  flood(own_spec_file("flood_perf"), 1000, {}, From::one_cpu);
  flood(own_spec_file("flood_perf"), flood_size() / 10, {"--format", "csv"}, From::one_cpu);
}

TEST_CASE("a perf buffer without a flood loses nothing, without a drop counter in the object") {
  const Directory directory;
  const std::string spec = edited_spec(directory, own_spec_file("flood_perf"),
                                       [](nlohmann::json& changed) { changed["maps"][0].erase("lost"); });
  Actor actor(calling_getppid(500));
  Probe probe(probe_command(spec, {"--set", "pid=" + actor.id()}));
  actor.act();
  const Finished done = probe.stop();
  CHECK(split_lines(done.out).size() == 500);
  CHECK(summary_of(done.err).events == 500);
  CHECK(summary_of(done.err).lost == 0);
}
