#include "recorded_reads.h"

#include "source/recording_reader.h"

namespace test {
namespace {

class Gatherer : public probe_run::EventConsumer {
 public:
  explicit Gatherer(const probe_run::ObjectDescription& object) : object_(object) {}

  bool begin_read(std::uint32_t map, probe_run::ReadFor) noexcept override {
    reads.push_back({object_.maps[map].name, {}, false});
    return true;
  }
  bool entry(std::uint32_t map, std::span<const std::byte> bytes) noexcept override {
    return add(map, bytes, false);
  }
  bool taken_entry(std::uint32_t map, std::span<const std::byte> bytes) noexcept override {
    return add(map, bytes, true);
  }
  bool end_read(std::uint32_t, const probe_run::ReadEnd& end) noexcept override {
    reads.back().incomplete = end.incomplete;
    return true;
  }

  bool record(std::uint32_t, std::span<const std::byte>) noexcept override { return true; }
  void lost(std::uint32_t, std::uint64_t) noexcept override {}
  void dropped(std::uint32_t, std::uint64_t) noexcept override {}
  void missed(const probe_run::Missed&) noexcept override {}
  void name(probe_run::NameKind, std::span<const std::byte>, std::string_view) noexcept override {}
  void time(std::int64_t, std::int64_t) noexcept override {}
  void slept(std::int64_t) noexcept override {}
  void stopping() noexcept override {}

  std::vector<RecordedRead> reads;

 private:
  bool add(std::uint32_t map, std::span<const std::byte> bytes, bool taken) noexcept {
    const std::size_t key = object_.maps[map].entry_key_size();
    const std::size_t padded = (key + 7) & ~std::size_t{7};
    reads.back().entries.push_back({{bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(key)},
                                    {bytes.begin() + static_cast<std::ptrdiff_t>(padded), bytes.end()},
                                    taken});
    return true;
  }

  const probe_run::ObjectDescription& object_;
};

}  // namespace

std::vector<RecordedRead> recorded_reads(const std::string& recording) {
  probe_run::RecordingReader reader(recording);
  Gatherer gatherer(reader.object());
  const std::string damage = reader.play(gatherer, [] { return false; });
  if (!damage.empty()) throw std::runtime_error(recording + ": " + damage);
  return std::move(gatherer.reads);
}

}  // namespace test
