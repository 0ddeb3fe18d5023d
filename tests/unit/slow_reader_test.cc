#include "support/slow_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <string>
#include <thread>

#include "support/catch.h"
#include "support/fd.h"

using namespace probe_run;

namespace {

struct Pipe {
  Fd in, out;
  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("cannot make a pipe");
    out = Fd(ends[0]);
    in = Fd(ends[1]);
  }
  // Up to `most` bytes of what is there.
  std::size_t take(std::size_t most) const {
    std::string chunk(most, '\0');
    const ssize_t got = ::read(out.get(), chunk.data(), chunk.size());
    return got < 0 ? 0 : static_cast<std::size_t>(got);
  }
};

// 64 KiB of lines.
std::string some_lines() {
  std::string lines;
  while (lines.size() < std::size_t{64} * 1024) lines += std::string(63, 'x') + '\n';
  return lines;
}

}  // namespace

TEST_CASE("A slow reader is waited for beside others, when much is kept for it") {
  Pipe pipe;
  ReaderPatience patience;
  patience.set_others(true);
  std::optional<SlowReader> reader(std::in_place, pipe.in.get(), patience);
  REQUIRE(reader->exists());
  const std::string chunk = some_lines();
  const std::size_t chunks = 512;
  std::size_t taken = 0;
  std::thread slow([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    while (const std::size_t got = pipe.take(chunk.size())) taken += got;
  });
  TextBuffer lines;
  for (std::size_t i = 0; i < chunks; ++i) {
    lines.append(chunk);
    do {
      patience.begin_turn();
      CHECK(reader->write(lines) == 0);
      CHECK_FALSE(reader->is_stuck());
    } while (lines.size() >= SlowReader::most_waiting);
  }
  patience.finish(false);
  CHECK(reader->write(lines) == 0);
  CHECK(lines.empty());
  reader.reset();
  pipe.in = Fd();  // nobody writes any more
  slow.join();
  CHECK(taken == chunks * chunk.size());
}

TEST_CASE("A reader that takes nothing is waited for once, and again when it has caught up") {
  Pipe pipe;
  ReaderPatience patience;
  patience.set_others(true);
  SlowReader reader(pipe.in.get(), patience);
  const std::string chunk = some_lines();
  TextBuffer lines;
  const auto write = [&] {
    patience.begin_turn();
    CHECK(reader.write(lines) == 0);
  };
  while (lines.size() + chunk.size() < SlowReader::most_waiting) {
    lines.append(chunk);
    write();
    CHECK_FALSE(reader.is_stuck());
  }
  while (!reader.is_stuck()) {
    lines.append(chunk);
    write();
  }
  // A little that it takes now and then changes nothing.
  CHECK(pipe.take(4096) == 4096);
  write();
  CHECK(reader.is_stuck());
  while (lines.size() > SlowReader::most_waiting / 2) {
    CHECK(reader.is_stuck());
    CHECK(pipe.take(chunk.size()) > 0);
    write();
  }
  CHECK_FALSE(reader.is_stuck());
}

TEST_CASE("Without others, what a reader does not take is kept no longer than the run") {
  Pipe pipe;
  ReaderPatience patience;
  patience.set_end(0);  // it is over
  SlowReader reader(pipe.in.get(), patience);
  TextBuffer lines;
  for (int i = 0; i < 4; ++i) lines.append(some_lines());
  CHECK(reader.write(lines) == 0);
  CHECK(lines.size() == 3 * some_lines().size());  // a pipe holds 64 KiB
}
