#include "sink/sink.h"

namespace probe_run {

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
