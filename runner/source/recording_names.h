// Names that are recorded as they are asked for.
#pragma once

#include "source/event_consumer.h"
#include "source/recorded_names.h"

namespace probe_run {

// Asks `names`, and tells `recording` of each answer that is not the last one of its key; before the first
// one, nothing is known.
class RecordingNames final : public Names {
 public:
  RecordingNames(Names& names, EventConsumer& recording) : names_(names), recording_(recording) {}

  std::string_view find(NameKind kind, std::span<const std::byte> key) noexcept override {
    const std::string_view value = names_.find(kind, key);
    if (known_.find(kind, key) == value) return value;
    // Addresses of processes come without end: what was forgotten is recorded once more.
    if (known_.size() >= most_known) known_.clear();
    known_.add(kind, key, value);
    recording_.name(kind, key, value);
    return value;
  }

 private:
  static constexpr std::size_t most_known = 65536;

  Names& names_;
  EventConsumer& recording_;
  RecordedNames known_;
};

}  // namespace probe_run
