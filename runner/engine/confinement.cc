#include "engine/confinement.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "format/json_value.h"
#include "support/error.h"
#include "support/rights.h"
#include "support/text_buffer.h"

namespace probe_run {
namespace {

// A user who may write to every file, such as root, keeps that right if it is what lets him write there.
void keep_rights_to_write(const FileUses& files, KeptRights& kept) {
  if (rights_are_lent()) return;
  for (const std::string& file : files.opened_again()) {
    // The file, if there is one, its directory, and where links lead to.
    const auto is_writable = [&] {
      std::error_code ignored;
      const std::filesystem::path path = std::filesystem::absolute(file, ignored);
      for (const std::filesystem::path& at : {path, std::filesystem::weakly_canonical(path, ignored)}) {
        if (::faccessat(AT_FDCWD, at.parent_path().c_str(), W_OK | X_OK, AT_EACCESS) != 0) return false;
        if (::faccessat(AT_FDCWD, at.c_str(), W_OK, AT_EACCESS) != 0 && errno != ENOENT) return false;
      }
      return true;
    };
    kept.keep_in_force(needed_for({Capability::dac_override, Capability::fowner}, is_writable),
                       "to write files of other users");
  }
}

std::string outcome(int error) {
  switch (error) {
    case 0:
      return "in force";
    case ENOSYS:
    case EOPNOTSUPP:
    case EINVAL:
      return "not in this kernel";
    default:
      return fmt::format("not in force: {}", errno_text(error));
  }
}

}  // namespace

Confinement::Confinement(const FileUses& files, bool sandbox)
    : sandbox_(sandbox), fence_(sandbox ? files.opened_again() : std::vector<std::string>{}) {}

void Confinement::enter(const std::list<LiveProbe>& probes, const FileUses& files) {
  LaterNeeds later;
  for (const LiveProbe& probe : probes) probe.add_needs(later, rights_);
  keep_rights_to_write(files, rights_);
  later.calls.writes_files = !files.opened_again().empty();
  rights_.give_up_others();
  if (!sandbox_) {
    seccomp_ = landlock_ = "not in force: --no-sandbox";
    return;
  }
  landlock_ = later.reads_processes ? "not in force: the run reads files of other processes in /proc"
                                    : outcome(fence_.enter());
  seccomp_ = outcome(
      forbid_other_calls(later.calls));  // the last, because it forbids nothing that was needed so far
}

std::string Confinement::to_json() const {
  TextBuffer text;
  text.append("{\"capabilities\":[");
  std::string_view before = "{\"name\":";
  for (const KeptRights::Reason& reason : rights_.reasons()) {
    for (const CapabilityName& name : names_of(reason.rights)) {
      text.append(before);
      append_json_string(text, name.name);
      text.append(",\"purpose\":");
      append_json_string(text, reason.purpose);
      text.append("}");
      before = ",{\"name\":";
    }
  }
  text.append("],\"seccomp\":");
  append_json_string(text, seccomp_);
  text.append(",\"landlock\":");
  append_json_string(text, landlock_);
  text.append("}");
  return std::string(text.view());
}

}  // namespace probe_run
