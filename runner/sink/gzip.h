// Compresses documents, with one state for all of them.
#pragma once

#include <memory>
#include <string_view>

#include "support/interlude.h"
#include "support/text_buffer.h"

namespace probe_run {

class Gzip {
 public:
  Gzip();
  ~Gzip();
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

  // Replaces what is in `out` by `text` as a file of gzip. False if the memory for it is missing.
  bool compress(std::string_view text, Interlude& interlude, TextBuffer& out) noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;  // from the first document on
};

}  // namespace probe_run
