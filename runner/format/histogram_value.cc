#include "format/histogram_value.h"

#include "decode/field_value.h"
#include "decode/histogram_reader.h"
#include "format/json_value.h"
#include "format/metric_value.h"
#include "format/plain_value.h"

namespace probe_run {
namespace {

void append_bound(bool whole, SignedWide exact, double value, TextBuffer& out) noexcept {
  if (whole) return append_wide(out, static_cast<Wide>(exact), true);
  append_float(out, value, sizeof value);
}

void append_count(const BucketCount& count, TextBuffer& out) noexcept {
  if (count.floating) return append_float(out, count.real, sizeof count.real);
  append_number(out, count.number);
}

// A number as the bounds are, whatever the field is rendered as: one is compared with the other.
void append_sum(const Field& sum, double factor, Bytes record, const RenderContext& context,
                TextBuffer& out) noexcept {
  if (factor != 1)
    return append_float(out, scaled(to_double(load_number(sum, record)), factor), sizeof(double));
  if (!sum.scalar) return append_json(sum, record, context, out);
  const std::uint64_t value = load(record, sum.slot);
  if (sum.slot.is_signed) return append_number(out, static_cast<std::int64_t>(value));
  append_number(out, value);
}

}  // namespace

void append_plain_histogram(const Field& field, Bytes record, TextBuffer& out) noexcept {
  const bool whole = field.histogram->whole;
  bool first = true;
  for_each_bucket(field, record, [&](const Histogram::Range& range, const BucketCount& count) {
    if (!(count.real > 0)) return;
    if (!first) out.append(' ');
    first = false;
    const bool closed = whole || range.from == range.to;
    out.append(closed && !range.open_low ? '[' : '(');
    range.open_low ? out.append("...") : append_bound(whole, range.low, range.from, out);
    out.append(',');
    range.open_high ? out.append("...") : append_bound(whole, range.high, range.to, out);
    out.append(range.open_high ? ")=" : "]=");
    append_count(count, out);
  });
  if (first) out.append("[]");
}

void append_json_histogram(const Field& field, Bytes record, const RenderContext& context,
                           TextBuffer& out) noexcept {
  const bool whole = field.histogram->whole;
  std::size_t index = 0;
  std::size_t begin = 0;
  std::size_t end = 0;
  BucketCount total;
  for_each_bucket(field, record, [&](const Histogram::Range&, const BucketCount& count) {
    ++index;
    total += count;
    if (!(count.real > 0)) return;
    if (end == 0) begin = index - 1;
    end = index;
  });
  out.append("{\"buckets\":[");
  index = 0;
  for_each_bucket(field, record, [&](const Histogram::Range& range, const BucketCount& count) {
    const std::size_t at = index++;
    if (at < begin || at >= end) return;
    out.append(at > begin ? ",{" : "{");
    if (!range.open_low) {
      out.append("\"from\":");
      append_bound(whole, range.low, range.from, out);
      out.append(',');
    }
    if (!range.open_high) {
      out.append("\"to\":");
      append_bound(whole, range.high, range.to, out);
      out.append(',');
    }
    out.append("\"count\":");
    append_count(count, out);
    out.append('}');
  });
  out.append("],\"count\":");
  append_count(total, out);
  if (const HistogramSum sum = sum_of(field, record); sum.field != nullptr) {
    out.append(",\"sum\":");
    append_sum(*sum.field, field.histogram->sum.factor, sum.bytes, context, out);
  }
  out.append('}');
}

}  // namespace probe_run
