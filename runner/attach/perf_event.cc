// Samples of hardware and software counters.
#include <fmt/format.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <filesystem>
#include <fstream>

#include "attach/define_attach_type.h"
#include "attach/mass_detach.h"
#include "attach/refusal.h"
#include "listing/search.h"
#include "spec/attach_target.h"
#include "support/cpus.h"
#include "support/integer.h"
#include "support/stop_signal.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

std::string describe_target(const PerfEventAttach& point);

struct Counter {
  PerfEvent event;
  std::uint32_t type;
  std::uint64_t config;
};

constexpr std::uint64_t cgroup_switches = 11;  // newer than some distributions' kernel headers

constexpr std::array<Counter, 20> counters{{
    {PerfEvent::cpu_clock, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK},
    {PerfEvent::task_clock, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK},
    {PerfEvent::page_faults, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS},
    {PerfEvent::minor_faults, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MIN},
    {PerfEvent::major_faults, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MAJ},
    {PerfEvent::context_switches, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CONTEXT_SWITCHES},
    {PerfEvent::cpu_migrations, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_MIGRATIONS},
    {PerfEvent::alignment_faults, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_ALIGNMENT_FAULTS},
    {PerfEvent::emulation_faults, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_EMULATION_FAULTS},
    {PerfEvent::cgroup_switches, PERF_TYPE_SOFTWARE, cgroup_switches},
    {PerfEvent::cpu_cycles, PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES},
    {PerfEvent::instructions, PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS},
    {PerfEvent::cache_references, PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_REFERENCES},
    {PerfEvent::cache_misses, PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES},
    {PerfEvent::branch_instructions, PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_INSTRUCTIONS},
    {PerfEvent::branch_misses, PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_MISSES},
    {PerfEvent::bus_cycles, PERF_TYPE_HARDWARE, PERF_COUNT_HW_BUS_CYCLES},
    {PerfEvent::stalled_cycles_frontend, PERF_TYPE_HARDWARE, PERF_COUNT_HW_STALLED_CYCLES_FRONTEND},
    {PerfEvent::stalled_cycles_backend, PERF_TYPE_HARDWARE, PERF_COUNT_HW_STALLED_CYCLES_BACKEND},
    {PerfEvent::ref_cycles, PERF_TYPE_HARDWARE, PERF_COUNT_HW_REF_CPU_CYCLES},
}};
static_assert(counters.size() == EnumNames<PerfEvent>::names.size());

const Counter& counter_of(PerfEvent event) {
  return *std::find_if(counters.begin(), counters.end(), [&](const Counter& c) { return c.event == event; });
}

std::string line_of(const char* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::vector<int> threads_of(std::int64_t pid) {
  std::vector<int> threads;
  std::error_code error;
  const std::filesystem::path directory = fmt::format("/proc/{}/task", pid);
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    if (const auto id = parse_number(entry->path().filename().native()))
      threads.push_back(static_cast<int>(*id));
  }
  return threads;
}

perf_event_attr attributes(const PerfEventAttach& point) {
  perf_event_attr attr{};
  attr.size = sizeof attr;
  const Counter& counter = counter_of(point.event);
  attr.type = counter.type;
  attr.config = counter.config;
  attr.freq = point.frequency.has_value();
  attr.sample_period = point.frequency ? **point.frequency : **point.period;
  attr.inherit = attr.inherit_thread = point.pid.has_value();  // includes threads that start later
  return attr;
}

std::string hint_for(const PerfEventAttach& point, int error) {
  const bool hardware = counter_of(point.event).type == PERF_TYPE_HARDWARE;
  if (hardware && (error == ENOENT || error == EOPNOTSUPP || error == ENODEV)) {
    return "this machine does not have this counter, as is common in virtual machines: \"event\": \"cpu-clock\" "
           "works everywhere";
  }
  if (error == EINVAL && point.frequency) {
    return fmt::format("the kernel allows at most {} samples per second (kernel.perf_event_max_sample_rate)",
                       escape_for_terminal(line_of("/proc/sys/kernel/perf_event_max_sample_rate")));
  }
  if (error == EINVAL && point.pid) return "sampling all threads of a process needs Linux 5.13";
  return {};
}

// What an event counts: one CPU, or one thread on each CPU.
struct Counting {
  int cpu = -1;
  int thread = -1;
};

std::vector<Counting> places_of(const bpf_program* program, const std::string& target,
                                const PerfEventAttach& point) {
  const std::vector<int> online = online_processors();
  std::vector<int> cpus;
  for (const Located<std::uint64_t>& cpu : point.cpus) {
    if (*cpu > INT_MAX || std::find(online.begin(), online.end(), static_cast<int>(*cpu)) == online.end()) {
      refuse(program, target, fmt::format("CPU {} is not online", *cpu),
             fmt::format("online CPUs: {}", escape_for_terminal(online_processors_text())));
    }
    cpus.push_back(static_cast<int>(*cpu));
  }
  std::vector<Counting> places;
  if (!point.pid) {
    for (const int cpu : cpus.empty() ? online : cpus) places.push_back({cpu, -1});
    return places;
  }
  const std::vector<int> threads = threads_of(**point.pid);
  if (threads.empty()) {
    refuse(program, target, fmt::format("process {} is not found", **point.pid),
           "give the id of a running process in this process's pid namespace");
  }
  for (const int thread : threads) {
    // The kernel allows inheritance only if each event is bound to one CPU.
    if (cpus.empty()) places.push_back({-1, thread});
    for (const int cpu : cpus) places.push_back({cpu, thread});
  }
  return places;
}

// A link without a handle means that the thread has exited.
LinkHandle count_at(bpf_program* program, const PerfEventAttach& point, const Counting& place) {
  perf_event_attr attr = attributes(point);
  const long opened =
      ::syscall(SYS_perf_event_open, &attr, place.thread, place.cpu, -1, PERF_FLAG_FD_CLOEXEC);
  if (opened < 0) {
    const int error = errno;
    if (error == ESRCH && place.thread >= 0) return nullptr;
    refuse(program, describe_target(point), error, hint_for(point, error));
  }
  Fd event(static_cast<int>(opened));
  LinkHandle link(bpf_program__attach_perf_event(program, event.get()));
  if (!link) refuse(program, describe_target(point), errno, "the kernel's log (dmesg) may say more");
  event.release();  // the link owns it now
  return link;
}

// A CPU that comes back online has lost its events.
PerProcessor on_each(bpf_program* program, const PerfEventAttach& point, std::vector<int> processors) {
  std::vector<int> wanted;
  for (const Located<std::uint64_t>& cpu : point.cpus) wanted.push_back(static_cast<int>(*cpu));
  const auto on = [program, point](int processor) { return count_at(program, point, {processor, -1}); };
  return {std::move(processors), std::move(wanted), on};
}

// False only if the kernel reports that it does not exist: virtual machines often have no hardware counters.
bool has_counter(PerfEvent event) {
  perf_event_attr attr{};
  attr.size = sizeof attr;
  const Counter& counter = counter_of(event);
  attr.type = counter.type;
  attr.config = counter.config;
  attr.disabled = 1;
  attr.exclude_kernel = attr.exclude_hv = 1;  // allowed for most users
  constexpr int own_thread = 0, any_cpu = -1;
  const Fd opened(
      static_cast<int>(::syscall(SYS_perf_event_open, &attr, own_thread, any_cpu, -1, PERF_FLAG_FD_CLOEXEC)));
  return opened || errno == EACCES || errno == EPERM;
}

std::string describe_target(const PerfEventAttach& point) {
  std::string text = fmt::format("perf_event:{}", name_of(point.event));
  if (point.frequency) text += fmt::format(" {} times per second", **point.frequency);
  if (point.period) text += fmt::format(" every {}", **point.period);
  if (!point.cpus.empty()) {
    text += point.cpus.size() == 1 ? " on CPU " : " on CPUs ";
    for (const auto& cpu : point.cpus)
      text += fmt::format("{}{}", &cpu == &point.cpus.front() ? "" : ", ", *cpu);
  }
  if (point.pid) text += fmt::format(" in process {}", **point.pid);
  return text;
}

Attachment attach_to(bpf_program* program, const PerfEventAttach& point) {
  Attachment attachment(describe_target(point));
  std::vector<int> processors;
  try {
    for (const Counting& place : places_of(program, attachment.description, point)) {
      stop_if_asked();
      LinkHandle link = count_at(program, point, place);
      if (!link) continue;
      attachment.links.emplace_back(std::move(link));
      processors.push_back(place.cpu);
    }
  } catch (...) {
    const MassDetach together(attachment.links.size());
    attachment.links.clear();
    throw;
  }
  if (attachment.links.empty()) refuse(program, attachment.description, ESRCH, "the process has exited");
  // The events of a process follow it to other CPUs.
  if (!point.pid) attachment.per_processor = on_each(program, point, std::move(processors));
  return attachment;
}

void list_perf_events(Search& search) {
  for (const auto& event : EnumNames<PerfEvent>::names) {
    if (!search.wants(event.name) || !has_counter(event.value)) continue;
    Place& place = search.add(std::string(event.name));
    // The user should choose the frequency; this is what profilers use.
    if (search.details())
      place.attach = {{"event", place.target}, {"frequency", std::to_string(usual_frequency), true}};
  }
}

// For the kernel, 0 means a counter that never overflows.
void check_point(const PerfEventAttach& point, Diagnostics& diagnostics) {
  if (point.frequency && **point.frequency == 0) {
    diagnostics.error(point.frequency->at, "a \"frequency\" of 0 takes no samples",
                      "give samples per second on each CPU, such as 99");
  }
  if (point.period && **point.period == 0) {
    diagnostics.error(point.period->at, "a \"period\" of 0 takes no samples",
                      "give the number of events between two samples; for a clock, nanoseconds");
  }
}

}  // namespace

template <>
struct AttachTypeOf<PerfEventAttach> {
  static Section section() { return {"perf_event", {BPF_PROG_TYPE_PERF_EVENT}}; }
  static constexpr LibbpfVersion libbpf = every_libbpf;
  static constexpr KernelVersion kernel = every_kernel;
  static constexpr std::string_view example = R"("event": "cpu-clock", "frequency": 99)";
  static constexpr Company company = Company::any;
  static constexpr Pinning pinning = one_link;
  static constexpr Places places{list_perf_events};
  static constexpr auto check = check_point;
  static constexpr auto prepare = nothing_to_prepare;
  static Attachment attach(BpfObject&, bpf_program* program, const PerfEventAttach& point) {
    return attach_to(program, point);
  }
  static std::string describe(const PerfEventAttach& point) { return describe_target(point); }
};
template AttachType attach_type_row<PerfEventAttach>();

}  // namespace probe_run
