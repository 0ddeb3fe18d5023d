#include "attach/module_watch.h"

#include <linux/filter.h>

#include <array>

namespace probe_run {
namespace {

constexpr std::string_view removal = "remove@/module/";

// Passes events that begin with "remove@/modu".
constexpr std::array<sock_filter, 8> filter{{
    {BPF_LD | BPF_W | BPF_ABS, 0, 0, 0},
    {BPF_JMP | BPF_JEQ | BPF_K, 0, 5, 0x72656d6f},
    {BPF_LD | BPF_W | BPF_ABS, 0, 0, 4},
    {BPF_JMP | BPF_JEQ | BPF_K, 0, 3, 0x7665402f},
    {BPF_LD | BPF_W | BPF_ABS, 0, 0, 8},
    {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0x6d6f6475},
    {BPF_RET | BPF_K, 0, 0, 0xffffffff},
    {BPF_RET | BPF_K, 0, 0, 0},
}};

}  // namespace

std::optional<std::string> parse_module_event(std::string_view event) {
  event = event.substr(0, event.find('\0'));  // the rest says the same in variables
  if (!event.starts_with(removal)) return std::nullopt;
  event.remove_prefix(removal.size());
  // Parts of a module have paths below it.
  if (event.empty() || event.find('/') != std::string_view::npos) return std::nullopt;
  return std::string(event);
}

int ModuleWatch::open() {
  return uevents_.open(filter);
}

std::vector<std::string> ModuleWatch::take() noexcept {
  std::vector<std::string> modules;
  // Module removals are few, and nothing else passes the filter: none is lost.
  static_cast<void>(uevents_.take([&](std::string_view event) {
    if (auto module = parse_module_event(event)) modules.push_back(std::move(*module));
  }));
  return modules;
}

}  // namespace probe_run
