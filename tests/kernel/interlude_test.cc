// Every walk through a large map lets the event loop take records in between.
#include <bpf/bpf.h>
#include <linux/bpf.h>

#include "source/map_reader.h"
#include "support/catch.h"
#include "support/fd.h"

namespace {

constexpr std::uint32_t entries = 2000;

struct Kind {
  const char* name;
  bpf_map_type type;
  std::uint32_t key_size, flags;
  bool keys_only = false;  // a spec names the keys
};

// Counts entries, and whether records could be taken between two of them.
class Consumer final : public probe_run::ReadConsumer {
 public:
  bool begin_read(std::uint32_t, probe_run::ReadFor) noexcept override { return true; }
  bool entry(std::uint32_t, std::span<const std::byte>) noexcept override {
    ++found;
    return true;
  }
  bool taken_entry(std::uint32_t map, std::span<const std::byte> bytes) noexcept override {
    return entry(map, bytes);
  }
  bool end_read(std::uint32_t, const probe_run::ReadEnd&) noexcept override { return true; }

  std::uint32_t found = 0;
};

probe_run::Fd filled(const Kind& kind) {
  bpf_map_create_opts options{};
  options.sz = sizeof options;
  options.map_flags = kind.flags;
  probe_run::Fd map(
      bpf_map_create(kind.type, kind.name, kind.key_size, sizeof(std::uint64_t), entries, &options));
  REQUIRE(map);
  const bool is_queue = kind.key_size == 0;
  for (std::uint32_t i = 0; i < entries; ++i) {
    // Of a trie: the length of the prefix, then an address.
    const std::uint32_t key[2] = {kind.key_size == 8 ? 32 : i, i};
    const std::uint64_t value = i;
    REQUIRE(bpf_map_update_elem(map.get(), is_queue ? nullptr : key, &value, 0) == 0);
  }
  return map;
}

}  // namespace

TEST_CASE("records can be taken between the entries of every kind of map", "[interlude]") {
  const Kind kinds[] = {{"hash", BPF_MAP_TYPE_HASH, 4, 0},
                        {"array", BPF_MAP_TYPE_ARRAY, 4, 0},
                        {"mapped", BPF_MAP_TYPE_ARRAY, 4, BPF_F_MMAPABLE},
                        {"trie", BPF_MAP_TYPE_LPM_TRIE, 8, BPF_F_NO_PREALLOC},
                        {"queue", BPF_MAP_TYPE_QUEUE, 0, 0},
                        {"stack", BPF_MAP_TYPE_STACK, 0, 0},
                        {"keys", BPF_MAP_TYPE_HASH, 4, 0, true}};
  for (const Kind& kind : kinds) {
    INFO(kind.name);
    const probe_run::Fd map = filled(kind);
    probe_run::MapInfo info;
    info.name = kind.name;
    info.type = kind.type;
    info.key_size = kind.key_size;
    info.value_size = sizeof(std::uint64_t);
    info.max_entries = entries;
    probe_run::MapReader::Way way;
    for (std::uint32_t key = 0; kind.keys_only && key < entries; ++key) {
      // Every second key does not exist.
      const std::uint32_t asked = 2 * key;
      const auto bytes = std::as_bytes(std::span(&asked, 1));
      way.keys.insert(way.keys.end(), bytes.begin(), bytes.end());
    }
    Consumer consumer;
    probe_run::MapReader reader(info, map.get(), 0, 1, way, consumer);
    probe_run::Interlude interlude;
    std::uint32_t acts = 0, in_between = 0;
    interlude.set([&] {
      ++acts;
      if (consumer.found < entries) ++in_between;
    });
    CHECK(reader.read(probe_run::MapReader::Turn::last, interlude) == 0);
    CHECK(consumer.found == (kind.keys_only ? entries / 2 : entries));
    CHECK(acts > 0);
    CHECK(in_between > 0);
  }
}
