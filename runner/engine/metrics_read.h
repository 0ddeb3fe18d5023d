// Entries of a read that only metrics are made of: neither recorded nor shown.
#pragma once

#include "engine/pipeline.h"

namespace probe_run {

class MetricsRead final : public EventConsumer {
 public:
  explicit MetricsRead(Pipeline& pipeline) : pipeline_(pipeline) {}

  bool begin_read(std::uint32_t map) noexcept override {
    pipeline_.begin_metrics_read(map);
    return true;
  }
  bool entry(std::uint32_t map, std::span<const std::byte> bytes) noexcept override {
    pipeline_.metrics_entry(map, bytes);
    return true;
  }
  bool end_read(std::uint32_t map, const ReadEnd&) noexcept override {
    pipeline_.end_metrics_read(map);
    return true;
  }
  bool record(std::uint32_t, std::span<const std::byte>) noexcept override { return false; }
  bool taken_entry(std::uint32_t, std::span<const std::byte>) noexcept override { return false; }
  bool printk(std::span<const std::byte>) noexcept override { return false; }
  void lost(std::uint32_t, std::uint64_t) noexcept override {}
  void dropped(std::uint32_t, std::uint64_t) noexcept override {}
  void time(std::int64_t, std::int64_t) noexcept override {}
  void stopping() noexcept override {}
  void name(NameKind, std::span<const std::byte>, std::string_view) noexcept override {}

 private:
  Pipeline& pipeline_;
};

}  // namespace probe_run
