#include "support/cpus.h"

#include <linux/filter.h>

#include <array>
#include <charconv>

#include "support/error.h"
#include "support/fd.h"
#include "support/integer.h"

namespace probe_run {
namespace {

constexpr int most = 65535;  // a list that says more is not the kernel's

}  // namespace

std::vector<int> parse_processors(std::string_view list) {
  std::vector<int> processors;
  const char* at = list.data();
  const char* const end = at + list.size();
  while (at < end) {
    int first = 0;
    auto read = std::from_chars(at, end, first);
    if (read.ec != std::errc()) break;
    int last = first;
    if (read.ptr < end && *read.ptr == '-') read = std::from_chars(read.ptr + 1, end, last);
    if (read.ec != std::errc() || first < 0 || last > most) break;
    for (int processor = first; processor <= last; ++processor) processors.push_back(processor);
    at = read.ptr + 1;
  }
  return processors;
}

std::string online_processors_text() {
  const std::string text = read_file("/sys/devices/system/cpu/online", 65536);
  return text.substr(0, text.find('\n'));
}

std::vector<int> online_processors() {
  return parse_processors(online_processors_text());
}

namespace {

constexpr std::string_view path_of_processors = "@/devices/system/cpu/cpu";

// Passes events that begin with "onli" or "offl": those of CPUs and few others.
constexpr std::array<sock_filter, 5> filter{{
    {BPF_LD | BPF_W | BPF_ABS, 0, 0, 0},
    {BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 0x6f6e6c69},
    {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0x6f66666c},
    {BPF_RET | BPF_K, 0, 0, 0xffffffff},
    {BPF_RET | BPF_K, 0, 0, 0},
}};

}  // namespace

std::optional<ProcessorChange> parse_processor_event(std::string_view event) {
  event = event.substr(0, event.find('\0'));  // the rest says the same in variables
  const std::size_t cut = event.find('@');
  if (cut == std::string_view::npos) return std::nullopt;
  const std::string_view action = event.substr(0, cut);
  std::string_view rest = event.substr(cut);
  if ((action != "online" && action != "offline") || !rest.starts_with(path_of_processors))
    return std::nullopt;
  rest.remove_prefix(path_of_processors.size());
  const auto processor = parse_number(rest);
  if (!processor || *processor > 65535) return std::nullopt;
  return ProcessorChange{static_cast<int>(*processor), action == "online"};
}

int ProcessorWatch::open() {
  return uevents_.open(filter);
}

std::vector<ProcessorChange> ProcessorWatch::take() noexcept {
  std::vector<ProcessorChange> changes;
  const bool whole = uevents_.take([&](std::string_view event) {
    if (const auto change = parse_processor_event(event)) changes.push_back(*change);
  });
  if (whole) return changes;
  try {
    for (const int processor : online_processors()) changes.push_back({processor, true});
  } catch (const Error&) {
    // Those whose announcements were lost remain unknown.
  }
  return changes;
}

}  // namespace probe_run
