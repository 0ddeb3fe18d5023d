#include "command/describe_recording.h"

#include <fmt/format.h>

#include <ctime>
#include <map>

#include "command/command.h"
#include "engine/replay.h"
#include "sink/terminal.h"
#include "source/recording_reader.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// Counts the records of a recording.
class Census final : public EventConsumer {
 public:
  struct Counts {
    std::uint64_t records = 0, reads = 0, entries = 0, lost = 0, dropped = 0;
  };

  const std::map<std::uint32_t, Counts>& maps() const { return maps_; }
  std::uint64_t names() const { return names_; }
  std::uint64_t missed_calls() const { return missed_; }
  Duration elapsed() const { return Duration(last_ - first_.value_or(last_)); }
  std::optional<std::int64_t> begin() const { return begin_; }  // nanoseconds since 1970

  bool record(std::uint32_t map, std::span<const std::byte>) noexcept override {
    return add(map, &Counts::records);
  }
  bool begin_read(std::uint32_t map, ReadFor) noexcept override { return add(map, &Counts::reads); }
  bool entry(std::uint32_t map, std::span<const std::byte>) noexcept override {
    return add(map, &Counts::entries);
  }
  bool taken_entry(std::uint32_t map, std::span<const std::byte>) noexcept override {
    return add(map, &Counts::entries);
  }
  bool end_read(std::uint32_t, const ReadEnd&) noexcept override { return true; }
  void lost(std::uint32_t map, std::uint64_t count) noexcept override { maps_[map].lost += count; }
  void dropped(std::uint32_t map, std::uint64_t total) noexcept override { maps_[map].dropped = total; }
  void missed(const Missed& total) noexcept override { missed_ = total.calls; }
  void name(NameKind, std::span<const std::byte>, std::string_view) noexcept override { ++names_; }
  void slept(std::int64_t) noexcept override {}
  void stopping() noexcept override {}
  void time(std::int64_t monotonic, std::int64_t to_wall) noexcept override {
    if (!first_) {
      first_ = monotonic;
      std::int64_t wall = 0;
      if (!__builtin_add_overflow(monotonic, to_wall, &wall)) begin_ = wall;
    }
    last_ = monotonic;
  }

 private:
  bool add(std::uint32_t map, std::uint64_t Counts::*count) noexcept {
    ++(maps_[map].*count);
    return true;
  }

  std::map<std::uint32_t, Counts> maps_;
  std::uint64_t names_ = 0, missed_ = 0;
  std::optional<std::int64_t> first_, begin_;
  std::int64_t last_ = 0;
};

void print_counts(Sink& out, const std::string& title, const Census::Counts& counts) {
  std::string text;
  const auto say = [&](std::uint64_t number, std::string_view one, std::string_view many) {
    if (number > 0)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", number, number == 1 ? one : many);
  };
  say(counts.records, "record", "records");
  say(counts.reads, "read", "reads");
  say(counts.entries, "entry", "entries");
  say(counts.lost, "lost by the kernel", "lost by the kernel");
  say(counts.dropped, "dropped by the object", "dropped by the object");
  print(out, "  {}: {}\n", title, text.empty() ? "nothing" : text);
}

std::string utc(std::int64_t nanoseconds) {
  const auto seconds = static_cast<std::time_t>(nanoseconds / 1'000'000'000);
  std::tm time{};
  char text[64];
  if (::gmtime_r(&seconds, &time) == nullptr) return "at an invalid time";
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &time)};
}

}  // namespace

bool describe_recording(const std::string& path, Sink& out) {
  RecordingReader recording(path);
  const RecordingInfo& info = recording.info();
  Census census;
  const std::string damage = recording.play(census, [] { return false; });
  print(out, "{}: a recording of {}\n", escape_for_terminal(path), escape_for_terminal(info.spec_file));
  for (const auto& [name, value] : info.parameters) {
    print(out, "  --set {}={}\n", escape_for_terminal(name), escape_for_terminal(value));
  }
  print(out, "made by: {}, on Linux {}, {}, {} possible {}\n", escape_for_terminal(info.program),
        escape_for_terminal(info.kernel), escape_for_terminal(info.machine), info.possible_cpus,
        info.possible_cpus == 1 ? "CPU" : "CPUs");
  const double seconds = std::chrono::duration<double>(census.elapsed()).count();
  if (census.begin()) print(out, "started: {}, {:.3f} s\n", utc(*census.begin()), seconds);
  print(out, "object: {}\n", escape_for_terminal(recording.object().path));
  print(out, "maps:\n");
  const std::vector<MapInfo>& maps = recording.object().maps;
  for (std::uint32_t i = 0; i < maps.size(); ++i) {
    const auto counts = census.maps().find(i);
    print_counts(out, fmt::format("{} ({})", escape_for_terminal(maps[i].name), map_type_name(maps[i].type)),
                 counts == census.maps().end() ? Census::Counts{} : counts->second);
  }
  const auto printed = census.maps().find(printk_lines);
  if (printed != census.maps().end()) print_counts(out, "bpf_printk", printed->second);
  if (census.missed_calls() > 0) print(out, "missed calls: {}\n", census.missed_calls());
  if (census.names() > 0) print(out, "recorded names: {}\n", census.names());
  print(out, "{}\n", damage.empty() ? "complete" : "incomplete");
  out.flush();
  if (damage.empty()) return true;
  Diagnostic warning = damage_warning(path, damage);
  warning.hint = "the counts cover everything before that";
  report({std::move(warning)});
  return false;
}

}  // namespace probe_run
