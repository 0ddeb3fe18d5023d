#include "probe.h"

#include <csignal>
#include <fstream>
#include <regex>
#include <stdexcept>

#include "support/catch.h"

namespace test {

Summary summary_of(const std::string& err) {
  // "probe-run: 3 map reads, 12 events, 0 lost, 0 undecodable in 1.5 s", in this order or another.
  std::smatch line;
  if (!std::regex_search(err, line, std::regex("(?:^|\n)probe-run: (\\d+ [^\n]*) in ([0-9.]+) s\n$"))) {
    throw std::runtime_error("no summary at the end of: " + err);
  }
  const std::string figures = line[1];
  const auto figure = [&](const char* word) -> std::uint64_t {
    std::smatch match;
    return std::regex_search(figures, match, std::regex(std::string("(\\d+) ") + word))
               ? std::stoull(match[1])
               : 0;
  };
  return {figure("events?\\b"), figure("lost\\b"), figure("undecodable\\b"), figure("map reads?\\b"),
          std::stod(line[2])};
}

std::vector<std::string> probe_command(const std::string& spec, const std::vector<std::string>& arguments) {
  std::vector<std::string> command{probe_run(), spec, "--object-dir", own_object_directory()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

std::vector<std::string> in_network(const std::string& name, const std::vector<std::string>& command) {
  std::vector<std::string> words{"ip", "netns", "exec", name};
  words.insert(words.end(), command.begin(), command.end());
  return words;
}

Probe::Probe(const std::vector<std::string>& command, const ProcessOptions& options)
    : process_(command, options) {
  if (process_.wait_for_err(": attached to ", patiently(std::chrono::seconds(20)))) return;
  process_.signal(SIGKILL);
  throw std::runtime_error("the probe did not attach: " + process_.finish().err);
}

void Probe::read_until(const std::function<bool()>& condition) {
  // Waits for what never comes, so that both streams are read.
  while (!condition()) process_.wait_for_err(std::string_view("\0", 1), Milliseconds(1));
}

Finished Probe::stop(int signal) {
  process_.signal(signal);
  return finish();
}

Finished Probe::stop() {
  return stop(SIGINT);
}

Finished Probe::finish() {
  return process_.finish(patiently(std::chrono::seconds(30)));
}

bool refuses_to_drain(const std::vector<std::string>& command) {
  if (kernel_is_at_least(5, 14)) return false;
  WARN("this kernel cannot drain a hash (Linux 5.14 can): only the refusal is looked at");
  const Finished done = run(command);
  INFO(done.err);
  CHECK(done.status == 1);
  CHECK(contains(done.err, "\" cannot be drained: not supported by this kernel"));
  CHECK(contains(done.err, "draining a hash needs Linux 5.14"));
  return true;
}

std::string edited_spec(const Directory& directory, const std::string& file,
                        const std::function<void(nlohmann::json&)>& edit) {
  nlohmann::json spec = nlohmann::json::parse(read_file(file));
  edit(spec);
  const std::string path = directory / "edited.json";
  std::ofstream(path) << spec.dump(2) << '\n';
  return path;
}

std::vector<nlohmann::json> json_lines(const std::string& text) {
  std::vector<nlohmann::json> values;
  for (const std::string& line : split_lines(text)) values.push_back(nlohmann::json::parse(line));
  return values;
}

}  // namespace test
