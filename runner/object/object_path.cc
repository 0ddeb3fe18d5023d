#include "object/object_path.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <filesystem>
#include <memory>

#include "object/libbpf.h"
#include "object/trial.h"
#include "spec/spec.h"
#include "support/fd.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {

namespace fs = std::filesystem;
namespace {

std::vector<std::string> objects_in(const std::vector<fs::path>& directories) {
  std::vector<std::string> names;
  for (const fs::path& directory : directories) {
    std::error_code ignored;  // a directory that does not exist has no objects
    for (const auto& entry : fs::directory_iterator(directory, ignored)) {
      if (entry.path().extension() == ".o") names.push_back(entry.path().filename());
    }
  }
  return names;
}

// Why what is there is not used; "" when there is nothing.
std::string_view kind_of(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (fs::is_directory(status)) return ", which is a directory";
  if (fs::exists(status)) return ", which is not a regular file";
  return {};
}

// "opensnoop" most likely means opensnoop.bpf.o, although many characters differ.
std::string_view near_object(const std::string& name, const std::vector<std::string>& names) {
  for (const std::string& candidate : names) {
    if (candidate == name + ".bpf.o" || candidate == name + ".o") return candidate;
  }
  return nearest(name, views(names));
}

}  // namespace

std::string executable_directory() {
  std::error_code error;
  const fs::path executable = fs::read_symlink("/proc/self/exe", error);
  return error ? std::string(".") : executable.parent_path().string();
}

std::string find_object(const Spec& spec, const std::vector<std::string>& object_dirs) {
  const fs::path object = *spec.object;
  const fs::path beside_spec = fs::path(spec.source->file()).parent_path();
  std::vector<fs::path> directories{beside_spec.empty() ? fs::path(".") : beside_spec};
  if (!object.has_parent_path()) {
    directories.insert(directories.end(), object_dirs.begin(), object_dirs.end());
    directories.push_back(fs::path(executable_directory()) / "bpf");
    directories.push_back((fs::path(executable_directory()) / PROBE_RUN_LIB_FROM_BIN).lexically_normal());
  }
  std::string looked;
  for (const fs::path& directory : directories) {
    const fs::path candidate = object.is_absolute() ? object : directory / object;
    std::error_code error;
    if (fs::is_regular_file(candidate, error)) return candidate.string();
    looked += fmt::format("{}{}{}", looked.empty() ? "looked for " : "\n           ",
                          escape_for_terminal(candidate.string()), kind_of(candidate));
  }
  const std::vector<std::string> names = objects_in(directories);
  const std::string_view near = near_object(object.filename().string(), names);
  std::string hint =
      near.empty() ? std::string() : fmt::format("did you mean \"{}\"?\n", escape_for_terminal(near));
  throw SpecError(fmt::format("object \"{}\" is not found", escape_for_terminal(*spec.object)), hint + looked,
                  spec.source->excerpt(spec.object.at));
}

namespace {

struct FreeBtf {
  void operator()(btf* types) const { btf__free(types); }
};

}  // namespace

std::string custom_btf_path(const Spec& spec) {
  // An absolute path replaces what it is appended to.
  return (std::filesystem::path(spec.source->file()).parent_path() / **spec.btf).string();
}

void check_custom_btf(const std::string& path) {
  const std::string shown = escape_for_terminal(path);
  if (const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)); !file)
    throw Error(fmt::format("cannot open {}: {}", shown, errno_text(errno)));
  if (std::error_code error; !fs::is_regular_file(path, error)) {
    throw Error(fmt::format("{} is not a regular file", shown), "give the path of a file with BTF");
  }
  const auto parsed = [&] { return btf__parse(path.c_str(), nullptr); };
  if (!survives_trial(parsed)) {
    throw Error(fmt::format("{} is damaged: libbpf crashes while it reads the file", shown),
                "use another copy of the file");
  }
  const std::unique_ptr<btf, FreeBtf> types(parsed());
  const int error = types ? 0 : errno;
  if (types && btf__type_cnt(types.get()) > 1) return;
  throw Error(fmt::format("{} contains no BTF{}", shown,
                          error == 0 || error == ENOENT || error > 4000  // libbpf's own, of its format
                              ? std::string()
                              : fmt::format(": {}", errno_text(error))),
              "give raw BTF, or an ELF file with a .BTF section, such as a kernel's vmlinux with debug "
              "information");
}

}  // namespace probe_run
