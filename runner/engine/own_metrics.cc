#include "engine/own_metrics.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "support/integer.h"

namespace probe_run {
namespace {

double seconds(Duration time) {
  return std::chrono::duration<double>(time).count();
}

class Adder {
 public:
  explicit Adder(std::vector<MetricFamily>& families) : families_(families) {}

  void begin(std::string name, MetricType type, std::string help, std::string unit = {},
             std::vector<std::string> labels = {}) {
    families_.emplace_back(
        MetricFamily::Head{std::move(name), type, std::move(help), std::move(unit), std::move(labels)});
  }
  void add(const std::vector<std::string_view>& labels, const MetricFamily::Value& value) {
    values_.clear();
    for (const std::string_view label : labels) values_.add(label);
    families_.back().put(values_, value);
  }
  void one(std::string name, MetricType type, std::string help, std::string unit, MetricNumber value) {
    begin(std::move(name), type, std::move(help), std::move(unit));
    add({}, value);
  }

 private:
  std::vector<MetricFamily>& families_;
  LabelValues values_;
};

struct Named {
  const char* name;
  std::uint64_t Figures::*figure;
  const char* help;
  bool (Figures::*is_known)() const = nullptr;  // no series while it is not; nullptr: always known
};
constexpr Named figures_of_specs[] = {
    {"probe_run_events", &Figures::events, "Records of streams and printed lines."},
    {"probe_run_lost", &Figures::lost, "Records that were lost, of streams in which they are counted.",
     &Figures::lost_is_known},
    {"probe_run_missed", &Figures::missed, "Calls for which the kernel did not run a program.",
     &Figures::missed_is_known},
    {"probe_run_undecodable", &Figures::undecodable,
     "Records that are shorter than their type, or that match no type in the spec."},
    {"probe_run_longer", &Figures::longer, "Records with bytes after their type."},
    {"probe_run_incomplete_reads", &Figures::incomplete,
     "Map reads that were disturbed by changes of the map."},
    {"probe_run_restarted_reads", &Figures::restarted,
     "Map reads that the kernel sent back to the beginning."},
    {"probe_run_vanished_keys", &Figures::vanished,
     "Keys that were deleted between being listed and looked up."},
    {"probe_run_ungrouped", &Figures::ungrouped,
     "Records that were grouped as \"(other)\": too many groups."},
    {"probe_run_unremembered", &Figures::unremembered,
     "Values of new keys that were dropped: the map is full."},
    {"probe_run_sampled_out", &Figures::sampled_out, "Rows that were skipped by \"sample\"."},
    {"probe_run_rate_limited", &Figures::rate_limited, "Rows that were dropped by \"rate_limit\"."},
    {"probe_run_not_written", &Figures::not_written, "Lines that the target of an output did not take."},
    {"probe_run_series_merged", &Figures::series_merged, "Rows added to another row with the same labels."},
    {"probe_run_series_replaced", &Figures::series_replaced,
     "Rows of gauges that were replaced by another row with the same labels."},
    {"probe_run_series_beyond_limit", &Figures::series_beyond_limit,
     "Rows dropped because there were too many series."},
    {"probe_run_series_refused", &Figures::series_refused,
     "Rows dropped because a counter must be a number and not negative."}};

// What the figures do not cover.
constexpr Named unknowns_of_specs[] = {{"probe_run_uncounted_streams", &Figures::uncounted_streams,
                                        "Streams whose lost records are not counted."},
                                       {"probe_run_uncounted_programs", &Figures::uncounted_programs,
                                        "Programs whose missed calls this kernel does not count."}};

// Includes specs that never ran.
void add_programs(Adder& adder, const RunReport& report) {
  using State = PointReport::State;
  adder.begin("probe_run_spec_running", MetricType::gauge, "1 while the spec runs, 0 if it failed.", "",
              {"spec"});
  for (const SpecReport& spec : report.specs())
    adder.add({spec.name}, MetricNumber(std::uint64_t{spec.runs}));
  adder.begin("probe_run_program_attached", MetricType::gauge,
              "1 if a program is attached, 0 if it was refused or its spec failed.", "",
              {"spec", "program", "attach"});
  for (const SpecReport& spec : report.specs()) {
    for (const PointReport& point : spec.programs) {
      if (point.state == State::not_chosen) continue;
      const bool attached = spec.runs && point.state == State::attached;
      adder.add({spec.name, point.program, point.point}, MetricNumber(std::uint64_t{attached}));
    }
  }
}

// Without series for what the kernel does not count.
void add_counts(Adder& adder, const RunReport& report) {
  const auto add = [&](std::string name, std::string help, std::string unit, const auto& value_of) {
    adder.begin(std::move(name), MetricType::counter, std::move(help), std::move(unit), {"spec", "program"});
    for (const SpecReport& spec : report.specs()) {
      for (const ProgramReport& program : spec.counts) {
        if (const auto value = value_of(program)) adder.add({spec.name, program.program}, *value);
      }
    }
  };
  using Number = std::optional<MetricNumber>;
  const auto number = [](const std::optional<std::uint64_t>& count) {
    return count ? Number(*count) : Number();
  };
  add("probe_run_program_missed", "Calls for which the kernel did not run the program.", "",
      [&](const ProgramReport& program) { return number(program.missed); });
  add("probe_run_program_runs", "Runs of the program, if kernel.bpf_stats_enabled is on.", "",
      [&](const ProgramReport& program) { return number(program.counters.runs); });
  add("probe_run_program_run_seconds", "Time in the program, if kernel.bpf_stats_enabled is on.", "seconds",
      [&](const ProgramReport& program) {
        const auto& time = program.counters.run_ns;
        return time ? Number(static_cast<double>(*time) / 1e9) : Number();
      });
}

void add_specs(Adder& adder, const std::list<LiveProbe>& probes) {
  for (const Named& named : figures_of_specs) {
    adder.begin(named.name, MetricType::counter, named.help, "", {"spec"});
    for (const LiveProbe& probe : probes) {
      const Figures figures = probe.figures();
      if (named.is_known != nullptr && !(figures.*named.is_known)()) continue;
      adder.add({probe.name()}, MetricNumber(figures.*named.figure));
    }
  }
  for (const Named& named : unknowns_of_specs) {
    adder.begin(named.name, MetricType::gauge, named.help, "", {"spec"});
    for (const LiveProbe& probe : probes)
      adder.add({probe.name()}, MetricNumber(probe.figures().*named.figure));
  }
  adder.begin("probe_run_map_reads", MetricType::counter, "Map reads, including those for scrapers.", "",
              {"spec", "map"});
  for (const LiveProbe& probe : probes) {
    for (const PolledMaps::Times& times : probe.read_times())
      adder.add({probe.name(), times.map}, MetricNumber(times.reads));
  }
  adder.begin("probe_run_map_read_seconds", MetricType::counter, "Time spent reading maps.", "seconds",
              {"spec", "map"});
  for (const LiveProbe& probe : probes) {
    for (const PolledMaps::Times& times : probe.read_times())
      adder.add({probe.name(), times.map}, MetricNumber(seconds(times.time)));
  }
}

void add_process(Adder& adder, const OwnMemory& memory, std::int64_t started) {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto time = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  adder.one("process_cpu_seconds", MetricType::counter, "User and system CPU time of the runner.", "seconds",
            time(usage.ru_utime) + time(usage.ru_stime));
  if (const auto bytes = memory.resident_bytes()) {
    adder.one("process_resident_memory_bytes", MetricType::gauge, "Resident memory of the runner.", "bytes",
              *bytes);
  }
  adder.one("process_start_time_seconds", MetricType::gauge, "Start time of the run since the Unix epoch.",
            "seconds", static_cast<double>(started) / 1e9);
}

}  // namespace

OwnMemory::OwnMemory() : statm_(::open("/proc/self/statm", O_RDONLY | O_CLOEXEC)) {}

std::optional<std::uint64_t> OwnMemory::resident_bytes() const noexcept {
  char bytes[256];
  const ssize_t size = statm_ ? ::pread(statm_.get(), bytes, sizeof bytes, 0) : -1;
  if (size <= 0) return std::nullopt;
  // The number of all pages, then of resident ones.
  std::string_view text(bytes, static_cast<std::size_t>(size));
  text.remove_prefix(std::min(text.find(' '), text.size() - 1) + 1);
  const auto pages = parse_number(text.substr(0, text.find(' ')));
  if (!pages) return std::nullopt;
  return *pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

void add_own_metrics(const std::list<LiveProbe>& probes, const RunReport& report,
                     const HttpEndpoint* endpoint, const OwnMemory& memory, std::int64_t started,
                     std::vector<MetricFamily>& families) {
  Adder adder(families);
  adder.begin("probe_run_build_info", MetricType::gauge, "Always 1, labeled with the runner's version.", "",
              {"version"});
  adder.add({PROBE_RUN_VERSION}, MetricNumber(std::uint64_t{1}));
  add_programs(adder, report);
  add_counts(adder, report);
  add_specs(adder, probes);
  if (endpoint != nullptr) {
    adder.one("probe_run_scrapes", MetricType::counter, "Requests for these metrics.", "",
              endpoint->scrapes());
    adder.one("probe_run_connections_dropped", MetricType::counter,
              "Connections dropped because they were too slow or too many.", "",
              endpoint->dropped_connections());
    adder.one("probe_run_requests_refused", MetricType::counter,
              "Requests refused because of their host name: see --allow-host.", "",
              endpoint->refused_requests());
  }
  add_process(adder, memory, started);
}

}  // namespace probe_run
