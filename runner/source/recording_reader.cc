#include "source/recording_reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <bit>
#include <cerrno>

#include "support/error.h"
#include "support/source_text.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr std::uint32_t map_limit = 4096;
constexpr std::uint32_t parameter_limit = 4096;
constexpr std::uint32_t cpu_limit = 8192;
constexpr std::int64_t uptime_limit = std::int64_t{1} << 61;  // nanoseconds; intervals are added to it

// The types say it; without them, the machine's name does.
bool is_big_endian(const ObjectDescription& object) {
  constexpr std::string_view big[] = {"s390",    "s390x",  "ppc",      "ppc64", "sparc",
                                      "sparc64", "parisc", "parisc64", "m68k",  "aarch64_be"};
  if (object.btf.size() >= 2) return object.btf[0] == std::byte{0xeb} && object.btf[1] == std::byte{0x9f};
  return std::find(std::begin(big), std::end(big), object.machine) != std::end(big);
}

std::string own_machine() {
  utsname system{};
  return ::uname(&system) == 0 ? system.machine : "this machine";
}

ReadEnd read_end(std::span<const std::byte> bytes) {
  recording::Unpacker in(bytes);
  const std::uint8_t flags = in.u8();
  return {(flags & recording::read_incomplete) != 0, (flags & recording::read_restarted) != 0, in.u64()};
}

}  // namespace

RecordingReader::RecordingReader(const std::string& path)
    : path_(path == "-" ? "standard input" : escape_for_terminal(path)),
      fd_(path == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                      : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (!fd_) throw Error(fmt::format("cannot open the recording {}: {}", path_, errno_text(errno)));
  if (::isatty(fd_.get()) == 1) {
    throw Error("a recording cannot be read from a terminal",
                "probe-run --record - SPEC | probe-run --replay -");
  }
  read_head();
}

void RecordingReader::read_head() {
  std::vector<std::byte> head;
  const std::size_t size = recording::magic.size() + sizeof(std::uint32_t);
  const bool whole = read_up_to(size, head) == size;
  if (!whole || std::memcmp(head.data(), recording::magic.data(), recording::magic.size()) != 0) {
    throw Error(fmt::format("{} is not a probe-run recording", path_),
                "record one: probe-run --record FILE SPEC");
  }
  const std::uint32_t version = recording::Unpacker(std::span(head).subspan(recording::magic.size())).u32();
  if (version != recording::version) {
    throw Error(fmt::format("{} is a recording of version {}; this probe-run reads version {}", path_,
                            version, recording::version));
  }
  recording::Chunk kind{};
  std::string damage;
  if (next_chunk(kind, damage) != Next::chunk || kind != recording::Chunk::info) {
    throw Error(fmt::format("{} is damaged: {}", path_, damage.empty() ? "its header is missing" : damage));
  }
  read_info();
  if (next_chunk(kind, damage) != Next::chunk || kind != recording::Chunk::object) {
    throw Error(
        fmt::format("{} is damaged: {}", path_, damage.empty() ? "the object's types are missing" : damage));
  }
  read_object();
}

std::size_t RecordingReader::read_up_to(std::size_t size, std::vector<std::byte>& out) {
  // The size comes from the file: memory is taken as bytes really come.
  constexpr std::size_t step = 1u << 20;
  out.clear();
  while (out.size() < size) {
    if (wait_ && !wait_(fd_.get())) {
      stopped_ = true;
      break;
    }
    const std::size_t before = out.size();
    out.resize(before + std::min(step, size - before));
    const ssize_t got = ::read(fd_.get(), out.data() + before, out.size() - before);
    if (got < 0 && errno != EINTR && errno != EAGAIN) {
      throw Error(fmt::format("cannot read the recording {}: {}", path_, errno_text(errno)));
    }
    out.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got == 0) break;
  }
  offset_ += out.size();
  return out.size();
}

RecordingReader::Next RecordingReader::next_chunk(recording::Chunk& kind, std::string& damage) {
  constexpr std::size_t head_size = 12;
  const std::uint64_t begin = offset_;
  std::vector<std::byte> head;
  const std::size_t got = read_up_to(head_size, head);
  if (stopped_) return Next::stopped;
  if (got == 0) {
    damage = fmt::format("it was cut at byte {}: its end is missing", begin);
    return Next::damaged;
  }
  if (got < head_size) {
    damage = fmt::format("it was cut at byte {}, within the chunk that begins at byte {}", offset_, begin);
    return Next::damaged;
  }
  recording::Unpacker unpacker(head);
  kind = static_cast<recording::Chunk>(unpacker.u32());
  const std::uint32_t length = unpacker.u32();
  const std::uint32_t crc = unpacker.u32();
  if (length > recording::chunk_limit) {
    damage = fmt::format("the chunk that begins at byte {} has an invalid length", begin);
    return Next::damaged;
  }
  const std::size_t there = read_up_to(length, payload_);
  if (stopped_) return Next::stopped;
  if (there < length) {
    damage =
        fmt::format("it was cut at byte {}: the chunk that begins at byte {} is missing {} of its {} bytes",
                    offset_, begin, length - there, length + head_size);
    return Next::damaged;
  }
  if (recording::checksum(std::span(head).first(8), payload_) != crc) {
    damage = fmt::format("the checksum of the chunk that begins at byte {} is wrong", begin);
    return Next::damaged;
  }
  return Next::chunk;
}

std::string RecordingReader::play(EventConsumer& consumer, const std::function<bool()>& stop,
                                  const std::function<bool(int)>& wait) {
  wait_ = wait;
  recording::Chunk kind{};
  std::string damage;
  while (!stop()) {
    const std::uint64_t begin = offset_;
    if (next_chunk(kind, damage) != Next::chunk) return damage;
    if (kind == recording::Chunk::end) return {};
    if (kind == recording::Chunk::events && !play_events(consumer))
      return fmt::format("the chunk that begins at byte {} is invalid", begin);
  }
  return {};
}

void RecordingReader::read_info() {
  recording::Unpacker in(payload_);
  info_.program = in.string();
  info_.kernel = in.string();
  info_.machine = in.string();
  info_.possible_cpus = in.u32();
  info_.spec_file = in.string();
  info_.spec_text = in.string();
  const std::uint32_t parameters = in.u32();
  for (std::uint32_t i = 0; i < std::min(parameters, parameter_limit) && !in.failed(); ++i) {
    std::string name = in.string();
    info_.parameters[std::move(name)] = in.string();
  }
  const bool sound = !in.failed() && info_.possible_cpus > 0 && info_.possible_cpus <= cpu_limit;
  if (!sound || info_.spec_text.size() > source_limit) {
    throw Error(fmt::format("{} is damaged: its header is invalid", path_));
  }
}

void RecordingReader::read_object() {
  recording::Unpacker in(payload_);
  object_.path = in.string();
  object_.machine = info_.machine;
  const auto btf = in.bytes();
  object_.btf.assign(btf.begin(), btf.end());
  const std::uint32_t maps = in.u32();
  for (std::uint32_t i = 0; i < std::min(maps, map_limit) && !in.failed(); ++i) {
    MapInfo map;
    map.name = in.string();
    for (std::uint32_t* number : {&map.type, &map.key_size, &map.value_size, &map.max_entries,
                                  &map.key_type_id, &map.value_type_id}) {
      *number = in.u32();
    }
    if (map.key_size > (1u << 20) || map.value_size > (1u << 26)) {
      throw Error(
          fmt::format("{} is damaged: the map {} has an invalid size", path_, escape_for_terminal(map.name)));
    }
    object_.maps.push_back(std::move(map));
  }
  if (in.failed()) throw Error(fmt::format("{} is damaged: its maps are invalid", path_));
  if (is_big_endian(object_) != (std::endian::native == std::endian::big)) {
    throw Error(fmt::format("{} was recorded on {}, whose byte order differs from that of this machine, {}",
                            path_, escape_for_terminal(info_.machine), own_machine()),
                "replay it on a machine of the same byte order");
  }
  if (!object_.btf.empty()) object_.types = TypeTable(object_.btf);
}

bool RecordingReader::play_events(EventConsumer& consumer) {
  recording::Unpacker in(payload_);
  while (!in.done()) {
    const auto item = static_cast<recording::Item>(in.u8());
    if (item == recording::Item::time) {
      const std::int64_t monotonic = in.i64();
      const std::int64_t to_wall = in.i64();
      if (in.failed() || monotonic < 0 || monotonic > uptime_limit) return false;
      consumer.time(monotonic, to_wall);
      continue;
    }
    const std::uint32_t map = in.u32();
    const std::span<const std::byte> bytes = in.bytes();
    const bool map_known = map < object_.maps.size();
    if (in.failed()) return false;
    switch (item) {
      case recording::Item::printk:
        consumer.record(printk_lines, bytes);
        continue;
      case recording::Item::stopping:
        consumer.stopping();
        continue;
      case recording::Item::slept: {
        recording::Unpacker number(bytes);
        const std::int64_t total = number.i64();
        if (number.failed()) return false;
        consumer.slept(total);
        continue;
      }
      case recording::Item::missed: {
        recording::Unpacker numbers(bytes);
        const Missed total{numbers.u64(), numbers.u32(), numbers.u32()};
        if (numbers.failed()) return false;
        consumer.missed(total);
        continue;
      }
      case recording::Item::name: {
        recording::Unpacker both(bytes);
        const std::span<const std::byte> key = both.bytes();
        const std::span<const std::byte> value = both.bytes();
        const void* const text = value.data();
        if (both.failed()) return false;
        consumer.name(static_cast<NameKind>(map), key, {static_cast<const char*>(text), value.size()});
        continue;
      }
      default:
        break;
    }
    if (!map_known && !(item == recording::Item::lost && map == printk_lines)) return false;
    switch (item) {
      case recording::Item::record:
        consumer.record(map, bytes);
        break;
      case recording::Item::begin_read:
        consumer.begin_read(map, ReadFor::everyone);
        break;
      case recording::Item::entry:
        consumer.entry(map, bytes);
        break;
      case recording::Item::taken_entry:
        consumer.taken_entry(map, bytes);
        break;
      case recording::Item::end_read:
        consumer.end_read(map, read_end(bytes));
        break;
      case recording::Item::lost:
        consumer.lost(map, recording::Unpacker(bytes).u64());
        break;
      case recording::Item::dropped:
        consumer.dropped(map, recording::Unpacker(bytes).u64());
        break;
      default:
        return false;
    }
  }
  return !in.failed();
}

}  // namespace probe_run
