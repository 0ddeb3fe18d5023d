#include "command/output.h"

namespace probe_run {
namespace {

TableFormat::Mode table_mode(const View& view) {
  return view.batched() ? TableFormat::Mode::batch : TableFormat::Mode::stream;
}

}  // namespace

Output::Output(const OutputSpec& spec, const Plan& plan, View::Arrival arrival, OutputFormat format,
               Sink& sink, Diagnostics& diagnostics)
    : sink_(sink),
      view_(spec, plan, arrival, diagnostics),
      format_(compile_format(format, spec, view_.plan(), table_mode(view_),
                             sink.is_terminal() ? Reader::person : Reader::program, diagnostics)),
      takes_summary_(format == OutputFormat::jsonl) {}

void Output::begin() noexcept {
  if (begun_) return;
  begun_ = true;
  std::visit([&](auto& format) { format.begin(sink_.buffer()); }, format_);
}

void Output::print(Bytes row, const RenderContext& context) noexcept {
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
  if (view_.time(monotonic)) show_batch(context);
}

void Output::finish(const RenderContext& context) noexcept {
  begin();
  if (view_.finish()) show_batch(context);
}

void Output::show_batch(const RenderContext& context) noexcept {
  begin();
  view_.for_each([&](Bytes row) { print(row, context); });
  std::visit([&](auto& format) { format.end_batch(sink_.buffer()); }, format_);
  sink_.line_done();
}

}  // namespace probe_run
