#include "sink/sink.h"

#include <algorithm>
#include <limits>

namespace probe_run {

void Sink::set_behind(const SlowReader& reader) noexcept {
  behind_ = !buffer_.empty();
  stuck_ = reader.is_stuck();
  // A stuck reader is only tried again by whoever calls flush().
  flush_at_ = stuck_ ? std::numeric_limits<std::size_t>::max()
                     : std::max(std::min(buffer_.size() + flush_size, most_waiting), buffer_.size() + 1);
}

void Sink::close_array() noexcept {
  if (open_) buffer_.append("\n]\n");
  open_ = false;
}

void Sink::finish() noexcept {
  if (finished_) return;
  // An array without rows is one too.
  if (is_array_ && !open_) buffer_.append("[]\n");
  close_array();
  buffer_.append(farewell_);
  flush();
  give_up();
  finished_ = true;
}

}  // namespace probe_run
