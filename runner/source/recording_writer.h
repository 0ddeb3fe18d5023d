// Keeps what a run sees, and passes it on.
#pragma once

#include <string>

#include "source/event_consumer.h"
#include "source/recording.h"
#include "support/fd.h"
#include "support/slow_reader.h"

namespace probe_run {

class RecordingWriter : public EventConsumer {
 public:
  // Opens the file, or creates it so that others may not read it; "-" is standard output. What `next` takes is kept; it
  // must outlive the writer. A reader is waited for with `patience`, which must outlive it too; nullptr: for ever.
  // Throws Error naming the file.
  RecordingWriter(const std::string& path, const RecordingInfo& info, const ObjectDescription& object,
                  EventConsumer& next, ReaderPatience* patience = nullptr);
  // A file that has not begun keeps what it contains: a run that fails to start does not cost the last recording.
  ~RecordingWriter() override;
  RecordingWriter(const RecordingWriter&) = delete;
  RecordingWriter& operator=(const RecordingWriter&) = delete;

  bool record(std::uint32_t map, std::span<const std::byte> bytes) noexcept override;
  bool begin_read(std::uint32_t map, ReadFor whom) noexcept override;
  bool entry(std::uint32_t map, std::span<const std::byte> bytes) noexcept override;
  bool taken_entry(std::uint32_t map, std::span<const std::byte> bytes) noexcept override;
  bool end_read(std::uint32_t map, const ReadEnd& end) noexcept override;
  void lost(std::uint32_t map, std::uint64_t count) noexcept override;
  void dropped(std::uint32_t map, std::uint64_t total) noexcept override;
  void missed(const Missed& total) noexcept override;
  void name(NameKind kind, std::span<const std::byte> key, std::string_view value) noexcept override;
  void time(std::int64_t monotonic, std::int64_t to_wall) noexcept override;
  void slept(std::int64_t total) noexcept override;
  void stopping() noexcept override;

  // The run begins: the file is emptied. Called by the first flush() otherwise.
  void begin() noexcept;
  // Writes what has gathered as one chunk.
  void flush() noexcept;
  // The last chunk. A recording without it was cut.
  void finish() noexcept;
  // The reader of a recording on standard output is gone.
  void close_stdout() noexcept {
    if (to_stdout_ && error_ == 0) error_ = EPIPE;
  }
  // Something waits for its reader: flush() must be called again soon.
  bool is_behind() const noexcept { return error_ == 0 && !waiting_.empty(); }
  // Its reader is slow, and nothing more should be recorded before it has caught up.
  bool is_full() const noexcept {
    return is_behind() && !reader_.is_stuck() && waiting_.size() >= SlowReader::most_waiting;
  }
  // Nothing more is kept. A file ends with its last whole chunk then.
  bool failed() const { return error_ != 0; }
  std::string failure() const;  // "" for none, and for a pipe without a reader

 private:
  void write_time() noexcept;
  void item(recording::Item kind, std::uint32_t map, std::span<const std::byte> bytes) noexcept;
  void write_chunk(recording::Chunk kind, std::span<const std::byte> payload) noexcept;
  void write(std::span<const std::byte> bytes) noexcept;
  void write_waiting() noexcept;
  void give_up() noexcept;

  std::string path_;
  Fd fd_;
  EventConsumer& next_;
  recording::Packer head_;  // the chunks before the events; empty when they are written
  recording::Packer events_;
  std::int64_t time_ = 0, to_wall_ = 0;
  bool keeps_read_ = true;  // the read in progress
  bool started_ = false;
  bool time_written_ = false;  // since the last item: silence takes no room
  int error_ = 0;
  SlowReader reader_;
  TextBuffer waiting_;  // for the reader
  bool given_up_ = false;
  bool to_stdout_ = false;
  bool is_file_ = false;
  std::int64_t whole_size_ = 0;  // of the file, up to its last whole chunk
};

}  // namespace probe_run
