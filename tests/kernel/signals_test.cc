// signals: each signal that is sent, with its sender, its target and its fate.
#include <csignal>
#include <cstdint>

#include "actor.h"
#include "probe.h"
#include "support/catch.h"

using namespace test;
using nlohmann::json;

namespace {

std::vector<json> seen(Actor& sender, const std::vector<std::string>& settings) {
  std::vector<std::string> arguments{"--format", "jsonl", "--set", "pid=" + sender.id()};
  for (const std::string& setting : settings) arguments.insert(arguments.end(), {"--set", setting});
  Probe probe(probe_command(spec_file("signals"), arguments));
  sender.act();
  const Finished done = probe.stop();
  CHECK(done.status == 0);
  CHECK(summary_of(done.err).lost == 0);
  return json_lines(done.out);
}

}  // namespace

TEST_CASE("signals shows each signal that a process sends, with its target and its fate") {
  const std::string name = unique_name("sender");
  const std::string target_name = unique_name("target");
  Actor target([] { return std::string(); },
               [&] {
                 name_task(target_name);
                 sigset_t set;
                 sigemptyset(&set);
                 sigaddset(&set, SIGUSR1);
                 sigaddset(&set, SIGUSR2);
                 sigprocmask(SIG_BLOCK, &set, nullptr);
               });
  Actor sender(
      [&target] {
        ::kill(target.pid(), SIGWINCH);
        ::kill(target.pid(), SIGUSR1);
        ::kill(target.pid(), SIGUSR1);
        ::sigqueue(target.pid(), SIGUSR2, {});
        return std::string();
      },
      [&] { name_task(name); });
  const auto row = [&](const char* by, const char* signal, const char* result) {
    return json{{"pid", sender.pid()}, {"comm", name},           {"by", by},
                {"signal", signal},    {"target", target.pid()}, {"target_comm", target_name},
                {"result", result}};
  };
  const std::vector<json> all{row("kill", "SIGWINCH", "ignored"), row("kill", "SIGUSR1", "delivered"),
                              row("kill", "SIGUSR1", "already_pending"),
                              row("sigqueue", "SIGUSR2", "delivered")};
  CHECK(seen(sender, {}) == all);
  // The earlier signals are still pending for the target, so only the counts are compared with filters.
  CHECK(seen(sender, {"signal=" + std::to_string(SIGUSR1)}).size() == 2);
  CHECK(seen(sender, {"target=" + target.id()}).size() == 4);
  CHECK(seen(sender, {"target=1"}).empty());
}
