// Attach points at tracepoints and at counters.
#include <bpf/bpf.h>
#include <sys/mman.h>

#include <chrono>
#include <memory>

#include "actor.h"
#include "attach_spec.h"
#include "attach_variants.h"
#include "bpf_objects.h"

namespace test {
namespace {

using nlohmann::json;

constexpr std::uint64_t calls = 20;

// The tracepoint that the kernel fires at the end of it is the only writable one that always exists.
void run_a_program() {
  const LoadedProgram program = load_program("prober_ran");
  char packet[64] = {};
  bpf_test_run_opts options{};
  options.sz = sizeof options;
  options.data_in = packet;
  options.data_size_in = sizeof packet;
  bpf_prog_test_run_opts(program.fd.get(), &options);
}

std::string spin() {
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(200);
  while (std::chrono::steady_clock::now() < end) {
  }
  return {};
}

std::string touch_pages() {
  constexpr std::size_t size = std::size_t{1} << 20;
  constexpr std::size_t page = 4096;
  void* const memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return {};
  for (std::size_t at = 0; at < size; at += page) static_cast<volatile char*>(memory)[at] = 1;
  ::munmap(memory, size);
  return {};
}

void add_samples(std::vector<AttachVariant>& all) {
  const auto spinning = std::make_shared<Actor>(spin);
  const auto touching = std::make_shared<Actor>(touch_pages);
  const json by_clock{{"type", "perf_event"}, {"event", "cpu-clock"}, {"frequency", 200}};
  all.push_back({"perf_event",
                 "cpu-clock, each CPU",
                 {for_process(spec_of("on_sample", by_clock), spinning->id())},
                 [spinning](pid_t) { spinning->act(); }});
  json in_process{{"type", "perf_event"}, {"event", "page-faults"}, {"period", 10}, {"pid", touching->pid()}};
  all.push_back(
      {"perf_event", "page-faults, a process", {spec_of("on_sample", in_process)}, [touching](pid_t) {
         touching->act();
       }});
  json in_hardware{
      {"type", "perf_event"}, {"event", "cpu-cycles"}, {"period", 100000}, {"pid", spinning->pid()}};
  all.push_back(
      {"perf_event", "cpu-cycles, a process", {spec_of("on_sample", in_hardware)}, [spinning](pid_t) {
         spinning->act();
       }});
}

}  // namespace

std::vector<AttachVariant> event_variants() {
  const auto actor = std::make_shared<Actor>(calling_getppid(calls));
  const auto act = [actor](pid_t) { actor->act(); };
  const auto of_actor = [&](const std::string& program, const json& point) {
    return for_process(spec_of(program, point), actor->id());
  };
  std::vector<AttachVariant> all;
  all.push_back(
      {"tracepoint",
       "",
       {of_actor("on_tracepoint",
                 {{"type", "tracepoint"}, {"category", "syscalls"}, {"name", "sys_enter_getppid"}})},
       act,
       {},
       calls});
  all.push_back(
      {"raw_tracepoint", "", {of_actor("on_raw", {{"type", "raw_tracepoint"}, {"name", "sys_enter"}})}, act});
  all.push_back({"raw_tracepoint",
                 "writable",
                 {spec_of("on_writable", {{"type", "raw_tracepoint"}, {"name", "bpf_test_finish"}})},
                 [](pid_t) { run_a_program(); }});
  all.push_back({"tp_btf", "", {of_actor("on_tp_btf", {{"type", "tp_btf"}, {"name", "sys_enter"}})}, act});
  add_samples(all);
  return all;
}

}  // namespace test
