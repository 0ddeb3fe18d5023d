// Measures the time and memory of replays:  replay PROBE_RUN [EVENTS...]
#include <fmt/format.h>

#include <cstdio>
#include <exception>

#include "support/measured.h"
#include "support/synthetic_recording.h"
#include "support/temporary_directory.h"

namespace {

void measure(const std::string& program, std::uint64_t events) {
  const test::TemporaryDirectory directory;
  const std::string recording = directory / "events.rec";
  test::make_synthetic_recording(recording, events);
  directory.write("groups.json", std::string(test::synthetic_groups_spec));
  fmt::print("{} events, {:.0f} MB\n", events,
             static_cast<double>(std::filesystem::file_size(recording)) / 1e6);
  const std::pair<std::string, std::vector<std::string>> ways[] = {
      {"cat", {"cat", recording}},
      {"describe", {program, "--describe", recording}},
      {"jsonl", {program, "--replay", recording, "--format", "jsonl"}},
      {"text", {program, "--replay", recording, "--format", "text"}},
      {"table", {program, "--replay", recording, "--format", "table"}},
      {"csv", {program, "--replay", recording, "--format", "csv"}},
      {"grouped", {program, "--replay", recording, directory / "groups.json"}}};
  for (const auto& [name, command] : ways) {
    const test::Measured measured = test::run_measured(command);
    if (measured.status != 0) throw std::runtime_error(name + " failed");
    fmt::print("  {:<10}{:>8.2f} s{:>14.0f} events/s{:>8.1f} MiB\n", name, measured.seconds,
               static_cast<double>(events) / measured.seconds, static_cast<double>(measured.peak_kib) / 1024);
    std::fflush(stdout);
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc < 2) throw std::runtime_error("usage: replay PROBE_RUN [EVENTS...]");
    const std::vector<std::string> counts(argv + 2, argv + argc);
    for (const std::string& count : counts.empty() ? std::vector<std::string>{"1000000", "10000000"} : counts)
      measure(argv[1], std::stoull(count));
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
  return 0;
}
