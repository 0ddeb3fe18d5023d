#include "attach/perf_probe.h"

#include <fmt/format.h>
#include <unistd.h>

#include <string>

#include "attach/refusal.h"

namespace probe_run {
namespace {

// Since Linux 4.17, every kernel with kprobes and uprobes has these event sources. Without them libbpf would fall
// back to files of tracefs, which such a kernel does not have either, and would report an unrelated path.
constexpr const char* event_sources = "/sys/bus/event_source/devices";

bool has_event_source(const std::string& name) {
  return ::access(fmt::format("{}/{}", event_sources, name).c_str(), F_OK) == 0;
}

void require_sysfs(const bpf_program* program, std::string_view target) {
  if (::access(event_sources, F_OK) == 0) return;
  refuse(program, target, std::string(event_sources) + " does not exist",
         "mount sysfs: mount -t sysfs sysfs /sys; if it is mounted, boot a kernel with CONFIG_PERF_EVENTS");
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
  refuse(
      program, target, "this kernel has no kprobes (CONFIG_KPROBES, CONFIG_KPROBE_EVENTS)",
      "use \"tracepoint\" or \"raw_tracepoint\" if a tracepoint serves as well, or a SEC(\"fentry/...\") program "
      "with \"auto\" on a kernel with BPF trampolines");
}

void require_uprobes(const bpf_program* program, std::string_view target) {
  if (has_uprobes()) return;
  require_sysfs(program, target);
  refuse(program, target, "this kernel has no uprobes (CONFIG_UPROBE_EVENTS)",
         "boot a kernel with CONFIG_UPROBE_EVENTS");
}

Glob name_pattern(const bpf_program* program, std::string_view target, const std::string& pattern) {
  Glob::Mistake mistake;
  Glob glob = Glob::compile(pattern, mistake);
  if (mistake.length != 0)
    refuse(program, target, mistake.what, "use * for any characters and ? for one character");
  return glob;
}

}  // namespace probe_run
