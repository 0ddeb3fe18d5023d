// Measures reading a large hash: with MapReader, key by key, and with bpftool.
#include <bpf/bpf.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "source/event_consumer.h"
#include "source/key_walk.h"
#include "source/map_reader.h"
#include "source/map_walk.h"
#include "support/error.h"
#include "support/fd.h"

using namespace probe_run;

namespace {

constexpr int runs = 5;
constexpr std::uint32_t update_batch = 10'000;

struct Value {
  std::uint64_t count, bytes;
};

// Counts the entries, and adds up their bytes so that the compiler cannot skip the read.
class Counter final : public ReadConsumer {
 public:
  bool entry(std::uint32_t, std::span<const std::byte> bytes) noexcept override {
    std::uint64_t number = 0;
    std::memcpy(&number, bytes.data(), sizeof number);
    sum += number;
    ++entries;
    return true;
  }
  bool taken_entry(std::uint32_t map, std::span<const std::byte> bytes) noexcept override {
    return entry(map, bytes);
  }
  bool begin_read(std::uint32_t, ReadFor) noexcept override { return true; }
  bool end_read(std::uint32_t, const ReadEnd&) noexcept override { return true; }

  std::uint64_t entries = 0, sum = 0;
};

class Visits final : public EntryVisitor {
 public:
  void entry(const std::byte*, const std::byte*) noexcept override { ++entries; }
  void taken(const std::byte*, const std::byte*) noexcept override {}
  void vanished() noexcept override {}
  void restarted() noexcept override {}
  void cut() noexcept override {}
  void passed() noexcept override {}
  std::uint64_t entries = 0;
};

template <class Work>
double best_seconds(Work work) {
  double best = 1e9;
  for (int i = 0; i < runs; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  return best;
}

Fd filled_hash(std::uint32_t entries) {
  Fd map(
      bpf_map_create(BPF_MAP_TYPE_HASH, "map_read", sizeof(std::uint64_t), sizeof(Value), entries, nullptr));
  if (!map) throw Error(fmt::format("cannot make a hash of {} entries: {}", entries, errno_text(errno)));
  std::vector<std::uint64_t> keys;
  std::vector<Value> values;
  std::uint64_t random = 88172645463325252;
  for (std::uint32_t i = 0; i < entries; ++i) {
    random ^= random << 13;
    random ^= random >> 7;
    random ^= random << 17;
    keys.push_back(random);
    values.push_back({i, random >> 40});
    if (keys.size() < update_batch && i + 1 < entries) continue;
    auto count = static_cast<std::uint32_t>(keys.size());
    if (const int error = bpf_map_update_batch(map.get(), keys.data(), values.data(), &count, nullptr);
        error != 0)
      throw Error(fmt::format("cannot fill the hash: {}", errno_text(-error)));
    keys.clear();
    values.clear();
  }
  return map;
}

std::uint32_t id_of(const Fd& map) {
  bpf_map_info info;
  std::memset(&info, 0, sizeof info);
  std::uint32_t size = sizeof info;
  if (bpf_obj_get_info_by_fd(map.get(), &info, &size) != 0)
    throw Error(fmt::format("the map has no id: {}", errno_text(errno)));
  return info.id;
}

void show(std::string_view what, std::uint32_t entries, double seconds, double reference) {
  fmt::print("{:<28} {:>8.1f} ms {:>12.0f} entries/s {:>8.1f} times as fast as bpftool\n", what,
             seconds * 1e3, entries / seconds, reference / seconds);
}

void measure(std::uint32_t entries, bool reader_only) {
  const Fd map = filled_hash(entries);
  MapInfo info;
  info.name = "map_read";
  info.type = BPF_MAP_TYPE_HASH;
  info.key_size = sizeof(std::uint64_t);
  info.value_size = sizeof(Value);
  info.max_entries = entries;

  Counter counter;
  MapReader reader(info, map.get(), 0, 1, {}, counter);
  Interlude nothing_else;
  const double by_reader = best_seconds([&] {
    counter.entries = 0;
    if (const int error = reader.read(MapReader::Turn::one_of_many, nothing_else); error != 0)
      throw Error(fmt::format("the read failed: {}", errno_text(error)));
    if (counter.entries != entries)
      throw Error(fmt::format("the read gave {} entries of {}", counter.entries, entries));
  });

  if (reader_only) {
    fmt::print("MapReader: {} reads of {} entries, the best {:.1f} ms\n", runs, entries, by_reader * 1e3);
    return;
  }

  KeyWalk walk(open_map(info, map.get(), 1), KeyWalk::Keys::come_and_go);
  const double by_keys = best_seconds([&] {
    Visits visits;
    if (const int error = walk.walk(visits); error != 0)
      throw Error(fmt::format("the walk failed: {}", errno_text(error)));
    if (visits.entries != entries) throw Error(fmt::format("the walk gave {} entries", visits.entries));
  });

  const std::string command = fmt::format("bpftool -j map dump id {} >/dev/null", id_of(map));
  const double by_bpftool = best_seconds([&] {
    if (std::system(command.c_str()) != 0) throw Error(fmt::format("\"{}\" failed", command));
  });

  fmt::print("a hash of {} entries, 8-byte keys, 16-byte values, the best of {} reads\n", entries, runs);
  show("MapReader", entries, by_reader, by_bpftool);
  show("key by key", entries, by_keys, by_bpftool);
  show("bpftool -j map dump", entries, by_bpftool, by_bpftool);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const long entries = argc > 1 ? std::strtol(argv[1], nullptr, 10) : 1'000'000;
    if (entries < 1 || entries > 100'000'000) throw Error("usage: map_read [ENTRIES [reader]]");
    measure(static_cast<std::uint32_t>(entries), argc > 2 && std::strcmp(argv[2], "reader") == 0);
  } catch (const Error& error) {
    fmt::print(stderr, "map_read: {}\n", error.what());
    return 1;
  }
}
