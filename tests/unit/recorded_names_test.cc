// Names in a recording: which are recorded, and which a replay finds.
#include "source/recorded_names.h"

#include <map>
#include <vector>

#include "support/catch.h"

using namespace probe_run;

namespace {

// A machine whose names may change.
class Machine : public Names {
 public:
  std::map<std::uint32_t, std::string> users;
  int asked = 0;

  std::string_view find(NameKind, std::span<const std::byte> key) noexcept override {
    ++asked;
    std::uint32_t id = 0;
    std::memcpy(&id, key.data(), sizeof id);
    answer_ = users[id];
    return answer_;
  }

 private:
  std::string answer_;
};

// A recording with names only.
class Tape : public EventConsumer {
 public:
  std::vector<std::string> names;
  RecordedNames replayed;

  bool record(std::uint32_t, std::span<const std::byte>) noexcept override { return true; }
  bool begin_read(std::uint32_t, ReadFor) noexcept override { return true; }
  bool entry(std::uint32_t, std::span<const std::byte>) noexcept override { return true; }
  bool taken_entry(std::uint32_t, std::span<const std::byte>) noexcept override { return true; }
  bool end_read(std::uint32_t, const probe_run::ReadEnd&) noexcept override { return true; }
  void lost(std::uint32_t, std::uint64_t) noexcept override {}
  void dropped(std::uint32_t, std::uint64_t) noexcept override {}
  void missed(const probe_run::Missed&) noexcept override {}
  void time(std::int64_t, std::int64_t) noexcept override {}
  void slept(std::int64_t) noexcept override {}
  void stopping() noexcept override {}
  void name(NameKind kind, std::span<const std::byte> key, std::string_view value) noexcept override {
    names.emplace_back(value);
    replayed.add(kind, key, value);
  }
};

constexpr std::uint32_t root = 0, alice = 1000;

}  // namespace

TEST_CASE("A recorded name is found by its kind and key") {
  RecordedNames names;
  names.add(NameKind::user, name_key(alice), "alice");
  names.add(NameKind::group, name_key(alice), "staff");
  CHECK(names.find(NameKind::user, name_key(alice)) == "alice");
  CHECK(names.find(NameKind::group, name_key(alice)) == "staff");
  CHECK(names.find(NameKind::user, name_key(root)) == "");
  CHECK(names.find(NameKind::interface, name_key(alice)) == "");
  CHECK(names.find(NameKind::user, name_key(std::uint64_t{alice})) == "");
  CHECK(names.find(NameKind::user, {}) == "");
}

TEST_CASE("A name that is recorded again replaces the first") {
  RecordedNames names;
  names.add(NameKind::user, name_key(alice), "alice");
  names.add(NameKind::user, name_key(alice), "bob");
  CHECK(names.find(NameKind::user, name_key(alice)) == "bob");
  names.add(NameKind::user, name_key(alice), "");
  CHECK(names.find(NameKind::user, name_key(alice)) == "");
}

TEST_CASE("A recorded name may contain any bytes") {
  RecordedNames names;
  const std::string bytes("a\0\xff\n", 4);
  names.add(NameKind::stack, name_key(1u, 2u), bytes);
  CHECK(names.find(NameKind::stack, name_key(1u, 2u)) == bytes);
}

TEST_CASE("A name is recorded when it is first looked up, and then only when it changes") {
  Machine machine;
  Tape tape;
  RecordingNames names(machine, tape);
  machine.users[alice] = "alice";
  CHECK(names.find(NameKind::user, name_key(alice)) == "alice");
  CHECK(names.find(NameKind::user, name_key(alice)) == "alice");
  CHECK(tape.names == std::vector<std::string>{"alice"});
  machine.users[alice] = "bob";
  CHECK(names.find(NameKind::user, name_key(alice)) == "bob");
  CHECK(tape.names == std::vector<std::string>{"alice", "bob"});
  CHECK(machine.asked == 3);
}

TEST_CASE("Names that were never known are not recorded") {
  Machine machine;
  Tape tape;
  RecordingNames names(machine, tape);
  CHECK(names.find(NameKind::user, name_key(root)) == "");
  CHECK(tape.names.empty());
}

TEST_CASE("A name that is no longer known is not known in the replay either") {
  Machine machine;
  Tape tape;
  RecordingNames names(machine, tape);
  machine.users[alice] = "alice";
  names.find(NameKind::user, name_key(alice));
  machine.users.clear();
  CHECK(names.find(NameKind::user, name_key(alice)) == "");
  CHECK(tape.replayed.find(NameKind::user, name_key(alice)) == "");
}
