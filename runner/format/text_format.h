// The text format: one line a row, by a template.
#pragma once

#include <string>
#include <vector>

#include "decode/renderer.h"
#include "format/column.h"
#include "format/text_template.h"

namespace probe_run {

class TextFormat {
 public:
  // Without a template a row is "name=value name=value". Reports mistakes of the template at their place in
  // the spec.
  TextFormat(const OutputSpec& output, const Plan& plan, Diagnostics& diagnostics);

  void begin(TextBuffer&) noexcept {}
  void row(Bytes record, const RenderContext& context, TextBuffer& out) noexcept;
  void end_batch(TextBuffer&) noexcept {}

 private:
  void append_field(Segment& segment, Bytes record, const RenderContext& context, TextBuffer& out) noexcept;

  // What scratch_ holds, in the segment's width.
  void append_aligned(const Segment& segment, TextBuffer& out) noexcept;

  std::vector<Segment> segments_;
  TextBuffer scratch_;
};

}  // namespace probe_run
