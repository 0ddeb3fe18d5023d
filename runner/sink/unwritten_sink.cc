// Sinks of a check and of a test, which write nothing.
#include "sink/sink.h"

namespace probe_run {
namespace {

class NullSink final : public Sink {
 public:
  void flush() noexcept override { buffer().clear(); }
  bool closed() const noexcept override { return false; }
  std::string failure() const override { return {}; }
  bool is_terminal() const noexcept override { return false; }
};

class MemorySink : public Sink {
 public:
  explicit MemorySink(std::string& text) : text_(text) {}
  ~MemorySink() override { flush(); }
  MemorySink(const MemorySink&) = delete;
  MemorySink& operator=(const MemorySink&) = delete;

  void flush() noexcept override {
    text_ += buffer().view();
    buffer().clear();
  }
  bool closed() const noexcept override { return false; }
  std::string failure() const override { return {}; }
  bool is_terminal() const noexcept override { return false; }

 private:
  std::string& text_;
};

}  // namespace

std::unique_ptr<Sink> null_sink() {
  return std::make_unique<NullSink>();
}

std::unique_ptr<Sink> memory_sink(std::string& text) {
  return std::make_unique<MemorySink>(text);
}

}  // namespace probe_run
