#include "host/elf_file.h"

#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <libelf.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace probe_run {
namespace {

constexpr off_t size_limit = off_t{4} << 30;
constexpr ssize_t longest_build_id = 64;

bool is_trusted(uid_t owner) {
  if (owner == 0 || owner == ::geteuid()) return true;
  const char* const caller = std::getenv("SUDO_UID");
  if (caller == nullptr) return false;
  uid_t uid = 0;
  const std::string_view text(caller);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), uid);
  return error == std::errc() && end == text.data() + text.size() && owner == uid;
}

}  // namespace

Fd open_regular_file(const std::string& path) {
  // O_PATH acts upon nothing, not even a device; only a regular file is then opened for reading.
  const Fd place(::open(path.c_str(), O_PATH | O_CLOEXEC));
  struct stat status {};
  if (!place || ::fstat(place.get(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  const std::string same = "/proc/self/fd/" + std::to_string(place.get());
  return Fd(::open(same.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
}

FileIdentity identity_of(const Fd& fd) {
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return {};
  return {major(status.st_dev), minor(status.st_dev), status.st_ino};
}

void ElfFile::End::operator()(Elf* elf) const {
  ::elf_end(elf);
}

std::unique_ptr<ElfFile> ElfFile::open(Fd fd) {
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode) || status.st_size > size_limit)
    return nullptr;
  std::unique_ptr<ElfFile> file(new ElfFile);
  file->trusted_ = is_trusted(status.st_uid);
  ::elf_version(EV_CURRENT);
  Elf* const elf = ::elf_begin(fd.get(), ELF_C_READ, nullptr);
  file->fd_ = std::move(fd);
  if (!file->begin(elf)) return nullptr;
  return file;
}

std::unique_ptr<ElfFile> ElfFile::in_memory(std::span<const char> image) {
  std::unique_ptr<ElfFile> file(new ElfFile);
  file->trusted_ = true;
  file->image_.assign(image.begin(), image.end());
  ::elf_version(EV_CURRENT);
  if (!file->begin(::elf_memory(file->image_.data(), file->image_.size()))) return nullptr;
  return file;
}

bool ElfFile::begin(Elf* elf) {
  elf_.reset(elf);
  if (elf == nullptr || ::elf_kind(elf) != ELF_K_ELF) return false;
  const void* id = nullptr;
  const ssize_t size = ::dwelf_elf_gnu_build_id(elf, &id);
  if (size > 0 && size <= longest_build_id) {
    build_id_.assign(static_cast<const char*>(id), static_cast<std::size_t>(size));
  }
  return true;
}

}  // namespace probe_run
