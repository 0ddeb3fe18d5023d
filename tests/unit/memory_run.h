// The pipeline of a spec with a hash and a ring buffer, whose outputs write to memory.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engine/pipeline.h"
#include "format/metric_text.h"
#include "spec/parse.h"
#include "spec/spec.h"
#include "unit/sample_object.h"

namespace test {

constexpr std::uint32_t hash = 0, ring = 1;

inline std::unique_ptr<probe_run::ObjectDescription> hash_and_ring() {
  BtfBuilder btf;
  const auto u32 = btf.integer("unsigned int", 4);
  const auto u64 = btf.integer("unsigned long long", 8);
  return object_of(btf, {map_info("hash", BPF_MAP_TYPE_HASH, 4, 8, u32, u64),
                         map_info("ring", BPF_MAP_TYPE_RINGBUF, 0, 0, 0, u64)});
}

inline RecordBytes hash_entry(std::uint32_t key, std::uint64_t value) {
  RecordBytes record;
  return record.u32(key).u32(0).u64(value);
}

inline RecordBytes ring_record(std::uint64_t value) {
  RecordBytes record;
  return record.u64(value);
}

class MemoryRun {
 public:
  // `hash_keys` are more keys of the hash in the spec: ", \"read\": \"delta\"".
  explicit MemoryRun(const std::string& outputs, const probe_run::Options& options = {},
                     const std::string& hash_keys = {})
      : object_(hash_and_ring()),
        source_(std::make_shared<probe_run::SourceText>(
            "spec.json",
            R"({"name": "s", "object": "o", "programs": [{"name": "p", "attach": {"type": "auto"}}],)"
            R"( "maps": [{"name": "hash")" +
                hash_keys + R"(}, {"name": "ring", "type": "unsigned long long"}], "outputs": [)" + outputs +
                "]}")),
        diagnostics_(source_) {
    spec_ = probe_run::parse_spec(source_, {}, probe_run::MissingParameters::use_example, diagnostics_);
    diagnostics_.throw_if_failed();
    pipeline_.emplace(*spec_, *object_, 1, options, sinks_, diagnostics_);
    diagnostics_.throw_if_failed();
  }

  const probe_run::ObjectDescription& object() const { return *object_; }
  probe_run::Pipeline& pipeline() { return *pipeline_; }

  void read(const std::vector<std::pair<std::uint32_t, std::uint64_t>>& entries) {
    pipeline_->begin_read(hash, probe_run::ReadFor::everyone);
    for (const auto& [key, value] : entries) pipeline_->entry(hash, hash_entry(key, value).view());
    pipeline_->end_read(hash, {});
  }
  // The end of the run: what was written to "out".
  std::string text() {
    pipeline_->finish();
    sinks_.finish();
    return sinks_.texts().at("out");
  }
  // The answer to a scraper.
  std::string served(probe_run::Interlude& interlude) {
    probe_run::TextBuffer out;
    sinks_.metrics().serve([&](const probe_run::MetricPages::Families& families) {
      append_metrics(out, families, probe_run::MetricDialect::prometheus, interlude);
    });
    return std::string(out.view());
  }

 private:
  std::unique_ptr<probe_run::ObjectDescription> object_;
  std::shared_ptr<const probe_run::SourceText> source_;
  probe_run::Diagnostics diagnostics_;
  probe_run::SinkSet sinks_{probe_run::SinkSet::Kind::memory};
  std::optional<probe_run::Spec> spec_;
  std::optional<probe_run::Pipeline> pipeline_;
};

}  // namespace test
