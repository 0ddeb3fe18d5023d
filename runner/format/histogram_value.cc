#include "format/histogram_value.h"

#include <limits>

#include "decode/field_value.h"
#include "decode/histogram_reader.h"
#include "format/json_value.h"
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

void add(BucketCount& total, const BucketCount& count) noexcept {
  total.floating = total.floating || count.floating;
  total.real += count.real;
  if (__builtin_add_overflow(total.number, count.number, &total.number)) {
    total.number = std::numeric_limits<std::uint64_t>::max();
  }
}

// A number as the bounds are, whatever the field is rendered as: one is compared with the other.
void append_sum(const Field& sum, Bytes record, const RenderContext& context, TextBuffer& out) noexcept {
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
    add(total, count);
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
  if (const Field* const sum = field.histogram->sum.get(); sum != nullptr && present(*sum, record)) {
    out.append(",\"sum\":");
    append_sum(*sum, record, context, out);
  }
  out.append('}');
}

}  // namespace probe_run
