#include "engine/output.h"

namespace probe_run {
namespace {

// Where nothing can be drawn upon, a live table is a table.
OutputFormat drawn_format(OutputFormat format, const Sink& sink) {
  return format == OutputFormat::live && !sink.screen() ? OutputFormat::table : format;
}

TableFormat::Mode table_mode(const View& view) {
  return view.batched() ? TableFormat::Mode::batch : TableFormat::Mode::stream;
}

}  // namespace

Output::Output(const OutputSpec& spec, const Plan& plan, View::Arrival arrival, OutputFormat format,
               Sink& sink, Diagnostics& diagnostics)
    : sink_(sink),
      view_(spec, plan, arrival, diagnostics),
      format_(compile_format(drawn_format(format, sink), spec, view_.plan(), table_mode(view_),
                             sink.is_terminal() ? Reader::person : Reader::program, diagnostics)),
      takes_summary_(format == OutputFormat::jsonl || format == OutputFormat::json) {
  if (format == OutputFormat::live && !view_.batched()) {
    diagnostics.error(spec.at, "a live table needs rows that are shown together, and these come one by one",
                      "group them: \"group_by\": [\"comm\"], \"aggregate\": { \"count\": \"count\" }, "
                      "\"every\": \"1s\"");
  }
}

void Output::set_title(const std::string& name, std::optional<Duration> interval) {
  if (auto* live = std::get_if<LiveFormat>(&format_))
    live->set_title(name, interval ? to_text(*interval) : "");
}

void Output::begin() noexcept {
  if (begun_) return;
  begun_ = true;
  generation_ = sink_.generation();
  if (std::holds_alternative<LiveFormat>(format_)) sink_.leave_with(std::string(LiveScreen::restore));
  std::visit([&](auto& format) { format.begin(sink_.buffer()); }, format_);
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
  std::visit([&](auto& format) { format.row(row, context, sink_.buffer()); }, format_);
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
  if (view_.rows() == 0 && std::holds_alternative<LiveFormat>(format_)) return;
  show_batch(context);
}

void Output::show_batch(const RenderContext& context) noexcept {
  begin();
  follow_sink();
  if (auto* live = std::get_if<LiveFormat>(&format_)) {
    live->prepare(sink_.screen().value_or(Screen()), context.clock.at(static_cast<std::uint64_t>(now_)));
  }
  view_.for_each([&](Bytes row) { print(row, context); });
  std::visit([&](auto& format) { format.end_batch(sink_.buffer()); }, format_);
  sink_.line_done();
}

}  // namespace probe_run
