// Probes that programs and libraries bring along.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "attach/binary_path.h"
#include "attach/families.h"
#include "attach/perf_probe.h"
#include "attach/refusal.h"
#include "attach/usdt_probes.h"
#include "object/zeroed_options.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

std::string describe_usdt(const UsdtAttach& point, const std::string& binary) {
  std::string text = fmt::format("usdt:{}:{}:{}", escape_for_terminal(binary),
                                 escape_for_terminal(*point.provider), escape_for_terminal(*point.probe));
  if (point.pid) text += fmt::format(" in process {}", **point.pid);
  return text;
}

void require_probe(const bpf_program* program, const std::string& target, const UsdtAttach& point,
                   const std::string& binary) {
  const std::string shown = escape_for_terminal(binary);
  const auto probes = read_usdt_probes(binary);
  if (!probes) refuse(program, target, fmt::format("{} is no ELF file that can be read", shown), {});
  const bool is_there = std::any_of(probes->begin(), probes->end(), [&](const UsdtProbe& probe) {
    return probe.provider == *point.provider && probe.name == *point.probe;
  });
  if (is_there) return;
  if (probes->empty()) {
    refuse(program, target, fmt::format("{} has no USDT probes", shown),
           "it may have been built without them; `readelf -n` shows them as notes of stapsdt");
  }
  std::vector<std::string> full;
  for (const UsdtProbe& probe : *probes) full.push_back(fmt::format("{}:{}", probe.provider, probe.name));
  std::sort(full.begin(), full.end());
  full.erase(std::unique(full.begin(), full.end()), full.end());
  refuse(program, target,
         fmt::format("{} has no USDT probe \"{}:{}\"", shown, escape_for_terminal(*point.provider),
                     escape_for_terminal(*point.probe)),
         suggestion(fmt::format("{}:{}", *point.provider, *point.probe), views(full),
                    "its probes, as provider:probe"));
}

bool is_running(std::int64_t pid) {
  return ::access(fmt::format("/proc/{}", pid).c_str(), F_OK) == 0;
}

// Of usdt.bpf.h.
bool has_usdt_maps(const BpfObject& object) {
  return object.map("__bpf_usdt_specs") != nullptr;
}

}  // namespace

std::string describe_target(const UsdtAttach& point) {
  return describe_usdt(point, *point.binary);
}

Attachment attach_to(BpfObject& object, bpf_program* program, const UsdtAttach& point) {
  std::string target = describe_target(point);
  require_uprobes(program, target);
  const std::string binary = require_binary(program, target, *point.binary);
  target = describe_usdt(point, binary);
  require_probe(program, target, point, binary);
  constexpr int every_process = -1;
  const int pid = point.pid ? static_cast<int>(**point.pid) : every_process;
  const auto options = zeroed_options<bpf_usdt_opts>();
  LinkHandle link(bpf_program__attach_usdt(program, pid, binary.c_str(), point.provider->c_str(),
                                           point.probe->c_str(), &options));
  if (link) return {std::move(target), std::move(link)};
  const int error = errno;
  if ((error == ENOTSUP || error == EOPNOTSUPP) && !point.pid) {
    refuse(program, target, "this kernel watches the probes of a library in one process only",
           "name the process with \"pid\"; all processes at once need Linux 5.15");
  }
  std::string hint = "the kernel's log (dmesg) may say more";
  // Before Linux 5.15 libbpf looks for the library in the process's maps, and those are not there either.
  if ((error == ESRCH || error == ENOENT) && point.pid && !is_running(**point.pid)) {
    refuse(program, target, fmt::format("there is no process {}", **point.pid),
           "give the id of a running process, as this process's pid namespace counts, or leave \"pid\" out "
           "for all");
  }
  if (error == ESRCH && !has_usdt_maps(object)) {
    refuse(program, target, "the object has not the maps that libbpf keeps the probe's arguments in",
           "include <bpf/usdt.bpf.h> in its source, and compile it for SEC(\"usdt\")");
  }
  if (error == ESRCH && point.pid) {
    hint = fmt::format("the process {} has not loaded the file", **point.pid);
  } else if (error == E2BIG || error == EEXIST) {
    hint =
        "the probe is in more places than the maps of usdt.bpf.h have room for: define BPF_USDT_MAX_SPEC_CNT "
        "larger";
  }
  refuse(program, target, error, std::move(hint));
}

}  // namespace probe_run
