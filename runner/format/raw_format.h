// The raw format: the bytes of each record in hexadecimal, a line each; nothing is decoded. `xxd -r -p` gives
// the bytes back.
#pragma once

#include "decode/renderer.h"
#include "decode/slot.h"
#include "spec/spec.h"

namespace probe_run {

class RawFormat {
 public:
  // Reports what has no bytes of its own: groups, printed lines, single fields.
  RawFormat(const OutputSpec& output, Diagnostics& diagnostics);

  void begin(TextBuffer&) noexcept {}
  void row(Bytes record, const RenderContext& context, TextBuffer& out) noexcept;
  void end_batch(TextBuffer&) noexcept {}
};

}  // namespace probe_run
