#include <unistd.h>

#include <array>
#include <csignal>

#include "sink/sink.h"
#include "support/catch.h"
#include "support/error.h"
#include "unit/temporary_file.h"

using namespace probe_run;

TEST_CASE("Lines are written to a file when there are many, on request, and at the end") {
  const test::TemporaryFile file;
  std::unique_ptr<Sink> sink = open_sink(file.path());
  sink->buffer().append("first\n");
  sink->line_done();
  CHECK(file.read() == "");
  sink->flush();
  CHECK(file.read() == "first\n");
  sink->buffer().append("second\n");
  sink->line_done();
  CHECK(file.read() == "first\n");
  sink.reset();
  CHECK(file.read() == "first\nsecond\n");
}

TEST_CASE("Lines are written to a file at 64 KiB and not before") {
  const test::TemporaryFile file;
  const std::unique_ptr<Sink> sink = open_sink(file.path());
  sink->buffer().append(64 * 1024 - 1, 'x');
  sink->line_done();
  CHECK(file.read().size() == 0);
  sink->buffer().append('\n');
  sink->line_done();
  CHECK(file.read().size() == 64 * 1024);
  CHECK(sink->buffer().empty());
}

TEST_CASE("An existing file is truncated") {
  const test::TemporaryFile file("old content");
  open_sink(file.path());
  CHECK(file.read() == "");
}

TEST_CASE("A file may keep its old lines until the run begins, and keeps them if it never does") {
  const test::TemporaryFile file("old\n");
  open_sink(file.path(), OldLines::until_begin)->buffer().append("refused\n");
  CHECK(file.read() == "old\n");
  std::unique_ptr<Sink> sink = open_sink(file.path(), OldLines::until_begin);
  sink->buffer().append("new\n");
  CHECK(file.read() == "old\n");
  sink->begin();
  CHECK(file.read() == "");
  sink.reset();
  CHECK(file.read() == "new\n");
}

TEST_CASE("A file that others truncate or write to has no hole, and loses nothing of theirs") {
  const test::TemporaryFile file;
  const std::unique_ptr<Sink> sink = open_sink(file.path());
  const auto write = [&](const char* line) {
    sink->buffer().append(line);
    sink->flush();
  };
  write("one\n");
  REQUIRE(::truncate(file.path().c_str(), 0) == 0);  // as logrotate's copytruncate
  write("two\n");
  CHECK(file.read() == "two\n");
  std::ofstream(file.path(), std::ios::app) << "theirs\n";
  write("three\n");
  CHECK(file.read() == "two\ntheirs\nthree\n");
}

TEST_CASE("A file is not opened before it must be") {
  const test::TemporaryFile file;
  const std::string path = file.path() + ".new";
  const std::unique_ptr<Sink> sink = open_sink(path, OldLines::until_begin);
  CHECK(::access(path.c_str(), F_OK) != 0);
  sink->open();
  CHECK(::access(path.c_str(), F_OK) == 0);
  ::unlink(path.c_str());
  CHECK_THROWS_WITH(open_sink("/nowhere/x", OldLines::until_begin)->open(),
                    "cannot write to /nowhere/x: No such file or directory");
}

TEST_CASE("A file that cannot be written is refused by name") {
  CHECK_THROWS_WITH(open_sink("/nowhere/at\x1b/all"),
                    "cannot write to /nowhere/at\\x1b/all: No such file or directory");
  CHECK_THROWS_WITH(open_sink("/"), "cannot write to /: Is a directory");
}

TEST_CASE("A working file is neither closed, failed nor a terminal") {
  const test::TemporaryFile file;
  const std::unique_ptr<Sink> sink = open_sink(file.path());
  sink->buffer().append("x\n");
  sink->flush();
  CHECK_FALSE(sink->closed());
  CHECK(sink->failure() == "");
  CHECK_FALSE(sink->is_terminal());
}

TEST_CASE("A pipe without a reader is closed, which is not a failure") {
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  const std::unique_ptr<Sink> sink = open_sink("/proc/self/fd/" + std::to_string(ends[1]));
  sink->buffer().append("x\n");
  sink->flush();
  CHECK_FALSE(sink->closed());
  ::close(ends[0]);
  sink->buffer().append("x\n");
  sink->flush();
  CHECK(sink->closed());
  CHECK(sink->failure() == "");
  sink->buffer().append("x\n");
  sink->flush();
  CHECK(sink->buffer().empty());
  ::close(ends[1]);
  std::signal(SIGPIPE, before);
}

TEST_CASE("A full disk is a failure that names the file") {
  const std::unique_ptr<Sink> sink = open_sink("/dev/full");
  sink->buffer().append("x\n");
  CHECK(sink->failure() == "");
  sink->flush();
  CHECK(sink->failure() == "cannot write to /dev/full: No space left on device");
  CHECK_FALSE(sink->closed());
  CHECK(sink->not_written() == 1);
  sink->buffer().append("y\nz\n");
  sink->flush();
  CHECK(sink->not_written() == 3);
  CHECK(sink->buffer().empty());
}

TEST_CASE("The sink of a check discards everything") {
  const std::unique_ptr<Sink> sink = null_sink();
  sink->buffer().append(100'000, 'x');
  sink->line_done();
  CHECK(sink->buffer().empty());
  CHECK_FALSE(sink->closed());
  CHECK(sink->failure() == "");
}
