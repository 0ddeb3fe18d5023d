// Reading while other threads add and delete keys as fast as they can: no key is read twice, and no key that
// stays is lost.
#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <set>
#include <thread>

#include "live_map.h"
#include "map_spec.h"
#include "probe.h"
#include "recorded_reads.h"
#include "source/key_walk.h"
#include "source/map_walk.h"
#include "support/catch.h"

using namespace test;
using nlohmann::json;

namespace {

struct Key {
  std::uint32_t length = 32, number = 0;
};
constexpr std::uint32_t whole = 32;  // prefix length in an LPM trie
constexpr std::uint32_t stable = 500;
constexpr std::uint32_t possible_cpus_limit = 1024;
constexpr std::size_t least_reads = 5;

std::uint64_t value_of(std::uint32_t number) {
  return std::uint64_t{number} * 1'000'003 + 1;
}

// In a per-CPU map, the same value on every CPU.
using Value = std::array<std::uint64_t, possible_cpus_limit>;
Value values_of(std::uint32_t number) {
  Value values;
  values.fill(value_of(number));
  return values;
}

// Adds and deletes keys from a number upwards for its lifetime.
class Churn {
 public:
  Churn(LiveMap& map, std::uint32_t from, std::uint32_t count)
      : thread_([this, &map, from, count] {
          std::uint32_t random = from;
          while (!stop_) {
            random = random * 1664525 + 1013904223;
            const Key key{whole, from + (random >> 8) % count};
            if ((random & 1) != 0) {
              map.set(key, values_of(key.number));
            } else {
              map.erase(key);
            }
            ++steps_;
          }
        }) {}
  ~Churn() {
    stop_ = true;
    thread_.join();
  }
  Churn(const Churn&) = delete;
  Churn& operator=(const Churn&) = delete;

  std::uint64_t steps() const { return steps_; }

 private:
  std::atomic<bool> stop_ = false;
  std::atomic<std::uint64_t> steps_ = 0;
  std::thread thread_;
};

void add_stable(LiveMap& map) {
  for (std::uint32_t number = 0; number < stable; ++number) {
    REQUIRE(map.set(Key{whole, number}, values_of(number)) == 0);
  }
}

// Describes what is wrong with a read, given the numbers of its keys; "" for nothing.
class Judge {
 public:
  void entry(std::uint32_t number, std::uint64_t value, bool exact = true) {
    if (!seen_.insert(number).second) twice_ = true;
    if ((exact || number < stable) && value != value_of(number)) wrong_ = true;
  }
  std::string verdict() const {
    std::string text;
    if (twice_) text += "a key came twice; ";
    if (wrong_) text += "a value is another's; ";
    for (std::uint32_t number = 0; number < stable; ++number) {
      if (!seen_.contains(number)) return text + "the stable key " + std::to_string(number) + " is missing";
    }
    return text;
  }

 private:
  std::set<std::uint32_t> seen_;
  bool twice_ = false, wrong_ = false;
};

void check(const std::string& name) {
  CAPTURE(name);
  const Directory directory;
  const std::string spec = write_map_spec(directory, {.object = "map_churn",
                                                      .program = "idle",
                                                      .maps = {{{"name", name}, {"poll", "5ms"}}},
                                                      .has_target = false,
                                                      .outputs = {{{"map", name}, {"limit", 1}}}});
  const std::string recording = directory / "recording", shown = directory / "shown";
  Probe probe(probe_command(spec, {"--record", recording, "--output", shown}));
  LiveMap map(probe.pid(), name);
  add_stable(map);
  Finished done;
  {
    const Churn one(map, 1000, 1000), other(map, 1500, 1000);
    std::this_thread::sleep_for(Milliseconds(800));  // for as many reads as there is time for
    // A trie without batch look-ups is read key by key: under emulation that takes most of a second.
    CHECK(eventually([&] {
      const std::string lines = read_file(shown);
      return one.steps() + other.steps() > 1000 && whole_lines(lines) > least_reads;
    }));
    done = probe.stop();
  }
  INFO(done.err);
  CHECK(done.status == 0);

  const std::vector<RecordedRead> reads = recorded_reads(recording);
  CHECK(reads.size() > least_reads);
  std::size_t full = 0;
  std::string complaints;
  for (const RecordedRead& read : reads) {
    // The first reads may come while the stable keys are still being added.
    if (full == 0 && read.entries.size() < stable) continue;
    Judge judge;
    for (const RecordedEntry& entry : read.entries) {
      judge.entry(as<Key>(entry.key).number, as<std::uint64_t>(entry.value));
    }
    const std::string verdict = judge.verdict();
    if (full == 0 && !verdict.empty()) continue;
    ++full;
    if (!verdict.empty()) complaints += verdict + "\n";
  }
  CHECK(full > 3);
  CHECK(complaints == "");
}

class Visitor final : public probe_run::EntryVisitor {
 public:
  void entry(const std::byte* key, const std::byte* value) noexcept override {
    Key shown;
    std::uint64_t number = 0;
    std::memcpy(&shown, key, sizeof shown);
    std::memcpy(&number, value, sizeof number);
    // The look-up of a key that is being deleted may find the next use of its memory.
    judge.entry(shown.number, number, false);
  }
  void taken(const std::byte*, const std::byte*) noexcept override {}
  void vanished() noexcept override { ++vanished_keys; }
  void restarted() noexcept override { ++restarts; }
  void cut() noexcept override { ++cuts; }
  void passed() noexcept override {}

  Judge judge;
  std::uint64_t vanished_keys = 0, restarts = 0, cuts = 0;
};

// The walk for kernels without batch look-ups, which would not be chosen on this one.
void check_walk_by_keys(const std::string& name) {
  CAPTURE(name);
  const Directory directory;
  const std::string spec = write_map_spec(
      directory, {.object = "map_churn", .program = "idle", .maps = {{{"name", name}}}, .has_target = false});
  Probe probe(probe_command(spec));
  LiveMap map(probe.pid(), name);
  add_stable(map);
  probe_run::MapInfo info;
  info.name = name;
  const probe_run::OpenMap open = probe_run::open_map(info, map.fd(), 1);
  probe_run::KeyWalk walk(open, probe_run::KeyWalk::Keys::come_and_go);
  Visitor total;
  const Churn one(map, 1000, 1000), other(map, 1500, 1000);
  for (int read = 0; read < 50; ++read) {
    Visitor visitor;
    REQUIRE(walk.walk(visitor) == 0);
    CAPTURE(read, visitor.restarts, visitor.vanished_keys, visitor.cuts);
    REQUIRE(visitor.judge.verdict() == "");
    total.restarts += visitor.restarts;
    total.vanished_keys += visitor.vanished_keys;
    total.cuts += visitor.cuts;
  }
  CAPTURE(total.vanished_keys);
  CHECK(total.restarts > 0);
  CHECK(total.cuts == 0);
}

}  // namespace

TEST_CASE("a hash is read while its keys change", "[map_churn]") {
  check("plain");
}

TEST_CASE("an LRU hash is read while its keys change", "[map_churn]") {
  check("lru");
}

TEST_CASE("a per-CPU hash is read while its keys change", "[map_churn]") {
  check("per_cpu");
}

TEST_CASE("a per-CPU LRU hash is read while its keys change", "[map_churn]") {
  check("lru_per_cpu");
}

TEST_CASE("an LPM trie is read while its keys change", "[map_churn]") {
  check("trie");
}

TEST_CASE("a walk by keys continues after the kernel restarted it", "[map_churn][host]") {
  check_walk_by_keys("plain");
  check_walk_by_keys("trie");
}
