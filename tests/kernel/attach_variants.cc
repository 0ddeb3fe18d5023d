#include "attach_variants.h"

#include <csignal>
#include <regex>

#include "attach_spec.h"
#include "probe.h"
#include "support/process.h"

namespace test {
namespace {

using Kind = AttachOutcome::Kind;

// The reason in an error of the program, without the location, the target and the directories, which differ
// from run to run.
std::string reason_of(const std::string& err) {
  std::string line = err.substr(0, err.find('\n'));
  std::smatch match;
  if (std::regex_search(line, match, std::regex(R"(error: (.*)$)"))) {
    const std::string message = match[1];
    if (std::regex_match(message, match, std::regex(R"(cannot attach program "[^"]*" to .*?: (.*))")))
      return match[1];
    return std::regex_replace(message, std::regex(R"re((the program "[^"]*" of )?/[^ ]*/)re"), "");
  }
  return line;
}

bool counted_enough(const AttachVariant& variant, const std::string& out) {
  const std::vector<nlohmann::json> lines = json_lines(out);
  const std::uint64_t calls = lines.size() == 1 ? lines[0].at("value").get<std::uint64_t>() : 0;
  return variant.exactly == 0 ? calls > 0 : calls == variant.exactly;
}

AttachOutcome attempt_one(const AttachVariant& variant, const nlohmann::json& spec) {
  const Directory directory;
  std::vector<std::string> command = probe_command(written(directory, spec));
  if (!variant.network.empty()) command = in_network(variant.network, command);
  Process process(command);
  if (!process.wait_for_err(": attached to ", patiently(std::chrono::seconds(20))))
    return {Kind::refused, reason_of(process.finish().err)};
  if (variant.act) variant.act(process.pid());
  // A variant that is judged by its output needs no wait: the output is judged at the end, below.
  if (variant.saw) {
    const auto saw = [&](std::string_view lines) { return variant.saw(std::string(lines)); };
    process.wait_for_lines(saw, patiently(std::chrono::seconds(10)));
  }
  process.signal(SIGINT);
  const Finished done = process.finish(patiently(std::chrono::seconds(30)));
  const bool saw =
      done.status == 0 && (variant.saw ? variant.saw(done.out) : counted_enough(variant, done.out));
  if (saw) return {Kind::seen, {}};
  // The LSM is not enabled on this machine: the program reports that first.
  std::smatch match;
  if (std::regex_search(done.err, match, std::regex("(the program will never run[^(;]*[^ (;])")))
    return {Kind::refused, match[1]};
  return {Kind::unseen, done.err + done.out};
}

}  // namespace

AttachOutcome attempt(const AttachVariant& variant) {
  AttachOutcome outcome;
  for (const nlohmann::json& spec : variant.specs) {
    outcome = attempt_one(variant, spec);
    if (outcome.kind != Kind::refused) break;
  }
  return outcome;
}

}  // namespace test
