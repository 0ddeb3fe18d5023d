// A hash with a 4-byte key whose reads go through Delta.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "unit/sample_object.h"
#include "view/delta.h"

namespace test {

// `make` adds the type of the value to the BTF.
template <class Make>
Compiled hash_of(std::uint32_t value_size, Make make,
                 probe_run::Dictionary<probe_run::FieldSpec> fields = {}) {
  BtfBuilder btf;
  const auto u32 = btf.integer("unsigned int", 4);
  const auto value = make(btf);
  probe_run::MapSpec map;
  map.name = located(std::string("m"));
  map.fields = std::move(fields);
  return compile_map(object_of(btf, {map_info("m", BPF_MAP_TYPE_HASH, 4, value_size, u32, value)}), map);
}

inline Compiled hash_of_counters() {
  return hash_of(8, [](BtfBuilder& btf) { return btf.integer("unsigned long long", 8); });
}

inline RecordBytes keyed(std::uint32_t key) {
  RecordBytes bytes;
  return bytes.u32(key).u32(0);
}

// The rows of a read, each as "key: value", joined in order.
class PolledMap {
 public:
  PolledMap(const Compiled& plan, probe_run::ReadMode mode, std::uint64_t limit = 1000)
      : delta_(*plan, mode, 4, limit) {}

  std::string read(const std::vector<RecordBytes>& entries, bool incomplete = false, std::int64_t now = 0,
                   const std::vector<RecordBytes>& taken = {}) {
    text_.clear();
    delta_.begin_read(now);
    for (const RecordBytes& entry : entries) add(delta_.entry(entry.view()));
    for (const RecordBytes& entry : taken) add(delta_.taken_entry(entry.view()));
    delta_.end_read(incomplete);
    return text_;
  }
  std::string read_taken(const std::vector<RecordBytes>& taken) { return read({}, false, 0, taken); }

  const probe_run::Delta& delta() const { return delta_; }

 private:
  void add(const std::optional<probe_run::Bytes>& row) {
    if (!row) return;
    if (!text_.empty()) text_ += "; ";
    const probe_run::Plan& plan = delta_.plan();
    text_ += plain(*plan.find("key"), *row) + ": " + plain(*plan.find("value"), *row);
  }

  probe_run::Delta delta_;
  std::string text_;
};

}  // namespace test
