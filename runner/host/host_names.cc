#include "host/host_names.h"

#include <fcntl.h>
#include <grp.h>
#include <net/if.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>
#include <exception>
#include <filesystem>

#include "host/kernel_symbols.h"
#include "host/mapping_events.h"
#include "host/process_maps.h"
#include "host/symbol_table.h"
#include "host/user_symbols.h"
#include "support/cgroup_mount.h"
#include "support/rights.h"

namespace probe_run {
namespace {

namespace fs = std::filesystem;

constexpr int fileid_kernfs = 0xfe;  // <linux/exportfs.h>, which user space does not get
constexpr std::size_t most_paths = 65536;
constexpr auto walk_interval = std::chrono::seconds(1);

}  // namespace

CgroupPaths::CgroupPaths(std::string mount_point)
    : mount_point_(mount_point.empty() ? cgroup2_mount_point() : std::move(mount_point)) {
  if (mount_point_.empty()) return;
  // So that it is spelled as the kernel spells it in /proc/self/fd.
  std::error_code error;
  if (const fs::path real = fs::canonical(mount_point_, error); !error) mount_point_ = real.string();
  mount_ = Fd(::open(mount_point_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

std::string CgroupPaths::find(std::uint64_t id) {
  if (!mount_) return {};
  if (const auto seen = seen_.find(id); seen != seen_.end()) return seen->second;
  if (const std::optional<std::string> path = ask_kernel(id)) {
    if (!path->empty()) learn(id, *path);
    return *path;
  }
  if (std::chrono::steady_clock::now() - walked_ >= walk_interval) walk();
  const auto seen = seen_.find(id);
  return seen == seen_.end() ? std::string() : seen->second;
}

std::optional<std::string> CgroupPaths::ask_kernel(std::uint64_t id) const {
  // A cgroup's id is all that its file handle holds.
  alignas(file_handle) unsigned char bytes[sizeof(file_handle) + sizeof id] = {};
  const file_handle header{sizeof id, fileid_kernfs};
  std::memcpy(bytes, &header, sizeof header);
  std::memcpy(bytes + sizeof header, &id, sizeof id);
  const InForce raised = raise_rights({Capability::dac_read_search});
  const Fd fd(::open_by_handle_at(mount_.get(), reinterpret_cast<file_handle*>(bytes), O_PATH | O_CLOEXEC));
  if (!fd) {
    if (errno == ESTALE || errno == ENOENT) return std::string();
    return std::nullopt;
  }
  char target[PATH_MAX];
  const ssize_t size =
      ::readlink(("/proc/self/fd/" + std::to_string(fd.get())).c_str(), target, sizeof target);
  if (size < 0 || size == static_cast<ssize_t>(sizeof target)) return std::nullopt;
  const std::string_view path(target, static_cast<std::size_t>(size));
  struct stat status {};
  // A removed one is "... (deleted)", which anyone may also choose as a name; a removed one has no links.
  if (::fstat(fd.get(), &status) != 0 || status.st_nlink == 0 || !S_ISDIR(status.st_mode))
    return std::string();
  if (path == mount_point_) return "/";
  if (!path.starts_with(mount_point_) || path[mount_point_.size()] != '/') return std::string();
  return std::string(path.substr(mount_point_.size()));
}

void CgroupPaths::learn(std::uint64_t id, std::string path) {
  if (seen_.size() >= most_paths) seen_.clear();
  seen_.insert_or_assign(id, std::move(path));
}

void CgroupPaths::walk() {
  if (!mount_) return;
  walked_ = std::chrono::steady_clock::now();
  const auto learn_directory = [this](const std::string& directory) {
    struct stat status {};
    if (::lstat(directory.c_str(), &status) != 0) return;  // removed in the meantime
    learn(status.st_ino, directory == mount_point_ ? "/" : directory.substr(mount_point_.size()));
  };
  learn_directory(mount_point_);
  std::error_code error;
  fs::recursive_directory_iterator entry(mount_point_, fs::directory_options::skip_permission_denied, error);
  for (const fs::recursive_directory_iterator end; !error && entry != end; entry.increment(error)) {
    std::error_code unknown;
    if (entry->is_directory(unknown) && !unknown) learn_directory(entry->path().string());
  }
}

namespace {

// Names of users, groups and network interfaces. Each is empty when it is not found.

// From the machine's user database, which may be a slow one (LDAP): the caller keeps the answers.
std::string user_name(std::uint32_t uid);
std::string group_name(std::uint32_t gid);

constexpr std::size_t first_size = 1024;
constexpr std::size_t size_limit = 1u << 20;  // a group of very many members

// getpwuid_r() and getgrgid_r() have one shape; `field` is the name in the entry.
template <class Entry, class Id>
std::string look_up(Id id, int (*get)(Id, Entry*, char*, std::size_t, Entry**), char* Entry::*field) {
  for (std::size_t size = first_size; size <= size_limit; size *= 4) {
    std::vector<char> buffer(size);
    Entry entry{};
    Entry* found = nullptr;
    const int error = get(id, &entry, buffer.data(), buffer.size(), &found);
    if (error == ERANGE) continue;
    return error == 0 && found != nullptr && found->*field != nullptr ? found->*field : std::string();
  }
  return {};
}

std::string user_name(std::uint32_t uid) {
  return look_up<passwd, uid_t>(uid, ::getpwuid_r, &passwd::pw_name);
}

std::string group_name(std::uint32_t gid) {
  return look_up<group, gid_t>(gid, ::getgrgid_r, &group::gr_name);
}

// Of this process's network namespace.
std::string interface_name(std::uint32_t index) {
  char name[IF_NAMESIZE] = {};
  return ::if_indextoname(index, name) != nullptr ? name : std::string();
}

constexpr std::size_t most_answers = 65536;  // of one kind
constexpr auto ask_again = std::chrono::seconds(1);
constexpr std::size_t build_id_size = 20;

// nullopt for a key of another size.
template <class Number>
std::optional<Number> number_in(std::span<const std::byte> key) {
  Number number{};
  if (key.size() != sizeof number) return std::nullopt;
  std::memcpy(&number, key.data(), sizeof number);
  return number;
}

std::string frame_of(KernelSymbols& kernel, std::uint64_t address) {
  std::string text;
  const std::optional<KernelSymbol> symbol = kernel.find(address);
  if (symbol) append_frame(text, symbol->name, symbol->offset, symbol->module, false);
  return text;
}

}  // namespace

HostNames::HostNames() = default;
HostNames::~HostNames() = default;

CgroupPaths& HostNames::cgroups() {
  if (!cgroups_) cgroups_ = std::make_unique<CgroupPaths>();
  return *cgroups_;
}

KernelSymbols& HostNames::kernel() {
  if (!kernel_) {
    kernel_ = std::make_unique<KernelSymbols>();
    kernel_events_ = std::make_unique<MappingEvents>();
    // Refused, a program that takes the place of another one has its name until kallsyms is read again.
    kernel_events_->open(MappingEvents::Watched::kernel_symbols);
  }
  return *kernel_;
}

UserSymbols& HostNames::user_symbols() {
  if (!user_symbols_) {
    processes_ = std::make_unique<ProcessMaps>();
    process_tracking_error_ = processes_->start();
    user_symbols_ = std::make_unique<UserSymbols>(*processes_);
  }
  return *user_symbols_;
}

int HostNames::processor_is_back(int processor) {
  const int of_kernel = kernel_events_ ? kernel_events_->processor_is_back(processor) : 0;
  const int of_processes = processes_ ? processes_->processor_is_back(processor) : 0;
  return of_processes != 0 ? of_processes : of_kernel;
}

void HostNames::prepare(NameKind kind) {
  switch (kind) {
    case NameKind::cgroup:
      cgroups().walk();
      break;
    case NameKind::kernel_symbol:
      kernel().readable();
      break;
    case NameKind::user_symbol:
    case NameKind::build_id_symbol:
      user_symbols();
      break;
    case NameKind::user:
    case NameKind::group:
    case NameKind::interface:
    case NameKind::stack:
      break;  // nothing to read as a whole
  }
}

bool HostNames::knows_kernel_symbols() {
  return kernel().readable();
}

std::vector<int> HostNames::fds() const {
  std::vector<int> fds;
  if (processes_) processes_->add_fds(fds);
  return fds;
}

void HostNames::drain() noexcept {
  try {
    if (processes_) processes_->drain();
  } catch (const std::exception&) {
    // Out of memory: what was not taken in is read from /proc where the process lives.
  }
}

std::string_view HostNames::find(NameKind kind, std::span<const std::byte> key) noexcept {
  try {
    return look_up(kind, key);
  } catch (const std::exception&) {
    return {};  // out of memory: a name less
  }
}

std::string_view HostNames::look_up(NameKind kind, std::span<const std::byte> key) {
  switch (kind) {
    case NameKind::user:
      if (const auto uid = number_in<std::uint32_t>(key))
        return cached(kind, *uid, [&] { return one_field(user_name(*uid)); });
      break;
    case NameKind::group:
      if (const auto gid = number_in<std::uint32_t>(key))
        return cached(kind, *gid, [&] { return one_field(group_name(*gid)); });
      break;
    case NameKind::interface:
      if (const auto index = number_in<std::uint32_t>(key))
        return cached(kind, *index, [&] { return one_field(interface_name(*index)); });
      break;
    case NameKind::cgroup:
      if (const auto id = number_in<std::uint64_t>(key))
        return cached(kind, *id, [&] { return one_field(cgroups().find(*id)); });
      break;
    case NameKind::kernel_symbol:
      if (const auto address = number_in<std::uint64_t>(key)) return kernel_symbol(*address);
      break;
    case NameKind::user_symbol: {
      // Not kept here: the same number means another process, and the same address another program, later.
      if (key.size() != sizeof(std::uint32_t) + sizeof(std::uint64_t)) break;
      const auto pid = number_in<std::uint32_t>(key.first(sizeof(std::uint32_t)));
      return user_symbols().find(*pid, *number_in<std::uint64_t>(key.subspan(sizeof(std::uint32_t))));
    }
    case NameKind::build_id_symbol: {
      if (key.size() != build_id_size + sizeof(std::uint64_t)) break;
      const std::string id(reinterpret_cast<const char*>(key.data()), build_id_size);
      return user_symbols().find(id, *number_in<std::uint64_t>(key.subspan(build_id_size)));
    }
    case NameKind::stack:
      break;
  }
  return {};
}

std::string_view HostNames::kernel_symbol(std::uint64_t address) {
  KernelSymbols& symbols = kernel();
  events_.clear();
  kernel_events_->drain(events_);
  for (MappingEvent& event : events_) {
    auto* const program = std::get_if<KernelSymbolAdded>(&event.what);
    if (program == nullptr) continue;
    symbols.add_program(program->address, program->size, std::move(program->name));
    answers_[static_cast<std::size_t>(NameKind::kernel_symbol)].clear();
  }
  return cached(NameKind::kernel_symbol, address, [&] { return frame_of(symbols, address); });
}

std::string_view HostNames::cached(NameKind kind, std::uint64_t number,
                                   const std::function<std::string()>& ask) {
  Answers& answers = answers_[static_cast<std::size_t>(kind)];
  const Clock::time_point now = Clock::now();
  auto known = answers.find(number);
  if (known == answers.end() || (known->second.text.empty() && now - known->second.asked >= ask_again)) {
    if (answers.size() >= most_answers) answers.clear();
    known = answers.insert_or_assign(number, Answer{ask(), now}).first;
  }
  return known->second.text;
}

}  // namespace probe_run
