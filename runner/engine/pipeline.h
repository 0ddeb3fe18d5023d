// Everything of one spec behind the source: decode, view, format, sink. The same for a run, a replay and a
// check.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "engine/figures.h"
#include "engine/metric_output.h"
#include "engine/options.h"
#include "engine/output.h"
#include "engine/sink_set.h"
#include "object/map_values.h"
#include "source/drop_counter.h"
#include "source/event_consumer.h"
#include "view/delta.h"
#include "view/per_cpu_sum.h"

namespace probe_run {

class Pipeline : public EventConsumer {
 public:
  // Compiles all plans and outputs; reports what does not fit. `spec`, `object` and `sinks` must outlive the
  // pipeline.
  Pipeline(const Spec& spec, const ObjectDescription& object, std::uint32_t possible_cpus,
           const Options& options, SinkSet& sinks, Diagnostics& diagnostics);

  // A map of the spec that the pipeline reads.
  struct Input {
    std::uint32_t map = 0;  // in the object
    const MapInfo* info = nullptr;
    const MapSpec* spec = nullptr;
    std::optional<Plan> plan;
    std::optional<PerCpuSum> sum;
    std::optional<Delta> delta;  // behind the sum
    std::vector<Output*> outputs;
    std::vector<MetricOutput*> metrics;
    std::uint32_t slack = 0;  // bytes that the kernel may add behind a record
    std::optional<DropCounterPlace> drop_counter;
    std::vector<std::byte> keys;  // the only ones to read; empty for all
    SentValues sent;              // of a user ring buffer
    std::uint64_t lost = 0;
    std::optional<std::uint64_t> dropped;

    // Of the rows that the outputs get. REQUIRES: plan
    const Plan& rows() const { return delta ? delta->plan() : *plan; }
    // Nothing but its last read is shown, and that read needs none before it.
    bool read_at_exit_only() const;
  };
  const std::deque<Input>& inputs() const { return inputs_; }
  // Those of the spec, in its order.
  const std::deque<Output>& outputs() const { return outputs_; }
  TracePipe trace_pipe() const { return trace_pipe_; }

  bool record(std::uint32_t map, std::span<const std::byte> bytes) noexcept override;
  bool begin_read(std::uint32_t map) noexcept override;
  bool entry(std::uint32_t map, std::span<const std::byte> bytes) noexcept override;
  bool taken_entry(std::uint32_t map, std::span<const std::byte> bytes) noexcept override;
  bool end_read(std::uint32_t map, const ReadEnd& end) noexcept override;
  bool printk(std::span<const std::byte> line) noexcept override;
  void lost(std::uint32_t map, std::uint64_t count) noexcept override;
  void dropped(std::uint32_t map, std::uint64_t total) noexcept override;
  void time(std::int64_t monotonic, std::int64_t to_wall) noexcept override;
  void stopping() noexcept override {}
  void name(NameKind, std::span<const std::byte>, std::string_view) noexcept override {
  }  // set_names() has them

  // Whom renderers ask. Must outlive the pipeline's use.
  void set_names(Names& names) { context_.names = &names; }
  // What they will ask for, so that it can be made ready before the first event.
  std::vector<NameKind> asked_names() const;

  // The last outputs.
  void finish() noexcept;

  // What went wrong where its outputs go; "" for nothing.
  std::string output_failure() const;
  // The reader of one of its outputs has gone.
  bool unread() const noexcept;

  // --count has been reached: what comes now is not taken.
  bool complete() const { return limit_ && taken_ >= *limit_; }
  std::optional<std::int64_t> deadline() const;
  Figures figures() const;

  // A read of a map, besides those that outputs of lines show, so that its metrics are those of now. Only of
  // a map that metrics_can_read().
  static bool metrics_can_read(const Input& input);
  void begin_metrics_read(std::uint32_t map) noexcept;
  void metrics_entry(std::uint32_t map, std::span<const std::byte> bytes) noexcept;
  void end_metrics_read(std::uint32_t map) noexcept;
  const std::deque<MetricOutput>& metric_outputs() const { return metric_outputs_; }

 private:
  void compile_inputs(std::uint32_t possible_cpus, Diagnostics& diagnostics);
  void compile_outputs(const Options& options, SinkSet& sinks, Diagnostics& diagnostics);
  void compile_output(const OutputSpec& output, const Options& options, SinkSet& sinks,
                      Diagnostics& diagnostics);
  void compile_lines(const OutputSpec& output, OutputFormat format, Sink& sink, Diagnostics& diagnostics);
  void compile_metrics(const OutputSpec& output, std::optional<MetricPages::Place> place, SinkSet& sinks,
                       Diagnostics& diagnostics);
  Input* find_input(const OutputSpec& output, Diagnostics& diagnostics);
  Input* input(std::uint32_t map) noexcept { return map < by_map_.size() ? by_map_[map] : nullptr; }
  bool take() noexcept;
  void show(const Input& in, std::optional<Bytes> row) noexcept;
  void count(Fit fit) noexcept;

  // In a document of metrics as long as there are outputs to read.
  class InDocuments {
   public:
    InDocuments(MetricPages& pages, const std::deque<MetricOutput>& outputs)
        : pages_(pages), outputs_(outputs) {}
    ~InDocuments() {
      for (const MetricOutput& output : outputs_) pages_.remove(output);
    }
    InDocuments(const InDocuments&) = delete;
    InDocuments& operator=(const InDocuments&) = delete;

   private:
    MetricPages& pages_;
    const std::deque<MetricOutput>& outputs_;
  };

  const Spec& spec_;
  const ObjectDescription& object_;
  const SinkSet& sinks_;
  std::deque<Input> inputs_;  // pointers to them stay
  std::vector<Input*> by_map_;
  std::vector<OutputSpec> defaults_;
  std::deque<Output> outputs_;
  std::deque<MetricOutput> metric_outputs_;
  InDocuments in_documents_;
  bool served_ = false;  // there is an endpoint for the metrics
  TracePipe trace_pipe_ = TracePipe::none;
  Plan printk_plan_;
  std::vector<Output*> printk_outputs_;
  std::vector<MetricOutput*> printk_metrics_;
  RenderContext context_;
  std::int64_t now_ = 0;  // CLOCK_MONOTONIC
  std::optional<std::uint64_t> limit_;
  std::uint64_t taken_ = 0;
  Figures figures_;
};

}  // namespace probe_run
