// Local storage of cgroups.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "actor.h"
#include "map_spec.h"
#include "probe.h"
#include "recorded_reads.h"
#include "source/map_reader.h"
#include "support/catch.h"
#include "support/fd.h"

using namespace test;
using nlohmann::json;
using probe_run::Fd;

namespace {

// A mount of cgroup version 2 of its own, which this process and its children see, and a cgroup below it.
class Cgroup {
 public:
  Cgroup() : mount_(mounts_ / "cgroup2") {
    std::filesystem::create_directory(mount_);
    if (::mount("none", mount_.c_str(), "cgroup2", 0, nullptr) != 0)
      throw std::runtime_error("cannot mount cgroup2");
    path_ = mount_ + "/" + unique_name("maps");
    std::filesystem::create_directory(path_);
  }
  ~Cgroup() {
    std::filesystem::remove(path_);
    ::umount2(mount_.c_str(), MNT_DETACH);
  }
  Cgroup(const Cgroup&) = delete;
  Cgroup& operator=(const Cgroup&) = delete;

  void enter() const { std::ofstream(path_ + "/cgroup.procs") << 0; }
  Fd open() const { return Fd(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)); }
  std::uint64_t id() const {
    struct stat status {};
    REQUIRE(::stat(path_.c_str(), &status) == 0);
    return status.st_ino;
  }

 private:
  Directory mounts_;
  std::string mount_, path_;
};

// libbpf cannot be asked: its headers may not have the type.
bool has_cgrp_storage() {
  utsname system{};
  ::uname(&system);
  int major = 0, minor = 0;
  REQUIRE(std::sscanf(system.release, "%d.%d", &major, &minor) == 2);
  return major > 6 || (major == 6 && minor >= 2);
}

// Collects the entries of one read: the key's first number, and the value's numbers.
class Entries final : public probe_run::ReadConsumer {
 public:
  bool entry(std::uint32_t, std::span<const std::byte> bytes) noexcept override {
    const std::vector<std::byte> all(bytes.begin(), bytes.end());
    std::uint64_t sum = 0;
    for (std::size_t at = 16; at < all.size(); at += 8) sum += as<std::uint64_t>(all, at);
    found.emplace_back(as<std::uint64_t>(all), sum);
    return true;
  }
  bool taken_entry(std::uint32_t, std::span<const std::byte>) noexcept override { return false; }
  bool begin_read(std::uint32_t, probe_run::ReadFor) noexcept override { return true; }
  bool end_read(std::uint32_t, const probe_run::ReadEnd&) noexcept override { return true; }

  std::vector<std::pair<std::uint64_t, std::uint64_t>> found;
};

std::vector<std::pair<std::uint64_t, std::uint64_t>> read(bpf_object* object, const char* name) {
  bpf_map* const map = bpf_object__find_map_by_name(object, name);
  probe_run::MapInfo info;
  info.name = name;
  info.type = bpf_map__type(map);
  info.key_size = bpf_map__key_size(map);
  info.value_size = bpf_map__value_size(map);
  Entries entries;
  probe_run::MapReader reader(info, bpf_map__fd(map), 0,
                              static_cast<std::uint32_t>(libbpf_num_possible_cpus()), {}, entries);
  probe_run::Interlude nothing_else;
  REQUIRE(reader.read(probe_run::MapReader::Turn::last, nothing_else) == 0);
  return entries.found;
}

}  // namespace

TEST_CASE("cgroup storage is read for every cgroup that has an entry", "[cgroup_maps]") {
  if (!has_cgrp_storage()) {
    WARN("this kernel has no storage of cgroups (Linux 6.2 has): only the refusal is looked at");
    const Directory directory;
    const std::string spec = write_map_spec(directory, {.object = "cgrp_storage",
                                                        .program = "counting",
                                                        .maps = {{{"name", "cgroups"}}},
                                                        .own_section = true});
    CHECK(run(probe_command(spec, {"--set", "pid=1"})).status == 1);
    return;
  }
  const Cgroup cgroup;
  const Directory directory;
  const std::string spec = write_map_spec(directory, {.object = "cgrp_storage",
                                                      .program = "counting",
                                                      .maps = {{{"name", "cgroups"}}},
                                                      .own_section = true});
  Actor actor(calling_getppid(7), [&] { cgroup.enter(); });
  Probe probe(probe_command(spec, {"--set", "pid=" + actor.id(), "--format", "jsonl"}));
  actor.act();
  const Finished done = probe.stop();
  INFO(done.err);
  CHECK(done.status == 0);
  CHECK(json_lines(done.out) == std::vector<json>{{{"key", cgroup.id()}, {"value", 7}}});
}

TEST_CASE("the older types of cgroup storage are walked by key", "[cgroup_maps]") {
  const Cgroup cgroup;
  bpf_object* const object =
      bpf_object__open_file((own_object_directory() + "/cgroup_maps.bpf.o").c_str(), nullptr);
  REQUIRE(object != nullptr);
  REQUIRE(bpf_object__load(object) == 0);
  CHECK(read(object, "shared").empty());
  CHECK(read(object, "per_cpu").empty());

  const Fd directory = cgroup.open();
  bpf_link* const link =
      bpf_program__attach_cgroup(bpf_object__find_program_by_name(object, "on_socket"), directory.get());
  REQUIRE(link != nullptr);
  Actor actor(
      [] {
        for (int i = 0; i < 5; ++i) Fd(::socket(AF_INET, SOCK_DGRAM, 0));
        return std::string();
      },
      [&] { cgroup.enter(); });
  actor.act();
  using Found = std::vector<std::pair<std::uint64_t, std::uint64_t>>;
  CHECK(read(object, "shared") == Found{{cgroup.id(), 5}});
  CHECK(read(object, "per_cpu") == Found{{cgroup.id(), 5}});
  bpf_link__destroy(link);
  bpf_object__close(object);
}
