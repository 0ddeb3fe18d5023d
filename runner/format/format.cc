#include "format/format.h"

namespace probe_run {

Format compile_format(OutputFormat format, const OutputSpec& output, const Plan& plan, TableFormat::Mode mode,
                      Reader reader, Diagnostics& diagnostics) {
  switch (format) {
    case OutputFormat::text:
      return TextFormat(output, plan, diagnostics);
    case OutputFormat::table:
      return TableFormat(compile_columns(output, plan, true, diagnostics), mode);
    case OutputFormat::jsonl:
      return JsonlFormat(compile_columns(output, plan, false, diagnostics));
    case OutputFormat::csv:
      return CsvFormat(compile_columns(output, plan, true, diagnostics), reader);
    case OutputFormat::prometheus:
    case OutputFormat::openmetrics:
      break;  // no rows: see format/metric_text.h
  }
  return JsonlFormat({});
}

}  // namespace probe_run
