// Wall-clock times while the clock is being set.
#include <fcntl.h>

#include <ctime>
#include <thread>

#include "actor.h"
#include "probe.h"
#include "support/catch.h"

using namespace test;

namespace {

constexpr std::time_t first_of_2031 = 1924992000;  // midnight, in UTC

// Sets the clock, and restores it on destruction.
class SetClock {
 public:
  explicit SetClock(std::time_t to) {
    ::clock_gettime(CLOCK_REALTIME, &before_);
    ::clock_gettime(CLOCK_MONOTONIC, &begin_);
    const timespec time{to, 0};
    good_ = ::clock_settime(CLOCK_REALTIME, &time) == 0;
  }
  ~SetClock() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    const timespec time{before_.tv_sec + (now.tv_sec - begin_.tv_sec), before_.tv_nsec};
    ::clock_settime(CLOCK_REALTIME, &time);
  }
  SetClock(const SetClock&) = delete;
  SetClock& operator=(const SetClock&) = delete;
  bool good() const { return good_; }

 private:
  timespec before_{}, begin_{};
  bool good_ = false;
};

std::int64_t year_of(const nlohmann::json& row) {
  return std::stoll(row.at("ts").get<std::string>().substr(0, 4));
}

}  // namespace

TEST_CASE("times are those of the machine in a time namespace, too", "[host]") {
  const Directory directory;
  const std::string spec = edited_spec(directory, spec_file("opensnoop"), [](nlohmann::json& json) {
    json["outputs"] = {
        {{"map", "events"}, {"fields", {"ts", "path"}}, {"format", "jsonl"}, {"to", "stdout"}}};
  });
  // This machine has not slept: both clocks are the same.
  const std::string of_boot = edited_spec(directory, spec, [](nlohmann::json& json) {
    json["maps"][0]["fields"]["ts"] = {{"as", "boottime"}};
  });
  const std::string recording = directory / "run.rec";
  for (const std::string& clock : {spec, of_boot}) {
    Actor actor(opening({{"/dev/null", O_RDONLY}}));
    std::vector<std::string> command{"unshare", "-T", "--monotonic", "500000", "--boottime", "900000"};
    const std::vector<std::string> inner =
        probe_command(clock, {"--set", "pid=" + actor.id(), "--record", recording});
    command.insert(command.end(), inner.begin(), inner.end());
    const std::int64_t before = std::time(nullptr);
    Probe probe(command);
    actor.act();
    const Finished done = probe.stop();
    const std::int64_t after = std::time(nullptr);
    INFO(done.out << done.err);
    REQUIRE(done.status == 0);
    const Finished replayed = run({probe_run(), "--quiet", "--format", "jsonl", "--replay", recording});
    for (const std::string& out : {done.out, replayed.out}) {
      const std::vector<nlohmann::json> rows = json_lines(out);
      REQUIRE(rows.size() >= 1);
      std::tm time{};
      REQUIRE(::strptime(rows[0].at("ts").get<std::string>().c_str(), "%Y-%m-%dT%H:%M:%S", &time) != nullptr);
      const std::int64_t shown = ::timegm(&time);
      CHECK(shown >= before - 1);
      CHECK(shown <= after + 1);
    }
  }
}

TEST_CASE("an event from before the clock was set keeps its time, even if it is shown at the end") {
  if (!is_quiet()) {
    WARN("not run here: this test sets the machine's clock; the tiers vm-* run it");
    return;
  }
  const SetClock now(first_of_2031);
  REQUIRE(now.good());
  const Directory directory;
  const std::string spec = edited_spec(directory, spec_file("opensnoop"), [](nlohmann::json& json) {
    json["outputs"] = {{{"map", "events"}, {"fields", {"ts", "path"}}, {"format", "jsonl"}},
                       {{"map", "events"},
                        {"group_by", {"ts", "path"}},
                        {"aggregate", {{"n", "count"}}},
                        {"format", "jsonl"}}};
  });
  Actor actor(opening({{"/dev/null", O_RDONLY}}));
  Probe probe(probe_command(spec, {"--set", "pid=" + actor.id()}));
  actor.act();
  constexpr std::time_t year = 366 * 24 * 3600;
  const SetClock later(first_of_2031 + year);
  REQUIRE(later.good());
  // Events that arrive before the step is noticed count as before it.
  std::this_thread::sleep_for(patiently(Milliseconds(100)));
  actor.act();
  const Finished done = probe.stop();
  INFO(done.out << done.err);
  REQUIRE(done.status == 0);
  const std::vector<nlohmann::json> rows = json_lines(done.out);
  REQUIRE(rows.size() == 4);
  CHECK(year_of(rows[0]) == 2031);
  CHECK(year_of(rows[1]) == 2032);
  CHECK(year_of(rows[2]) == 2031);  // the groups
  CHECK(year_of(rows[3]) == 2032);
}
