#include "source/iterator_source.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "object/libbpf.h"
#include "support/error.h"
#include "support/fd.h"

namespace probe_run {
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
  const int error = errno;
  throw Error("cannot create a timer: " + errno_text(error),
              error == EMFILE ? descriptor_limit_hint() : std::string());
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
