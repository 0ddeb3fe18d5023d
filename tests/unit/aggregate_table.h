// Records with numbers of every kind through aggregates that are written as in a spec.
#pragma once

#include <string>
#include <vector>

#include "unit/sample_object.h"
#include "view/aggregate.h"
#include "view/group_table.h"

namespace test {

// struct sample: u64 latency; s32 change; u8 small; bool ok; u16 bits : 5; double real; float single; u128
// wide; s128 change128; char comm[8]; enum state { IDLE, BUSY } state
inline BtfBuilder sample_types() {
  BtfBuilder btf;
  const auto u64 = btf.integer("unsigned long long", 8);
  const auto s32 = btf.integer("int", 4, BTF_INT_SIGNED);
  const auto u8 = btf.integer("unsigned char", 1);
  const auto boolean = btf.integer("_Bool", 1, BTF_INT_BOOL);
  const auto u16 = btf.integer("unsigned short", 2);
  const auto real = btf.floating("double", 8);
  const auto single = btf.floating("float", 4);
  const auto u128 = btf.integer("unsigned __int128", 16);
  const auto s128 = btf.integer("__int128", 16, BTF_INT_SIGNED);
  const auto character = btf.integer("char", 1, BTF_INT_SIGNED);
  const auto state = btf.enumeration("state", 4, {{"IDLE", 0}, {"BUSY", 1}});
  btf.structure("sample", 80,
                {{"latency", u64, 0},
                 {"change", s32, 64},
                 {"small", u8, 96},
                 {"ok", boolean, 104},
                 {"bits", u16, 112, 5},
                 {"real", real, 128},
                 {"single", single, 192},
                 {"state", state, 224},
                 {"wide", u128, 256},
                 {"change128", s128, 384},
                 {"comm", btf.array(character, 8), 512}});
  return btf;
}

struct SampleRecord {
  std::uint64_t latency = 0;
  std::int32_t change = 0;
  std::uint8_t small = 0;
  bool ok = false;
  std::uint16_t bits = 0;
  double real = 0;
  float single = 0;
  std::uint32_t state = 0;
  probe_run::Wide wide = 0;
  probe_run::SignedWide change128 = 0;
  std::string comm = {};

  RecordBytes bytes() const {
    RecordBytes record;
    record.u64(latency).i32(change).u8(small).u8(ok ? 1 : 0).u16(bits).add(real).add(single).u32(state);
    record.add(wide).add(change128).text(comm, 8).zeros(8);
    return record;
  }
};

inline Compiled sample_plan(const Renderers& renderers = {}) {
  return stream_of(sample_types(), "struct sample", renderers);
}

// The error for one call; "" if it is valid.
inline std::string aggregate_mistakes(const probe_run::Plan& plan, const std::string& call) {
  const std::string text = "\"" + call + "\"";
  auto diagnostics = no_diagnostics(text);
  probe_run::compile_aggregate("c", located(call, {0, text.size()}), plan, diagnostics);
  return whats(diagnostics);
}

class AggregateTable {
 public:
  explicit AggregateTable(const probe_run::Plan& plan, const std::vector<std::string>& calls,
                          const std::vector<const probe_run::Field*>& keys = {},
                          std::uint64_t groups = 10'000)
      : table_(keys, compiled(plan, calls), groups) {}

  AggregateTable& add(const SampleRecord& sample) {
    table_.add(sample.bytes().view());
    return *this;
  }
  AggregateTable& add_bytes(probe_run::Bytes record) {
    table_.add(record);
    return *this;
  }

  // The rows, their columns with a blank between them, a line each; the row of other groups last.
  std::string text(std::optional<double> seconds = std::nullopt) {
    std::string text;
    const auto append = [&](probe_run::Bytes row) {
      for (const probe_run::Field& field : table_.plan().root.fields) text += plain(field, row) + " ";
      text.back() = '\n';
    };
    table_.for_each(seconds, append);
    if (const auto other = table_.other(seconds)) append(*other);
    if (!text.empty()) text.pop_back();
    return text;
  }

  probe_run::GroupTable& table() { return table_; }

 private:
  static std::vector<probe_run::Aggregate> compiled(const probe_run::Plan& plan,
                                                    const std::vector<std::string>& calls) {
    std::vector<probe_run::Aggregate> aggregates;
    auto diagnostics = no_diagnostics();
    for (const std::string& call : calls) {
      auto aggregate = probe_run::compile_aggregate("c" + std::to_string(aggregates.size()), located(call),
                                                    plan, diagnostics);
      if (aggregate) aggregates.push_back(std::move(*aggregate));
    }
    if (diagnostics.failed()) throw std::runtime_error(whats(diagnostics));
    return aggregates;
  }

  probe_run::GroupTable table_;
};

}  // namespace test
