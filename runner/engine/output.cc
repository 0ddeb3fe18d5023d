#include "engine/output.h"

namespace probe_run {
Output::Output(const OutputSpec& spec, const Plan& plan, View::Arrival arrival, bool rates,
               OutputFormat format, Sink& sink, Diagnostics& diagnostics)
    : sink_(sink),
      view_(spec, plan, arrival, diagnostics),
      format_(compile_format(
          format,
          {spec, view_.plan(), view_.batched(), sink.is_terminal() ? Reader::person : Reader::program,
           sink.screen().has_value(), rates},
          diagnostics)),
      takes_summary_(traits_of(format).json_summary) {}

void Output::set_title(const std::string& name, std::optional<Duration> interval) {
  if (Drawing* const drawing = format_->drawing())
    drawing->set_title(name, interval ? to_text(*interval) : "");
}

void Output::begin() noexcept {
  if (begun_) return;
  begun_ = true;
  generation_ = sink_.generation();
  if (const Drawing* const drawing = format_->drawing()) sink_.leave_with(std::string(drawing->farewell()));
  format_->begin(sink_.buffer());
}

// A file that took the place of another begins as that one did.
void Output::follow_sink() noexcept {
  if (generation_ == sink_.generation()) return;
  begun_ = false;
  begin();
}

void Output::print(Bytes row, const RenderContext& context) noexcept {
  follow_sink();
  sink_.begin_row();
  format_->row(row, context, sink_.buffer());
  sink_.line_done();
}

void Output::row(Bytes row, const RenderContext& context) noexcept {
  if (!view_.row(row, context)) return;
  if (!begun_) begin();
  print(row, context);
}

void Output::end_read(const RenderContext& context) noexcept {
  if (view_.end_read()) show_batch(context);
}

void Output::time(std::int64_t monotonic, const RenderContext& context) noexcept {
  now_ = monotonic;
  if (view_.time(monotonic)) show_batch(context);
}

void Output::finish(const RenderContext& context) noexcept {
  begin();
  if (!view_.finish()) return;
  // What is on the screen stays there when the last moments brought nothing.
  if (view_.rows() == 0 && format_->drawing() != nullptr) return;
  show_batch(context);
}

void Output::show_batch(const RenderContext& context) noexcept {
  begin();
  follow_sink();
  if (Drawing* const drawing = format_->drawing()) {
    drawing->prepare(sink_.screen().value_or(Screen()), context.clock.at(static_cast<std::uint64_t>(now_)));
  }
  view_.for_each([&](Bytes row) { print(row, context); });
  format_->end_batch(sink_.buffer());
  sink_.line_done();
}

}  // namespace probe_run
