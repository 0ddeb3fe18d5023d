#include "support/memory_reserve.h"

#include <sys/mman.h>

#include <new>

namespace probe_run {
namespace {

// As much as tables and buffers may grow by at once. It counts as address space, for which there may be a limit; as
// memory only where the kernel does not overcommit, since nothing is written there.
constexpr std::size_t wanted_size = std::size_t{64} << 20;
// Less is no help.
constexpr std::size_t least_size = std::size_t{1} << 20;

// What the handler of failed allocations, which has no argument, must know.
struct Reserve {
  void* pages = nullptr;
  std::size_t size = 0;
  bool was_used = false;
  int retries = 0;
} reserve;

// What fails once may not fail again.
constexpr int most_retries = 8;

void set_aside() noexcept {
  for (reserve.size = wanted_size; reserve.size >= least_size; reserve.size /= 2) {
    void* const pages =
        ::mmap(nullptr, reserve.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) continue;
    reserve.pages = pages;
    return;
  }
}

void release() noexcept {
  if (reserve.pages != nullptr) ::munmap(reserve.pages, reserve.size);
  reserve.pages = nullptr;
}

void give_back() {
  if (reserve.pages == nullptr && reserve.retries++ < most_retries) return;
  if (reserve.pages == nullptr) throw std::bad_alloc();
  release();
  reserve.was_used = true;
}

}  // namespace

MemoryReserve::MemoryReserve() noexcept {
  set_aside();
  std::set_new_handler(give_back);
}

MemoryReserve::~MemoryReserve() {
  std::set_new_handler(nullptr);
  release();
}

bool MemoryReserve::take_used() noexcept {
  if (!reserve.was_used) {
    // There was no memory for a new one when the last was given back; there may be now.
    if (reserve.pages == nullptr && reserve.size != 0) set_aside();
    return false;
  }
  reserve.was_used = false;
  reserve.retries = 0;
  set_aside();
  return true;
}

}  // namespace probe_run
