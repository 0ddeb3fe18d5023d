// The sinks of a run. Outputs with the same target share one, so that their lines do not mix.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "sink/sink.h"

namespace probe_run {

class SinkSet {
 public:
  enum class Kind {
    real,
    null,   // for a check, which writes nothing
    memory  // for a test, which compares: see texts()
  };
  explicit SinkSet(Kind kind) : kind_(kind) {}

  Sink& open(const std::string& target) {
    std::unique_ptr<Sink>& sink = sinks_[target];
    if (!sink) sink = make(target);
    return *sink;
  }

  // What was written to each target. Kind::memory only; complete after flush().
  const std::map<std::string, std::string>& texts() const { return texts_; }

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
  std::unique_ptr<Sink> make(const std::string& target) {
    switch (kind_) {
      case Kind::real:
        return open_sink(target);
      case Kind::memory:
        return memory_sink(texts_[target]);
      case Kind::null:
        break;
    }
    return null_sink();
  }

  Kind kind_;
  std::map<std::string, std::string> texts_;  // before the sinks, which write to it to the end
  std::map<std::string, std::unique_ptr<Sink>> sinks_;
};

}  // namespace probe_run
