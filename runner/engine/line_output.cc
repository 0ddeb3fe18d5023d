#include "engine/line_output.h"

#include "spec/output_spec.h"

namespace probe_run {
LineOutput::LineOutput(const OutputSpec& spec, const Input& input, OutputFormat format, Sink& sink,
                       const RenderContext& context, Diagnostics& diagnostics)
    : Output(spec, input.rows(), input.arrival(), context, diagnostics),
      sink_(sink),
      format_(compile_format(
          format,
          {spec, view_.plan(), view_.batched(), sink.is_terminal() ? Reader::person : Reader::program,
           sink.screen().has_value(), input.has_rates()},
          diagnostics)),
      takes_summary_(traits_of(format).json_summary) {}

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

void LineOutput::end_read() noexcept {
  if (view_.end_read()) show_batch();
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
  show_batch();
}

void LineOutput::show_batch() noexcept {
  // A reader that takes nothing does not miss a picture: a later one takes its place.
  if (sink_.is_behind() && format_->drawing() != nullptr) return;
  if (!sink_.takes_rows(view_.rows())) return;
  begin();
  follow_sink();
  if (Drawing* const drawing = format_->drawing()) {
    drawing->prepare(sink_.screen().value_or(Screen()), context_.clock.at(static_cast<std::uint64_t>(now_)));
  }
  view_.for_each([&](Bytes row) { print(row); });
  format_->end_batch(sink_.buffer());
  sink_.line_done();
}

}  // namespace probe_run
