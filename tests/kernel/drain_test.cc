// Draining loses nothing: the sum of all reads is exactly what the programs counted.
#include <bpf/bpf.h>
#include <unistd.h>

#include <map>
#include <thread>

#include "actor.h"
#include "bpf_objects.h"
#include "live_map.h"
#include "map_spec.h"
#include "probe.h"
#include "recorded_reads.h"
#include "source/map_reader.h"
#include "support/catch.h"
#include "support/fd.h"
#include "unit/call_log.h"

using namespace test;
using nlohmann::json;

namespace {

constexpr int threads = 3;
constexpr int bursts = 4;
constexpr int calls = 100'000;  // of a thread in a burst

// Bursts, with pauses in which keys do not change.
std::string count_in_bursts() {
  for (int burst = 0; burst < bursts; ++burst) {
    std::vector<std::thread> crowd;
    for (int i = 0; i < threads; ++i) {
      crowd.emplace_back([] {
        for (int call = 0; call < calls; ++call) ::getppid();
      });
    }
    for (std::thread& one : crowd) one.join();
    std::this_thread::sleep_for(std::chrono::milliseconds(350));
  }
  return {};
}

// Adds up the increase of each read over the one before.
struct Sum {
  std::uint64_t total = 0, taken = 0, reads = 0;
  bool went_back = false;  // a count decreased without being taken
  std::map<std::uint32_t, std::uint64_t> last;

  void add(const RecordedRead& read) {
    ++reads;
    for (const RecordedEntry& entry : read.entries) {
      const auto key = as<std::uint32_t>(entry.key);
      std::uint64_t count = 0;  // over all CPUs, where there are several
      for (std::size_t at = 0; at < entry.value.size(); at += sizeof count) {
        count += as<std::uint64_t>(entry.value, at);
      }
      if (count < last[key]) went_back = true;
      total += count - last[key];
      last[key] = count;
      if (entry.taken) {
        last.erase(key);
        ++taken;
      }
    }
  }
};

}  // namespace

TEST_CASE("the sum of all drained intervals is the total", "[drain]") {
  const Directory directory;
  const json maps = {{{"name", "by_hash"}, {"read", "drain"}, {"poll", "10ms"}},
                     {{"name", "by_cpu_hash"}, {"read", "drain"}, {"poll", "10ms"}},
                     {{"name", "by_array"}, {"read", "delta"}, {"poll", "10ms"}},
                     {{"name", ".bss"}}};
  json outputs = json::array();
  for (const char* map : {"by_hash", "by_cpu_hash", "by_array"}) {
    outputs.push_back({{"map", map}, {"format", "jsonl"}, {"to", directory / map}});
  }
  const std::string spec = write_map_spec(
      directory, {.object = "counting", .program = "counting", .maps = maps, .outputs = outputs});
  const std::string recording = directory / "recording";
  if (refuses_to_drain(probe_command(spec, {"--set", "pid=1"}))) return;
  Actor actor(count_in_bursts);
  Probe probe(probe_command(spec, {"--set", "pid=" + actor.id(), "--record", recording}));
  actor.act();
  const std::uint64_t missed = missed_runs(probe.pid());
  const Finished done = probe.stop();
  INFO(done.err);
  REQUIRE(done.status == 0);

  std::map<std::string, Sum> sums;
  std::uint64_t total = 0, unstored = 0;
  const std::vector<RecordedRead> reads = recorded_reads(recording);
  for (const RecordedRead& read : reads) {
    if (read.map == ".bss") {
      REQUIRE(read.entries.size() == 1);
      total = as<std::uint64_t>(read.entries[0].value);
      unstored = as<std::uint64_t>(read.entries[0].value, 8);
    } else {
      sums[read.map].add(read);
    }
  }
  CAPTURE(missed);
  // This includes those of other processes that it missed.
  const std::uint64_t made = std::uint64_t{threads} * bursts * calls;
  CHECK(total <= made);
  CHECK(total + missed >= made);
  CHECK(unstored == 0);
  for (const auto& [name, sum] : sums) {
    CAPTURE(name, sum.reads, sum.taken);
    CHECK(sum.reads > 10);
    CHECK(sum.total == total);
    CHECK_FALSE(sum.went_back);
    CHECK((sum.taken > 0) == (name != "by_array"));
    std::uint64_t shown = 0;
    for (const json& row : json_lines(read_file(directory / name)))
      shown += row.at("value").get<std::uint64_t>();
    CHECK(shown == total);
  }
  CHECK(sums.size() == 3);
}

TEST_CASE("the last read takes nothing", "[drain]") {
  const Directory directory;
  const std::string spec =
      write_map_spec(directory, {.object = "counting",
                                 .program = "counting",
                                 .maps = {{{"name", "by_hash"}, {"read", "drain"}, {"poll", "1h"}}}});
  const std::string recording = directory / "recording";
  if (refuses_to_drain(probe_command(spec, {"--set", "pid=1"}))) return;
  Actor actor(calling_getppid(10));
  Probe probe(
      probe_command(spec, {"--set", "pid=" + actor.id(), "--record", recording, "--output", "/dev/null"}));
  actor.act();
  REQUIRE(probe.stop().status == 0);
  const std::vector<RecordedRead> reads = recorded_reads(recording);
  REQUIRE(reads.size() == 1);
  REQUIRE(reads[0].entries.size() == 1);
  CHECK_FALSE(reads[0].entries[0].taken);
  CHECK(as<std::uint64_t>(reads[0].entries[0].value) == 10);
}

TEST_CASE("an entry is taken, and removed, after it did not change for a whole interval", "[drain]") {
  const Directory directory;
  const std::string spec =
      write_map_spec(directory, {.object = "counting",
                                 .program = "counting",
                                 .maps = {{{"name", "by_hash"}, {"read", "drain"}, {"poll", "20ms"}}}});
  const std::string recording = directory / "recording";
  if (refuses_to_drain(probe_command(spec, {"--set", "pid=1"}))) return;
  Actor actor(calling_getppid(10));
  Probe probe(
      probe_command(spec, {"--set", "pid=" + actor.id(), "--record", recording, "--output", "/dev/null"}));
  actor.act();
  const LiveMap map(probe.pid(), "by_hash");
  const auto is_empty = [&] {
    std::uint32_t key = 0;
    return bpf_map_get_next_key(map.fd(), nullptr, &key) != 0;
  };
  REQUIRE(eventually(is_empty));
  REQUIRE(probe.stop().status == 0);  // with one more read
  std::string story;                  // k: an entry that stays, t: one that is taken, -: a read of nothing
  for (const RecordedRead& read : recorded_reads(recording)) {
    if (read.entries.empty()) story += '-';
    for (const RecordedEntry& entry : read.entries) story += entry.taken ? 't' : 'k';
  }
  CAPTURE(story);
  story.erase(0, story.find_first_not_of('-'));  // the reads before the calls
  CHECK(contains(story, "kt-"));
  CHECK(story.find_first_not_of('k') == story.find('t'));
  CHECK(story.find_first_not_of('-', story.find('t') + 1) == std::string::npos);
}

TEST_CASE("a read that is not shown removes nothing", "[drain]") {
  const probe_run::Fd queue(
      bpf_map_create(BPF_MAP_TYPE_QUEUE, "queue", 0, sizeof(std::uint64_t), 4, nullptr));
  REQUIRE(queue);
  const std::uint64_t pushed = 7;
  REQUIRE(bpf_map_update_elem(queue.get(), nullptr, &pushed, 0) == 0);
  probe_run::MapInfo info;
  info.name = "queue";
  info.type = BPF_MAP_TYPE_QUEUE;
  info.value_size = sizeof pushed;
  CallLog nobody(0);
  probe_run::MapReader::Way way;
  way.mode = probe_run::ReadMode::drain;
  probe_run::MapReader reader(info, queue.get(), 0, 1, way, nobody);
  probe_run::Interlude nothing_else;
  CHECK(reader.read(probe_run::MapReader::Turn::last, nothing_else) == 0);
  std::uint64_t left = 0;
  CHECK(bpf_map_lookup_and_delete_elem(queue.get(), nullptr, &left) == 0);
  CHECK(left == pushed);
}
