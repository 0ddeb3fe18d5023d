#include "golden/hostile_recording.h"

#include <limits>

#include "support/synthetic_recording.h"

namespace test {
namespace {

using namespace std::string_literals;

enum Map : std::uint32_t { events, stats, latency, samples, counts, stack_traces, large };

constexpr std::string_view spec = R"({
  "name": "hostile", "object": "hostile.bpf.o",
  "programs": [{ "name": "any", "attach": { "type": "auto" } }],
  "maps": [{ "name": "events", "type": "struct event" }]
}
)";

std::unique_ptr<probe_run::ObjectDescription> object() {
  BtfBuilder btf;
  const auto u8 = btf.integer("unsigned char", 1);
  const auto u32 = btf.integer("unsigned int", 4);
  const auto u64 = btf.integer("unsigned long long", 8);
  const auto s32 = btf.integer("int", 4, BTF_INT_SIGNED);
  const auto s64 = btf.integer("long long", 8, BTF_INT_SIGNED);
  const auto character = btf.integer("char", 1, BTF_INT_SIGNED);
  const auto real = btf.floating("double", 8);
  const auto family = btf.enumeration("family", 4, {{"INET", 2}, {"INET6", 10}});
  const auto address =
      btf.union_of("address", 16, {{"v4", btf.array(u8, 4), 0}, {"v6", btf.array(u8, 16), 0}});
  btf.structure("event", 72,
                {{"ts", u64, 0},
                 {"pid", u32, 8 * 8},
                 {"ret", s32, 12 * 8},
                 {"delta", s64, 16 * 8},
                 {"big", u64, 24 * 8},
                 {"load", real, 32 * 8},
                 {"family", family, 40 * 8},
                 {"addr", address, 44 * 8},
                 {"comm", btf.array(character, 12), 60 * 8},
                 {"path", btf.array(character, 0), 72 * 8}});
  btf.structure("sample", 64,
                {{"tgid", u32, 0},
                 {"comm", btf.array(character, 12), 4 * 8},
                 {"kernel", btf.array(u64, 3), 16 * 8},
                 {"user", btf.array(u64, 3), 40 * 8}});
  btf.structure("large", 4100, {{"pid", u32, 0}, {"text", btf.array(character, 4096), 4 * 8}});
  const auto stats_key =
      btf.structure("stats_key", 16,
                    {{"pid", u32, 0}, {"family", family, 4 * 8}, {"comm", btf.array(character, 8), 8 * 8}});
  const auto stats_value =
      btf.structure("stats", 24, {{"bytes", u64, 0}, {"balance", s64, 8 * 8}, {"load", real, 16 * 8}});
  const auto histogram =
      btf.structure("latency", 56, {{"slots", btf.array(u64, 6), 0}, {"worst", u64, 48 * 8}});
  const auto counts_key = btf.structure(
      "counts_key", 16, {{"tgid", u32, 0}, {"user", s32, 4 * 8}, {"comm", btf.array(character, 8), 8 * 8}});
  const auto stack = btf.structure("stack", 24, {{"addresses", btf.array(u64, 3), 0}});
  auto made = object_of(btf, {map_info("events", BPF_MAP_TYPE_RINGBUF),
                              map_info("stats", BPF_MAP_TYPE_PERCPU_HASH, 16, 24, stats_key, stats_value),
                              map_info("latency", BPF_MAP_TYPE_HASH, 4, 56, u32, histogram),
                              map_info("samples", BPF_MAP_TYPE_RINGBUF),
                              map_info("counts", BPF_MAP_TYPE_HASH, 16, 8, counts_key, u64),
                              map_info("stack_traces", BPF_MAP_TYPE_STACK_TRACE, 4, 24, u32, stack),
                              map_info("large", BPF_MAP_TYPE_RINGBUF)});
  made->path = "hostile.bpf.o";
  return made;
}

struct Text {
  std::string comm, path;
};

// Hostile contents of names, one kind in each.
std::vector<Text> texts() {
  return {{"plain", "/etc/passwd"},
          {"(other)", "=cmd|' /C calc'!A1"},
          {"\x1b[31mred", "\x1b[2J\x1b]0;title\x07"},
          {"c0\x01\x1f", "a\b b\v c\f d\x0e"},
          {"del\x7f",
           "c1 \xc2\x85 \xc2\x9b"
           "2J"},
          {"raw\x9b",
           "\x9b"
           "31m \x85"},
          {"bidi",
           "\xe2\x80\xae"
           "gpj.exe \xe2\x81\xa6x\xe2\x81\xa9"},
          {"invisible",
           "a\xe2\x80\x8b"
           "b\xef\xbb\xbf"
           "c\xe2\x80\xa8"
           "d\xc2\xad"
           "e"},
          {"not utf-8\xff", "\xc0\xaf \xed\xa0\x80 \xfe cut\xe2\x82"},
          {"\"quo'te,", "say \"hi\", 'he' said, \"\""},
          {"two\nlines", "two\r\nlines\n"},
          {"back\\slash", "\\n \\x1b \\\\ \\\" \\"},
          {"a;b {c}", "{pid} {{}} ; # le=\"1\" %s ${HOME}"},
          {" sp ", "  lead and trail  "},
          {"\tta\tb", "\ta\t\tb"},
          {"\xe6\xbc\xa2\xe5\xad\x97",
           "\xe6\xbc\xa2\xe5\xad\x97 e\xcc\x81 \xf0\x9f\x98\x80 "
           "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7 \xef\xbc\xa1"},
          {"12345678901\xc3", "a character is cut in comm"},
          {"", ""},
          {"-", "null"},
          {"plain", "/etc/passwd"}};
}

RecordBytes event(std::size_t i, std::uint64_t now, const Text& text) {
  using Integers = std::numeric_limits<std::int64_t>;
  using Reals = std::numeric_limits<double>;
  const std::int32_t ret[] = {0, -2, INT32_MIN, INT32_MAX, 7};
  const std::int64_t delta[] = {0, -1, Integers::min(), Integers::max(), 1000};
  const std::uint64_t big[] = {0, UINT64_MAX, (std::uint64_t{1} << 53) + 1, 1536, 5};
  const double load[] = {0.25, -0.1, 1e300, 5e-324, 1e21, -0.0, 123456.75};
  const double odd[] = {Reals::quiet_NaN(), Reals::infinity(), -Reals::infinity()};
  RecordBytes record;
  record.u64(now).u32(i % 4 == 3 ? UINT32_MAX : static_cast<std::uint32_t>(100 + i % 4)).i32(ret[i % 5]);
  record.add(delta[i % 5]).u64(big[i % 5]).add(i >= 14 && i < 17 ? odd[i - 14] : load[i % 7]);
  const std::uint32_t family = i % 3 == 0 ? 2 : i % 3 == 1 ? 10 : 99;
  record.u32(family).u8(10).u8(0).u8(0).u8(static_cast<std::uint8_t>(i));
  record.zeros(11).u8(1).text(text.comm, 12).text(text.path, text.path.size());
  return record;
}

// An entry of `stats`: the key, then the values of both CPUs.
RecordBytes entry(std::uint32_t pid, std::uint32_t family, const std::string& comm,
                  const std::vector<std::uint64_t>& bytes, const std::vector<std::int64_t>& balance) {
  RecordBytes record;
  record.u32(pid).u32(family).text(comm, 8);
  for (std::size_t cpu = 0; cpu < 2; ++cpu) record.u64(bytes[cpu]).add(balance[cpu]).add(0.5);
  return record;
}

RecordBytes slots(std::uint32_t pid, const std::vector<std::uint64_t>& counts, std::uint64_t worst) {
  RecordBytes record;
  record.u32(pid).u32(0);
  for (const std::uint64_t count : counts) record.u64(count);
  record.u64(worst);
  return record;
}

class Tape {
 public:
  explicit Tape(const std::string& path)
      : object_(object()),
        writer_(path, {"probe-run", "6.1.0", "x86_64", 2, "hostile.json", std::string(spec), {}}, *object_,
                next_) {}

  void write() {
    stream();
    writer_.flush();  // so that a recording that is cut after it has the stream
    stacks();
    print();
    read(0);
    pass(1000);
    read(1);
    writer_.stopping();
    read(2);
    writer_.finish();
    if (writer_.failed()) throw std::runtime_error(writer_.failure());
  }

 private:
  void pass(std::int64_t milliseconds) {
    now_ += milliseconds * 1'000'000;
    writer_.time(now_, 1'700'000'000'000'000'000);
  }

  void stream() {
    const auto now = [&] { return static_cast<std::uint64_t>(now_); };
    std::size_t i = 0;
    for (const Text& text : texts()) {
      pass(100);
      writer_.record(events, event(i++, now(), text).view());
    }
    writer_.record(events, event(0, now(), {"short", ""}).view().first(30));
    writer_.lost(events, 3);
    std::string text;
    while (text.size() < 4094) text += "4 KiB, \"x\" and\n ";
    writer_.record(large, RecordBytes().u32(1).text(text, 4094).text("\xff\x1b", 2).view());
  }

  // The address of a caller is the one after its call, and is looked up one byte before that.
  void symbol(std::uint64_t address, const std::string& frames) {
    for (const std::uint64_t at : {address - 1, address}) {
      writer_.name(probe_run::NameKind::kernel_symbol, probe_run::name_key(at), frames);
      writer_.name(probe_run::NameKind::user_symbol, probe_run::name_key(std::uint32_t{7}, at), frames);
    }
  }

  void stacks() {
    symbol(0x1000, "do_sys_open\t16\t\t\n");
    symbol(0x2000, "nft_\x1b[31m\t1\tnf tables\t\n");
    symbol(0x3000,
           "std::map<int, A>::at(int const&)\t0\t/usr/lib/a b.so\tinlined\nmain;x\t32\t/bin/\"a\"\t\n");
    symbol(0x4000, "\t4660\t/lib/\xff.so\t\n");
    const auto sample = [](const std::string& comm, const std::vector<std::uint64_t>& kernel,
                           const std::vector<std::uint64_t>& user) {
      RecordBytes record;
      record.u32(7).text(comm, 12);
      for (const std::uint64_t address : kernel) record.u64(address);
      for (const std::uint64_t address : user) record.u64(address);
      return record;
    };
    pass(100);
    writer_.record(samples, sample("a;b \"c\"", {0x1000, 0x2000, 0}, {0x3000, 0x4000, 0x5000}).view());
    writer_.record(samples, sample("two\nlines", {0, 0, 0}, {0x3000, 0, 0}).view());
    writer_.record(samples, sample("a;b \"c\"", {0x1000, 0x2000, 0}, {0x3000, 0x4000, 0x5000}).view());
    writer_.record(samples, sample("", {0, 0, 0}, {0, 0, 0}).view());
    const std::uint64_t stack[] = {0x3000, 0x4000};
    writer_.name(probe_run::NameKind::stack,
                 probe_run::name_key(std::uint32_t{stack_traces}, std::uint32_t{5}),
                 {reinterpret_cast<const char*>(stack), sizeof stack});
  }

  void print() {
    pass(100);
    for (const std::string& text :
         {"plain"s, "\x1b[2J {x} \"y\", \\z\xff"s, "two\nlines \xe2\x80\xae"s, ""s}) {
      RecordBytes line;
      line.u64(static_cast<std::uint64_t>(now_)).u32(7).u32(8).u32(1).u32(0).text(text, text.size());
      writer_.record(probe_run::printk_lines, line.view());
    }
    writer_.lost(probe_run::printk_lines, 1);
  }

  template <class... Entries>
  void read_of(Map map, const probe_run::ReadEnd& end, const Entries&... entries) {
    writer_.begin_read(map, probe_run::ReadFor::everyone);
    (writer_.entry(map, entries.view()), ...);
    writer_.end_read(map, end);
  }

  void read(int which) {
    pass(500);
    const std::string evil = "\x1b[5m\n\"";
    const RecordBytes count =
        RecordBytes().u32(7).i32(5).text("a;b", 8).u64(static_cast<std::uint64_t>(which + 1));
    const RecordBytes other = RecordBytes().u32(7).i32(-14).text(evil, 8).u64(UINT64_MAX);
    if (which == 0) {
      read_of(stats, {}, entry(1, 2, "plain", {100, 24}, {-5, 2}),
              entry(2, 10, evil, {1ull << 60, 0}, {0, 0}), entry(2, 99, "", {0, 0}, {INT64_MIN, 0}));
      read_of(latency, {}, slots(1, {0, 3, 9, 0, 1, 0}, 17), slots(2, {0, 0, 0, 0, 0, 0}, 0));
      read_of(counts, {}, count, other);
    } else if (which == 1) {
      read_of(stats, {true, true, 2}, entry(1, 2, "plain", {150, 24}, {-5, -2}),
              entry(2, 10, evil, {7, 0}, {0, 0}), entry(3, 2, ", {", {1, 1}, {1, -1}));
      read_of(latency, {}, slots(1, {0, 3, 10, 2, 1, 5}, UINT64_MAX), slots(2, {1, 0, 0, 0, 0, 0}, 1));
      read_of(counts, {}, count, other);
    } else {
      read_of(stats, {}, entry(1, 2, "plain", {150, 24}, {-5, -2}), entry(3, 2, ", {", {1, 2}, {1, -1}),
              entry(4, 10, "\xe6\xbc\xa2\xff", {3, 4}, {INT64_MAX, 1}));
      read_of(latency, {}, slots(1, {0, 3, 10, 2, 1, 5}, UINT64_MAX), slots(2, {1, 0, 0, 0, 0, 0}, 1));
      read_of(counts, {}, count, other);
      read_of(stack_traces, {}, RecordBytes().u32(5).u32(0).u64(0x3000).u64(0x4000).u64(0));
    }
  }

  NoConsumer next_;
  std::unique_ptr<probe_run::ObjectDescription> object_;
  probe_run::RecordingWriter writer_;
  std::int64_t now_ = 1'000'000'000;
};

}  // namespace

void write_hostile_recording(const std::string& path) {
  Tape(path).write();
}

}  // namespace test
