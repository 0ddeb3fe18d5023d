#include "host/elf_file.h"

#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <libelf.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <optional>
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

namespace {

std::string hexadecimal(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    text += digits[static_cast<unsigned char>(byte) >> 4];
    text += digits[static_cast<unsigned char>(byte) & 15u];
  }
  return text;
}

std::optional<std::uint32_t> checksum(const Fd& fd) {
  std::vector<unsigned char> chunk(1u << 20);
  uLong sum = ::crc32(0, nullptr, 0);
  for (off_t at = 0;;) {
    const ssize_t got = ::pread(fd.get(), chunk.data(), chunk.size(), at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;
    if (got == 0) return static_cast<std::uint32_t>(sum);
    sum = ::crc32(sum, chunk.data(), static_cast<uInt>(got));
    at += got;
  }
}

std::unique_ptr<ElfFile> open_linked(const std::string& path, const ElfFile& stripped, std::uint32_t crc) {
  Fd fd = open_regular_file(path);
  if (!fd || (stripped.build_id().empty() && checksum(fd) != crc)) return nullptr;
  std::unique_ptr<ElfFile> file = ElfFile::open(std::move(fd));
  if (file && file->build_id() != stripped.build_id()) file.reset();
  return file;
}

}  // namespace

std::unique_ptr<ElfFile> find_by_build_id(const std::string& build_id, const std::string& root,
                                          const char* suffix) {
  if (build_id.size() < 2) return nullptr;
  const std::string name = hexadecimal(build_id);
  std::unique_ptr<ElfFile> file = ElfFile::open(
      open_regular_file(root + "/.build-id/" + name.substr(0, 2) + "/" + name.substr(2) + suffix));
  if (file && file->build_id() != build_id) file.reset();
  return file;
}

std::unique_ptr<ElfFile> find_debug_file(const ElfFile& file, const std::string& path,
                                         const std::string& root) {
  std::unique_ptr<ElfFile> found = find_by_build_id(file.build_id(), root, ".debug");
  if (found) return found;
  GElf_Word crc = 0;
  const char* const link = ::dwelf_elf_gnu_debuglink(file.get(), &crc);
  const std::string name = link == nullptr ? "" : link;
  if (name.empty() || name.find('/') != std::string::npos) return nullptr;
  const std::string directory = path.substr(0, path.rfind('/') + 1);
  for (const std::string& place : {directory, directory + ".debug/", root + directory}) {
    // A debug file keeps the link of the file that it was made from: itself, if it is in the same directory.
    if (place + name == path) continue;
    found = open_linked(place + name, file, crc);
    if (found) return found;
  }
  return nullptr;
}

}  // namespace probe_run
