// A consumer that logs its calls as text, and accepts a given number of records and so on.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "source/event_consumer.h"

namespace test {

class CallLog : public probe_run::EventConsumer {
 public:
  explicit CallLog(unsigned takes = ~0u) : takes_(takes) {}

  bool record(std::uint32_t map, std::span<const std::byte> bytes) noexcept override {
    if (map == probe_run::printk_lines) return take("printk" + hex(bytes));
    return take("record " + std::to_string(map) + hex(bytes));
  }
  bool begin_read(std::uint32_t map, probe_run::ReadFor whom) noexcept override {
    return take("begin_read " + std::to_string(map) +
                (whom == probe_run::ReadFor::metrics ? " for metrics" : ""));
  }
  bool entry(std::uint32_t map, std::span<const std::byte> bytes) noexcept override {
    return take("entry " + std::to_string(map) + hex(bytes));
  }
  bool taken_entry(std::uint32_t map, std::span<const std::byte> bytes) noexcept override {
    return take("taken_entry " + std::to_string(map) + hex(bytes));
  }
  bool end_read(std::uint32_t map, const probe_run::ReadEnd& end) noexcept override {
    return take("end_read " + std::to_string(map) + (end.incomplete ? " incomplete" : "") +
                (end.restarted ? " restarted" : "") +
                (end.vanished > 0 ? " vanished " + std::to_string(end.vanished) : ""));
  }
  void lost(std::uint32_t map, std::uint64_t count) noexcept override {
    add("lost " + std::to_string(map) + " " + std::to_string(count));
  }
  void dropped(std::uint32_t map, std::uint64_t total) noexcept override {
    add("dropped " + std::to_string(map) + " " + std::to_string(total));
  }
  void missed(const probe_run::Missed& total) noexcept override {
    add("missed " + std::to_string(total.calls) + " counted " + std::to_string(total.counted) +
        " uncounted " + std::to_string(total.uncounted));
  }
  void time(std::int64_t monotonic, std::int64_t to_wall) noexcept override {
    add("time " + std::to_string(monotonic) + " " + std::to_string(to_wall));
  }
  void slept(std::int64_t total) noexcept override { add("slept " + std::to_string(total)); }
  void stopping() noexcept override { add("stopping"); }
  void name(probe_run::NameKind kind, std::span<const std::byte> key,
            std::string_view value) noexcept override {
    add("name " + std::to_string(static_cast<unsigned>(kind)) + hex(key) + " " + std::string(value));
  }

  const std::vector<std::string>& calls() const { return calls_; }

 private:
  void add(std::string call) { calls_.push_back(std::move(call)); }
  bool take(std::string call) {
    if (takes_ == 0) return false;
    --takes_;
    add(std::move(call));
    return true;
  }
  static std::string hex(std::span<const std::byte> bytes) {
    std::string text = " ";
    for (const std::byte byte : bytes) {
      text += "0123456789abcdef"[std::to_integer<unsigned>(byte) >> 4];
      text += "0123456789abcdef"[std::to_integer<unsigned>(byte) & 15];
    }
    return text;
  }

  unsigned takes_;
  std::vector<std::string> calls_;
};

}  // namespace test
