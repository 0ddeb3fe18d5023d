// The files that a run reads and writes. What is read is not written, and nothing is written in two ways: both would
// destroy a file. Nothing is opened here, so that a conflict is found before anything is opened for writing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/file_id.h"

namespace probe_run {

class FileUses {
 public:
  enum class Use : std::uint8_t {
    lines,      // of outputs, which share a file
    document,   // of metrics, which share it too
    recording,  // --record
    stats       // --stats: on stdout, after all other output
  };

  // `what` names the file in messages: "the spec a.json". Throws SpecError if an option has it written.
  void reads(const std::string& path, const std::string& what) { reads(file_id(path), what); }
  void reads(int fd, const std::string& what) { reads(file_id(fd), what); }
  // Everything that those read.
  void reads_as(const FileUses& others);

  // `target` is "stdout", "stderr" or a path. Returns what else the file is, if it cannot be both, such as "the spec
  // a.json". Otherwise it is remembered, by the words of `what`.
  std::optional<std::string> writes(const std::string& target, Use use, const std::string& what);

  // The first spelling of the file among those that are written.
  std::string spelling_of(const std::string& target) const;

  // The files of outputs, which a run opens again each time it replaces them, or when others have moved them away.
  std::vector<std::string> opened_again() const;

  // "stdout" and "stderr" for paths that lead there.
  static std::string target_at(const std::string& path);

 private:
  struct Read {
    FileId id;
    std::string what;
  };
  struct Write {
    FileId id;
    std::string target;
    Use use;
    std::string what;
  };
  void reads(const std::optional<FileId>& id, const std::string& what);

  std::vector<Read> read_;
  std::vector<Write> written_;
};

// The file of an option; "" for none, "-" for stdout. Throws SpecError if it cannot be written, too.
void claim_option(FileUses& files, std::string_view option, const std::string& file, FileUses::Use use);

// The answer of a command goes to stdout. Throws SpecError if that is a file that is read.
void claim_answer(FileUses& files);

// The error about `what`, which would write to a file that is also `other`.
std::string conflict_text(const std::string& what, const std::string& other);
inline constexpr const char* conflict_hint = "choose another file";

}  // namespace probe_run
