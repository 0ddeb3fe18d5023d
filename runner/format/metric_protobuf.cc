#include "format/metric_protobuf.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <span>

namespace probe_run {
namespace {

// The part of the wire format of Protocol Buffers that these messages need.
class Message {
 public:
  void varint(unsigned field, std::uint64_t value) {
    tag(field, 0);
    raw_varint(value);
  }
  void zigzag(unsigned field, std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value);
    varint(field, (bits << 1) ^ (value < 0 ? ~std::uint64_t{0} : 0));
  }
  void real(unsigned field, double value) {
    tag(field, 1);
    const auto bits = std::bit_cast<std::uint64_t>(value);
    for (unsigned shift = 0; shift < 64; shift += 8) out_.append(static_cast<char>((bits >> shift) & 0xff));
  }
  void text(unsigned field, std::string_view value) {
    tag(field, 2);
    raw_varint(value.size());
    out_.append(value);
  }
  void message(unsigned field, const Message& message) { text(field, message.out_.view()); }

  // Appends the fields of another message.
  void append(const Message& fields) { out_.append(fields.view()); }

  std::string_view view() const { return out_.view(); }
  static void append_length(TextBuffer& out, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out.append(static_cast<char>((value & 0x7f) | 0x80));
    out.append(static_cast<char>(value));
  }

 private:
  void tag(unsigned field, unsigned wire_type) { raw_varint(std::uint64_t{field} << 3 | wire_type); }
  void raw_varint(std::uint64_t value) { append_length(out_, value); }

  TextBuffer out_;
};

// MetricType of the messages.
std::uint64_t type_number(MetricType type) {
  switch (type) {
    case MetricType::counter:
      return 0;
    case MetricType::gauge:
      return 1;
    case MetricType::untyped:
      return 3;
    case MetricType::histogram:
      return 4;
  }
  return 3;
}

// The member of a Metric that has the number.
unsigned value_field(MetricType type) {
  return type == MetricType::counter ? 3 : type == MetricType::gauge ? 2 : 5;
}

// Runs of consecutive buckets, and each count as the difference from the previous one.
void add_buckets(Message& message, const std::map<std::int32_t, std::uint64_t>& buckets, unsigned span_field,
                 unsigned delta_field) {
  std::uint64_t before = 0;
  Message deltas;
  std::int64_t next = 0;  // the index that would continue the run
  for (auto i = buckets.begin(); i != buckets.end();) {
    const auto first = i;
    std::uint64_t length = 0;
    std::int64_t index = first->first;
    for (; i != buckets.end() && i->first == index; ++i, ++index, ++length) {
      deltas.zigzag(delta_field, static_cast<std::int64_t>(i->second - before));
      before = i->second;
    }
    Message span;
    span.zigzag(1, first->first - next);
    span.varint(2, length);
    message.message(span_field, span);
    next = index;
  }
  message.append(deltas);
}

Message histogram_message(const MetricHistogram& histogram, std::size_t served) {
  // The lowest value of a bucket; those below it count as zeros.
  constexpr double zero_threshold = 2.938735877055719e-39;
  Message message;
  message.varint(1, histogram.count);
  message.real(2, histogram.sum ? to_double(*histogram.sum) : histogram.estimated_sum());
  if (histogram.exponential) {
    message.zigzag(5, histogram.scale);
    message.real(6, zero_threshold);
    message.varint(7, histogram.zeros);
    add_buckets(message, histogram.negative, 9, 10);
    add_buckets(message, histogram.positive, 12, 13);
    return message;
  }
  std::uint64_t below = 0;
  for (const MetricHistogram::Bucket& bucket :
       std::span(histogram.buckets).first(std::min(served, histogram.buckets.size()))) {
    if (std::isinf(bucket.upper)) continue;  // readers add the last one
    below += bucket.count;
    Message part;
    part.varint(1, below);
    part.real(2, bucket.upper);
    message.message(3, part);
  }
  return message;
}

Message metric_message(const MetricFamily::Head& head, const MetricFamily::Series& series,
                       std::size_t buckets) {
  Message metric;
  std::string_view labels = series.labels;
  for (const std::string& name : head.labels) {
    const std::string_view value = LabelValues::take(labels);
    if (value.empty()) continue;  // the same as no such label
    Message pair;
    pair.text(1, name);
    pair.text(2, value);
    metric.message(1, pair);
  }
  if (const auto* histogram = std::get_if<MetricHistogram>(&series.value)) {
    metric.message(7, histogram_message(*histogram, buckets));
  } else {
    Message value;
    value.real(1, to_double(std::get<MetricNumber>(series.value)));
    metric.message(value_field(head.type), value);
  }
  return metric;
}

}  // namespace

void append_metrics_protobuf(TextBuffer& out, std::span<const MetricFamily* const> families,
                             Interlude& interlude) {
  for (const MetricFamily* family : families) {
    if (family->series().empty()) continue;
    const MetricFamily::Head& head = family->head();
    Message message;
    message.text(1, head.type == MetricType::counter ? head.name + "_total" : head.name);
    if (const std::string help = family->help(); !help.empty()) message.text(2, help);
    message.varint(3, type_number(head.type));
    const std::size_t buckets =
        family->served_buckets();  // this, and the series, may grow within an interlude
    const std::size_t count = family->series().size();
    for (std::size_t i = 0; i < count; ++i) {
      message.message(4, metric_message(head, family->series()[i], buckets));
      interlude.step();
    }
    Message::append_length(out, message.view().size());
    out.append(message.view());
  }
}

}  // namespace probe_run
