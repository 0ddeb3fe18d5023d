// Attach points at events that the kernel reports or counts.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "spec/keys.h"
#include "support/source_text.h"

namespace probe_run {

struct TracepointAttach {
  static constexpr std::string_view type = "tracepoint";
  static constexpr std::string_view doc = "A static tracepoint of the kernel.";
  Located<std::string> category;
  Located<std::string> name;
  static constexpr auto keys() {
    return std::tuple(
        key("category", &TracepointAttach::category, "Its group, such as syscalls or sched.", required),
        key("name", &TracepointAttach::name, "Its name, such as sys_enter_execve.", required));
  }
};

struct RawTracepointAttach {
  static constexpr std::string_view type = "raw_tracepoint";
  static constexpr std::string_view doc = "A tracepoint with its raw arguments.";
  Located<std::string> name;
  static constexpr auto keys() {
    return std::tuple(key("name", &RawTracepointAttach::name, "Its name, such as sys_enter.", required));
  }
};

struct TpBtfAttach {
  static constexpr std::string_view type = "tp_btf";
  static constexpr std::string_view doc = "A tracepoint with its arguments typed by BTF (Linux 5.5).";
  Located<std::string> name;
  static constexpr auto keys() {
    return std::tuple(key("name", &TpBtfAttach::name, "Its name, such as sched_switch.", required));
  }
};

enum class PerfEvent {
  cpu_clock,
  task_clock,
  page_faults,
  minor_faults,
  major_faults,
  context_switches,
  cpu_migrations,
  alignment_faults,
  emulation_faults,
  cgroup_switches,
  cpu_cycles,
  instructions,
  cache_references,
  cache_misses,
  branch_instructions,
  branch_misses,
  bus_cycles,
  stalled_cycles_frontend,
  stalled_cycles_backend,
  ref_cycles
};
template <>
struct EnumNames<PerfEvent> {
  static constexpr std::array<EnumName<PerfEvent>, 20> names{{
      {PerfEvent::cpu_clock, "cpu-clock"},
      {PerfEvent::task_clock, "task-clock"},
      {PerfEvent::page_faults, "page-faults"},
      {PerfEvent::minor_faults, "minor-faults"},
      {PerfEvent::major_faults, "major-faults"},
      {PerfEvent::context_switches, "context-switches"},
      {PerfEvent::cpu_migrations, "cpu-migrations"},
      {PerfEvent::alignment_faults, "alignment-faults"},
      {PerfEvent::emulation_faults, "emulation-faults"},
      {PerfEvent::cgroup_switches, "cgroup-switches"},
      {PerfEvent::cpu_cycles, "cpu-cycles"},
      {PerfEvent::instructions, "instructions"},
      {PerfEvent::cache_references, "cache-references"},
      {PerfEvent::cache_misses, "cache-misses"},
      {PerfEvent::branch_instructions, "branch-instructions"},
      {PerfEvent::branch_misses, "branch-misses"},
      {PerfEvent::bus_cycles, "bus-cycles"},
      {PerfEvent::stalled_cycles_frontend, "stalled-cycles-frontend"},
      {PerfEvent::stalled_cycles_backend, "stalled-cycles-backend"},
      {PerfEvent::ref_cycles, "ref-cycles"},
  }};
};

struct PerfEventAttach {
  static constexpr std::string_view type = "perf_event";
  static constexpr std::string_view doc = "Samples: each time a hardware or software counter overflows.";
  static constexpr std::array<std::string_view, 2> one_of{"frequency", "period"};
  PerfEvent event = PerfEvent::cpu_clock;
  std::optional<Located<std::uint64_t>> frequency;
  std::optional<Located<std::uint64_t>> period;
  std::vector<Located<std::uint64_t>> cpus;
  std::optional<Located<std::int64_t>> pid;
  static constexpr auto keys() {
    return std::tuple(
        key("event", &PerfEventAttach::event, "The counter, such as cpu-clock, cpu-cycles or page-faults.",
            required),
        key("frequency", &PerfEventAttach::frequency, "Samples in a second, on each processor."),
        key("period", &PerfEventAttach::period,
            "The number of events between two samples; for a clock, nanoseconds."),
        key("cpus", &PerfEventAttach::cpus,
            "Only these CPUs, by number; by default all CPUs that are online."),
        key("pid", &PerfEventAttach::pid, "Only this process with all its threads (Linux 5.13)."));
  }
};

struct IterAttach {
  static constexpr std::string_view type = "iter";
  static constexpr std::string_view doc =
      "Runs for each object of a kind when it is read: tasks, open files, map entries, sockets. The spec "
      "reads it like a map with the program's name (Linux 5.8).";
  Located<std::string> target;
  std::optional<Located<std::string>> map;
  std::optional<Located<std::string>> cgroup;
  std::optional<Located<std::int64_t>> pid;
  static constexpr auto keys() {
    return std::tuple(
        key("target", &IterAttach::target, "The kind of objects, such as task, task_file or bpf_map_elem.",
            required),
        key("map", &IterAttach::map,
            "For bpf_map_elem and bpf_sk_storage_map: the map of the object whose entries are read."),
        key("cgroup", &IterAttach::cgroup, "For cgroup: the path of the one whose descendants are meant."),
        key("pid", &IterAttach::pid, "For task, task_file and task_vma: only this process (Linux 6.1)."));
  }
};

}  // namespace probe_run
