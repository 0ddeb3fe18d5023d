// The formats. To add one: a class with begin(), row() and end_batch() in a file of its own, its name in the
// enum OutputFormat (spec/spec.h), and its place in the variant and in compile_format(); the compiler names
// what was forgotten.
#pragma once

#include <variant>

#include "format/csv_format.h"
#include "format/folded_format.h"
#include "format/histogram_format.h"
#include "format/json_format.h"
#include "format/jsonl_format.h"
#include "format/live_format.h"
#include "format/raw_format.h"
#include "format/table_format.h"
#include "format/text_format.h"

namespace probe_run {

using Format = std::variant<TextFormat, TableFormat, LiveFormat, JsonFormat, JsonlFormat, CsvFormat,
                            HistogramFormat, FoldedFormat, RawFormat>;

// Compiles the output's format for rows of `plan`, which must outlive it.
Format compile_format(OutputFormat format, const OutputSpec& output, const Plan& plan, TableFormat::Mode mode,
                      Reader reader, Diagnostics& diagnostics);

}  // namespace probe_run
