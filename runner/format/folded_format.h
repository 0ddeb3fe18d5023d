// The folded format: "frame;frame;frame count", outermost first, for flamegraph.pl, inferno and speedscope.
#pragma once

#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "format/column.h"
#include "format/format.h"

namespace probe_run {

class FoldedFormat final : public Format {
 public:
  enum class Mode { stream, batch };  // batch: equal stacks of a batch are added

  // Reports rows without a stack, or with several numbers that could be the count.
  FoldedFormat(const OutputSpec& output, const Plan& plan, Mode mode, Diagnostics& diagnostics);

  void row(Bytes record, const RenderContext& context, TextBuffer& out) noexcept override;
  // Readers add all counts.
  Partial partial(Duration, TextBuffer&) noexcept override { return Partial::marked; }
  void end_batch(TextBuffer& out) noexcept override;

 private:
  struct Count {
    std::uint64_t whole = 0;
    double real = 0;
  };

  void choose_count(const OutputSpec& output, const std::vector<Column>& columns, Diagnostics& diagnostics);
  void append_frames(Bytes record, const RenderContext& context) noexcept;
  void append_stack(const Field& stack, Bytes record, const RenderContext& context) noexcept;
  Count count_of(Bytes record) const noexcept;
  void append_line(std::string_view frames, const Count& count, TextBuffer& out) const noexcept;

  Mode mode_;
  std::vector<const Field*> leading_;  // the outermost frames
  std::vector<const Field*> stacks_;   // of a process, then of the kernel
  const Field* count_ = nullptr;       // nullptr: each row counts 1
  TextBuffer line_, names_;
  std::unordered_map<std::string, std::size_t> index_;
  std::vector<std::pair<std::string, Count>> batch_;  // in the order of arrival
};

}  // namespace probe_run
