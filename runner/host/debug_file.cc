#include "host/debug_file.h"

#include <elfutils/libdwelf.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <optional>
#include <string_view>
#include <vector>

namespace probe_run {
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
  const std::string folder = path.substr(0, path.rfind('/') + 1);
  for (const std::string& place : {folder, folder + ".debug/", root + folder}) {
    // A debug file keeps the link of the file that it was made from: itself, if it is in the same folder.
    if (place + name == path) continue;
    found = open_linked(place + name, file, crc);
    if (found) return found;
  }
  return nullptr;
}

}  // namespace probe_run
