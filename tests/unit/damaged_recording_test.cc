// Recordings that are damaged: they come from other machines and from crashes.
#include <random>
#include <set>

#include "source/recording_reader.h"
#include "source/recording_writer.h"
#include "support/catch.h"
#include "support/error.h"
#include "support/source_text.h"
#include "unit/call_log.h"
#include "unit/fate.h"
#include "unit/sample_object.h"
#include "unit/temporary_file.h"

using namespace probe_run;
using test::CallLog;
using test::RecordBytes;

namespace {

struct Recording {
  std::string bytes;
  std::vector<std::string> calls;
  // Where each chunk of events ends, and how many calls there were until then.
  std::vector<std::pair<std::size_t, std::size_t>> chunks;
};

Recording make_recording() {
  const test::TemporaryFile file;
  test::BtfBuilder btf;
  btf.structure("event", 4, {{"a", btf.integer("unsigned int", 4), 0}});
  const auto object = test::object_of(
      btf, {test::map_info("events", BPF_MAP_TYPE_RINGBUF), test::map_info("m", BPF_MAP_TYPE_HASH, 4, 4)});
  CallLog next;
  Recording made;
  {
    RecordingWriter writer(file.path(), {"probe-run", "6.1", "x86_64", 2, "s.json", "{}", {{"a", "b"}}},
                           *object, next);
    const auto chunk = [&] {
      writer.flush();
      made.chunks.emplace_back(file.read().size(), next.calls().size());
    };
    writer.begin();
    chunk();
    writer.time(1, 2);
    writer.record(0, RecordBytes{1, 2, 3, 4}.view());
    chunk();
    writer.begin_read(1, ReadFor::everyone);
    writer.entry(1, RecordBytes{1, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0}.view());
    writer.end_read(1, {});
    chunk();
    writer.time(3, 4);
    writer.record(printk_lines, RecordBytes{7}.view());
    writer.lost(0, 5);
    chunk();
    writer.dropped(0, 6);
    writer.stopping();
    chunk();
    writer.finish();
  }
  made.bytes = file.read();
  made.calls = next.calls();
  return made;
}

struct Played {
  bool refused = false;
  std::string damage;
  std::vector<std::string> calls;
};

Played play(const test::TemporaryFile& file, const std::string& bytes) {
  file.write(bytes);
  Played played;
  try {
    RecordingReader reader(file.path());
    CallLog log;
    played.damage = reader.play(log, [] { return false; });
    played.calls = log.calls();
  } catch (const Error&) {
    played.refused = true;
  }
  return played;
}

bool begins_with(const std::vector<std::string>& all, const std::vector<std::string>& part) {
  return part.size() <= all.size() && std::equal(part.begin(), part.end(), all.begin());
}

}  // namespace

TEST_CASE("A recording that is cut anywhere plays every whole chunk, and the cut is reported") {
  const Recording recording = make_recording();
  const test::TemporaryFile file;
  const std::size_t head = recording.chunks.front().first;
  for (std::size_t size = 0; size < recording.bytes.size(); ++size) {
    const Played played = play(file, recording.bytes.substr(0, size));
    CAPTURE(size);
    CHECK(played.refused == (size < head));
    if (played.refused) continue;
    std::size_t whole = 0;
    for (const auto& [end, calls] : recording.chunks) whole = end <= size ? calls : whole;
    CHECK(played.calls ==
          std::vector<std::string>(recording.calls.begin(),
                                   recording.calls.begin() + static_cast<std::ptrdiff_t>(whole)));
    CHECK(played.damage != "");
  }
  const Played whole = play(file, recording.bytes);
  CHECK(whole.calls == recording.calls);
  CHECK(whole.damage == "");
}

TEST_CASE("No single bit of a recording can change unnoticed") {
  const Recording recording = make_recording();
  const test::TemporaryFile file;
  std::set<std::size_t> unnoticed;   // bytes
  std::set<std::size_t> made_wrong;  // bytes after whose change other calls came than were recorded
  for (std::size_t bit = 0; bit < recording.bytes.size() * 8; ++bit) {
    std::string changed = recording.bytes;
    changed[bit / 8] = static_cast<char>(static_cast<unsigned char>(changed[bit / 8]) ^ (1u << (bit % 8)));
    const Played played = play(file, changed);
    if (!played.refused && played.damage.empty()) unnoticed.insert(bit / 8);
    if (!begins_with(recording.calls, played.calls)) made_wrong.insert(bit / 8);
  }
  CHECK(unnoticed == std::set<std::size_t>{});
  CHECK(made_wrong == std::set<std::size_t>{});
}

TEST_CASE("Random changes to a recording do no harm") {
  const Recording recording = make_recording();
  const test::TemporaryFile file;
  CHECK(test::fate([&](volatile unsigned& step) {
          std::mt19937 random(5);  // NOLINT(*-msc51-cpp)
          for (unsigned i = 0; i < 3000; ++i) {
            step = i;
            std::string changed = recording.bytes;
            for (unsigned changes = 1 + random() % 4; changes > 0; --changes)
              changed[random() % changed.size()] = static_cast<char>(random());
            play(file, changed);
          }
          return true;
        }) == "");
}

TEST_CASE("A recording whose spec is larger than a spec may be is refused") {
  const auto spec_of = [](std::size_t size) {
    const test::TemporaryFile file;
    test::BtfBuilder btf;
    const auto object = test::object_of(btf, {});
    CallLog next;
    {
      RecordingWriter writer(file.path(),
                             {"probe-run", "6.1", "x86_64", 2, "s.json", std::string(size, ' '), {}}, *object,
                             next);
      writer.begin();
      writer.finish();
    }
    return RecordingReader(file.path()).info().spec_text.size();
  };
  CHECK(spec_of(source_limit) == source_limit);
  CHECK_THROWS_AS(spec_of(source_limit + 1), Error);
}
