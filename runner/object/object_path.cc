#include "object/object_path.h"

#include <fmt/format.h>

#include <filesystem>

#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace fs = std::filesystem;
namespace {

std::vector<std::string> objects_in(const std::vector<fs::path>& folders) {
  std::vector<std::string> names;
  for (const fs::path& folder : folders) {
    std::error_code ignored;  // a folder that is not there has no objects
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
      if (entry.path().extension() == ".o") names.push_back(entry.path().filename());
    }
  }
  return names;
}

}  // namespace

std::string executable_folder() {
  std::error_code error;
  const fs::path executable = fs::read_symlink("/proc/self/exe", error);
  return error ? std::string(".") : executable.parent_path().string();
}

std::string find_object(const Spec& spec, const std::vector<std::string>& object_dirs) {
  const fs::path object = *spec.object;
  const fs::path beside_spec = fs::path(spec.source->file()).parent_path();
  std::vector<fs::path> folders{beside_spec.empty() ? fs::path(".") : beside_spec};
  if (!object.has_parent_path()) {
    folders.insert(folders.end(), object_dirs.begin(), object_dirs.end());
    folders.push_back(fs::path(executable_folder()) / "bpf");
    folders.push_back((fs::path(executable_folder()) / PROBE_RUN_LIB_FROM_BIN).lexically_normal());
  }
  std::string looked;
  for (const fs::path& folder : folders) {
    const fs::path candidate = object.is_absolute() ? object : folder / object;
    std::error_code error;
    if (fs::is_regular_file(candidate, error)) return candidate.string();
    looked += fmt::format("{}{}", looked.empty() ? "looked for " : "\n           ",
                          escape_for_terminal(candidate.string()));
  }
  const std::vector<std::string> names = objects_in(folders);
  const std::string_view near = nearest(object.filename().string(), views(names));
  std::string hint =
      near.empty() ? std::string() : fmt::format("did you mean \"{}\"?\n", escape_for_terminal(near));
  throw SpecError(fmt::format("there is no object \"{}\"", escape_for_terminal(*spec.object)), hint + looked,
                  spec.source->excerpt(spec.object.at));
}

}  // namespace probe_run
