// An output that keeps metrics of its rows: a state that can be written at any time.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "engine/output.h"
#include "format/metric_compiler.h"

namespace probe_run {

class MetricPages;

class MetricOutput final : public Output {
 public:
  // `plan` describes the rows. It, `context` and `pages`, from which the destructor removes the output, must outlive
  // the output. Reports mistakes.
  MetricOutput(const MetricSource& source, const OutputSpec& spec, const Plan& plan,
               const RenderContext& context, MetricPages& pages, Diagnostics& diagnostics);
  ~MetricOutput() override;

  void row(Bytes row) noexcept override;
  void begin_read() noexcept override { view_.begin_read(); }
  void end_read() noexcept override;
  void time(std::int64_t monotonic) noexcept override;
  std::optional<std::int64_t> deadline() const override { return deadline_; }
  void finish() noexcept override {}  // the pages write everything at the end
  bool is_state() const noexcept override { return true; }
  // Each read is complete, so that earlier ones are only needed for copies.
  bool needs_last_read_only() const override {
    return source_.rows == MetricSource::Rows::state && !keeps_copy_;
  }
  std::string failure() const override;
  bool unread() const noexcept override;
  void add_to(Figures& figures) const override;
  std::optional<Diagnostic> take_warning() override;

  // Updates metrics().
  void collect() noexcept;

  // A page keeps copies of the state: of a map after each read, of a stream at each interval.
  void keep_copy() noexcept;
  // Whether anything changed since the last call.
  bool take_changed() noexcept { return std::exchange(changed_, false); }

  const std::vector<Metric>& metrics() const { return metrics_; }

 private:
  static constexpr Duration default_interval = std::chrono::seconds(10);

  void add(Bytes row) noexcept;
  void add_all() noexcept;
  void add(Metric& metric, Bytes row, Bytes part, std::optional<std::uint32_t> index) noexcept;
  bool accumulates(const Metric& metric) const;

  MetricSource source_;
  MetricPages& pages_;
  std::vector<Metric> metrics_;
  LabelValues labels_;
  TextBuffer text_;
  std::uint64_t refused_ = 0;  // counters that would have decreased
  Duration interval_{0};
  std::optional<std::int64_t> deadline_;
  bool keeps_copy_ = false;
  bool changed_ = false;
  bool warned_of_limit_ = false, warned_of_labels_ = false;
};

}  // namespace probe_run
