// The interface of formats: rows in, text out. The table of all formats is in format/formats.cc: to add one, write a
// file with its compile function and add its row there.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "decode/plan.h"
#include "decode/renderer.h"
#include "format/metric_text.h"
#include "format/plain_value.h"
#include "support/duration.h"
#include "support/screen.h"
#include "support/source_text.h"

namespace probe_run {

enum class OutputFormat : std::uint8_t;
struct OutputSpec;

// The part of a format that draws its rows in place on a terminal.
class Drawing {
 public:
  // The title line: the spec, and how often it is drawn ("" if unknown).
  virtual void set_title(const std::string& name, std::string interval) = 0;
  // Before each draw.
  virtual void prepare(const Screen& screen, std::int64_t wall_ns) noexcept = 0;
  // Restores the terminal at the end.
  virtual std::string_view farewell() const noexcept = 0;

 protected:
  ~Drawing() = default;
};

// What a format does with the last interval of a run, which did not last as long as the others: its counts and rates
// would be taken for those of a whole interval.
enum class Partial {
  marked,   // its rows say how long it was, or are added to those before in any case
  left_out  // its rows cannot say it, so only whole intervals are shown
};

// "interval of 0.2 s", for people.
std::string partial_title(Duration lasted);
// 0.2
std::string partial_seconds(Duration lasted);

class Format {
 public:
  virtual ~Format() = default;

  // Before the first row, and again at the beginning of a file that replaces another.
  virtual void begin(TextBuffer&) noexcept {}
  virtual void row(Bytes record, const RenderContext& context, TextBuffer& out) noexcept = 0;
  // The next batch is of an interval that lasted only so long. Marks it, or has it left out.
  virtual Partial partial(Duration lasted, TextBuffer& out) noexcept = 0;
  // After the rows that are shown together.
  virtual void end_batch(TextBuffer&) noexcept {}
  virtual Drawing* drawing() noexcept { return nullptr; }
};

// The input for compiling a format. All of it must outlive the format.
struct FormatRequest {
  const OutputSpec& output;
  const Plan& plan;      // of the rows
  bool batched = false;  // rows are shown together, each batch followed by end_batch()
  Reader reader = Reader::program;
  bool drawable = false;  // the sink is a terminal with a screen
  bool rates = false;     // the rows of the input are not a map's entries but computed from them
};

// Whether outputs in different formats may write to one target.
enum class Sharing {
  unstated,     // does not compile
  lines,        // rows are independent, so rows of other formats may be mixed in
  whole_target  // a header, a document or a reader for which every line must be in this format
};

struct FormatTraits {
  std::string_view name;
  std::string_view about;  // in a few words
  Sharing sharing = Sharing::unstated;
  // Reports mistakes. nullptr for a format of metrics.
  std::unique_ptr<Format> (*compile)(const FormatRequest&, Diagnostics&) = nullptr;
  // Metrics are a state, which is written as a whole, not row by row.
  std::optional<MetricDialect> metrics = {};
  bool takes_template = false;
  bool in_array = false;      // rows are the elements of one JSON array, which the sink makes (sink/sink.h)
  bool json_summary = false;  // a JSON object about the whole run may follow the rows
  bool draws = false;         // in place, so it shares a terminal with no other output
  std::string_view instead = {};  // a similar format that is read line by line
};

const FormatTraits& traits_of(OutputFormat format) noexcept;
inline bool is_metrics(OutputFormat format) noexcept {
  return traits_of(format).metrics.has_value();
}

// REQUIRES: `name` is in EnumNames<OutputFormat>
OutputFormat format_named(std::string_view name) noexcept;

// If neither the spec nor the command line selects one.
OutputFormat default_format(const OutputSpec& output, bool to_terminal) noexcept;
OutputFormat default_metrics_format() noexcept;

// REQUIRES: !is_metrics(format)
std::unique_ptr<Format> compile_format(OutputFormat format, const FormatRequest& request,
                                       Diagnostics& diagnostics);

}  // namespace probe_run
