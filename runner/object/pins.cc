#include "object/pins.h"

#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <map>
#include <system_error>

#include "object/description.h"
#include "object/libbpf.h"
#include "object/load_error.h"
#include "object/map_type.h"
#include "spec/map_spec.h"
#include "spec/program_spec.h"
#include "spec/spec.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

namespace fs = std::filesystem;

bool is_bpffs(const fs::path& directory) {
  struct statfs info {};
  return ::statfs(directory.c_str(), &info) == 0 && info.f_type == BPF_FS_MAGIC;
}

// The nearest directory above a path that exists.
fs::path existing_directory(const fs::path& path) {
  fs::path directory = path.parent_path();
  std::error_code error;
  while (!directory.empty() && directory != directory.root_path() && !fs::exists(directory, error))
    directory = directory.parent_path();
  return directory;
}

}  // namespace

PinnedKind kind_of(int fd) {
  std::array<char, 64> target{};
  const std::string link = fmt::format("/proc/self/fd/{}", fd);
  if (::readlink(link.c_str(), target.data(), target.size() - 1) < 0) return PinnedKind::other;
  const std::string_view name = target.data();
  if (name.ends_with("bpf-map")) return PinnedKind::map;
  if (name.ends_with("bpf-prog")) return PinnedKind::program;
  return name.ends_with("bpf_link") || name.ends_with("bpf-link") ? PinnedKind::link : PinnedKind::other;
}

std::string_view words_for(PinnedKind kind) {
  switch (kind) {
    case PinnedKind::none:
      return "nothing";
    case PinnedKind::map:
      return "a map";
    case PinnedKind::program:
      return "a program";
    case PinnedKind::link:
      return "a link";
    case PinnedKind::other:
      break;
  }
  return "something else";
}

Pinned look_up_pin(const std::string& subject, const std::string& path) {
  const std::string shown = escape_for_terminal(path);
  const fs::path directory = existing_directory(path);
  std::error_code error;
  if (!fs::is_directory(directory, error)) {
    throw Error(fmt::format("{} cannot be pinned at {}: {} is not a directory", subject, shown,
                            escape_for_terminal(directory.string())),
                "choose another path");
  }
  if (!is_bpffs(directory)) {
    throw Error(fmt::format("{} cannot be pinned at {}: {} is not on a bpffs", subject, shown,
                            escape_for_terminal(directory.string())),
                "mount a file system for pins: mount -t bpf bpf /sys/fs/bpf");
  }
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    throw Error(fmt::format("{} cannot be pinned at {}: {}", subject, shown, errno_text(errno)));
  }
  if (S_ISDIR(status.st_mode)) {
    throw Error(fmt::format("{} cannot be pinned at {}: it is a directory", subject, shown),
                fmt::format("name a file in it: \"{}/NAME\"", shown));
  }
  Fd fd(bpf_obj_get(path.c_str()));
  if (!fd) {
    const int number = errno;
    throw Error(fmt::format("what is pinned at {} cannot be opened: {}", shown, errno_text(number)),
                number == EPERM || number == EACCES
                    ? missing_capabilities({Capability::bpf, Capability::perfmon})
                    : std::string());
  }
  const PinnedKind kind = kind_of(fd.get());
  return {kind, std::move(fd)};
}

Pins::~Pins() {
  undo();
}

void Pins::undo() noexcept {
  for (const std::string& path : paths_) ::unlink(path.c_str());
  // The last made first: it is in the others. Somebody may have put something in it meanwhile.
  for (auto directory = directories_.rbegin(); directory != directories_.rend(); ++directory)
    ::rmdir(directory->c_str());
  keep();
}

void Pins::keep() noexcept {
  paths_.clear();
  directories_.clear();
}

void Pins::pin(const std::string& subject, int fd, const std::string& path) {
  const std::string shown = escape_for_terminal(path);
  const fs::path existing = existing_directory(path);
  fs::path directory = existing;
  for (const fs::path& part : fs::path(path).parent_path().lexically_relative(existing)) {
    if (part == ".") continue;
    directory /= part;
    if (::mkdir(directory.c_str(), S_IRWXU) != 0) {
      throw Error(fmt::format("cannot create the directory {} for {}: {}",
                              escape_for_terminal(directory.string()), subject, errno_text(errno)));
    }
    directories_.push_back(directory.string());
  }
  if (bpf_obj_pin(fd, path.c_str()) != 0) {
    const int error = errno;
    throw Error(fmt::format("{} cannot be pinned at {}: {}", subject, shown, errno_text(error)),
                error == EEXIST ? "another process has pinned something there in the meantime"
                : error == EPERM || error == EACCES
                    ? missing_capabilities({Capability::bpf, Capability::perfmon})
                    : std::string());
  }
  paths_.push_back(path);
}

void check_pin_paths(const Spec& spec, Diagnostics& diagnostics) {
  std::map<std::string, Span> known;
  const auto check = [&](const std::optional<Located<std::string>>& pin, bool reuse,
                         const Located<std::string>& name) {
    if (!pin) {
      if (reuse) {
        diagnostics.error(name.at,
                          fmt::format("\"reuse_pin\" of \"{}\" needs a \"pin\"", escape_for_terminal(*name)),
                          "such as \"pin\": \"/sys/fs/bpf/NAME\"");
      }
      return;
    }
    const fs::path path = **pin;
    if (!path.is_absolute() || !path.has_filename() || path != path.lexically_normal()) {
      diagnostics.error(pin->at,
                        fmt::format("\"pin\" needs the absolute path of a file on a bpffs, not \"{}\"",
                                    escape_for_terminal(**pin)),
                        "such as \"/sys/fs/bpf/NAME\"");
    } else if (path.filename().string().find('.') != std::string::npos) {
      diagnostics.error(pin->at,
                        fmt::format("a name on a bpffs cannot have a dot, such as \"{}\"",
                                    escape_for_terminal(path.filename().string())),
                        "choose another name");
    } else if (const auto [first, is_new] = known.try_emplace(path.string(), pin->at); !is_new) {
      diagnostics.error(
          pin->at, fmt::format("two objects cannot both be pinned at {}", escape_for_terminal(**pin)),
          fmt::format("the first is in line {}", diagnostics.source().line(first->second.begin)));
    }
  };
  for (const ProgramSpec* program : every_program(spec))
    check(program->pin, program->reuse_pin, program->name);
  for (const MapSpec& map : spec.maps) check(map.pin, map.reuse_pin, map.name);
}

namespace {

constexpr std::size_t kernel_name = BPF_OBJ_NAME_LEN - 1;  // of a map's name the kernel keeps so much
constexpr std::uint32_t read_only_for_programs = 1u << 7;

std::string subject_of(const MapPin& pin) {
  return fmt::format("the map \"{}\"", escape_for_terminal(pin.map));
}

// nullptr if the spec does not have it.
const MapSpec* in_spec(const Spec& spec, const std::string& map) {
  const auto found = std::find_if(spec.maps.begin(), spec.maps.end(),
                                  [&](const MapSpec& wanted) { return *wanted.name == map; });
  return found == spec.maps.end() ? nullptr : &*found;
}

// The spec decides where it says something.
std::vector<MapPin> wanted_pins(const Spec& spec, const ObjectDescription& description) {
  std::vector<MapPin> pins;
  for (const MapSpec& map : spec.maps) {
    if (map.pin) pins.push_back({*map.name, **map.pin, map.reuse_pin, map.pin->at});
  }
  for (const MapInfo& map : description.maps) {
    if (map.pin.empty()) continue;
    const MapSpec* const wanted = in_spec(spec, map.name);
    if (wanted == nullptr || !wanted->pin)
      pins.push_back({map.name, map.pin, true, wanted != nullptr ? wanted->name.at : spec.object.at});
  }
  return pins;
}

// In what two maps differ, the same on both sides.
struct Difference {
  std::vector<std::string> pinned, wanted;

  template <class T>
  void add(const char* form, const T& is, const T& want) {
    if (is == want) return;
    pinned.push_back(fmt::format(fmt::runtime(form), is));
    wanted.push_back(fmt::format(fmt::runtime(form), want));
  }
};

Difference compare(const bpf_map_info& pinned, const bpf_map* wanted) {
  Difference difference;
  const std::string name = std::string(bpf_map__name(wanted)).substr(0, kernel_name);
  // With a token libbpf leaves the names of maps out.
  if (pinned.name[0] != '\0')
    difference.add("the name \"{}\"", escape_for_terminal(pinned.name), escape_for_terminal(name));
  difference.add("the type {}", map_type_name(pinned.type), map_type_name(bpf_map__type(wanted)));
  difference.add("keys of {} bytes", pinned.key_size, bpf_map__key_size(wanted));
  difference.add("values of {} bytes", pinned.value_size, bpf_map__value_size(wanted));
  // 0 leaves the size to libbpf or the kernel.
  if (bpf_map__max_entries(wanted) != 0)
    difference.add("max_entries {}", pinned.max_entries, bpf_map__max_entries(wanted));
  // The kernel adds this one to lists of devices.
  std::uint32_t flags = pinned.map_flags;
  if (map_type(pinned.type).values == MapValues::device)
    flags &= ~read_only_for_programs | bpf_map__map_flags(wanted);
  difference.add("the flags {:#x}", flags, bpf_map__map_flags(wanted));
  return difference;
}

// Whether there is one.
bool take(bpf_map* map, const MapPin& wanted) {
  const std::string subject = subject_of(wanted);
  const std::string& path = wanted.path;
  const std::string shown = escape_for_terminal(path);
  const Pinned pinned = look_up_pin(subject, path);
  if (pinned.kind == PinnedKind::none) return false;
  if (pinned.kind != PinnedKind::map) {
    throw Error(
        fmt::format("{} cannot be pinned at {}: {} is pinned there", subject, shown, words_for(pinned.kind)),
        "choose another path");
  }
  if (!wanted.reuse) {
    throw Error(fmt::format("{} cannot be pinned at {}: a map is pinned there already", subject, shown),
                fmt::format("\"reuse_pin\": true takes that map, with what is in it; `rm {}` removes the pin",
                            shown));
  }
  bpf_map_info info{};
  std::uint32_t size = sizeof info;
  if (bpf_obj_get_info_by_fd(pinned.fd.get(), &info, &size) != 0) {
    throw Error(
        fmt::format("cannot ask the kernel about the map pinned at {}: {}", shown, errno_text(errno)));
  }
  const Difference difference = compare(info, map);
  if (!difference.pinned.empty()) {
    throw Error(fmt::format("the map pinned at {} does not match \"{}\": it has {}, but the object wants {}",
                            shown, escape_for_terminal(wanted.map), join(views(difference.pinned)),
                            join(views(difference.wanted))),
                fmt::format("`rm {}` removes the pin, and the next run creates the map again", shown));
  }
  if (const int error = bpf_map__reuse_fd(map, pinned.fd.get()); error != 0)
    throw Error(fmt::format("cannot take the map pinned at {}: {}", shown, errno_text(error)));
  return true;
}

// Adds the place in the spec to what the call throws.
template <class Call>
void at_place_of(const MapPin& pin, const Spec& spec, const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    const Diagnostic& said = error.diagnostics().front();
    throw Error(said.what, said.hint, spec.source->excerpt(pin.at));
  }
}

}  // namespace

std::vector<MapPin> take_pinned_maps(bpf_object* object, const Spec& spec,
                                     const ObjectDescription& description) {
  std::vector<MapPin> others;
  for (MapPin& wanted : wanted_pins(spec, description)) {
    at_place_of(wanted, spec, [&] {
      if (!take(bpf_object__find_map_by_name(object, wanted.map.c_str()), wanted))
        others.push_back(std::move(wanted));
    });
  }
  return others;
}

void pin_maps(bpf_object* object, const Spec& spec, const std::vector<MapPin>& maps, Pins& pins) {
  for (const MapPin& wanted : maps) {
    at_place_of(wanted, spec, [&] {
      const bpf_map* const map = bpf_object__find_map_by_name(object, wanted.map.c_str());
      pins.pin(subject_of(wanted), bpf_map__fd(map), wanted.path);
    });
  }
}

void warn_of_own_pins(const Spec& spec, const ObjectDescription& description, Diagnostics& diagnostics) {
  for (const MapPin& pin : wanted_pins(spec, description)) {
    const MapSpec* const wanted = in_spec(spec, pin.map);
    if (wanted != nullptr && wanted->pin) continue;
    const std::string path = escape_for_terminal(pin.path);
    diagnostics.warning(
        pin.at,
        fmt::format("the object pins the map \"{}\" at {} (LIBBPF_PIN_BY_NAME): it stays there when the run "
                    "ends, and the next run continues with it",
                    escape_for_terminal(pin.map), path),
        fmt::format("if that is intended, say so in the spec: \"pin\": \"{}\", \"reuse_pin\": true", path));
  }
}

}  // namespace probe_run
