#include "format/histogram_format.h"

#include <fmt/format.h>

#include <algorithm>

#include "spec/output_spec.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// As wide as the histograms of bcc: bounds of more than 10 digits reduce the width of the bars.
struct Widths {
  std::size_t bound, margin, title, stars;
};
constexpr Widths narrow{10, 5, 19, 40};
constexpr Widths broad{20, 15, 29, 20};

void append_padded(std::string_view text, std::size_t width, bool right, TextBuffer& out) noexcept {
  const std::size_t padding = width > text.size() ? width - text.size() : 0;
  if (right) out.append(padding, ' ');
  out.append(text);
  if (!right) out.append(padding, ' ');
}

}  // namespace

HistogramFormat::HistogramFormat(const OutputSpec& output, const Plan& plan, Diagnostics& diagnostics) {
  for (Column& column : compile_columns(output, plan, true, diagnostics)) {
    const std::string name = escape_for_terminal(column.name);
    if (column.field->histogram) {
      const std::string& unit = column.field->histogram->unit;
      pictures_.push_back(
          {unit.empty() ? name : fmt::format("{} ({})", name, escape_for_terminal(unit)), column.field});
    } else {
      headings_.push_back({name + " = ", std::move(column)});
    }
  }
  if (!pictures_.empty() || diagnostics.failed()) return;
  diagnostics.error(output.at, "the format histogram needs a histogram",
                    "add \"aggregate\": { \"latency\": \"log2(latency)\" }, or \"histogram\": \"log2\" for a "
                    "field that is an array of counts");
}

void HistogramFormat::row(Bytes record, const RenderContext& context, TextBuffer& out) noexcept {
  if (!first_) out.append('\n');
  first_ = false;
  append_headings(record, context, out);
  bool next = false;
  for (const Picture& picture : pictures_) {
    if (!present(*picture.field, record)) continue;
    if (next) out.append('\n');
    next = true;
    append_bars(picture, record, out);
  }
}

Partial HistogramFormat::partial(Duration lasted, TextBuffer& out) noexcept {
  if (!first_) out.append('\n');
  out.append(partial_title(lasted));
  out.append('\n');
  first_ = true;
  return Partial::marked;
}

void HistogramFormat::append_headings(Bytes record, const RenderContext& context, TextBuffer& out) noexcept {
  bool any = false;
  for (const Heading& heading : headings_) {
    const bool other = heading.column.other.in(record);
    if (other && heading.column.other.text.empty()) continue;
    if (any) out.append(", ");
    any = true;
    out.append(heading.before);
    if (other) {
      out.append(heading.column.other.text);
    } else {
      append_plain(*heading.column.field, record, context, Reader::person, out);
    }
  }
  if (any) out.append('\n');
}

void HistogramFormat::append_bound(const Histogram& histogram, bool low, const Histogram::Range& range,
                                   TextBuffer& out) noexcept {
  if (low ? range.open_low : range.open_high) return out.append("...");
  if (histogram.whole) return append_wide(out, static_cast<Wide>(low ? range.low : range.high), true);
  char text[32];
  const auto end = fmt::format_to_n(text, sizeof text, "{:.6g}", low ? range.from : range.to);
  out.append(std::string_view(text, std::min(end.size, sizeof text)));
}

void HistogramFormat::append_bars(const Picture& picture, Bytes record, TextBuffer& out) noexcept {
  const Histogram& histogram = *picture.field->histogram;
  std::size_t index = 0;
  std::size_t begin = 0;
  std::size_t end = 0;
  double most = 0;
  std::size_t longest = 0;
  const auto bound = [&](bool low, const Histogram::Range& range) {
    scratch_.clear();
    append_bound(histogram, low, range, scratch_);
    return scratch_.view();
  };
  for_each_bucket(*picture.field, record, [&](const Histogram::Range& range, const BucketCount& count) {
    ++index;
    if (!(count.real > 0)) return;
    if (end == 0) begin = index - 1;
    end = index;
    most = std::max(most, count.real);
    longest = std::max({longest, bound(true, range).size(), bound(false, range).size()});
  });
  const Widths& widths = longest <= narrow.bound ? narrow : broad;
  out.append(widths.margin, ' ');
  append_padded(picture.title, widths.title, false, out);
  out.append(" : count    distribution\n");
  index = 0;
  for_each_bucket(*picture.field, record, [&](const Histogram::Range& range, const BucketCount& count) {
    const std::size_t at = index++;
    if (at < begin || at >= end) return;
    append_padded(bound(true, range), widths.bound, true, out);
    out.append(" -> ");
    append_padded(bound(false, range), widths.bound, false, out);
    out.append(" : ");
    char text[32];
    const auto written = count.floating ? fmt::format_to_n(text, sizeof text, "{:<8.1f}", count.real)
                                        : fmt::format_to_n(text, sizeof text, "{:<8}", count.number);
    out.append(std::string_view(text, std::min(written.size, sizeof text)));
    out.append(" |");
    const auto stars = std::min(
        widths.stars, static_cast<std::size_t>(static_cast<double>(widths.stars) * (count.real / most)));
    out.append(stars, '*');
    out.append(widths.stars - stars, ' ');
    out.append("|\n");
  });
}

std::unique_ptr<Format> compile_histogram(const FormatRequest& request, Diagnostics& diagnostics) {
  return std::make_unique<HistogramFormat>(request.output, request.plan, diagnostics);
}

}  // namespace probe_run
