#include "host/process_maps.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <limits>

#include "support/clock.h"
#include "support/error.h"
#include "support/rights.h"

namespace probe_run {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_mappings = 16384;  // of one process
constexpr std::size_t most_exited = 1024;
constexpr std::size_t maps_limit = 64u << 20;
constexpr auto reread_interval = std::chrono::seconds(1);

// The number at the beginning of `text`, which is taken off together with the one character after it.
template <class Number>
bool take_number(std::string_view& text, Number& number, int base, char behind) {
  const char* const end = text.data() + text.size();
  const auto [after, error] = std::from_chars(text.data(), end, number, base);
  if (error != std::errc() || after == end || *after != behind) return false;
  text.remove_prefix(static_cast<std::size_t>(after + 1 - text.data()));
  return true;
}

// One spelling for what is not a file: perf records say "//anon" where /proc/PID/maps says nothing.
std::string module_path(std::string_view path) {
  constexpr std::string_view deleted = " (deleted)";
  if (path.starts_with("//anon") || path.empty()) return "[anon]";
  if (path.ends_with(deleted)) path.remove_suffix(deleted.size());
  return std::string(path);
}

// 7f12a000-7f12b000 r-xp 00001000 fe:01 1234      /usr/lib/libc.so.6
std::optional<Mapping> parse_line(std::string_view line) {
  Mapping mapping;
  MappedFile file;
  if (!take_number(line, mapping.start, 16, '-') || !take_number(line, mapping.end, 16, ' ') ||
      line.size() < 5 || line[2] != 'x' || line[4] != ' ' || mapping.start >= mapping.end) {
    return std::nullopt;
  }
  line.remove_prefix(5);
  if (!take_number(line, mapping.offset, 16, ' ') || !take_number(line, file.identity.major, 16, ':') ||
      !take_number(line, file.identity.minor, 16, ' ')) {
    return std::nullopt;
  }
  const std::size_t digits = std::min(line.find(' '), line.size());
  const char* const begin = line.data();
  const auto [after, error] = std::from_chars(begin, begin + digits, file.identity.inode);
  if (error != std::errc() || after != begin + digits) return std::nullopt;
  line.remove_prefix(std::min(line.find_first_not_of(' ', digits), line.size()));
  file.path = module_path(line);
  mapping.file = std::make_shared<const MappedFile>(std::move(file));
  return mapping;
}

}  // namespace

Mappings parse_maps(std::string_view text) {
  Mappings mappings;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (std::optional<Mapping> mapping = parse_line(line)) add_mapping(mappings, std::move(*mapping));
  }
  return mappings;
}

void add_mapping(Mappings& mappings, Mapping mapping) {
  // The first that ends after the new one's start, and the first that begins after its end.
  auto first = std::partition_point(mappings.begin(), mappings.end(),
                                    [&](const Mapping& old) { return old.end <= mapping.start; });
  auto last = std::partition_point(first, mappings.end(),
                                   [&](const Mapping& old) { return old.start < mapping.end; });
  Mappings parts;
  if (first != last) {
    const Mapping& front = *first;
    const Mapping& back = *(last - 1);
    if (front.start < mapping.start) parts.push_back({front.start, mapping.start, front.offset, front.file});
    parts.push_back(mapping);
    if (back.end > mapping.end) {
      parts.push_back({mapping.end, back.end, back.offset + (mapping.end - back.start), back.file});
    }
    first = mappings.erase(first, last);
  } else {
    parts.push_back(std::move(mapping));
  }
  if (mappings.size() + parts.size() > most_mappings) return;
  mappings.insert(first, parts.begin(), parts.end());
}

const Mapping* find_mapping(const Mappings& mappings, std::uint64_t address) {
  const auto at = std::partition_point(mappings.begin(), mappings.end(),
                                       [&](const Mapping& mapping) { return mapping.end <= address; });
  return at != mappings.end() && address >= at->start ? &*at : nullptr;
}

int ProcessMaps::start() {
  const int error = tracker_.open(MappingEvents::Watched::processes);
  std::error_code ignored;  // without /proc there are only the kernel's own records
  fs::directory_iterator entry(proc_, ignored);
  for (const fs::directory_iterator end; !ignored && entry != end; entry.increment(ignored)) {
    const std::string name = entry->path().filename().string();
    std::uint32_t pid = 0;
    const auto [after, number_error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (number_error == std::errc() && after == name.data() + name.size()) read(pid);
  }
  return error;
}

bool ProcessMaps::read(std::uint32_t pid) {
  const std::uint64_t since = static_cast<std::uint64_t>(clock_ns(CLOCK_MONOTONIC) - ahead_);
  std::string text;
  const InForce raised = raise_rights(process_rights());
  try {
    text = read_file(proc_ + "/" + std::to_string(pid) + "/maps", maps_limit);
  } catch (const Error&) {
    return false;  // exited, or another user's
  }
  if (text.empty()) return false;  // exiting, or a thread of the kernel
  Process& process = processes_[pid];
  if (process.generation == 0) process.generation = ++generations_;
  process.current = std::make_shared<Mappings>(parse_maps(text));
  process.since = since;
  process.read_at = Clock::now();
  process.losses = losses_;
  process.exit_number = 0;
  return true;
}

void ProcessMaps::drain() {
  if (!tracker_.active()) return;
  events_.clear();
  tracker_.drain(events_);
  apply(events_);
}

void ProcessMaps::apply(const std::vector<MappingEvent>& events) {
  for (const MappingEvent& event : events) {
    std::visit([&](const auto& what) { apply_one(event.time, what); }, event.what);
  }
}

ProcessMaps::Process* ProcessMaps::known(std::uint32_t pid) {
  const auto at = processes_.find(pid);
  return at == processes_.end() ? nullptr : &at->second;
}

void ProcessMaps::apply_one(std::uint64_t time, const MappingAdded& event) {
  Process* const process = known(event.pid);
  // A process that is not known is read from /proc when it is asked for.
  if (process == nullptr || time < process->since || event.size == 0 ||
      event.size > std::numeric_limits<std::uint64_t>::max() - event.start) {
    return;
  }
  Mapping mapping{event.start, event.start + event.size, event.offset, nullptr};
  mapping.file =
      std::make_shared<const MappedFile>(MappedFile{module_path(event.path), event.file, event.build_id});
  if (process->current.use_count() > 1) process->current = std::make_shared<Mappings>(*process->current);
  add_mapping(*process->current, std::move(mapping));
}

void ProcessMaps::apply_one(std::uint64_t time, const ProgramExecuted& event) {
  Process& process = processes_[event.pid];
  if (time < process.since) return;
  process.generation = ++generations_;
  process.before_exec = std::exchange(process.current, std::make_shared<Mappings>());
  process.since = time;
  process.losses = losses_;
  process.exit_number = 0;  // a thread that executes takes the place of the first one
}

void ProcessMaps::apply_one(std::uint64_t time, const ProcessForked& event) {
  const Process* const parent = known(event.parent);
  const Process* const child = known(event.pid);
  if (child != nullptr && child->exit_number == 0 && time < child->since) return;
  if (parent == nullptr) {
    processes_.erase(event.pid);  // an earlier process of that number
    return;
  }
  Process copy;
  copy.current = parent->current;
  copy.before_exec = parent->before_exec;
  copy.since = time;
  copy.losses = parent->losses;
  copy.generation = ++generations_;
  processes_.insert_or_assign(event.pid, std::move(copy));
}

void ProcessMaps::apply_one(std::uint64_t time, const ProcessExited& event) {
  Process* const process = known(event.pid);
  if (process != nullptr && time >= process->since) exited(event.pid, *process);
}

void ProcessMaps::apply_one(std::uint64_t, const KernelSymbolAdded&) {}  // of no process

void ProcessMaps::apply_one(std::uint64_t, const RecordsLost& event) {
  ++losses_;
  lost_records_ += event.count;
}

void ProcessMaps::exited(std::uint32_t pid, Process& process) {
  if (process.exit_number != 0) return;
  process.exit_number = ++exit_count_;
  exits_.push_back({pid, process.exit_number});
  while (exits_.size() > most_exited) {
    const Exit oldest = exits_.front();
    exits_.pop_front();
    const auto at = processes_.find(oldest.pid);
    if (at != processes_.end() && at->second.exit_number == oldest.number) processes_.erase(at);
  }
}

std::optional<ProcessMaps::Found> ProcessMaps::find(std::uint32_t pid, std::uint64_t address) {
  drain();
  Process* process = known(pid);
  if (process == nullptr) {
    if (!read(pid)) return std::nullopt;
    process = known(pid);
  } else if (process->exit_number == 0) {
    // Changes are not reported, or some were lost.
    const bool from_proc = process->read_at != Clock::time_point();
    const bool outdated =
        (from_proc && !tracker_.active() && Clock::now() - process->read_at >= reread_interval) ||
        process->losses != losses_;
    if (outdated && !read(pid)) exited(pid, *process);
  }
  const Mapping* mapping = find_mapping(*process->current, address);
  if (mapping == nullptr && process->before_exec) mapping = find_mapping(*process->before_exec, address);
  if (mapping == nullptr) return std::nullopt;
  return Found{*mapping, process->exit_number == 0, process->generation};
}

Mappings ProcessMaps::mappings_of(std::uint32_t pid) const {
  const auto at = processes_.find(pid);
  return at == processes_.end() ? Mappings() : *at->second.current;
}

void ProcessMaps::for_each_live(const std::function<void(std::uint32_t, const Mapping&)>& visit) const {
  for (const auto& [pid, process] : processes_) {
    if (process.exit_number != 0) continue;
    for (const Mapping& mapping : *process.current) visit(pid, mapping);
  }
}

}  // namespace probe_run
