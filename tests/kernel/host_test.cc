// Names that only the running kernel can provide: exited processes, cgroups, files of other processes.
#include <dlfcn.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>

#include "bpf_objects.h"
#include "host/host_names.h"
#include "host/kernel_symbols.h"
#include "host/process_maps.h"
#include "machine.h"
#include "support/catch.h"
#include "support/process.h"

using namespace probe_run;
using test::Directory;
namespace fs = std::filesystem;

namespace {

// Addresses in a child process that lives as long as this object.
class Child {
 public:
  // `act` runs in the child; what it returns is sent back.
  explicit Child(const std::function<std::uint64_t()>& act) {
    int to_parent[2];
    if (::pipe2(to_parent, O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
    pid_ = ::fork();
    if (pid_ == 0) {
      const std::uint64_t value = act();
      if (::write(to_parent[1], &value, sizeof value) != sizeof value) ::_exit(1);
      for (;;) ::pause();
    }
    ::close(to_parent[1]);
    const ssize_t got = ::read(to_parent[0], &value_, sizeof value_);
    ::close(to_parent[0]);
    if (got != sizeof value_) throw std::runtime_error("the child failed");
  }
  ~Child() { end(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void end() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  std::uint32_t pid() const { return static_cast<std::uint32_t>(pid_); }
  std::uint64_t value() const { return value_; }

 private:
  pid_t pid_ = -1;
  std::uint64_t value_ = 0;
};

// The address of the whole file, executable.
std::uint64_t map_library(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  void* const code = ::mmap(nullptr, fs::file_size(path), PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
  return code == MAP_FAILED ? 0 : reinterpret_cast<std::uint64_t>(code);
}

// In a process with another root, the address of the file /library there.
std::uint64_t map_in_root(const std::string& root) {
  return ::chroot(root.c_str()) == 0 ? map_library("/library") : 0;
}

// A page of executable memory that is not backed by a file.
std::uint64_t map_anonymous_code() {
  void* const page = ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return page == MAP_FAILED ? 0 : reinterpret_cast<std::uint64_t>(page);
}

void* address_of(std::uint64_t number) {
  return reinterpret_cast<void*>(number);  // NOLINT(performance-no-int-to-ptr)
}

// Pins this thread to one CPU, so that the buffer of that CPU fills up.
class OneProcessor {
 public:
  OneProcessor() {
    CPU_ZERO(&before_);
    ::sched_getaffinity(0, sizeof before_, &before_);
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<unsigned>(::sched_getcpu()), &one);
    if (::sched_setaffinity(0, sizeof one, &one) != 0) throw std::runtime_error("sched_setaffinity failed");
  }
  ~OneProcessor() { ::sched_setaffinity(0, sizeof before_, &before_); }
  OneProcessor(const OneProcessor&) = delete;
  OneProcessor& operator=(const OneProcessor&) = delete;

 private:
  cpu_set_t before_;
};

pid_t start_true() {
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  ::execl("/bin/true", "true", nullptr);
  ::_exit(127);
}

// The address of a function that every build of the library has a name for, stripped or not.
std::uint64_t address_in_libc() {
  return reinterpret_cast<std::uint64_t>(::dlsym(RTLD_DEFAULT, "getppid"));
}

Mapping place_in_libc() {
  const Mappings mappings = parse_maps(test::read_file("/proc/self/maps"));
  const Mapping* const place = find_mapping(mappings, address_in_libc());
  if (place == nullptr) throw std::runtime_error("libc is not mapped");
  return *place;
}

// The address of a copy of a whole file whose name has been removed.
std::uint64_t map_removed_copy(const std::string& path) {
  const Directory directory;
  const std::string copy = directory / "copy";
  fs::copy_file(path, copy);
  return map_library(copy);
}

std::string symbol_at(HostNames& names, std::uint32_t pid, std::uint64_t address) {
  return std::string(names.find(NameKind::user_symbol, name_key(pid, address)));
}

// Another mount of the cgroup v2 hierarchy, wherever this machine has it.
class CgroupMount {
 public:
  CgroupMount() {
    if (::mount("none", path().c_str(), "cgroup2", 0, nullptr) != 0)
      throw std::runtime_error(std::string("cannot mount cgroup2: ") + std::strerror(errno));
  }
  ~CgroupMount() { ::umount2(path().c_str(), MNT_DETACH); }
  CgroupMount(const CgroupMount&) = delete;
  CgroupMount& operator=(const CgroupMount&) = delete;
  std::string path() const { return directory_.path().string(); }

 private:
  Directory directory_;
};

std::uint64_t inode_of(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

}  // namespace

TEST_CASE("Functions of programs that exit at once are still named after their exit") {
  ProcessMaps processes;
  REQUIRE(processes.start() == 0);
  const std::string program = fs::canonical("/bin/true");
  std::vector<pid_t> pids;
  for (int i = 0; i < 100; ++i) {
    pids.push_back(start_true());
    REQUIRE(pids.back() > 0);
    int status = -1;
    REQUIRE(::waitpid(pids.back(), &status, 0) == pids.back());
    REQUIRE(status == 0);
    processes.drain();
  }
  int known = 0, exited = 0;
  for (const pid_t pid : pids) {
    bool has_program = false, has_exited = false;
    for (const Mapping& mapping : processes.mappings_of(static_cast<std::uint32_t>(pid))) {
      if (mapping.file->path != program) continue;
      has_program = true;
      const auto found = processes.find(static_cast<std::uint32_t>(pid), mapping.start);
      REQUIRE(found);
      CHECK(found->mapping.file->path == program);
      has_exited = !found->alive;
    }
    known += has_program ? 1 : 0;
    exited += has_exited ? 1 : 0;
  }
  CHECK(known == 100);
  CHECK(exited == 100);
  CHECK(processes.lost_records() == 0);
}

TEST_CASE("A forked child without an exec has its parent's functions, even after its exit") {
  HostNames names;
  names.prepare(NameKind::user_symbol);
  REQUIRE(names.process_tracking_error() == 0);
  Child child([]() -> std::uint64_t { return 1; });
  const std::uint64_t address = address_in_libc();
  const std::string here = symbol_at(names, static_cast<std::uint32_t>(::getpid()), address);
  CHECK(here == "getppid\t0\t" + place_in_libc().file->path + "\t\n");
  CHECK(symbol_at(names, child.pid(), address) == here);
  const std::uint32_t pid = child.pid();
  child.end();
  CHECK(symbol_at(names, pid, address) == here);
}

TEST_CASE("Mappings that did not fit in the kernel's buffer count as lost, and are found in /proc") {
  const OneProcessor here;
  ProcessMaps processes;
  REQUIRE(processes.start() == 0);
  for (int i = 0; i < 5000; ++i) REQUIRE(::munmap(address_of(map_anonymous_code()), 4096) == 0);
  const std::uint64_t last = map_removed_copy(place_in_libc().file->path);
  REQUIRE(last != 0);
  const auto found = processes.find(static_cast<std::uint32_t>(::getpid()), last);
  REQUIRE(found);
  CHECK(found->alive);
  CHECK(found->mapping.file->path.ends_with("/copy"));
  // The next record says how many were lost.
  CHECK(::munmap(address_of(map_anonymous_code()), 4096) == 0);
  processes.drain();
  CHECK(processes.lost_records() > 1000);
  CHECK(processes.lost_records() < 5000);
  // Another test looks up libc.
  CHECK(::munmap(address_of(last), fs::file_size(place_in_libc().file->path)) == 0);
}

TEST_CASE("Whether a file is trusted depends on its owner") {
  const Directory directory;
  const std::string copy = directory / "copy";
  fs::copy_file(fs::canonical("/bin/true"), copy);
  const auto trusted = [&] {
    const auto file = ElfFile::open(open_regular_file(copy));
    REQUIRE(file);
    return file->trusted();
  };
  ::unsetenv("SUDO_UID");
  CHECK(trusted());
  REQUIRE(::chown(copy.c_str(), 12345, 12345) == 0);
  CHECK_FALSE(trusted());
  ::setenv("SUDO_UID", "1234", 1);
  CHECK_FALSE(trusted());
  ::setenv("SUDO_UID", "12345 ", 1);
  CHECK_FALSE(trusted());
  ::setenv("SUDO_UID", "12345", 1);
  CHECK(trusted());
  ::unsetenv("SUDO_UID");
}

TEST_CASE("Functions of a deleted library are named while it is mapped") {
  const Child child([] { return map_removed_copy(place_in_libc().file->path); });
  REQUIRE(child.value() != 0);
  HostNames names;
  const Mapping libc = place_in_libc();
  const std::uint64_t offset = address_in_libc() - libc.start + libc.offset;
  const std::string text = symbol_at(names, child.pid(), child.value() + offset + 1);
  CHECK(text.starts_with("getppid\t1\t/"));
}

TEST_CASE("Functions of a library in another root are named") {
  for (const bool watched :
       {false, true}) {  // the kernel gives the path as the process sees it, /proc as we do
    INFO(watched);
    HostNames names;
    if (watched) names.prepare(NameKind::user_symbol);
    const Directory root;
    fs::copy_file(place_in_libc().file->path, root / "library");
    const Child child([&] { return map_in_root(root.path()); });
    REQUIRE(child.value() != 0);
    const Mapping libc = place_in_libc();
    const std::uint64_t offset = address_in_libc() - libc.start + libc.offset;
    const std::string text = symbol_at(names, child.pid(), child.value() + offset + 1);
    CHECK(text.starts_with("getppid\t1\t/"));
    CHECK(text.ends_with(watched ? "\t/library\t\n" : "/library\t\n"));
  }
}

TEST_CASE("An offset in a file with a build ID is named while a process maps the file") {
  const Mapping libc = place_in_libc();
  const auto file = ElfFile::open(open_regular_file(libc.file->path));
  REQUIRE(file);
  const std::string known(file->build_id());
  std::array<char, 20> id{};
  REQUIRE(known.size() == id.size());
  // Other processes may have mapped another copy of libc: only this one has that build ID.
  const std::string own = test::unique_name("build");
  std::copy(own.begin(), own.end(), id.begin());
  std::string library = test::read_file(libc.file->path);
  REQUIRE(test::contains(library, known));
  library.replace(library.find(known), id.size(), id.data(), id.size());
  const Directory directory;
  const std::string path = directory / "library";
  std::ofstream(path, std::ios::binary) << library;
  const Child child([&] { return map_library(path); });
  REQUIRE(child.value() != 0);
  const std::uint64_t offset = address_in_libc() - libc.start + libc.offset;
  HostNames names;
  const auto text = [&] { return std::string(names.find(NameKind::build_id_symbol, name_key(id, offset))); };
  const std::string expected = "getppid\t0\t" + path + "\t\n";
  CHECK(text() == expected);
  CHECK(text() == expected);
  id[0] = static_cast<char>(id[0] ^ 1);
  CHECK(text() == "");
}

TEST_CASE("The kernel's code in processes is shown as the module [vdso]") {
  const Mappings mappings = parse_maps(test::read_file("/proc/self/maps"));
  const auto vdso = std::find_if(mappings.begin(), mappings.end(),
                                 [](const Mapping& mapping) { return mapping.file->path == "[vdso]"; });
  REQUIRE(vdso != mappings.end());
  HostNames names;
  std::size_t named = 0;
  for (std::uint64_t address = vdso->start; address < vdso->end; address += 16) {
    const std::string text = symbol_at(names, static_cast<std::uint32_t>(::getpid()), address);
    CHECK(text.ends_with("\t[vdso]\t\n"));
    if (!text.starts_with("\t")) ++named;
  }
  CHECK(named > 10);
}

TEST_CASE("Functions of a just-in-time compiler are named from its perf map") {
  HostNames names;
  const Child child(map_anonymous_code);
  REQUIRE(child.value() != 0);
  const std::string path = "/tmp/perf-" + std::to_string(child.pid()) + ".map";
  char line[80];
  std::snprintf(line, sizeof line, "%llx 100 Hello.world\n", static_cast<unsigned long long>(child.value()));
  std::ofstream(path) << line;
  CHECK(symbol_at(names, child.pid(), child.value() + 5) == "Hello.world\t5\t[anon]\t\n");
  CHECK(symbol_at(names, child.pid(), child.value() + 0x200) == "\t512\t[anon]\t\n");
  fs::remove(path);
}

TEST_CASE("A perf map that belongs to another user, is a link or is a FIFO is not read") {
  const Child child(map_anonymous_code);
  const std::string path = "/tmp/perf-" + std::to_string(child.pid()) + ".map";
  char line[80];
  std::snprintf(line, sizeof line, "%llx 100 Hello.world\n", static_cast<unsigned long long>(child.value()));
  const std::string nothing = "\t5\t[anon]\t\n";
  const auto answer = [&] {
    HostNames names;
    const std::string text = symbol_at(names, child.pid(), child.value() + 5);
    fs::remove(path);
    return text;
  };
  const Directory directory;
  std::ofstream(directory / "map") << line;
  fs::create_symlink(directory / "map", path);
  CHECK(answer() == nothing);
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  CHECK(answer() == nothing);
  std::ofstream(path) << line;
  REQUIRE(::chown(path.c_str(), 12345, 12345) == 0);
  CHECK(answer() == nothing);
  std::ofstream(path) << line;
  CHECK(answer() == "Hello.world\t5\t[anon]\t\n");
}

TEST_CASE("A cgroup has its path, even after it was removed") {
  const CgroupMount mount;
  CgroupPaths paths(mount.path());
  CHECK(paths.find(inode_of(mount.path())) == "/");
  const std::string name = test::unique_name("cgroup");
  const std::string directory = mount.path() + "/" + name;
  REQUIRE(::mkdir(directory.c_str(), 0755) == 0);
  REQUIRE(::mkdir((directory + "/below").c_str(), 0755) == 0);
  const std::uint64_t id = inode_of(directory), below = inode_of(directory + "/below");
  CHECK(paths.find(id) == "/" + name);
  CHECK(paths.find(below) == "/" + name + "/below");
  REQUIRE(::rmdir((directory + "/below").c_str()) == 0);
  REQUIRE(::rmdir(directory.c_str()) == 0);
  CHECK(paths.find(id) == "/" + name);
  CHECK(paths.find(below) == "/" + name + "/below");
  CgroupPaths later(mount.path());
  CHECK(later.find(id) == "");
  CHECK(later.find(~std::uint64_t{0}) == "");
}

TEST_CASE("A walk remembers cgroups that are removed afterwards") {
  const CgroupMount mount;
  const std::string name = test::unique_name("cgroup");
  const std::string directory = mount.path() + "/" + name;
  REQUIRE(::mkdir(directory.c_str(), 0755) == 0);
  const std::uint64_t id = inode_of(directory);
  CgroupPaths paths(mount.path());
  paths.walk();
  REQUIRE(::rmdir(directory.c_str()) == 0);
  CHECK(paths.find(id) == "/" + name);
}

TEST_CASE("Functions of the running kernel are found by address") {
  HostNames names;
  REQUIRE(names.knows_kernel_symbols());
  int asked = 0;
  read_kallsyms(kallsyms_path, [&](const KallsymsLine& line) {
    if (line.name != "do_exit" && line.name != "vfs_read" && line.name != "schedule") return;
    ++asked;
    CHECK(std::string(names.find(NameKind::kernel_symbol, name_key(line.address + 1))) ==
          std::string(line.name) + "\t1\t\t\n");
  });
  CHECK(asked == 3);
  CHECK(names.find(NameKind::kernel_symbol, name_key(std::uint64_t{4096})) == "");
}

TEST_CASE("A BPF program that is loaded later is named at once") {
  HostNames names;
  REQUIRE(names.knows_kernel_symbols());
  std::vector<test::LoadedProgram> programs;
  for (int i = 0; i < 20; ++i) {
    programs.push_back(test::load_program("probe_run_" + std::to_string(i)));
    const test::LoadedProgram& program = programs.back();
    REQUIRE(program.address != 0);
    CHECK(std::string(names.find(NameKind::kernel_symbol, name_key(program.address + 1))) ==
          program.symbol + "\t1\tbpf\t\n");
  }
}
