#include "attach/mass_detach.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <climits>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "support/integer.h"

namespace probe_run {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t few = 8;  // detached in less than a second
constexpr std::size_t most_threads = 64;
constexpr int longest_wait_ms = 500;

bool is_perf_link(int fd) {
  std::ifstream info("/proc/self/fdinfo/" + std::to_string(fd));
  std::string line;
  while (std::getline(info, line)) {
    if (line.starts_with("link_type:")) return line.ends_with("\tperf");
  }
  return false;
}

struct Descriptors {
  std::vector<int> events;
  std::vector<int> links;  // of the events; none before Linux 5.15
};

Descriptors perf_descriptors() {
  Descriptors found;
  std::error_code error;
  for (fs::directory_iterator entry("/proc/self/fd", error), end; !error && entry != end;
       entry.increment(error)) {
    const auto fd = parse_number(entry->path().filename().native());
    std::error_code gone;
    const fs::path what = fs::read_symlink(entry->path(), gone);
    if (!fd || gone) continue;
    if (what == "anon_inode:[perf_event]") found.events.push_back(static_cast<int>(*fd));
    if (what.native().starts_with("anon_inode:bpf")) found.links.push_back(static_cast<int>(*fd));
  }
  std::erase_if(found.links, [](int fd) { return !is_perf_link(fd); });
  const bool are_few = (found.links.empty() ? found.events : found.links).size() <= few;
  if (are_few) return {};
  return found;
}

// Kernel memory mapped into this process: rings and maps, which live as long as they are mapped.
struct Mapping {
  std::uintptr_t begin;
  std::size_t size;
};

std::vector<Mapping> kernel_mappings() {
  std::vector<Mapping> mappings;
  std::ifstream maps("/proc/self/maps");
  std::string line;
  while (std::getline(maps, line)) {
    if (line.find(" anon_inode:") == std::string::npos) continue;
    std::uintptr_t begin = 0, end = 0;
    const char* const last = line.data() + line.size();
    const auto dash = std::from_chars(line.data(), last, begin, 16);
    if (dash.ptr == last || std::from_chars(dash.ptr + 1, last, end, 16).ec != std::errc()) continue;
    mappings.push_back({begin, end - begin});
  }
  return mappings;
}

void close_from_to(unsigned first, unsigned last) {
  ::syscall(SYS_close_range, first, last, 0);  // Linux 5.9
}

void close_all_but(std::vector<int> keep) {
  std::sort(keep.begin(), keep.end());
  unsigned next = 0;
  for (const int fd : keep) {
    const auto kept = static_cast<unsigned>(fd);
    if (kept > next) close_from_to(next, kept - 1);
    next = kept + 1;
  }
  close_from_to(next, UINT_MAX);
}

void close_in_parallel(const std::vector<int>& fds) {
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < fds.size(); i = next++) ::close(fds[i]);
  };
  std::vector<std::thread> threads;
  try {
    const std::size_t wanted = std::min(most_threads, fds.size());
    threads.reserve(wanted);
    while (threads.size() + 1 < wanted) threads.emplace_back(work);
  } catch (const std::exception&) {
    // The helpers that were created are enough.
  }
  work();
  for (std::thread& thread : threads) thread.join();
}

void wait_for_end(int pipe) {
  char nothing = 0;
  while (::read(pipe, &nothing, 1) < 0 && errno == EINTR) {
  }
}

// The other process. It must not keep a pipe, a terminal or a map in use. It closes `ready` when it has released
// everything else, and `done` when no program runs any longer.
[[noreturn]] void take_down(const Descriptors& held, const std::vector<Mapping>& mappings, int begin,
                            int ready, int done) {
  ::setsid();
  ::prctl(PR_SET_NAME, "probe-run-end");
  for (const Mapping& mapping : mappings) ::syscall(SYS_munmap, mapping.begin, mapping.size);
  std::vector<int> keep = held.events;
  keep.insert(keep.end(), held.links.begin(), held.links.end());
  keep.insert(keep.end(), {begin, ready, done});
  close_all_but(std::move(keep));
  ::close(ready);
  wait_for_end(begin);
  close_in_parallel(held.links.empty() ? held.events : held.links);
  ::close(done);
  ::_exit(0);
}

struct Pipe {
  Fd end, begin;
};

Pipe make_pipe() {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category());
  return {Fd(fds[0]), Fd(fds[1])};
}

}  // namespace

MassDetach::MassDetach(std::size_t links) noexcept {
  if (links <= few) return;
  try {
    const Descriptors held = perf_descriptors();
    if (held.events.empty()) return;
    Pipe begin = make_pipe(), ready = make_pipe(), done = make_pipe();
    const std::vector<Mapping> mappings = kernel_mappings();
    const pid_t child = ::fork();
    if (child < 0) return;
    if (child == 0) {
      // A grandchild, so that it outlives this process and nobody has to wait for it.
      if (::fork() == 0) take_down(held, mappings, begin.end.get(), ready.begin.get(), done.begin.get());
      ::_exit(0);
    }
    while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
    ready.begin.reset();
    wait_for_end(ready.end.get());
    begin_ = std::move(begin.begin);
    done_ = std::move(done.end);
  } catch (const std::exception&) {
    // Without it, everything is detached the slow way.
  }
}

MassDetach::~MassDetach() {
  begin_.reset();
  if (!done_) return;
  pollfd done{done_.get(), POLLIN, 0};
  ::poll(&done, 1, longest_wait_ms);
}

}  // namespace probe_run
