// The sinks of a run. Outputs with the same target share one, so that their lines do not mix.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "command/metric_pages.h"
#include "sink/sink.h"

namespace probe_run {

class SinkSet {
 public:
  enum class Kind { real, null };  // null: for a check, which writes nothing
  explicit SinkSet(Kind kind) : kind_(kind) {}

  Sink& open(const std::string& target) {
    std::unique_ptr<Sink>& sink = sinks_[target];
    if (!sink) sink = kind_ == Kind::real ? open_sink(target) : null_sink();
    return *sink;
  }

  bool has(const std::string& target) const { return sinks_.contains(target); }

  // What is written as one document, not line by line.
  MetricPages& metrics() { return metrics_; }
  const MetricPages& metrics() const { return metrics_; }
  // A place in the document of `target`: of a file that is replaced each time, or of a sink.
  MetricPages::Place metrics_place(const std::string& target, OutputFormat format, Span at) {
    const bool is_sink = target == "stdout" || target == "stderr" || ReplacedFile::cannot_replace(target);
    const bool dry = kind_ == Kind::null;
    return {target, format, is_sink && !dry ? &open(target) : nullptr, dry, at};
  }

  // Writes the documents for the last time, and all that has gathered.
  void finish() noexcept {
    metrics_.finish();
    flush();
  }
  void flush() noexcept {
    metrics_.write_changed();
    for (auto& [target, sink] : sinks_) sink->flush();
  }
  // The reader of one of them has gone.
  bool closed() const noexcept {
    for (const auto& [target, sink] : sinks_) {
      if (sink->closed()) return true;
    }
    return false;
  }
  std::string failure() const {
    for (const auto& [target, sink] : sinks_) {
      if (std::string failure = sink->failure(); !failure.empty()) return failure;
    }
    return metrics_.failure();
  }

 private:
  Kind kind_;
  std::map<std::string, std::unique_ptr<Sink>> sinks_;
  MetricPages metrics_;
};

}  // namespace probe_run
