// The text format: one line a row, by a template.
#pragma once

#include <string>
#include <vector>

#include "format/format.h"
#include "format/text_template.h"

namespace probe_run {

class TextFormat final : public Format {
 public:
  // Without a template a row is "name=value name=value". Reports mistakes of the template at their positions in the
  // spec.
  TextFormat(const OutputSpec& output, const Plan& plan, Diagnostics& diagnostics);

  void row(Bytes record, const RenderContext& context, TextBuffer& out) noexcept override;
  Partial partial(Duration lasted, TextBuffer& out) noexcept override;

 private:
  void append_field(Segment& segment, Bytes record, const RenderContext& context, TextBuffer& out) noexcept;

  // What scratch_ holds, in the segment's width.
  void append_aligned(const Segment& segment, TextBuffer& out) noexcept;

  std::vector<Segment> segments_;
  TextBuffer scratch_;
};

}  // namespace probe_run
