// Preloaded into a process, makes calls that may fail at any time fail at random. The environment tells how:
//   FAILING_CALLS_SEED     of the random numbers
//   FAILING_CALLS_ONE_IN   how many calls there are for each that fails
//   FAILING_CALLS_LOG      a file that gets a line for each call that failed
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <initializer_list>

extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* old, std::size_t size);
}

namespace {

std::uint64_t state = 0;   // of the random numbers
std::uint64_t one_in = 0;  // 0: nothing fails
int log_fd = -1;
constexpr std::uint64_t allocations_for_a_call = 30;  // there are so many more

std::uint64_t next_random() {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

// The C library's syscall(), which is replaced below.
template <typename... T>
long call(long number, T... arguments) {
  static long (*original)(long, ...) = nullptr;
  if (original == nullptr) {
    void* const found = ::dlsym(RTLD_NEXT, "syscall");
    static_assert(sizeof found == sizeof original);
    std::memcpy(&original, &found, sizeof found);
  }
  return original(number, arguments...);
}

// libseccomp 2.5 crashes when an allocation of its own fails.
bool is_of_libseccomp(const void* code) {
  Dl_info place{};
  return ::dladdr(code, &place) != 0 && place.dli_fname != nullptr &&
         std::strstr(place.dli_fname, "libseccomp") != nullptr;
}

// An errno, or 0 if the call is to be done.
int failure(const char* name, std::initializer_list<int> errors, std::uint64_t rarer = 1,
            const void* code = nullptr) {
  if (one_in == 0 || next_random() % (one_in * rarer) != 0) return 0;
  if (code != nullptr && is_of_libseccomp(code)) return 0;
  const int error = errors.begin()[next_random() % errors.size()];
  char line[64];
  std::size_t size = 0;
  for (const char* at = name; *at != '\0'; ++at) line[size++] = *at;
  line[size++] = ' ';
  for (int digit = 100; digit > 0; digit /= 10) line[size++] = static_cast<char>('0' + error / digit % 10);
  line[size++] = '\n';
  call(SYS_write, log_fd, line, size);
  return error;
}

void begin() {
  const char* const seed = std::getenv("FAILING_CALLS_SEED");
  const char* const rate = std::getenv("FAILING_CALLS_ONE_IN");
  const char* const log = std::getenv("FAILING_CALLS_LOG");
  if (seed == nullptr || rate == nullptr || log == nullptr) return;
  const int fd = static_cast<int>(call(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND, 0644));
  log_fd = static_cast<int>(call(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 500));  // out of the way
  call(SYS_close, fd);
  state = std::strtoull(seed, nullptr, 10) * 0x9e3779b97f4a7c15 + 1;
  for (int i = 0; i < 8; ++i) next_random();
  one_in = std::strtoull(rate, nullptr, 10);
}

}  // namespace

#define FAIL(call, value, ...)                                      \
  if (const int error = failure(call, {__VA_ARGS__}); error != 0) { \
    errno = error;                                                  \
    return value;                                                   \
  }

extern "C" {

// Nothing fails before main(): nobody could handle that.
int (*original_main)(int, char**, char**) = nullptr;
int main_with_failures(int argc, char** argv, char** environment) {
  begin();
  return original_main(argc, argv, environment);
}

int __libc_start_main(int (*main)(int, char**, char**), int argc, char** argv, void (*init)(), void (*fini)(),
                      void (*rtld_fini)(), void* stack_end) {
  int (*original)(int (*)(int, char**, char**), int, char**, void (*)(), void (*)(), void (*)(), void*) =
      nullptr;
  void* const found = ::dlsym(RTLD_NEXT, "__libc_start_main");
  std::memcpy(&original, &found, sizeof original);
  original_main = main;
  return original(main_with_failures, argc, argv, init, fini, rtld_fini, stack_end);
}

ssize_t write(int fd, const void* bytes, std::size_t size) {
  FAIL("write", -1, ENOSPC, EIO, EINTR, EAGAIN, EDQUOT)
  // Less may be written than was asked for.
  if (one_in != 0 && size > 1 && next_random() % one_in == 0) size /= 2;
  return call(SYS_write, fd, bytes, size);
}

ssize_t read(int fd, void* bytes, std::size_t size) {
  FAIL("read", -1, EINTR, EIO)
  return call(SYS_read, fd, bytes, size);
}

int open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const unsigned mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(more, unsigned) : 0;
  va_end(more);
  FAIL("open", -1, EMFILE, ENFILE, ENOMEM, EACCES)
  return static_cast<int>(call(SYS_openat, AT_FDCWD, path, flags, mode));
}

int openat(int directory, const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const unsigned mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(more, unsigned) : 0;
  va_end(more);
  FAIL("openat", -1, EMFILE, ENFILE, ENOMEM, EACCES)
  return static_cast<int>(call(SYS_openat, directory, path, flags, mode));
}

int open64(const char* path, int flags, ...) __attribute__((alias("open")));
int openat64(int directory, const char* path, int flags, ...) __attribute__((alias("openat")));

void* mmap(void* address, std::size_t size, int protection, int flags, int fd, off_t offset) noexcept {
  FAIL("mmap", MAP_FAILED, ENOMEM, EAGAIN)
  const long mapped = call(SYS_mmap, address, size, protection, flags, fd, offset);
  void* result = nullptr;
  std::memcpy(&result, &mapped, sizeof result);
  return result;
}

void* mmap64(void* address, std::size_t size, int protection, int flags, int fd, off64_t offset) noexcept
    __attribute__((alias("mmap")));

int epoll_create1(int flags) noexcept {
  FAIL("epoll_create1", -1, EMFILE, ENOMEM)
  return static_cast<int>(call(SYS_epoll_create1, flags));
}

int epoll_ctl(int epoll, int operation, int fd, epoll_event* event) noexcept {
  FAIL("epoll_ctl", -1, ENOMEM, ENOSPC)
  return static_cast<int>(call(SYS_epoll_ctl, epoll, operation, fd, event));
}

int epoll_wait(int epoll, epoll_event* events, int most, int timeout) {
  FAIL("epoll_wait", -1, EINTR)
  return static_cast<int>(call(SYS_epoll_pwait, epoll, events, most, timeout, nullptr, 8));
}

int timerfd_create(clockid_t clock, int flags) noexcept {
  FAIL("timerfd_create", -1, EMFILE, ENOMEM)
  return static_cast<int>(call(SYS_timerfd_create, clock, flags));
}

int socket(int domain, int type, int protocol) noexcept {
  FAIL("socket", -1, EMFILE, ENOBUFS)
  return static_cast<int>(call(SYS_socket, domain, type, protocol));
}

int ioctl(int fd, unsigned long request, ...) noexcept {
  va_list more;
  va_start(more, request);
  void* const argument = va_arg(more, void*);
  va_end(more);
  FAIL("ioctl", -1, ENOMEM, EINTR)
  return static_cast<int>(call(SYS_ioctl, fd, request, argument));
}

// bpf() and perf_event_open(), which the C library does not have.
long syscall(long number, ...) noexcept {
  va_list more;
  va_start(more, number);
  long arguments[6];
  for (long& argument : arguments) argument = va_arg(more, long);
  va_end(more);
  if (number == SYS_bpf) {
    FAIL("bpf", -1, ENOMEM, EAGAIN, EPERM, EMFILE, EINTR)
  } else if (number == SYS_perf_event_open) {
    FAIL("perf_event_open", -1, ENOMEM, EMFILE, EBUSY)
  }
  return call(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
}

void* malloc(std::size_t size) noexcept {
  if (failure("malloc", {ENOMEM}, allocations_for_a_call, __builtin_return_address(0)) != 0) {
    errno = ENOMEM;
    return nullptr;
  }
  return __libc_malloc(size);
}

void* calloc(std::size_t count, std::size_t size) noexcept {
  if (failure("calloc", {ENOMEM}, allocations_for_a_call, __builtin_return_address(0)) != 0) {
    errno = ENOMEM;
    return nullptr;
  }
  return __libc_calloc(count, size);
}

void* realloc(void* old, std::size_t size) noexcept {
  if (failure("realloc", {ENOMEM}, allocations_for_a_call, __builtin_return_address(0)) != 0) {
    errno = ENOMEM;
    return nullptr;
  }
  return __libc_realloc(old, size);
}
}
