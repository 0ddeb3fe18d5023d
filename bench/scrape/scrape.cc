// Measures what scrapes of a large map cost a stream:  scrape PROBE_RUN DIRECTORY [ENTRIES [RATE [SECONDS]]]
//
// DIRECTORY has scrape.json and its object. The load makes RATE records a second; they are lost when their ring of
// 8 MiB is full, which takes a quarter of a second at 280,000 a second.
#include <fmt/format.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "support/http_client.h"
#include "support/temporary_directory.h"

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::uint16_t port = 9479;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

struct Load {
  std::uint64_t entries = 100'000, rate = 280'000;
  double seconds = 10;
};

// Of this thread, and so of what it starts.
void stay_on(int cpu) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<std::size_t>(cpu), &one);
  ::sched_setaffinity(0, sizeof one, &one);
}

class Runner {
 public:
  Runner(const std::string& program, const std::string& spec, const std::string& stats) {
    int ends[2];
    if (::pipe(ends) != 0) throw std::runtime_error("pipe failed");
    const std::string pid = fmt::format("pid={}", ::getpid()), listen = std::to_string(port);
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error("fork failed");
    if (pid_ == 0) {
      stay_on(1);
      ::dup2(ends[1], STDERR_FILENO);
      ::close(ends[0]);
      ::execl(program.c_str(), program.c_str(), spec.c_str(), "--set", pid.c_str(), "--listen",
              listen.c_str(), "--stats", stats.c_str(), nullptr);
      ::_exit(127);
    }
    ::close(ends[1]);
    std::string text;
    char bytes[4096];
    while (text.find("metrics at") == std::string::npos) {
      const ssize_t size = ::read(ends[0], bytes, sizeof bytes);
      if (size <= 0) throw std::runtime_error("the run did not start: " + text);
      text.append(bytes, static_cast<std::size_t>(size));
    }
    err_ = ends[0];
  }
  void stop() {
    ::kill(pid_, SIGINT);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    ::close(err_);
    if (status != 0) throw std::runtime_error("the run failed");
  }

 private:
  pid_t pid_ = -1;
  int err_ = -1;
};

struct Scrapes {
  std::uint64_t count = 0, bytes = 0;
  double longest = 0;
};

void measure(const std::string& program, const std::string& directory, const Load& load, int per_second,
             bool gzip) {
  const test::TemporaryDirectory temporary;
  const std::string stats = temporary / "stats.json";
  Runner runner(program, directory + "/scrape.json", stats);
  for (std::uint64_t key = 0; key < load.entries; ++key) ::syscall(SYS_getpgid, key + 1'000'000);
  std::atomic<bool> over = false;
  Scrapes scrapes;
  std::thread scraper([&] {
    stay_on(1);
    const auto begin = Clock::now();
    for (int i = 0; per_second > 0 && !over; ++i) {
      std::this_thread::sleep_until(begin +
                                    std::chrono::nanoseconds(std::int64_t{1'000'000'000} * i / per_second));
      const auto asked = Clock::now();
      const std::string answer = test::http_get(port, "/metrics", gzip ? "Accept-Encoding: gzip\r\n" : "");
      if (!answer.starts_with("HTTP/1.1 200")) continue;
      ++scrapes.count;
      scrapes.bytes += answer.size();
      scrapes.longest = std::max(scrapes.longest, seconds_since(asked));
    }
  });
  std::uint64_t produced = 0;
  const auto begin = Clock::now();
  for (double passed = 0; passed < load.seconds; passed = seconds_since(begin)) {
    const auto due = static_cast<std::uint64_t>(passed * static_cast<double>(load.rate));
    for (; produced < due; ++produced) ::syscall(SYS_getppid);
  }
  const double seconds = seconds_since(begin);
  over = true;
  scraper.join();
  runner.stop();
  const auto figures = nlohmann::json::parse(temporary.read("stats.json")).at("specs").at(0).at("figures");
  const std::uint64_t delivered = figures.at("events"), lost = figures.at("lost");
  fmt::print("{} scrapes a second{}: {} records ({:.0f}/s) = {} delivered + {} lost ({:.3f} %){}\n",
             per_second, gzip ? ", compressed" : "", produced, static_cast<double>(produced) / seconds,
             delivered, lost,
             100.0 * static_cast<double>(lost) / static_cast<double>(std::max<std::uint64_t>(produced, 1)),
             produced == delivered + lost ? "" : "  THE SUM IS WRONG");
  if (scrapes.count > 0) {
    fmt::print("  {} scrapes, {:.2f} MB each, the longest {:.0f} ms\n", scrapes.count,
               static_cast<double>(scrapes.bytes) / static_cast<double>(scrapes.count) / 1e6,
               scrapes.longest * 1e3);
  }
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    fmt::print(stderr, "usage: scrape PROBE_RUN DIRECTORY [ENTRIES [RATE [SECONDS]]]\n");
    return 2;
  }
  try {
    Load load;
    if (argc > 3) load.entries = std::stoull(argv[3]);
    if (argc > 4) load.rate = std::stoull(argv[4]);
    if (argc > 5) load.seconds = std::stod(argv[5]);
    stay_on(0);
    measure(argv[1], argv[2], load, 0, false);
    measure(argv[1], argv[2], load, 5, false);
    measure(argv[1], argv[2], load, 5, true);
  } catch (const std::exception& error) {
    fmt::print(stderr, "scrape: {}\n", error.what());
    return 1;
  }
  return 0;
}
