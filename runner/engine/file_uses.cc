#include "engine/file_uses.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "support/error.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

using Use = FileUses::Use;

std::optional<FileId> id_of_target(const std::string& target) {
  if (target == "stdout") return file_id(STDOUT_FILENO);
  if (target == "stderr") return file_id(STDERR_FILENO);
  return file_id(target);
}

bool can_share(Use first, Use second, bool same_stdout) {
  if (first == Use::recording || second == Use::recording) return false;
  if (first == Use::stats || second == Use::stats) return same_stdout && first != second;
  return first == second;
}

}  // namespace

std::string FileUses::target_at(const std::string& path) {
  const std::optional<int> fd = descriptor_at(path);
  if (fd == STDOUT_FILENO) return "stdout";
  if (fd == STDERR_FILENO) return "stderr";
  return path;
}

void FileUses::reads(const std::optional<FileId>& id, const std::string& what) {
  if (!id) return;
  for (const Write& write : written_) {
    if (write.id == *id) throw SpecError(conflict_text(write.what, what), conflict_hint);
  }
  read_.push_back({*id, what});
}

void FileUses::reads_as(const FileUses& others) {
  for (const Read& read : others.read_) reads(read.id, read.what);
}

std::optional<std::string> FileUses::writes(const std::string& target, Use use, const std::string& what) {
  const std::optional<FileId> id = id_of_target(target);
  if (!id) return std::nullopt;
  for (const Read& read : read_) {
    if (read.id == *id) return read.what;
  }
  for (const Write& write : written_) {
    const bool same_stdout = target == "stdout" && write.target == "stdout";
    if (write.id == *id && !can_share(write.use, use, same_stdout)) return write.what;
  }
  // Status lines would be mixed with it.
  if (use == Use::recording && id == file_id(STDERR_FILENO)) return "standard error";
  written_.push_back({*id, target, use, what});
  return std::nullopt;
}

std::vector<std::string> FileUses::opened_again() const {
  std::vector<std::string> files;
  for (const Write& write : written_) {
    const bool again = write.use == Use::lines || write.use == Use::document;
    if (again && write.target != "stdout" && write.target != "stderr") files.push_back(write.target);
  }
  return files;
}

std::string FileUses::spelling_of(const std::string& target) const {
  const std::optional<FileId> id = id_of_target(target);
  const auto same = std::find_if(written_.begin(), written_.end(),
                                 [&](const Write& write) { return id && write.id == *id; });
  return same == written_.end() ? target : same->target;
}

void claim_option(FileUses& files, std::string_view option, const std::string& file, FileUses::Use use) {
  if (file.empty()) return;
  const std::string what = fmt::format("{} {}", option, escape_for_terminal(file));
  const std::string target = file == "-" ? "stdout" : FileUses::target_at(file);
  if (const auto other = files.writes(target, use, what))
    throw SpecError(conflict_text(what, *other), conflict_hint);
}

void claim_answer(FileUses& files) {
  const std::string what = "standard output";
  if (const auto other = files.writes("stdout", Use::lines, what))
    throw SpecError(conflict_text(what, *other), conflict_hint);
}

std::string conflict_text(const std::string& what, const std::string& other) {
  return fmt::format("{} is the same file as {}", what, other);
}

}  // namespace probe_run
