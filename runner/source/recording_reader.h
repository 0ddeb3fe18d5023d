// Plays a recording.
#pragma once

#include <string>

#include "source/event_consumer.h"
#include "source/recording.h"
#include "support/fd.h"

namespace probe_run {

class RecordingReader {
 public:
  // Reads the head. Whatever the file holds, nothing worse than an Error comes of it.
  explicit RecordingReader(const std::string& path);

  const RecordingInfo& info() const { return info_; }
  const ObjectDescription& object() const { return object_; }

  // Hands everything to `consumer`, one chunk in memory at a time, until the end or until `stop` says so.
  // Returns "" for a complete recording, else what is wrong with it: everything before the damage was handed
  // over.
  template <class Stop>
  std::string play(EventConsumer& consumer, Stop stop) {
    recording::Chunk kind{};
    std::string damage;
    while (!stop() && next_chunk(kind, damage)) {
      if (kind == recording::Chunk::end) return {};
      if (kind == recording::Chunk::events && !play_events(consumer)) return "a chunk of it makes no sense";
    }
    return damage;
  }

 private:
  bool next_chunk(recording::Chunk& kind, std::string& damage);
  bool play_events(EventConsumer& consumer);
  std::size_t read_up_to(std::size_t size, std::vector<std::byte>& out);
  void read_info();
  void read_object();

  std::string path_;
  Fd fd_;
  std::vector<std::byte> payload_;
  RecordingInfo info_;
  ObjectDescription object_;
};

}  // namespace probe_run
