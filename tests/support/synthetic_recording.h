// Recordings of any size, made without a kernel: records of struct event (unit/sample_object.h).
#pragma once

#include <cstdint>
#include <string>

#include "source/recording_writer.h"
#include "unit/sample_object.h"

namespace test {

inline constexpr std::string_view synthetic_spec = R"({
  "name": "synthetic", "object": "sample.bpf.o",
  "programs": [{ "name": "any", "attach": { "type": "auto" } }],
  "maps": [{ "name": "events", "type": "struct event", "fields": { "ts": { "as": "ktime" }, "mac": { "as": "mac" } } }],
  "outputs": [{ "map": "events", "fields": ["ts", "pid", "ret", "comm", "state", "mac", "path"] }]
})";

inline constexpr std::string_view synthetic_groups_spec = R"({
  "name": "groups", "object": "sample.bpf.o",
  "programs": [{ "name": "any", "attach": { "type": "auto" } }],
  "maps": [{ "name": "events", "type": "struct event" }],
  "outputs": [{ "map": "events", "group_by": ["pid", "comm"], "aggregate": { "n": "count" }, "every": "1s",
                "sort": "-n", "limit": 10, "format": "table" }]
})";

class NoConsumer final : public probe_run::EventConsumer {
 public:
  bool record(std::uint32_t, std::span<const std::byte>) noexcept override { return true; }
  bool begin_read(std::uint32_t, probe_run::ReadFor) noexcept override { return true; }
  bool entry(std::uint32_t, std::span<const std::byte>) noexcept override { return true; }
  bool taken_entry(std::uint32_t, std::span<const std::byte>) noexcept override { return true; }
  bool end_read(std::uint32_t, const probe_run::ReadEnd&) noexcept override { return true; }
  void lost(std::uint32_t, std::uint64_t) noexcept override {}
  void dropped(std::uint32_t, std::uint64_t) noexcept override {}
  void missed(const probe_run::Missed&) noexcept override {}
  void name(probe_run::NameKind, std::span<const std::byte>, std::string_view) noexcept override {}
  void time(std::int64_t, std::int64_t) noexcept override {}
  void slept(std::int64_t) noexcept override {}
  void stopping() noexcept override {}
};

// A stream of `events` records, 10 us apart, of 1,000 processes. `flush` is the number of events in a chunk;
// 0 for the same as in a run.
inline void make_synthetic_recording(const std::string& path, std::uint64_t events, std::uint64_t flush = 0) {
  const auto object = object_of(event_types(), {map_info("events", BPF_MAP_TYPE_RINGBUF)});
  NoConsumer next;
  probe_run::RecordingWriter writer(
      path, {"probe-run", "6.1.0", "x86_64", 2, "synthetic.json", std::string(synthetic_spec), {}}, *object,
      next);
  const RecordBytes sample = event_record("worker", "/usr/lib/locale/en");
  std::vector<std::byte> record(sample.view().begin(), sample.view().end());
  for (std::uint64_t i = 0; i < events; ++i) {
    const std::uint64_t now = 1'000'000'000 + i * 10'000;
    const auto pid = static_cast<std::uint32_t>(1 + i * 7919 % 1000);
    std::memcpy(record.data(), &now, sizeof now);
    std::memcpy(record.data() + 8, &pid, sizeof pid);
    if (i % 200 == 0) writer.time(static_cast<std::int64_t>(now), 1'700'000'000'000'000'000);
    writer.record(0, record);
    if (flush != 0 && i % flush == flush - 1) writer.flush();
  }
  writer.stopping();
  writer.finish();
  if (writer.failed()) throw std::runtime_error(writer.failure());
}

}  // namespace test
