// Plays a recording.
#pragma once

#include <functional>
#include <string>

#include "source/event_consumer.h"
#include "source/recording.h"
#include "support/fd.h"

namespace probe_run {

class RecordingReader {
 public:
  // Reads the head. Whatever the file holds, nothing worse than an Error comes of it.
  // "-" is standard input.
  explicit RecordingReader(const std::string& path);

  const RecordingInfo& info() const { return info_; }
  const ObjectDescription& object() const { return object_; }

  // Hands everything to `consumer`, one chunk in memory at a time, until the end or until `stop` says so; it
  // is asked before each chunk. `wait` is called with the file's descriptor before each read; false stops
  // too. Returns "" for a complete recording, or one that was stopped, else what is wrong with it and where:
  // everything before that was handed over.
  std::string play(EventConsumer& consumer, const std::function<bool()>& stop,
                   const std::function<bool(int)>& wait = {});

 private:
  enum class Next { chunk, damaged, stopped };
  Next next_chunk(recording::Chunk& kind, std::string& damage);
  void read_head();
  bool play_events(EventConsumer& consumer);
  std::size_t read_up_to(std::size_t size, std::vector<std::byte>& out);
  void read_info();
  void read_object();

  std::string path_;
  Fd fd_;
  std::function<bool(int)> wait_;  // empty: never
  bool stopped_ = false;
  std::uint64_t offset_ = 0;  // bytes that were read
  std::vector<std::byte> payload_;
  RecordingInfo info_;
  ObjectDescription object_;
};

}  // namespace probe_run
