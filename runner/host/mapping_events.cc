#include "host/mapping_events.h"

#include <linux/perf_event.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <string_view>

namespace probe_run {
namespace {

constexpr std::size_t pages = 64;                   // 256 KiB for each CPU: about 250 programs started
constexpr std::size_t longest_record = 4096 + 256;  // with a path of PATH_MAX
constexpr std::uint16_t comm_exec = 1u << 13;
constexpr std::uint16_t mmap_build_id = 1u << 14;
constexpr std::size_t build_id_room = 20;

// Reads numbers one after the other; what is missing is zero, and then ok() is false.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  template <class Number>
  Number take() {
    Number number{};
    const std::span<const std::byte> part = take(sizeof number);
    if (part.size() == sizeof number) std::memcpy(&number, part.data(), sizeof number);
    return number;
  }
  std::span<const std::byte> take(std::size_t size) {
    if (size > bytes_.size()) {
      ok_ = false;
      size = 0;
    }
    const std::span<const std::byte> part = bytes_.first(size);
    bytes_ = bytes_.subspan(size);
    return part;
  }
  std::span<const std::byte> rest() const { return bytes_; }
  bool ok() const { return ok_; }

 private:
  std::span<const std::byte> bytes_;
  bool ok_ = true;
};

std::string_view text(std::span<const std::byte> bytes) {
  const std::string_view all(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return all.substr(0, all.find('\0'));
}

MappingAdded read_mapping(Reader& in, bool has_build_id) {
  MappingAdded mapping;
  mapping.pid = in.take<std::uint32_t>();
  in.take<std::uint32_t>();  // thread
  mapping.start = in.take<std::uint64_t>();
  mapping.size = in.take<std::uint64_t>();
  mapping.offset = in.take<std::uint64_t>();
  if (has_build_id) {
    const std::size_t size = in.take<std::uint8_t>();
    in.take(3);
    const std::span<const std::byte> id = in.take(build_id_room);
    mapping.build_id.assign(reinterpret_cast<const char*>(id.data()), std::min(size, id.size()));
  } else {
    mapping.file.major = in.take<std::uint32_t>();
    mapping.file.minor = in.take<std::uint32_t>();
    mapping.file.inode = in.take<std::uint64_t>();
    in.take<std::uint64_t>();  // the inode's generation
  }
  in.take<std::uint64_t>();  // protection and flags
  mapping.path = text(in.rest());
  return mapping;
}

perf_event_attr attributes(MappingEvents::Watched watched, bool build_id) {
  perf_event_attr attr{};
  attr.size = sizeof attr;
  attr.type = PERF_TYPE_SOFTWARE;
  attr.config = PERF_COUNT_SW_DUMMY;
  attr.sample_period = 1;
  // The time of every record: rings of CPUs are read one after the other, and processes move between CPUs.
  attr.sample_type = PERF_SAMPLE_TIME;
  attr.sample_id_all = 1;
  attr.use_clockid = 1;
  attr.clockid = CLOCK_MONOTONIC;
  attr.exclude_kernel = 1;
  if (watched == MappingEvents::Watched::kernel_symbols) {
    attr.ksymbol = 1;
  } else {
    attr.mmap = 1;
    attr.mmap2 = 1;
    attr.build_id = build_id ? 1 : 0;
    attr.task = 1;
    attr.comm = 1;
    attr.comm_exec = 1;
  }
  attr.watermark = 1;  // readable when it is half full, not for each record
  attr.wakeup_watermark = static_cast<std::uint32_t>(pages * 4096 / 2);
  return attr;
}

int open_event(int processor, MappingEvents::Watched watched, bool build_id) {
  perf_event_attr attr = attributes(watched, build_id);
  return static_cast<int>(::syscall(SYS_perf_event_open, &attr, -1, processor, -1, PERF_FLAG_FD_CLOEXEC));
}

}  // namespace

std::optional<MappingEvent> parse_mapping_record(std::span<const std::byte> record) {
  if (record.size() < sizeof(perf_event_header) + sizeof(std::uint64_t)) return std::nullopt;
  perf_event_header header;
  std::memcpy(&header, record.data(), sizeof header);
  MappingEvent event;
  const std::span<const std::byte> body = record.subspan(sizeof header, record.size() - sizeof header - 8);
  std::memcpy(&event.time, record.data() + record.size() - sizeof event.time, sizeof event.time);
  Reader in(body);
  switch (header.type) {
    case PERF_RECORD_MMAP2:
      event.what = read_mapping(in, (header.misc & mmap_build_id) != 0);
      break;
    case PERF_RECORD_COMM:
      if ((header.misc & comm_exec) == 0) return std::nullopt;
      event.what = ProgramExecuted{in.take<std::uint32_t>()};
      break;
    case PERF_RECORD_FORK: {
      const auto pid = in.take<std::uint32_t>();
      const auto parent = in.take<std::uint32_t>();
      if (pid == parent) return std::nullopt;  // a thread
      event.what = ProcessForked{pid, parent};
      break;
    }
    case PERF_RECORD_EXIT: {
      const auto pid = in.take<std::uint32_t>();
      in.take<std::uint32_t>();  // parent
      if (in.take<std::uint32_t>() != pid) return std::nullopt;
      event.what = ProcessExited{pid};
      break;
    }
    case PERF_RECORD_KSYMBOL: {
      KernelSymbolAdded added;
      added.address = in.take<std::uint64_t>();
      added.size = in.take<std::uint32_t>();
      const auto type = in.take<std::uint16_t>();
      const auto flags = in.take<std::uint16_t>();
      if (type != PERF_RECORD_KSYMBOL_TYPE_BPF || (flags & PERF_RECORD_KSYMBOL_FLAGS_UNREGISTER) != 0)
        return std::nullopt;
      added.name = text(in.rest());
      event.what = std::move(added);
      break;
    }
    case PERF_RECORD_LOST:
      in.take<std::uint64_t>();  // the event's id
      event.what = RecordsLost{in.take<std::uint64_t>()};
      break;
    default:
      return std::nullopt;
  }
  if (!in.ok()) return std::nullopt;
  return event;
}

void read_ring(std::span<const std::byte> ring, std::uint64_t head, std::uint64_t tail,
               std::vector<MappingEvent>& events) {
  std::vector<std::byte> joined;  // a record that continues at the start of the ring
  const auto give_up = [&] { events.push_back({0, RecordsLost{1}}); };
  if (head - tail > ring.size()) return give_up();
  while (tail != head) {
    const std::size_t at = tail & (ring.size() - 1);
    perf_event_header header;
    // Records are aligned to 8 bytes, which is a header's size: no header crosses the end.
    if (head - tail < sizeof header || ring.size() - at < sizeof header) return give_up();
    std::memcpy(&header, ring.data() + at, sizeof header);
    if (header.size < sizeof header || header.size > head - tail) return give_up();
    std::span<const std::byte> record =
        ring.subspan(at, std::min<std::size_t>(header.size, ring.size() - at));
    if (record.size() < header.size) {
      joined.assign(record.begin(), record.end());
      const std::span<const std::byte> more = ring.first(header.size - record.size());
      joined.insert(joined.end(), more.begin(), more.end());
      record = joined;
    }
    if (std::optional<MappingEvent> event = parse_mapping_record(record)) events.push_back(std::move(*event));
    tail += header.size;
  }
}

MappingEvents::~MappingEvents() {
  close();
}

void MappingEvents::close() {
  for (Ring& ring : rings_) {
    if (ring.memory != nullptr) ::munmap(ring.memory, (pages + 1) * page_);
  }
  rings_.clear();
}

int MappingEvents::open(Watched watched) {
  close();
  page_ = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  watched_ = watched;
  build_id_ = watched == Watched::processes;
  const long processors = ::sysconf(_SC_NPROCESSORS_CONF);
  for (int processor = 0; processor < processors; ++processor) {
    const int error = open_on(processor);
    if (error == 0 || error == ENODEV || error == ENXIO) continue;  // offline
    close();
    return error;
  }
  return rings_.empty() ? ENODEV : 0;
}

int MappingEvents::open_on(int processor) {
  Ring ring{Fd(open_event(processor, watched_, build_id_)), nullptr, processor};
  if (!ring.fd && errno == EINVAL && build_id_) {  // before 5.12
    build_id_ = false;
    ring.fd = Fd(open_event(processor, watched_, build_id_));
  }
  if (!ring.fd) return errno;
  void* const memory =
      ::mmap(nullptr, (pages + 1) * page_, PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd.get(), 0);
  if (memory == MAP_FAILED) return errno;
  ring.memory = memory;
  rings_.push_back(std::move(ring));
  return 0;
}

int MappingEvents::processor_is_back(int processor) {
  if (!active()) return 0;
  for (Ring& ring : rings_) ring.is_over |= ring.processor == processor;
  return open_on(processor);
}

void MappingEvents::drain(std::vector<MappingEvent>& events) {
  const std::size_t first = events.size();
  for (const Ring& ring : rings_) {
    auto* const control = static_cast<perf_event_mmap_page*>(ring.memory);
    const std::uint64_t head = __atomic_load_n(&control->data_head, __ATOMIC_ACQUIRE);
    const std::uint64_t tail = control->data_tail;
    if (head == tail) continue;
    const std::span<const std::byte> data(static_cast<const std::byte*>(ring.memory) + page_, pages * page_);
    read_ring(data, head, tail, events);
    __atomic_store_n(&control->data_tail, head, __ATOMIC_RELEASE);
    if (head - tail > data.size() - longest_record) events.push_back({0, RecordsLost{0}});
  }
  std::erase_if(rings_, [&](const Ring& ring) {
    if (ring.is_over) ::munmap(ring.memory, (pages + 1) * page_);
    return ring.is_over;
  });
  std::stable_sort(events.begin() + static_cast<std::ptrdiff_t>(first), events.end(),
                   [](const MappingEvent& a, const MappingEvent& b) { return a.time < b.time; });
}

}  // namespace probe_run
