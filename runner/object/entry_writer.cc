#include "object/entry_writer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <net/if.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "object/libbpf.h"
#include "object/load_error.h"
#include "spec/spec.h"
#include "support/cgroup_mount.h"
#include "support/fd.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// Newer than the kernel headers of some distributions.
[[maybe_unused]] constexpr std::uint32_t flag_token = 1u << 16;

class Writer {
 public:
  Writer(const BpfObject& object, const Spec& spec) : object_(object), spec_(spec) {}

  void write(const MapEntries& map, int fd) {
    for (const EncodedEntry& entry : map.entries) write(map, entry, fd);
  }

 private:
  [[noreturn]] void fail(Span at, std::string what, std::string hint = {}) const {
    throw Error(std::move(what), std::move(hint), spec_.source->excerpt(at));
  }

  void write(const MapEntries& map, const EncodedEntry& entry, int fd) {
    std::vector<std::byte> value = entry.value;
    std::vector<Fd> open;  // until the kernel has taken what they refer to
    for (const EntryReference& reference : entry.references) {
      const std::optional<int> number = resolve(reference, open);
      if (!number) return;
      std::memcpy(value.data() + reference.offset, &*number, sizeof *number);
    }
    if (entry.inner) {
      const Fd& made = open.emplace_back(make_inner(*entry.inner, entry.at, *map.map));
      write(*entry.inner, made.get());
      const int number = made.get();
      std::memcpy(value.data(), &number, sizeof number);
    }
    if (map.map->is_per_cpu()) value = for_every_cpu(value);
    const void* const key = entry.key.empty() ? nullptr : entry.key.data();
    if (bpf_map_update_elem(fd, key, value.data(), BPF_ANY) != 0) refused(map, entry, errno);
  }

  [[noreturn]] void refused(const MapEntries& map, const EncodedEntry& entry, int error) const {
    std::string hint;
    if (error == E2BIG) {
      hint = fmt::format("the map is full: it has room for {} entries, and some may have been in it already",
                         map.max_entries);
    } else if (error == EPERM || error == EACCES) {
      hint = missing_capabilities({Capability::bpf, Capability::perfmon, Capability::net_admin});
    } else if (error == EBADF && map.map->traits().values == MapValues::cgroup) {
      hint = "this directory is not a cgroup of version 2: `findmnt -t cgroup2` shows where they are mounted";
    } else if (error == EINVAL && map.map->traits().values == MapValues::program) {
      hint = "the programs that call one another through a program array must all be of one type";
    } else if (error == EINVAL && !entry.references.empty()) {
      hint = "the kernel does not accept this program, map or device there";
    }
    fail({entry.at.begin, entry.at.begin + 1},
         fmt::format("cannot write this entry of the map \"{}\": {}", escape_for_terminal(map.map->name),
                     errno_text(error)),
         std::move(hint));
  }

  static std::vector<std::byte> for_every_cpu(const std::vector<std::byte>& value) {
    const auto cpus = static_cast<std::size_t>(std::max(1, libbpf_num_possible_cpus()));
    const std::size_t size = padded(value.size());
    std::vector<std::byte> all(size * cpus);
    for (std::size_t cpu = 0; cpu < cpus; ++cpu)
      std::copy(value.begin(), value.end(), all.begin() + static_cast<std::ptrdiff_t>(cpu * size));
    return all;
  }

  // Its number; nullopt for an optional program that was not loaded.
  std::optional<int> resolve(const EntryReference& reference, std::vector<Fd>& open) const {
    switch (reference.kind) {
      case EntryReference::Kind::program: {
        bpf_program* const program = object_.program(*reference.name);
        return bpf_program__autoload(program) ? std::optional(bpf_program__fd(program)) : std::nullopt;
      }
      case EntryReference::Kind::map:
        return object_.map_fd(*reference.name);
      case EntryReference::Kind::cgroup:
        return open.emplace_back(open_cgroup(reference.name)).get();
      case EntryReference::Kind::interface:
        return interface_index(reference.name);
    }
    return std::nullopt;
  }

  // A path relative to where cgroup2 is mounted, as the attach type cgroup takes it.
  Fd open_cgroup(const Located<std::string>& name) const {
    std::string path = *name;
    if (!path.starts_with('/')) {
      const std::string mount = cgroup2_mount_point();
      if (mount.empty())
        fail(name.at, "no cgroup2 is mounted here", "mount -t cgroup2 cgroup2 /sys/fs/cgroup");
      path = mount + "/" + path;
    }
    Fd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory) return directory;
    const int error = errno;
    const std::string shown = escape_for_terminal(path);
    if (error == ENOENT || error == ENOTDIR) fail(name.at, fmt::format("cgroup {} is not found", shown));
    fail(name.at, fmt::format("cannot open {}: {}", shown, errno_text(error)), "run it as root");
  }

  int interface_index(const Located<std::string>& name) const {
    const unsigned index = ::if_nametoindex(name->c_str());
    if (index != 0) return static_cast<int>(index);
    fail(name.at, fmt::format("network interface \"{}\" is not found", escape_for_terminal(*name)),
         "run `ip link` to list them");
  }

  // As the object defines the inner maps of the outer one.
  Fd make_inner(const MapEntries& inner, Span at, const MapInfo& outer) const {
    const MapInfo& like = *inner.map;
    auto options = zeroed_options<bpf_map_create_opts>();
    options.map_flags = like.flags;
#if LIBBPF_MAJOR_VERSION > 1 || LIBBPF_MINOR_VERSION >= 4
    if (const int token = object_.token_fd(); token >= 0) {
      options.token_fd = static_cast<std::uint32_t>(token);
      options.map_flags |= flag_token;
    }
#endif
    const int btf_fd = object_.btf_fd();
    if (btf_fd >= 0 && like.value_type_id != 0) {
      options.btf_fd = static_cast<std::uint32_t>(btf_fd);
      options.btf_key_type_id = like.key_type_id;
      options.btf_value_type_id = like.value_type_id;
    }
    const auto make = [&] {
      return Fd(bpf_map_create(static_cast<bpf_map_type>(like.type), outer.name.c_str(), like.key_size,
                               like.value_size, inner.max_entries, &options));
    };
    Fd made = make();
    if (!made && options.btf_fd != 0) {
      // Some types of maps take no types, and older kernels none of the newer kinds.
      options.btf_fd = options.btf_key_type_id = options.btf_value_type_id = 0;
      made = make();
    }
    if (made) return made;
    const int error = errno;
    fail(
        {at.begin, at.begin + 1},
        fmt::format("cannot create a map for \"{}\": {}", escape_for_terminal(outer.name), errno_text(error)),
        error == EPERM ? missing_capabilities({Capability::bpf, Capability::perfmon}) : std::string());
  }

  const BpfObject& object_;
  const Spec& spec_;
};

}  // namespace

void write_entries(const BpfObject& object, const Spec& spec, const std::vector<MapEntries>& entries) {
  Writer writer(object, spec);
  for (const MapEntries& map : entries) writer.write(map, object.map_fd(map.map->name));
}

}  // namespace probe_run
