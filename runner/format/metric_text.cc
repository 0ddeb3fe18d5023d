#include "format/metric_text.h"

#include <fmt/format.h>

#include <cmath>
#include <string>
#include <vector>

#include "support/utf8.h"

namespace probe_run {
namespace {

class Writer {
 public:
  Writer(TextBuffer& out, MetricDialect dialect, Interlude& interlude, Reader reader)
      : out_(out),
        openmetrics_(dialect == MetricDialect::openmetrics),
        interlude_(interlude),
        reader_(reader) {}

  void family(const MetricFamily& family) {
    const MetricFamily::Head& head = family.head();
    const bool counter = head.type == MetricType::counter;
    sample_ = counter ? head.name + "_total" : head.name;
    // In OpenMetrics the family of a counter has no "_total".
    const std::string& name = openmetrics_ ? head.name : sample_;
    const std::string help = family.help();
    if (!help.empty()) line("# HELP ", name, [&] { escaped(help, openmetrics_); });
    line("# TYPE ", name, [&] { out_.append(type_name(head.type)); });
    if (openmetrics_ && !head.unit.empty()) line("# UNIT ", name, [&] { out_.append(head.unit); });
    const std::size_t buckets =
        family.served_buckets();  // this, and the series, may grow within an interlude
    const std::size_t count = family.series().size();
    for (std::size_t i = 0; i < count; ++i) {
      const MetricFamily::Series& series = family.series()[i];
      if (const auto* histogram = std::get_if<MetricHistogram>(&series.value)) {
        this->histogram(head, series.labels, *histogram, buckets);
      } else {
        sample("", head, series.labels, {});
        number(std::get<MetricNumber>(series.value));
        out_.append('\n');
      }
      interlude_.step();
    }
  }

 private:
  std::string_view type_name(MetricType type) const {
    if (type == MetricType::untyped && openmetrics_) return "unknown";
    return name_of(type);
  }

  template <class Rest>
  void line(std::string_view keyword, std::string_view name, Rest rest) {
    out_.append(keyword);
    out_.append(name);
    out_.append(' ');
    rest();
    out_.append('\n');
  }

  // name{labels} and a space
  void sample(std::string_view suffix, const MetricFamily::Head& head, std::string_view labels,
              std::string_view bound) {
    out_.append(sample_);
    out_.append(suffix);
    char separator = '{';
    const auto label = [&](std::string_view name, std::string_view value) {
      if (value.empty()) return;  // the same as no such label
      out_.append(separator);
      separator = ',';
      out_.append(name);
      out_.append("=\"");
      if (reader_ == Reader::person) {
        escaped(escape_for_terminal(value), true);
      } else {
        escaped(value, true);
      }
      out_.append('"');
    };
    for (const std::string& name : head.labels) label(name, LabelValues::take(labels));
    label("le", bound);
    if (separator == ',') out_.append('}');
    out_.append(' ');
  }

  void histogram(const MetricFamily::Head& head, std::string_view labels, const MetricHistogram& histogram,
                 std::size_t served) {
    std::uint64_t below = 0;
    std::vector<MetricHistogram::Bucket> buckets = classic_buckets(histogram);
    if (!histogram.exponential && buckets.size() > served) buckets.resize(served);
    for (const MetricHistogram::Bucket& bucket : buckets) {
      if (std::isinf(bucket.upper) && bucket.upper > 0) continue;  // below, once and with all
      below += bucket.count;
      bound_.clear();
      real(bound_, bucket.upper);
      // OpenMetrics and the libraries of Prometheus write 1.0 there.
      if (openmetrics_ && bound_.view().find_first_of(".eIN") == std::string_view::npos) bound_.append(".0");
      sample("_bucket", head, labels, bound_.view());
      append_number(out_, below);
      out_.append('\n');
    }
    sample("_bucket", head, labels, "+Inf");
    append_number(out_, histogram.count);
    out_.append('\n');
    // OpenMetrics has a count only with a sum.
    sample("_sum", head, labels, {});
    histogram.sum ? number(*histogram.sum) : real(out_, histogram.estimated_sum());
    out_.append('\n');
    sample("_count", head, labels, {});
    append_number(out_, histogram.count);
    out_.append('\n');
  }

  void number(const MetricNumber& number) {
    if (const auto* natural = std::get_if<std::uint64_t>(&number)) return append_number(out_, *natural);
    if (const auto* integer = std::get_if<std::int64_t>(&number)) return append_number(out_, *integer);
    real(out_, std::get<double>(number));
  }

  static void real(TextBuffer& out, double value) {
    if (std::isnan(value)) return out.append("NaN");
    if (std::isinf(value)) return out.append(value > 0 ? "+Inf" : "-Inf");
    out.append(fmt::format("{}", value));
  }

  void escaped(std::string_view text, bool quotes) {
    for (const char c : text) {
      if (c == '\\') {
        out_.append("\\\\");
      } else if (c == '\n') {
        out_.append("\\n");
      } else if (c == '"' && quotes) {
        out_.append("\\\"");
      } else {
        out_.append(c);
      }
    }
  }

  TextBuffer& out_;
  bool openmetrics_;
  Interlude& interlude_;
  Reader reader_;
  std::string sample_;
  TextBuffer bound_;
};

}  // namespace

void append_metrics(TextBuffer& out, std::span<const MetricFamily* const> families, MetricDialect dialect,
                    Interlude& interlude, Reader reader) {
  Writer writer(out, dialect, interlude, reader);
  for (const MetricFamily* family : families) {
    if (!family->series().empty()) writer.family(*family);
  }
  if (dialect == MetricDialect::openmetrics) out.append("# EOF\n");
}

}  // namespace probe_run
