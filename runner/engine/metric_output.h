// One output of a spec as metrics: rows in, a state of them kept, to be written at any moment.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "decode/renderer.h"
#include "format/metric_compiler.h"
#include "view/view.h"

namespace probe_run {

class MetricOutput {
 public:
  // `plan` is of the rows that come. It and `context` must outlive the output. Reports what does not fit.
  MetricOutput(const MetricSource& source, const OutputSpec& spec, const Plan& plan,
               const RenderContext& context, Diagnostics& diagnostics);
  MetricOutput(const MetricOutput&) = delete;
  MetricOutput& operator=(const MetricOutput&) = delete;

  void row(Bytes row) noexcept;
  void begin_read() noexcept;
  void end_read() noexcept;
  // Brings metrics() up to date.
  void collect() noexcept;

  // For who keeps a copy of the state: of a map after each read, of a stream at each interval.
  void keep_copy() noexcept;
  bool keeps_copy() const { return keeps_copy_; }
  void time(std::int64_t monotonic) noexcept;
  std::optional<std::int64_t> deadline() const { return deadline_; }
  // Whether there is something new since the last call.
  bool take_changed() noexcept { return std::exchange(changed_, false); }

  const std::vector<Metric>& metrics() const { return metrics_; }
  const View& view() const { return view_; }
  // Each read brings all there is, so that those before it are not needed.
  bool needs_last_read_only() const { return source_.rows == MetricSource::Rows::state; }

  // Rows whose labels another one had.
  std::uint64_t merged() const;
  std::uint64_t beyond_limit() const;
  // Counters that would have fallen.
  std::uint64_t refused() const { return refused_; }

 private:
  static constexpr Duration default_interval = std::chrono::seconds(10);

  void add(Bytes row) noexcept;
  void add(Metric& metric, Bytes row, Bytes part, std::optional<std::uint32_t> index) noexcept;
  bool accumulates(const Metric& metric) const;

  MetricSource source_;
  View view_;
  const RenderContext& context_;
  std::vector<Metric> metrics_;
  LabelValues labels_;
  TextBuffer text_;
  std::uint64_t refused_ = 0;
  Duration interval_{0};
  std::optional<std::int64_t> deadline_;
  bool keeps_copy_ = false;
  bool changed_ = false;
};

}  // namespace probe_run
