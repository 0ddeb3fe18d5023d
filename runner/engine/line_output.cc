#include "engine/line_output.h"

#include "spec/output_spec.h"

namespace probe_run {
LineOutput::LineOutput(const OutputSpec& spec, const Input& input, OutputFormat format, Sink& sink,
                       const RenderContext& context, Diagnostics& diagnostics)
    : Output(spec, input.rows(), input.arrival(), context, diagnostics),
      input_(input),
      sink_(sink),
      format_(compile_format(
          format,
          {spec, view_.plan(), view_.batched(), sink.is_terminal() ? Reader::person : Reader::program,
           sink.screen().has_value(), input.has_rates()},
          diagnostics)),
      takes_summary_(traits_of(format).json_summary),
      keeps_together_(traits_of(format).sharing == Sharing::whole_target && !traits_of(format).in_array) {}

void LineOutput::set_title(const std::string& name, std::optional<Duration> interval) {
  if (Drawing* const drawing = format_->drawing())
    drawing->set_title(name, interval ? to_text(*interval) : "");
}

void LineOutput::begin() noexcept {
  if (begun_) return;
  begun_ = true;
  generation_ = sink_.generation();
  if (const Drawing* const drawing = format_->drawing()) sink_.leave_with(std::string(drawing->farewell()));
  format_->begin(sink_.buffer());
}

// A file opened after a rotation gets the beginning again, such as the head of a table.
void LineOutput::follow_sink() noexcept {
  if (generation_ == sink_.generation()) return;
  begun_ = false;
  begin();
}

void LineOutput::print(Bytes row) noexcept {
  if (!sink_.takes_row()) return;
  follow_sink();
  sink_.begin_row();
  format_->row(row, context_, sink_.buffer());
  sink_.line_done();
}

void LineOutput::row(Bytes row) noexcept {
  if (!view_.row(row, context_)) return;
  if (!begun_) begin();
  print(row);
}

void LineOutput::begin_read() noexcept {
  if (stopping_ && last_read_ && input_.shows_intervals() && !view_.is_cumulative()) {
    const Duration lasted(now_ - *last_read_);
    if (lasted < input_.interval()) partial_ = lasted;
  }
  last_read_ = now_;
  view_.begin_read();
}

void LineOutput::end_read() noexcept {
  if (view_.end_read()) show_last_batch();
}

void LineOutput::time(std::int64_t monotonic) noexcept {
  now_ = monotonic;
  if (view_.time(monotonic)) show_batch();
}

void LineOutput::finish() noexcept {
  begin();
  if (!view_.finish()) return;
  // The screen stays as it is if nothing arrived since the last draw.
  if (view_.rows() == 0 && format_->drawing() != nullptr) return;
  if (view_.partial()) partial_ = view_.partial();
  show_last_batch();
}

// Of an interval that the end of the run may have cut short. If it is the only one, all formats show it.
void LineOutput::show_last_batch() noexcept {
  if (partial_) {
    if (view_.rows() == 0) return shown_ ? void() : show_batch();
    begin();
    follow_sink();
    if (format_->partial(*partial_, sink_.buffer()) == Partial::left_out && shown_) {
      left_out_ += view_.rows();
      return;
    }
  }
  show_batch();
}

void LineOutput::add_to(Figures& figures) const {
  Output::add_to(figures);
  if (format_->drawing() == nullptr) figures.left_out += left_out_;
}

// Between two rows, records may be shown by outputs that share the sink. Where lines are not independent, such as those
// of a table, that must not tear the batch apart.
void LineOutput::show_batch() noexcept {
  shown_ = true;
  // A reader that takes nothing does not miss a picture: a later one takes its place.
  if (format_->drawing() != nullptr && sink_.is_behind()) {
    if (stopping_) sink_.flush();  // but not of the last one
    if (sink_.is_behind()) return;
  }
  if (!sink_.takes_rows(view_.rows())) return;
  begin();
  follow_sink();
  if (Drawing* const drawing = format_->drawing()) {
    drawing->prepare(sink_.screen().value_or(Screen()), context_.clock.at(static_cast<std::uint64_t>(now_)));
  }
  const bool together = keeps_together_ && interlude_ != nullptr;
  TextBuffer& out = together ? batch_ : sink_.buffer();
  view_.for_each([&](Bytes row) {
    if (together) {
      format_->row(row, context_, out);
    } else {
      print(row);
    }
    if (interlude_ != nullptr) interlude_->step();
  });
  format_->end_batch(out);
  if (together) sink_.buffer().append(batch_.view());
  batch_.clear();
  sink_.line_done();
}

}  // namespace probe_run
