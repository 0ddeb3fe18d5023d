#include <sys/resource.h>

#include <csignal>
#include <filesystem>

#include "source/recording_reader.h"
#include "source/recording_writer.h"
#include "spec/map_spec.h"
#include "support/catch.h"
#include "support/error.h"
#include "unit/call_log.h"
#include "unit/sample_object.h"
#include "unit/temporary_file.h"

using namespace probe_run;
using test::CallLog;
using test::RecordBytes;

namespace {

RecordingInfo some_info() {
  return {"probe-run 1",
          "6.1.0",
          "x86_64",
          4,
          "open.json",
          "{\"name\": \"open\"}\n",
          {{"pid", "42"}, {"comm", ""}}};
}

std::unique_ptr<ObjectDescription> some_object() {
  return test::object_of(test::event_types(),
                         {test::map_info("events", BPF_MAP_TYPE_RINGBUF),
                          test::map_info("counts", BPF_MAP_TYPE_PERCPU_HASH, 4, 8, 3, 4)});
}

std::vector<std::string> replayed(const std::string& path, std::string& damage) {
  CallLog log;
  RecordingReader reader(path);
  damage = reader.play(log, [] { return false; });
  return log.calls();
}

}  // namespace

TEST_CASE("A recording keeps what it was recorded with") {
  const test::TemporaryFile file;
  const auto object = some_object();
  CallLog next;
  {
    RecordingWriter writer(file.path(), some_info(), *object, next);
    writer.finish();
  }
  const RecordingReader reader(file.path());
  CHECK(reader.info().program == "probe-run 1");
  CHECK(reader.info().kernel == "6.1.0");
  CHECK(reader.info().machine == "x86_64");
  CHECK(reader.info().possible_cpus == 4);
  CHECK(reader.info().spec_file == "open.json");
  CHECK(reader.info().spec_text == "{\"name\": \"open\"}\n");
  CHECK(reader.info().parameters.size() == 2);
  CHECK(reader.info().parameters.at("pid") == "42");
  CHECK(reader.object().path == "sample.bpf.o");
  REQUIRE(reader.object().maps.size() == 2);
  CHECK(reader.object().maps[1].name == "counts");
  CHECK(reader.object().maps[1].type == BPF_MAP_TYPE_PERCPU_HASH);
  CHECK(reader.object().maps[1].key_size == 4);
  CHECK(reader.object().maps[1].value_size == 8);
  CHECK(reader.object().maps[1].max_entries == 16);
  CHECK(reader.object().maps[1].key_type_id == 3);
  CHECK(reader.object().maps[1].value_type_id == 4);
  CHECK(reader.object().btf == object->btf);
  CHECK(reader.object().types.find("struct event") != nullptr);
}

TEST_CASE("A recording plays the calls that were recorded, and the writer passes them on") {
  const test::TemporaryFile file;
  CallLog next;
  {
    RecordingWriter writer(file.path(), some_info(), *some_object(), next);
    writer.time(100, -5);
    writer.record(0, RecordBytes{1, 2, 3}.view());
    writer.record(0, {});
    writer.time(200, 7);
    writer.begin_read(1, ReadFor::everyone);
    writer.entry(1, RecordBytes{9}.view());
    writer.end_read(1, {true, true, 7});
    writer.begin_read(1, ReadFor::everyone);
    writer.taken_entry(1, RecordBytes{8}.view());
    writer.end_read(1, {});
    writer.name(NameKind::user, RecordBytes{0, 0, 0, 0}.view(), "root");
    writer.record(printk_lines, RecordBytes{0xff}.view());
    writer.lost(0, ~0ull);
    writer.dropped(0, 3);
    writer.missed({~0ull, 2, 1});
    writer.slept(-7);
    writer.stopping();
    writer.finish();
    CHECK(writer.failure() == "");
  }
  std::string damage;
  const std::vector<std::string> calls = replayed(file.path(), damage);
  CHECK(damage == "");
  CHECK(calls == next.calls());
  CHECK(calls == std::vector<std::string>{
                     "time 100 -5", "record 0 010203", "record 0 ", "time 200 7", "begin_read 1",
                     "entry 1 09", "end_read 1 incomplete restarted vanished 7", "begin_read 1",
                     "taken_entry 1 08", "end_read 1", "name 1 00000000 root", "printk ff",
                     "lost 0 18446744073709551615", "dropped 0 3",
                     "missed 18446744073709551615 counted 2 uncounted 1", "slept -7", "stopping"});
}

TEST_CASE("A read for metrics is passed on, and not recorded") {
  const test::TemporaryFile file;
  CallLog next;
  {
    RecordingWriter writer(file.path(), some_info(), *some_object(), next);
    writer.time(100, 0);
    for (const ReadFor whom : {ReadFor::metrics, ReadFor::everyone}) {
      CHECK(writer.begin_read(1, whom));
      CHECK(writer.entry(1, RecordBytes{9}.view()));
      CHECK(writer.end_read(1, {}));
    }
    writer.finish();
  }
  CHECK(next.calls() == std::vector<std::string>{"time 100 0", "begin_read 1 for metrics", "entry 1 09",
                                                 "end_read 1", "begin_read 1", "entry 1 09", "end_read 1"});
  std::string damage;
  CHECK(replayed(file.path(), damage) ==
        std::vector<std::string>{"time 100 0", "begin_read 1", "entry 1 09", "end_read 1"});
  CHECK(damage == "");
}

TEST_CASE("Time without events takes no space in a recording") {
  const test::TemporaryFile file;
  CallLog next;
  {
    RecordingWriter writer(file.path(), some_info(), *some_object(), next);
    for (std::int64_t i = 1; i < 1000; ++i) writer.time(i, 0);
    writer.record(0, RecordBytes{1}.view());
    writer.finish();
  }
  std::string damage;
  CHECK(replayed(file.path(), damage) == std::vector<std::string>{"time 1 0", "time 999 0", "record 0 01"});
}

TEST_CASE("A recording begins and ends with the times of the run") {
  const test::TemporaryFile file;
  CallLog next;
  {
    RecordingWriter writer(file.path(), some_info(), *some_object(), next);
    for (std::int64_t i = 1; i < 1000; ++i) writer.time(i, 0);
    writer.finish();
  }
  std::string damage;
  CHECK(replayed(file.path(), damage) == std::vector<std::string>{"time 1 0", "time 999 0"});
}

TEST_CASE("A time that no clock can show makes a chunk invalid") {
  for (const std::int64_t time : {std::int64_t{-1}, (std::int64_t{1} << 61) + 1, INT64_MAX}) {
    CAPTURE(time);
    const test::TemporaryFile file;
    CallLog next;
    {
      RecordingWriter writer(file.path(), some_info(), *some_object(), next);
      writer.time(time, 0);
      writer.finish();
    }
    std::string damage;
    CHECK(replayed(file.path(), damage).empty());
    CHECK(damage.starts_with("the chunk that begins at byte "));
    CHECK(damage.ends_with(" is invalid"));
  }
}

TEST_CASE("Records that were not accepted are not recorded") {
  const test::TemporaryFile file;
  CallLog next(2);
  {
    RecordingWriter writer(file.path(), some_info(), *some_object(), next);
    writer.time(1, 0);
    CHECK(writer.record(0, RecordBytes{1}.view()));
    CHECK(writer.record(printk_lines, RecordBytes{2}.view()));
    CHECK_FALSE(writer.record(0, RecordBytes{3}.view()));
    CHECK_FALSE(writer.begin_read(1, ReadFor::everyone));
    CHECK_FALSE(writer.entry(1, RecordBytes{4}.view()));
    CHECK_FALSE(writer.end_read(1, {}));
    CHECK_FALSE(writer.record(printk_lines, RecordBytes{5}.view()));
    writer.lost(printk_lines, 6);
    writer.finish();
  }
  std::string damage;
  CHECK(replayed(file.path(), damage) ==
        std::vector<std::string>{"time 1 0", "record 0 01", "printk 02", "lost 4294967295 6"});
}

TEST_CASE("Many events make many chunks, and each is played") {
  const test::TemporaryFile file;
  CallLog next;
  {
    RecordingWriter writer(file.path(), some_info(), *some_object(), next);
    writer.time(1, 1);
    for (unsigned i = 0; i < 5000; ++i) writer.record(0, RecordBytes().u32(i).zeros(60).view());
    writer.finish();
  }
  std::string damage;
  CHECK(replayed(file.path(), damage) == next.calls());
  CHECK(damage == "");
}

TEST_CASE("An unfinished recording is reported as such") {
  const test::TemporaryFile file;
  CallLog next;
  {
    RecordingWriter writer(file.path(), some_info(), *some_object(), next);
    writer.begin();
    writer.record(0, RecordBytes{1}.view());
  }
  std::string damage;
  CHECK(replayed(file.path(), damage).size() == 2);
  CHECK(damage == "it was cut at byte " + std::to_string(file.read().size()) + ": its end is missing");
}

TEST_CASE("A recording keeps what its file contains until it begins, and for good if it never does") {
  const test::TemporaryFile file("the last recording");
  CallLog next;
  {
    RecordingWriter writer(file.path(), some_info(), *some_object(), next);
    writer.time(1, 2);
  }
  CHECK(file.read() == "the last recording");
  {
    RecordingWriter writer(file.path(), some_info(), *some_object(), next);
    writer.begin();
    writer.finish();
  }
  CHECK(file.read().starts_with("PROBEREC"));
  std::string damage;
  CHECK(replayed(file.path(), damage).size() == 1);
  CHECK(damage == "");
}

TEST_CASE("Playback stops on request") {
  const test::TemporaryFile file;
  CallLog next;
  {
    RecordingWriter writer(file.path(), some_info(), *some_object(), next);
    writer.record(0, RecordBytes{1}.view());
    writer.finish();
  }
  CallLog log;
  RecordingReader reader(file.path());
  CHECK(reader.play(log, [] { return true; }) == "");
  CHECK(log.calls().empty());
}

TEST_CASE("The error for a file that is not a recording names it") {
  const test::TemporaryFile file("PROBERAW and more text");
  CHECK_THROWS_WITH(RecordingReader(file.path()), file.path() + " is not a probe-run recording");
  file.write("");
  CHECK_THROWS_WITH(RecordingReader(file.path()), file.path() + " is not a probe-run recording");
  file.write(std::string("PROBEREC\x02\0\0\0", 12));
  CHECK_THROWS_WITH(RecordingReader(file.path()),
                    file.path() + " is a recording of version 2; this probe-run reads version 1");
  CHECK_THROWS_WITH(RecordingReader("/nowhere/at/all"),
                    "cannot open the recording /nowhere/at/all: No such file or directory");
  CHECK_THROWS_AS(RecordingReader("/"), Error);
}

TEST_CASE("The error for a recording that cannot be written names it") {
  CallLog next;
  CHECK_THROWS_WITH(RecordingWriter("/nowhere/at/all", some_info(), *some_object(), next),
                    "cannot write the recording /nowhere/at/all: No such file or directory");
}

TEST_CASE("A full disk is a failure of the recording") {
  CallLog next;
  CHECK_THROWS_WITH(RecordingWriter("/dev/full", some_info(), *some_object(), next),
                    "cannot write the recording /dev/full: No space left on device");
}

TEST_CASE("A recording whose disk fills up ends with its last whole chunk") {
  const test::TemporaryFile file;
  CallLog next;
  const auto object = some_object();
  RecordingWriter writer(file.path(), some_info(), *object, next);
  writer.time(1, 0);
  writer.record(0, RecordBytes{1}.view());
  writer.flush();
  const std::size_t whole = file.read().size();
  // The limit on file sizes simulates a full disk.
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit little = before;
  little.rlim_cur = whole + 20;
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &little) == 0);
  writer.record(0, RecordBytes{2, 3, 4, 5, 6, 7, 8}.view());
  writer.flush();
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  CHECK(writer.failed());
  CHECK(writer.failure() == "cannot write the recording " + file.path() + ": File too large");
  CHECK(file.read().size() == whole);
  writer.record(0, RecordBytes{9}.view());  // not recorded, but passed on
  writer.finish();
  CHECK(file.read().size() == whole);
  CHECK(next.calls().size() == 4);
  std::string damage;
  CHECK(replayed(file.path(), damage) == std::vector<std::string>{"time 1 0", "record 0 01"});
  CHECK(damage == "it was cut at byte " + std::to_string(whole) + ": its end is missing");
}
