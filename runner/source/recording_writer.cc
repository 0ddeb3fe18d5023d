#include "source/recording_writer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "support/error.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr std::size_t flush_size = std::size_t{64} * 1024;
constexpr std::size_t most_waiting = std::size_t{64} << 20;

void pack(recording::Packer& out, const RecordingInfo& info) {
  out.string(info.program);
  out.string(info.kernel);
  out.string(info.machine);
  out.u32(info.possible_cpus);
  out.string(info.spec_file);
  out.string(info.spec_text);
  out.u32(static_cast<std::uint32_t>(info.parameters.size()));
  for (const auto& [name, value] : info.parameters) {
    out.string(name);
    out.string(value);
  }
}

void pack(recording::Packer& out, const ObjectDescription& object) {
  out.string(object.path.substr(object.path.rfind('/') + 1));
  out.bytes(object.btf);
  out.u32(static_cast<std::uint32_t>(object.maps.size()));
  for (const MapInfo& map : object.maps) {
    out.string(map.name);
    for (const std::uint32_t number :
         {map.type, map.key_size, map.value_size, map.max_entries, map.key_type_id, map.value_type_id}) {
      out.u32(number);
    }
  }
}

recording::Packer chunk_head(recording::Chunk kind, std::span<const std::byte> payload) {
  recording::Packer head;
  head.u32(static_cast<std::uint32_t>(kind));
  head.u32(static_cast<std::uint32_t>(payload.size()));
  head.u32(recording::checksum(head.view(), payload));
  return head;
}

void append_chunk(recording::Packer& out, recording::Chunk kind, std::span<const std::byte> payload) {
  out.raw(chunk_head(kind, payload).view());
  out.raw(payload);
}

}  // namespace

RecordingWriter::RecordingWriter(const std::string& path, const RecordingInfo& info,
                                 const ObjectDescription& object, EventConsumer& next,
                                 ReaderPatience* patience)
    : path_(path == "-" ? "standard output" : escape_for_terminal(path)),
      fd_(path == "-" ? ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
                      : ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)),
      next_(next),
      to_stdout_(path == "-") {
  if (!fd_) throw Error(fmt::format("cannot write the recording {}: {}", path_, errno_text(errno)));
  if (::isatty(fd_.get()) == 1) {
    throw Error("a recording cannot be written to a terminal",
                "probe-run --record - SPEC | probe-run --replay -");
  }
  struct stat status {};
  if (patience != nullptr) reader_ = SlowReader(fd_.get(), *patience);
  is_file_ = !to_stdout_ && ::fstat(fd_.get(), &status) == 0 && S_ISREG(status.st_mode);
  for (const char c : recording::magic) head_.u8(static_cast<std::uint8_t>(c));
  head_.u32(recording::version);
  recording::Packer payload;
  pack(payload, info);
  append_chunk(head_, recording::Chunk::info, payload.view());
  payload.clear();
  pack(payload, object);
  append_chunk(head_, recording::Chunk::object, payload.view());
  if (!is_file_) begin();
  // A pipe without a reader is not an error: the run ends before it begins.
  if (!failure().empty()) throw Error(failure());
}

RecordingWriter::~RecordingWriter() {
  if (head_.size() == 0) flush();
}

void RecordingWriter::begin() noexcept {
  if (head_.size() == 0) return;
  if (is_file_ && ::ftruncate(fd_.get(), 0) != 0) error_ = errno;
  write(head_.view());
  if (error_ == 0) whole_size_ = static_cast<std::int64_t>(head_.size());
  head_.clear();
}

void RecordingWriter::write_chunk(recording::Chunk kind, std::span<const std::byte> payload) noexcept {
  begin();
  const recording::Packer head = chunk_head(kind, payload);
  write(head.view());
  write(payload);
  if (error_ == 0) whole_size_ += static_cast<std::int64_t>(head.size() + payload.size());
}

void RecordingWriter::write(std::span<const std::byte> bytes) noexcept {
  if (error_ != 0) return;
  const void* const first = bytes.data();
  const std::string_view chunk(static_cast<const char*>(first), bytes.size());
  if (reader_.exists()) {
    waiting_.append(chunk);
    write_waiting();
    return;
  }
  error_ = write_all(fd_.get(), chunk);
  if (error_ == 0 || !is_file_) return;
  // Part of a chunk is useless, but harmless if it stays: readers stop before it.
  const int ignored = ::ftruncate(fd_.get(), whole_size_);
  static_cast<void>(ignored);
}

// More and more memory for a reader that takes nothing is no help.
void RecordingWriter::write_waiting() noexcept {
  error_ = reader_.write(waiting_);
  if (error_ == 0 && waiting_.size() > most_waiting) give_up();
}

void RecordingWriter::give_up() noexcept {
  given_up_ = true;
  error_ = EAGAIN;
  waiting_.clear();
}

void RecordingWriter::flush() noexcept {
  if (error_ == 0 && !waiting_.empty()) write_waiting();
  if (events_.size() == 0) return;
  write_chunk(recording::Chunk::events, events_.view());
  events_.clear();
}

void RecordingWriter::finish() noexcept {
  write_time();  // the run's end
  flush();
  write_chunk(recording::Chunk::end, {});
  if (error_ == 0 && !waiting_.empty()) give_up();
}

std::string RecordingWriter::failure() const {
  if (error_ == 0 || error_ == EPIPE) return {};
  if (given_up_)
    return fmt::format("the reader of the recording {} takes nothing: the recording was cut", path_);
  return fmt::format("cannot write the recording {}: {}", path_, errno_text(error_));
}

void RecordingWriter::write_time() noexcept {
  if (time_written_) return;
  events_.u8(static_cast<std::uint8_t>(recording::Item::time));
  events_.i64(time_);
  events_.i64(to_wall_);
  time_written_ = true;
}

void RecordingWriter::item(recording::Item kind, std::uint32_t map,
                           std::span<const std::byte> bytes) noexcept {
  write_time();
  events_.u8(static_cast<std::uint8_t>(kind));
  events_.u32(map);
  events_.bytes(bytes);
  if (events_.size() >= flush_size) flush();
}

bool RecordingWriter::record(std::uint32_t map, std::span<const std::byte> bytes) noexcept {
  const bool taken = next_.record(map, bytes);
  if (taken) item(map == printk_lines ? recording::Item::printk : recording::Item::record, map, bytes);
  return taken;
}

bool RecordingWriter::begin_read(std::uint32_t map, ReadFor whom) noexcept {
  keeps_read_ = whom == ReadFor::everyone;
  const bool taken = next_.begin_read(map, whom);
  if (taken && keeps_read_) item(recording::Item::begin_read, map, {});
  return taken;
}

bool RecordingWriter::entry(std::uint32_t map, std::span<const std::byte> bytes) noexcept {
  const bool taken = next_.entry(map, bytes);
  if (taken && keeps_read_) item(recording::Item::entry, map, bytes);
  return taken;
}

bool RecordingWriter::taken_entry(std::uint32_t map, std::span<const std::byte> bytes) noexcept {
  const bool taken = next_.taken_entry(map, bytes);
  if (taken && keeps_read_) item(recording::Item::taken_entry, map, bytes);
  return taken;
}

bool RecordingWriter::end_read(std::uint32_t map, const ReadEnd& end) noexcept {
  const bool taken = next_.end_read(map, end);
  if (!taken || !keeps_read_) return taken;
  recording::Packer bytes;
  bytes.u8(static_cast<std::uint8_t>((end.incomplete ? recording::read_incomplete : 0) |
                                     (end.restarted ? recording::read_restarted : 0)));
  if (end.vanished > 0) bytes.u64(end.vanished);
  item(recording::Item::end_read, map, bytes.view());
  return true;
}

void RecordingWriter::lost(std::uint32_t map, std::uint64_t count) noexcept {
  recording::Packer number;
  number.u64(count);
  item(recording::Item::lost, map, number.view());
  next_.lost(map, count);
}

void RecordingWriter::dropped(std::uint32_t map, std::uint64_t total) noexcept {
  recording::Packer number;
  number.u64(total);
  item(recording::Item::dropped, map, number.view());
  next_.dropped(map, total);
}

void RecordingWriter::missed(const Missed& total) noexcept {
  recording::Packer numbers;
  numbers.u64(total.calls);
  numbers.u32(total.counted);
  numbers.u32(total.uncounted);
  item(recording::Item::missed, 0, numbers.view());
  next_.missed(total);
}

void RecordingWriter::name(NameKind kind, std::span<const std::byte> key, std::string_view value) noexcept {
  recording::Packer both;
  both.bytes(key);
  both.string(value);
  item(recording::Item::name, static_cast<std::uint32_t>(kind), both.view());
  next_.name(kind, key, value);
}

void RecordingWriter::time(std::int64_t monotonic, std::int64_t to_wall) noexcept {
  time_ = monotonic;
  to_wall_ = to_wall;
  time_written_ = false;
  if (!started_) write_time();  // the run's beginning
  started_ = true;
  next_.time(monotonic, to_wall);
}

void RecordingWriter::slept(std::int64_t total) noexcept {
  recording::Packer number;
  number.i64(total);
  item(recording::Item::slept, 0, number.view());
  next_.slept(total);
}

void RecordingWriter::stopping() noexcept {
  item(recording::Item::stopping, 0, {});
  next_.stopping();
}

}  // namespace probe_run
