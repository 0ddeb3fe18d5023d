#include "attach/mass_detach.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <climits>
#include <exception>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "support/number.h"

namespace probe_run {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t few = 8;  // take less than a second
constexpr std::size_t most_threads = 64;

bool is_perf_link(int fd) {
  std::ifstream info("/proc/self/fdinfo/" + std::to_string(fd));
  std::string line;
  while (std::getline(info, line)) {
    if (line.starts_with("link_type:")) return line.ends_with("\tperf");
  }
  return false;
}

struct Descriptors {
  std::vector<int> events, links;
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
  if (found.events.size() <= few) return {};
  std::erase_if(found.links, [](int fd) { return !is_perf_link(fd); });
  std::sort(found.events.begin(), found.events.end());
  return found;
}

// Memory of the kernel's that this process maps: rings and maps, which would live as long as it is mapped.
struct Mapping {
  void* begin;
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
    mappings.push_back({reinterpret_cast<void*>(begin), end - begin});
  }
  return mappings;
}

void close_range(unsigned first, unsigned last) {
  if (first <= last) ::syscall(SYS_close_range, first, last, 0);
}

// Closes everything but `keep`, which is sorted.
void close_all_but(const std::vector<int>& keep) {
  unsigned next = 0;
  for (const int fd : keep) {
    const auto kept = static_cast<unsigned>(fd);
    if (kept > next) close_range(next, kept - 1);
    next = kept + 1;
  }
  close_range(next, UINT_MAX);
}

// The process that holds the events until `hold` comes to its end. Nothing of it is to keep a pipe, a
// terminal or a map in use.
[[noreturn]] void hold(std::vector<int> events, const std::vector<Mapping>& mappings, int hold) {
  ::setsid();
  ::prctl(PR_SET_NAME, "probe-run-end");
  for (const Mapping& mapping : mappings) ::munmap(mapping.begin, mapping.size);
  events.push_back(hold);
  std::sort(events.begin(), events.end());
  close_all_but(events);
  char nothing = 0;
  while (::read(hold, &nothing, 1) < 0 && errno == EINTR) {
  }
  ::_exit(0);
}

void close_in_parallel(std::vector<Fd>& fds) noexcept {
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < fds.size(); i = next++) fds[i].reset();
  };
  std::vector<std::thread> threads;
  try {
    const std::size_t wanted = std::min(most_threads, fds.size());
    threads.reserve(wanted);
    while (threads.size() + 1 < wanted) threads.emplace_back(work);
  } catch (const std::exception&) {
    // Those that there are do it.
  }
  work();
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

MassDetach::MassDetach() noexcept {
  try {
    const Descriptors found = perf_descriptors();
    if (found.links.size() <= few) return;
    for (const int fd : found.links) {
      if (Fd copy(::fcntl(fd, F_DUPFD_CLOEXEC, 0)); copy) links_.push_back(std::move(copy));
    }
    hold_events(found.events);
  } catch (const std::exception&) {
    // Without it all goes the slow way.
  }
}

void MassDetach::hold_events(const std::vector<int>& events) {
  int hold_pipe[2], ready_pipe[2];
  if (::pipe2(hold_pipe, O_CLOEXEC) != 0) return;
  const Fd hold_end(hold_pipe[0]);
  Fd hold_begin(hold_pipe[1]);
  if (::pipe2(ready_pipe, O_CLOEXEC) != 0) return;
  const Fd ready_end(ready_pipe[0]);
  Fd ready_begin(ready_pipe[1]);
  const std::vector<Mapping> mappings = kernel_mappings();
  const pid_t child = ::fork();
  if (child < 0) return;
  if (child == 0) {
    // A grandchild: it outlives this process, and is nobody's to wait for.
    if (::fork() == 0) hold(events, mappings, hold_end.get());
    ::_exit(0);
  }
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  ready_begin.reset();
  char nothing = 0;
  while (::read(ready_end.get(), &nothing, 1) < 0 && errno == EINTR) {
  }
  hold_ = std::move(hold_begin);
}

MassDetach::~MassDetach() {
  close_in_parallel(links_);
}

}  // namespace probe_run
