#include "host/mapping_events.h"

#include <linux/perf_event.h>

#include <cstring>

#include "support/catch.h"

using namespace probe_run;

namespace {

// Records in the layout of the kernel.
class Bytes {
 public:
  template <class Number>
  Bytes& add(Number number) {
    const char* const begin = reinterpret_cast<const char*>(&number);
    text_.append(begin, sizeof number);
    return *this;
  }
  Bytes& add_text(const std::string& text) {
    text_ += text + std::string(8 - text.size() % 8, '\0');
    return *this;
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::string record(std::uint32_t type, std::uint16_t misc, const Bytes& body, std::uint64_t time) {
  Bytes header;
  header.add(type).add(misc).add(static_cast<std::uint16_t>(16 + body.text().size()));
  return header.text() + body.text() + Bytes().add(time).text();
}

std::string mapping(std::uint32_t pid, const std::string& path, std::uint64_t time) {
  Bytes body;
  body.add(pid).add(pid).add<std::uint64_t>(0x1000).add<std::uint64_t>(0x2000).add<std::uint64_t>(0x3000);
  body.add(8u).add(1u).add<std::uint64_t>(77).add<std::uint64_t>(0).add(5u).add(2u).add_text(path);
  return record(PERF_RECORD_MMAP2, 0, body, time);
}

std::string fork_record(std::uint32_t pid, std::uint32_t parent, std::uint64_t time) {
  Bytes body;
  body.add(pid).add(parent).add(pid).add(parent).add(time);
  return record(PERF_RECORD_FORK, 0, body, time);
}

std::string exit_record(std::uint32_t pid, std::uint32_t thread, std::uint64_t time) {
  Bytes body;
  body.add(pid).add(1u).add(thread).add(1u).add(time);
  return record(PERF_RECORD_EXIT, 0, body, time);
}

std::string to_text(const MappingEvent& event) {
  const std::string time = std::to_string(event.time) + " ";
  if (const auto* added = std::get_if<MappingAdded>(&event.what)) {
    return time + "map " + std::to_string(added->pid) + " " + added->path + "\n";
  }
  if (const auto* executed = std::get_if<ProgramExecuted>(&event.what))
    return time + "exec " + std::to_string(executed->pid) + "\n";
  if (const auto* forked = std::get_if<ProcessForked>(&event.what))
    return time + "fork " + std::to_string(forked->pid) + " of " + std::to_string(forked->parent) + "\n";
  if (const auto* exited = std::get_if<ProcessExited>(&event.what))
    return time + "exit " + std::to_string(exited->pid) + "\n";
  return time + "lost " + std::to_string(std::get<RecordsLost>(event.what).count) + "\n";
}

std::span<const std::byte> bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

std::string parsed(const std::string& text) {
  const auto event = parse_mapping_record(bytes_of(text));
  return event ? to_text(*event) : "none";
}

// The events read from a ring of 256 bytes in which `records` begin at `tail`.
std::string read(const std::string& records, std::uint64_t tail, std::uint64_t size) {
  std::string ring(256, '\xee');
  for (std::size_t i = 0; i < records.size(); ++i) ring[(tail + i) % ring.size()] = records[i];
  std::vector<MappingEvent> events;
  read_ring(bytes_of(ring), tail + size, tail, events);
  std::string text;
  for (const MappingEvent& event : events) text += to_text(event);
  return text;
}

std::string read(const std::string& records, std::uint64_t tail = 0) {
  return read(records, tail, records.size());
}

}  // namespace

TEST_CASE("A mapping has its address, its file and its path") {
  const auto event = parse_mapping_record(bytes_of(mapping(7, "/bin/true", 99)));
  REQUIRE(event);
  CHECK(event->time == 99);
  const auto& added = std::get<MappingAdded>(event->what);
  CHECK(added.pid == 7);
  CHECK(added.start == 0x1000);
  CHECK(added.size == 0x2000);
  CHECK(added.offset == 0x3000);
  CHECK(added.file == FileIdentity{8, 1, 77});
  CHECK(added.build_id == "");
  CHECK(added.path == "/bin/true");
}

TEST_CASE("A mapping may have a build ID instead of the file's device and inode") {
  const auto with_size = [](std::uint8_t size) {
    Bytes body;
    body.add(7u).add(7u).add<std::uint64_t>(0x1000).add<std::uint64_t>(0x2000).add<std::uint64_t>(0);
    body.add(size).add<std::uint8_t>(0).add<std::uint16_t>(0);
    for (std::uint8_t i = 0; i < 20; ++i) body.add(static_cast<std::uint8_t>('a' + i));
    body.add(5u).add(2u).add_text("/lib/x.so");
    const auto event = parse_mapping_record(bytes_of(record(PERF_RECORD_MMAP2, 1u << 14, body, 1)));
    return event ? std::get<MappingAdded>(event->what) : MappingAdded{};
  };
  CHECK(with_size(20).build_id == "abcdefghijklmnopqrst");
  CHECK(with_size(20).path == "/lib/x.so");
  CHECK(with_size(20).file == FileIdentity{});
  CHECK(with_size(16).build_id == "abcdefghijklmnop");
  CHECK(with_size(255).build_id == "abcdefghijklmnopqrst");
}

TEST_CASE("Programs, processes and losses are distinguished from names and threads") {
  Bytes comm;
  comm.add(7u).add(7u).add_text("true");
  CHECK(parsed(record(PERF_RECORD_COMM, 1u << 13, comm, 5)) == "5 exec 7\n");
  CHECK(parsed(record(PERF_RECORD_COMM, 0, comm, 5)) == "none");
  CHECK(parsed(fork_record(8, 7, 6)) == "6 fork 8 of 7\n");
  CHECK(parsed(fork_record(7, 7, 6)) == "none");
  CHECK(parsed(exit_record(7, 7, 9)) == "9 exit 7\n");
  CHECK(parsed(exit_record(7, 8, 9)) == "none");
  Bytes lost;
  lost.add<std::uint64_t>(1).add<std::uint64_t>(12);
  CHECK(parsed(record(PERF_RECORD_LOST, 0, lost, 3)) == "3 lost 12\n");
  CHECK(parsed(record(PERF_RECORD_THROTTLE, 0, lost, 3)) == "none");
}

TEST_CASE("The loading of BPF programs is distinguished from unloading and from trampolines") {
  const auto symbol = [](std::uint16_t type, std::uint16_t flags) {
    Bytes body;
    body.add<std::uint64_t>(0xffffc000).add(128u).add(type).add(flags).add_text("bpf_prog_x");
    return record(PERF_RECORD_KSYMBOL, 0, body, 4);
  };
  const auto event = parse_mapping_record(bytes_of(symbol(1, 0)));
  REQUIRE(event);
  const auto& added = std::get<KernelSymbolAdded>(event->what);
  CHECK(added.address == 0xffffc000);
  CHECK(added.size == 128);
  CHECK(added.name == "bpf_prog_x");
  CHECK_FALSE(parse_mapping_record(bytes_of(symbol(1, 1))));
  CHECK_FALSE(parse_mapping_record(bytes_of(symbol(2, 0))));
}

TEST_CASE("A record that is too short is ignored") {
  const std::string whole = mapping(7, "/bin/true", 99);
  for (std::size_t size = 0; size < 8 + 64 + 8; ++size) {
    INFO(size);
    CHECK(parsed(whole.substr(0, size)) == "none");
  }
}

TEST_CASE("Records of a ring are read in order, also across its end") {
  const std::string records = fork_record(8, 7, 1) + mapping(8, "/bin/true", 2) + exit_record(8, 8, 3);
  const std::string expected = "1 fork 8 of 7\n2 map 8 /bin/true\n3 exit 8\n";
  REQUIRE(records.size() <= 256);
  for (std::uint64_t tail = 0; tail < 512; tail += 8) {
    INFO(tail);
    CHECK(read(records, tail) == expected);
  }
  CHECK(read(records, ~std::uint64_t{0} - 127) == expected);
  CHECK(read("") == "");
}

TEST_CASE("A corrupt ring is abandoned and counts as a loss") {
  const std::string good = fork_record(8, 7, 1);
  const std::string before = "1 fork 8 of 7\n";
  Bytes zero, large, small;
  zero.add<std::uint64_t>(0);
  small.add(7u).add<std::uint16_t>(0).add<std::uint16_t>(4);
  large.add(7u).add<std::uint16_t>(0).add<std::uint16_t>(64).add<std::uint64_t>(0);
  for (const Bytes* const bad : {&zero, &small, &large})
    CHECK(read(good + bad->text()) == before + "0 lost 1\n");
  CHECK(read(good + "abcd") == before + "0 lost 1\n");
  CHECK(read(good, 4) == before);  // never aligned so, yet within bounds
  CHECK(read(good, 252) == "0 lost 1\n");
  CHECK(read(good, 0, 257) == "0 lost 1\n");
  CHECK(read(good, 0, ~std::uint64_t{0}) == "0 lost 1\n");
}
