// The sinks of a run. Outputs with the same target share one, so that their lines do not mix.
#pragma once

#include <map>
#include <memory>
#include <string>

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

  void flush() noexcept {
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
    return {};
  }

 private:
  Kind kind_;
  std::map<std::string, std::unique_ptr<Sink>> sinks_;
};

}  // namespace probe_run
