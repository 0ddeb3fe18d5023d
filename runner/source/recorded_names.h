// What numbers mean, as recorded.
#pragma once

#include <string>
#include <unordered_map>

#include "source/event_consumer.h"
#include "support/names.h"

namespace probe_run {

class RecordedNames final : public Names {
 public:
  // Takes the place of what was known for this key.
  void add(NameKind kind, std::span<const std::byte> key, std::string_view value);

  std::size_t size() const { return names_.size(); }
  void clear() { names_.clear(); }

  std::string_view find(NameKind kind, std::span<const std::byte> key) noexcept override;

 private:
  static void set_key(std::string& out, NameKind kind, std::span<const std::byte> key);

  std::unordered_map<std::string, std::string> names_;  // by the kind and the key's bytes
  std::string wanted_;
};

// Names that are recorded as they are asked for.

// Asks `names`, and hands each answer that differs from the last one of its key to `recording`.
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
