#include "source/stream_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/perf_event.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "object/libbpf.h"
#include "support/cpus.h"
#include "support/descriptors.h"
#include "support/error.h"
#include "support/fd.h"
#include "support/utf8.h"

struct ring_buffer;
struct perf_buffer;
namespace probe_run {
namespace {

// A BPF ring buffer (Linux 5.8). It never loses a record that the program could reserve; what it could not,
// only the program can count.
class RingBufferSource : public StreamSource {
 public:
  RingBufferSource(const MapInfo& map, int map_fd, std::uint32_t index, StreamConsumer& consumer);
  ~RingBufferSource() override;
  RingBufferSource(const RingBufferSource&) = delete;
  RingBufferSource& operator=(const RingBufferSource&) = delete;

  int fd() const override;
  std::size_t drain(std::size_t budget) noexcept override;
  std::uint64_t most_records() const noexcept override { return most_records_; }

 private:
  static int on_record(void* self, void* data, std::size_t size) noexcept;

  std::uint32_t index_;
  StreamConsumer& consumer_;
  std::uint64_t most_records_ = 0;
  ring_buffer* ring_ = nullptr;
  std::size_t left_ = 0;  // of the budget
};

RingBufferSource::RingBufferSource(const MapInfo& map, int map_fd, std::uint32_t index,
                                   StreamConsumer& consumer)
    : index_(index), consumer_(consumer), ring_(ring_buffer__new(map_fd, on_record, this, nullptr)) {
  if (ring_ == nullptr) {
    throw Error(fmt::format("cannot open the ring buffer \"{}\": {}", map.name, errno_text(errno)));
  }
  constexpr std::uint32_t smallest_record = 8;  // the kernel's header of an empty one
  bpf_map_info info{};
  std::uint32_t size = sizeof info;
  const bool known = bpf_obj_get_info_by_fd(map_fd, &info, &size) == 0;
  most_records_ = (known ? info.max_entries : UINT32_MAX) / smallest_record;
}

RingBufferSource::~RingBufferSource() {
  ring_buffer__free(ring_);
}

int RingBufferSource::fd() const {
  return ring_buffer__epoll_fd(ring_);
}

int RingBufferSource::on_record(void* self, void* data, std::size_t size) noexcept {
  auto* const source = static_cast<RingBufferSource*>(self);
  source->consumer_.record(source->index_, {static_cast<const std::byte*>(data), size});
  // libbpf drains until the ring is empty, which under load is never. A negative return ends it; this record
  // counts as consumed.
  return --source->left_ == 0 ? -ECANCELED : 0;
}

std::size_t RingBufferSource::drain(std::size_t budget) noexcept {
  left_ = budget;
  ring_buffer__consume(ring_);  // its result is the last callback's; what was consumed is counted here
  return budget - left_;
}

// A perf buffer: one ring for each CPU, whose losses the kernel reports.
class PerfBufferSource : public StreamSource {
 public:
  PerfBufferSource(const MapInfo& map, int map_fd, std::uint32_t index, StreamConsumer& consumer);
  PerfBufferSource(const PerfBufferSource&) = delete;
  PerfBufferSource& operator=(const PerfBufferSource&) = delete;

  int fd() const override { return rings_fd_.get(); }
  std::size_t drain(std::size_t budget) noexcept override;
  std::uint64_t most_records() const noexcept override;
  void report_last_losses() noexcept override;
  void processor_is_back(int processor) override;

 private:
  struct FreeBuffer {
    void operator()(perf_buffer* buffer) const;
  };
  // libbpf's perf buffer of one CPU: each can be made again by itself.
  struct Ring {
    int processor;
    std::unique_ptr<perf_buffer, FreeBuffer> buffer;
    bool counts_lost = false;    // the kernel can be asked for all that was lost (Linux 6.0)
    std::uint64_t reported = 0;  // of those that were lost
  };

  static int on_event(void* self, int cpu, perf_event_header* event) noexcept;
  void open_ring(int processor);
  perf_buffer* make_buffer(int processor, std::uint64_t read_format);
  void lost(int processor, std::uint64_t count) noexcept;
  void report_last_losses(Ring& ring) noexcept;
  [[noreturn]] void refuse(int error) const;

  std::string name_;
  Fd map_;
  std::uint32_t places_;
  std::uint32_t index_;
  StreamConsumer& consumer_;
  Fd rings_fd_;  // epoll
  std::vector<Ring> rings_;
  std::size_t first_ring_ = 0;  // where the next drain begins, so that every CPU has its turn
  std::size_t left_ = 0;        // of the budget
};

constexpr std::size_t pages_per_cpu = 64;

PerfBufferSource::PerfBufferSource(const MapInfo& map, int map_fd, std::uint32_t index,
                                   StreamConsumer& consumer)
    : name_(map.name),
      map_(::fcntl(map_fd, F_DUPFD_CLOEXEC, 0)),
      places_(map.max_entries),
      index_(index),
      consumer_(consumer),
      rings_fd_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (!map_ || !rings_fd_) refuse(errno);
  for (const int processor : online_processors()) open_ring(processor);
  if (rings_.empty()) refuse(ENODEV);
}

void PerfBufferSource::FreeBuffer::operator()(perf_buffer* buffer) const {
  perf_buffer__free(buffer);
}

void PerfBufferSource::refuse(int error) const {
  throw Error(
      fmt::format("cannot open the perf buffer \"{}\": {}", escape_for_terminal(name_), errno_text(error)),
      error == EMFILE ? descriptor_limit_hint() : std::string());
}

void PerfBufferSource::open_ring(int processor) {
  // One that the map has no place for sends nothing. 0: libbpf has made a place for each.
  if (places_ != 0 && static_cast<std::uint32_t>(processor) >= places_) return;
  Ring ring{processor, std::unique_ptr<perf_buffer, FreeBuffer>(make_buffer(processor, PERF_FORMAT_LOST)),
            true};
  // EINVAL: the kernel does not know this format.
  if (!ring.buffer && errno == EINVAL) {
    ring.buffer.reset(make_buffer(processor, 0));
    ring.counts_lost = false;
  }
  if (!ring.buffer) refuse(errno);
  epoll_event event{};
  event.events = EPOLLIN;
  if (::epoll_ctl(rings_fd_.get(), EPOLL_CTL_ADD, perf_buffer__epoll_fd(ring.buffer.get()), &event) != 0)
    refuse(errno);
  rings_.push_back(std::move(ring));
}

perf_buffer* PerfBufferSource::make_buffer(int processor, std::uint64_t read_format) {
  perf_event_attr attributes{};
  attributes.size = sizeof attributes;
  attributes.type = PERF_TYPE_SOFTWARE;
  attributes.config = PERF_COUNT_SW_BPF_OUTPUT;
  attributes.sample_type = PERF_SAMPLE_RAW;
  attributes.sample_period = 1;
  attributes.wakeup_events = 1;
  attributes.read_format = read_format;
  const auto call = [](void* self, int cpu, perf_event_header* event) {
    return static_cast<bpf_perf_event_ret>(on_event(self, cpu, event));
  };
  auto options = zeroed_options<perf_buffer_raw_opts>();
  options.cpu_cnt = 1;
  options.cpus = &processor;
  options.map_keys = &processor;
  return perf_buffer__new_raw(map_.get(), pages_per_cpu, &attributes, call, this, &options);
}

std::uint64_t PerfBufferSource::most_records() const noexcept {
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return rings_.size() * pages_per_cpu * page / sizeof(perf_event_header);
}

// The kernel reports losses in a record, for which the buffer has room only when it was drained: the last ones are not
// reported unless more records come.
void PerfBufferSource::report_last_losses(Ring& ring) noexcept {
  std::uint64_t counts[2] = {};  // the event's own, lost
  if (!ring.counts_lost || ::read(perf_buffer__buffer_fd(ring.buffer.get(), 0), counts, sizeof counts) !=
                               static_cast<ssize_t>(sizeof counts)) {
    return;
  }
  if (counts[1] > ring.reported) consumer_.lost(index_, counts[1] - ring.reported);
  ring.reported = std::max(ring.reported, counts[1]);
}

void PerfBufferSource::report_last_losses() noexcept {
  for (Ring& ring : rings_) report_last_losses(ring);
}

void PerfBufferSource::lost(int processor, std::uint64_t count) noexcept {
  for (Ring& ring : rings_) {
    if (ring.processor == processor) ring.reported += count;
  }
  consumer_.lost(index_, count);
}

void PerfBufferSource::processor_is_back(int processor) {
  // The kernel has forgotten the ring's event. What is left in the ring is still to be had.
  left_ = SIZE_MAX;
  std::erase_if(rings_, [&](Ring& ring) {
    if (ring.processor != processor) return false;
    perf_buffer__consume_buffer(ring.buffer.get(), 0);
    report_last_losses(ring);
    return true;
  });
  open_ring(processor);
}

int PerfBufferSource::on_event(void* self, int cpu, perf_event_header* event) noexcept {
  auto* const source = static_cast<PerfBufferSource*>(self);
  const auto* const payload = static_cast<const std::byte*>(static_cast<const void*>(event)) + sizeof *event;
  const std::size_t room = event->size < sizeof *event ? 0 : event->size - sizeof *event;
  if (event->type == PERF_RECORD_SAMPLE && room >= sizeof(std::uint32_t)) {
    // The size, then the record, which the kernel pads so that the next one is aligned.
    std::uint32_t size = 0;
    std::memcpy(&size, payload, sizeof size);
    if (size <= room - sizeof size) source->consumer_.record(source->index_, {payload + sizeof size, size});
  } else if (event->type == PERF_RECORD_LOST && room >= 2 * sizeof(std::uint64_t)) {
    std::uint64_t lost = 0;
    std::memcpy(&lost, payload + sizeof(std::uint64_t), sizeof lost);  // after the event's id
    source->lost(cpu, lost);
  }
  return --source->left_ == 0 ? LIBBPF_PERF_EVENT_DONE : LIBBPF_PERF_EVENT_CONT;
}

std::size_t PerfBufferSource::drain(std::size_t budget) noexcept {
  const std::size_t rings = rings_.size();
  left_ = budget;
  for (std::size_t i = 0; i < rings && left_ > 0; ++i) {
    perf_buffer__consume_buffer(rings_[(first_ring_ + i) % rings].buffer.get(), 0);
  }
  if (rings > 0) first_ring_ = (first_ring_ + 1) % rings;
  return budget - left_;
}

}  // namespace

std::unique_ptr<StreamSource> open_stream(const MapInfo& map, int map_fd, std::uint32_t index,
                                          StreamConsumer& consumer) {
  if (map.map_class() == MapClass::ring_buffer)
    return std::make_unique<RingBufferSource>(map, map_fd, index, consumer);
  return std::make_unique<PerfBufferSource>(map, map_fd, index, consumer);
}

namespace {

constexpr std::size_t buffer_size = std::size_t{256} << 10;  // of lines, the longest that is not cut

}  // namespace

IteratorSource::IteratorSource(std::uint32_t index, std::uint32_t record_size, Duration interval,
                               StreamConsumer& consumer)
    : index_(index),
      record_size_(record_size),
      interval_(interval),
      consumer_(consumer),
      timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)),
      buffer_(std::max<std::size_t>(buffer_size, record_size)) {
  if (timer_) return;
  throw Error("cannot create a timer: " + errno_text(errno));
}

void IteratorSource::begin(int link_fd) noexcept {
  link_ = link_fd;
  arm(true);
}

void IteratorSource::arm(bool at_once) noexcept {
  itimerspec when{};
  const auto seconds = interval_.count() / 1'000'000'000;
  when.it_interval = {seconds, interval_.count() % 1'000'000'000};
  when.it_value = when.it_interval;
  if (at_once) when.it_value = {0, 1};
  ::timerfd_settime(timer_.get(), 0, &when, nullptr);
}

std::size_t IteratorSource::drain(std::size_t budget) noexcept {
  if (!read_) {
    std::uint64_t expirations = 0;
    if (link_ < 0 || ::read(timer_.get(), &expirations, sizeof expirations) != sizeof expirations) return 0;
    read_ = Fd(bpf_iter_create(link_));
    used_ = 0;
    if (!read_) {
      if (error_ == 0) error_ = errno;
      return 0;
    }
  }
  std::size_t records = 0;
  while (records < budget) {
    const ssize_t got = ::read(read_.get(), buffer_.data() + used_, buffer_.size() - used_);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return budget;  // the kernel wants a pause
    if (got < 0 && error_ == 0) error_ = errno;
    if (got > 0) used_ += static_cast<std::size_t>(got);
    records += hand_over(got <= 0);
    if (got > 0) continue;
    read_.reset();
    return records;
  }
  return budget;  // there may be more
}

std::size_t IteratorSource::hand_over(bool at_end) noexcept {
  std::size_t begin = 0, records = 0;
  while (begin < used_) {
    std::size_t size = record_size_, step = record_size_;
    if (record_size_ == 0) {
      const void* const newline = std::memchr(buffer_.data() + begin, '\n', used_ - begin);
      const bool is_full = begin == 0 && used_ == buffer_.size();
      if (newline == nullptr && !at_end && !is_full) break;
      size = newline != nullptr
                 ? static_cast<std::size_t>(static_cast<const std::byte*>(newline) - buffer_.data()) - begin
                 : used_ - begin;
      step = size + (newline != nullptr ? 1 : 0);
    } else if (used_ - begin < record_size_) {
      if (!at_end) break;
      size = step = used_ - begin;  // truncated: the consumer reports it
    }
    consumer_.record(index_, {buffer_.data() + begin, size});
    begin += step;
    ++records;
  }
  std::memmove(buffer_.data(), buffer_.data() + begin, used_ - begin);
  used_ -= begin;
  return records;
}

}  // namespace probe_run
