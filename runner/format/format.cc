#include "format/format.h"

namespace probe_run {

Format compile_format(OutputFormat format, const OutputSpec& output, const Plan& plan, TableFormat::Mode mode,
                      Reader reader, Diagnostics& diagnostics) {
  switch (format) {
    case OutputFormat::text:
      return TextFormat(output, plan, diagnostics);
    case OutputFormat::table:
      return TableFormat(compile_columns(output, plan, true, diagnostics), mode);
    case OutputFormat::live:
      return LiveFormat(output, plan, diagnostics);
    case OutputFormat::json:
      return JsonFormat(compile_columns(output, plan, false, diagnostics),
                        plan.other ? &*plan.other : nullptr);
    case OutputFormat::jsonl:
      return JsonlFormat(compile_columns(output, plan, false, diagnostics),
                         plan.other ? &*plan.other : nullptr);
    case OutputFormat::csv:
      return CsvFormat(compile_columns(output, plan, true, diagnostics), reader);
    case OutputFormat::folded:
      return FoldedFormat(
          output, plan,
          mode == TableFormat::Mode::batch ? FoldedFormat::Mode::batch : FoldedFormat::Mode::stream,
          diagnostics);
    case OutputFormat::raw:
      return RawFormat(output, diagnostics);
    case OutputFormat::histogram:
      return HistogramFormat(output, plan, diagnostics);
    case OutputFormat::prometheus:
    case OutputFormat::openmetrics:
      break;  // no rows: see format/metric_text.h
  }
  return JsonlFormat({}, nullptr);
}

}  // namespace probe_run
