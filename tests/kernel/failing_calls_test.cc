// Calls that fail at random, as they may at any time: no crash, nothing that stays attached, and counts that are true.
#include <unistd.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>
#include <regex>

#include "actor.h"
#include "attach_spec.h"
#include "network.h"
#include "probe.h"
#include "support/catch.h"

using namespace test;

namespace {

// Until so many calls have failed.
std::uint64_t wanted_failures() {
  const char* const text = std::getenv("PROBE_RUN_FAILURES");
  return text == nullptr ? 200 : std::strtoull(text, nullptr, 10);
}

// How many calls there are for each that fails: at the start of a run there are many, later few.
constexpr std::uint64_t rates[] = {30, 100, 300, 30};

std::vector<std::string> with_failures(std::vector<std::string> command, std::uint64_t seed,
                                       const std::string& log) {
  const std::vector<std::string> environment{
      "env", std::string("LD_PRELOAD=") + FAILING_CALLS, "FAILING_CALLS_SEED=" + std::to_string(seed),
      "FAILING_CALLS_ONE_IN=" + std::to_string(rates[seed % std::size(rates)]), "FAILING_CALLS_LOG=" + log};
  command.insert(command.begin(), environment.begin(), environment.end());
  return command;
}

std::optional<std::uint64_t> number_before(const std::string& text, const std::string& words) {
  std::smatch match;
  if (!std::regex_search(text, match, std::regex("(\\d+)" + words))) return std::nullopt;
  return std::stoull(match[1]);
}

// Never returns: makes calls, with a short pause after every hundred, so that others get the CPU too.
std::string call_for_ever() {
  for (;;) {
    calling_getppid(100)();
    ::usleep(1000);
  }
}

// Whole lines, the summary apart.
std::vector<nlohmann::json> rows_of(const std::string& text) {
  CHECK((text.empty() || text.ends_with('\n')));
  std::vector<nlohmann::json> rows = json_lines(text);
  std::erase_if(rows, [](const nlohmann::json& row) { return row.contains("$summary"); });
  return rows;
}

}  // namespace

TEST_CASE("calls that fail at random neither crash a run nor falsify its counts", "[host]") {
  Actor actor(call_for_ever);
  actor.begin();
  std::uint64_t failures = 0, whole_runs = 0;
  for (std::uint64_t seed = 1; failures < wanted_failures(); ++seed) {
    const Directory directory;
    const std::string rows = directory / "rows", counts = directory / "counts";
    const Finished done =
        run(with_failures(probe_command(own_spec_file("flood"),
                                        {"--set", "pid=" + actor.id(), "--set", "counts=" + counts, "--set",
                                         "ring=65536", "--output", rows, "--duration", "20ms"}),
                          seed, directory / "log"));
    const std::vector<std::string> calls = split_lines(read_file(directory / "log"));
    failures += calls.size();
    INFO("seed " << seed << '\n' << done.err << nlohmann::json(calls).dump());
    CHECK((done.status == 0 || done.status == 1 || done.status == 2));
    if (done.status != 0) {
      // Whatever fails is named, unless it is the writing of that.
      const bool told = contains(done.err, "error: ") || contains(done.err, "out of memory");
      const bool could_not_tell = nlohmann::json(calls).dump().find("write") != std::string::npos;
      CHECK((told || could_not_tell));
    }
    const auto events = number_before(done.err, " events?, ");
    if (!events) continue;
    const std::vector<nlohmann::json> produced = rows_of(read_file(counts));
    const std::uint64_t shown = rows_of(read_file(rows)).size();
    const std::uint64_t not_written = number_before(done.err, " lines? not written").value_or(0);
    CHECK(shown + not_written >= *events);
    // The summaries in the two files are lines, too.
    CHECK(shown + produced.size() + not_written <=
          *events + number_before(done.err, " map reads?").value_or(0) + 2);
    const auto lost = number_before(done.err, " lost");
    if (done.status != 0 || !lost || contains(done.err, "loss not counted")) continue;
    REQUIRE(produced.size() == 1);
    const nlohmann::json& row = produced[0];
    CHECK((row.contains("value") ? row["value"] : row)["produced"] == *events + *lost);
    ++whole_runs;
  }
  CHECK(whole_runs > 0);
}

TEST_CASE("a run that fails at random leaves no filter in force", "[host]") {
  const Network network;
  std::uint64_t failures = 0;
  for (std::uint64_t seed = 1; failures < wanted_failures() / 4; ++seed) {
    const Directory directory;
    const std::string spec = written(
        directory, spec_of("on_tc", {{"type", "tc"}, {"iface", network.iface()}, {"direction", "ingress"}}));
    const Finished done = run(in_network(
        network.name(), with_failures(probe_command(spec, {"--duration", "10ms"}), seed, directory / "log")));
    const std::vector<std::string> calls = split_lines(read_file(directory / "log"));
    failures += calls.size();
    INFO("seed " << seed << '\n' << done.err << nlohmann::json(calls).dump());
    CHECK((done.status == 0 || done.status == 1 || done.status == 2));
    const std::string filters =
        run(in_network(network.name(), {"tc", "filter", "show", "dev", network.iface(), "ingress"})).out;
    // What could not be removed is named, with the command that removes it.
    CHECK((filters.empty() || contains(done.err, "tc filter del dev " + network.iface())));
    run(in_network(network.name(), {"tc", "qdisc", "del", "dev", network.iface(), "clsact"}));
  }
}
