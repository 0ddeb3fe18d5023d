#include "engine/spec_path.h"

#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <vector>

#include "engine/option_table.h"
#include "object/object_path.h"
#include "source/recording.h"
#include "support/error.h"
#include "support/fd.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace fs = std::filesystem;

namespace {

// The first bytes of a file; "" for anything but a regular file, whose bytes would be missing later.
std::string beginning(const std::string& path, std::size_t size) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  std::string bytes(size, '\0');
  const ssize_t got = ::read(fd.get(), bytes.data(), bytes.size());
  bytes.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return bytes;
}

bool is_bpf_object(std::string_view header) {
  Elf64_Ehdr elf{};
  if (header.size() < sizeof elf) return false;
  std::memcpy(&elf, header.data(), sizeof elf);
  return elf.e_machine == EM_BPF;
}

std::string specs_in(const fs::path& directory) {
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().extension() == ".json")
      return fmt::format("name its specs: {}", escape_for_terminal((directory / "*.json").string()));
  }
  return "name a spec, which is a file";
}

// Throws when the file is something else than a spec.
void refuse_others(const std::string& path) {
  const std::string shown = escape_for_terminal(path);
  std::error_code error;
  if (fs::is_directory(path, error)) throw SpecError(fmt::format("{} is a directory", shown), specs_in(path));
  if (is_recording(path)) {
    throw SpecError(fmt::format("{} is a recording, not a spec", shown),
                    fmt::format("use --replay {0} to render it, or --describe {0}", shown));
  }
  const std::string header = beginning(path, sizeof(Elf64_Ehdr));
  if (!header.starts_with(ELFMAG)) return;
  if (!is_bpf_object(header))
    throw SpecError(fmt::format("{} is an ELF file, not a spec", shown), "name a spec, which is a JSON file");
  throw SpecError(fmt::format("{} is a BPF object, not a spec", shown),
                  fmt::format("write a spec that names it: \"object\": \"{}\"; see docs/spec.md",
                              escape_for_terminal(fs::path(path).filename().string())));
}

// "list" may mean --list.
std::string meant_option(std::string_view word) {
  for (const OptionRow& row : option_table()) {
    const bool question =
        row.group == OptionGroup::modes || std::holds_alternative<AnsweredByParser>(row.store);
    if (question && row.name.substr(2) == word) return std::string(row.name);
  }
  return {};
}

std::string no_installed_spec_hint(const std::string& spec, const fs::path& directory) {
  const std::string shown = escape_for_terminal(spec);
  if (const std::string option = meant_option(spec); !option.empty())
    return fmt::format("did you mean {}?", option);
  if (spec == "run") return "a run needs no word: probe-run SPEC";
  std::error_code error;
  if (fs::exists(spec, error)) return fmt::format("to use the file of that name, write ./{}", shown);
  if (fs::is_regular_file(fs::path("specs") / (spec + ".json"), error))
    return fmt::format("did you mean specs/{}.json?", shown);
  if (fs::is_regular_file(spec + ".json", error)) return fmt::format("did you mean {}.json?", shown);
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory, error)) names.push_back(entry.path().stem());
  std::sort(names.begin(), names.end());
  std::string hint = suggestion(spec, views(names), "installed specs");
  if (!hint.empty()) hint += '\n';
  return hint + fmt::format(
                    "a name without a / or .json is an installed spec in {}; for a file, use ./{} or {}.json",
                    escape_for_terminal(directory.string()), shown, shown);
}

// The path of a spec: itself if it contains a / or ends in .json, else that of the installed spec of that name.
std::string find_spec(const std::string& spec) {
  if (spec.empty()) {
    throw SpecError("the name of a spec is an empty string",
                    "give a name; an unset shell variable is an empty string");
  }
  // A view, because gcc 12 takes the comparison of the string to bound its size.
  const std::string_view word = spec;
  if (word == "-") {
    throw SpecError("a spec cannot be read from standard input",
                    "name a file: the spec's object is searched next to it");
  }
  if (word.find('/') != std::string_view::npos || word.ends_with(".json")) return spec;
  const fs::path directory =
      (fs::path(executable_directory()) / PROBE_RUN_DATA_FROM_BIN / "specs").lexically_normal();
  const fs::path file = directory / (spec + ".json");
  std::error_code error;
  if (fs::is_regular_file(file, error)) return file.string();
  refuse_others(spec);
  throw SpecError(fmt::format("no installed spec \"{}\"", escape_for_terminal(spec)),
                  no_installed_spec_hint(spec, directory));
}

// The files next to a missing one that have nearly its name.
std::string near_files(const fs::path& path) {
  std::vector<std::string> names;
  std::error_code error;
  const fs::path directory = path.has_parent_path() ? path.parent_path() : fs::path(".");
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().extension() == ".json") names.push_back(entry->path().filename());
  }
  std::sort(names.begin(), names.end());
  const std::string_view near = nearest(path.filename().string(), views(names));
  if (near.empty()) return {};
  return fmt::format("did you mean {}?", escape_for_terminal((path.parent_path() / near).string()));
}

}  // namespace

bool is_recording(const std::string& path) {
  return beginning(path, recording::magic.size()) == recording::magic;
}

std::shared_ptr<const SourceText> read_spec(const std::string& spec) {
  const std::string path = find_spec(spec);
  refuse_others(path);
  std::error_code error;
  if (!fs::exists(path, error) && error == std::error_code()) {
    throw SpecError(fmt::format("cannot open {}: No such file or directory", escape_for_terminal(path)),
                    near_files(path));
  }
  return read_source(path, Wait::for_writers);
}

}  // namespace probe_run
