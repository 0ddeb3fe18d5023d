#include "attach/perf_probe.h"

#include <fmt/format.h>
#include <unistd.h>

#include <string>

#include "attach/refusal.h"

namespace probe_run {
namespace {

// Every kernel that has the probes has had these events since Linux 4.17; libbpf would fall back to files of
// tracefs that such a kernel lacks just as well, and would report a path nobody asked for.
constexpr const char* event_sources = "/sys/bus/event_source/devices";

bool has_event_source(const std::string& name) {
  return ::access(fmt::format("{}/{}", event_sources, name).c_str(), F_OK) == 0;
}

void require_sysfs(const bpf_program* program, std::string_view target) {
  if (::access(event_sources, F_OK) == 0) return;
  refuse(program, target, std::string(event_sources) + " does not exist",
         "mount sysfs: mount -t sysfs sysfs /sys (or this kernel was built without CONFIG_PERF_EVENTS)");
}

}  // namespace

bool has_kprobes() {
  return has_event_source("kprobe");
}

bool has_uprobes() {
  return has_event_source("uprobe");
}

void require_kprobes(const bpf_program* program, std::string_view target) {
  if (has_kprobes()) return;
  require_sysfs(program, target);
  refuse(program, target, "this kernel has no kprobes (CONFIG_KPROBES, CONFIG_KPROBE_EVENTS)",
         "where a tracepoint sees the same, use \"tracepoint\" or \"raw_tracepoint\"; a SEC(\"fentry/...\") "
         "program with \"auto\" works on kernels that have BPF trampolines");
}

void require_uprobes(const bpf_program* program, std::string_view target) {
  if (has_uprobes()) return;
  require_sysfs(program, target);
  refuse(program, target, "this kernel has no uprobes (CONFIG_UPROBE_EVENTS)", "boot a kernel that has them");
}

Glob name_pattern(const bpf_program* program, std::string_view target, const std::string& pattern) {
  Glob::Mistake mistake;
  Glob glob = Glob::compile(pattern, mistake);
  if (mistake.length != 0) refuse(program, target, mistake.what, "* stands for any letters, ? for one");
  return glob;
}

}  // namespace probe_run
