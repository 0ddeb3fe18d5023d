// An ELF file from an untrusted source, opened so that nothing in it or about it can do harm.
//
// Files are read, not mapped: whoever owns one may truncate it at any time, and that must not end this
// program (SIGBUS).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "support/fd.h"

struct Elf;

namespace probe_run {

// Never waits and opens no device: none when it is not a regular file (a FIFO would block, a device could act).
Fd open_regular_file(const std::string& path);

struct FileIdentity {
  std::uint32_t major = 0, minor = 0;  // of the device that holds the file
  std::uint64_t inode = 0;

  bool operator==(const FileIdentity&) const = default;
};

// All zero when it cannot be asked.
FileIdentity identity_of(const Fd& fd);

class ElfFile {
 public:
  // None when it is not an ELF file or is larger than 4 GiB.
  static std::unique_ptr<ElfFile> open(Fd fd);
  static std::unique_ptr<ElfFile> in_memory(std::span<const char> image);

  Elf* get() const { return elf_.get(); }
  const std::string& build_id() const { return build_id_; }  // its bytes; "" for none

  // Whether its owner is trusted to not make this program slow: root, this process's user, the one who called
  // sudo.
  bool trusted() const { return trusted_; }

 private:
  struct End {
    void operator()(Elf* elf) const;
  };

  ElfFile() = default;
  bool begin(Elf* elf);

  Fd fd_;
  std::vector<char> image_;
  std::unique_ptr<Elf, End> elf_;  // destroyed before what it reads from
  std::string build_id_;
  bool trusted_ = false;
};

// The debug files of stripped ELF files. Only directories of this machine are searched: nothing is ever
// fetched (DEBUGINFOD_URLS has no effect).

inline constexpr const char* debug_root = "/usr/lib/debug";

// ROOT/.build-id/xx/yyyy with `suffix` (".debug", or "" for the file itself), if it does have that build id.
std::unique_ptr<ElfFile> find_by_build_id(const std::string& build_id, const std::string& root,
                                          const char* suffix);

// By build id, else by the name and checksum in .gnu_debuglink, beside `path` or below `root`.
std::unique_ptr<ElfFile> find_debug_file(const ElfFile& file, const std::string& path,
                                         const std::string& root);

}  // namespace probe_run
