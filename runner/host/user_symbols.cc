#include "host/user_symbols.h"

#include <fcntl.h>
#include <gelf.h>
#include <sys/auxv.h>
#include <sys/stat.h>

#include <charconv>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <set>

#include "host/symbol_table.h"
#include "support/error.h"
#include "support/fd.h"
#include "support/rights.h"

namespace probe_run {
namespace {

constexpr std::size_t size_limit = 64u << 20;
constexpr std::size_t status_limit = 64u << 10;

bool take_hexadecimal(std::string_view& text, std::uint64_t& number) {
  if (text.starts_with("0x")) text.remove_prefix(2);
  const char* const end = text.data() + text.size();
  const auto [after, error] = std::from_chars(text.data(), end, number, 16);
  if (error != std::errc() || after == end || *after != ' ') return false;
  text.remove_prefix(static_cast<std::size_t>(after + 1 - text.data()));
  return true;
}

// The process's number in its own namespace, by which it names its file: the last one of "NSpid:  812  7".
std::string own_pid(const std::string& status) {
  const std::size_t line = status.find("\nNSpid:");
  if (line == std::string::npos) return {};
  const std::string numbers = status.substr(line + 7, status.find('\n', line + 7) - (line + 7));
  return numbers.substr(numbers.find_last_of('\t') + 1);
}

}  // namespace

void add_perf_map(SymbolTable& table, std::string_view text) {
  // From its end: of functions at one address the one that was compiled last is there.
  while (!text.empty()) {
    const std::size_t newline = text.rfind('\n');
    std::string_view line = text.substr(newline == std::string_view::npos ? 0 : newline + 1);
    text = text.substr(0, newline == std::string_view::npos ? 0 : newline);
    std::uint64_t start = 0, size = 0;
    if (!take_hexadecimal(line, start) || !take_hexadecimal(line, size) || line.empty()) continue;
    table.add(line, start, size);
  }
}

void PerfMap::update() {
  const std::string process = proc_ + "/" + std::to_string(pid_);
  std::string text;
  const InForce raised = raise_rights(process_rights());
  try {
    const std::string pid = own_pid(read_file(process + "/status", status_limit));
    if (pid.empty()) return;
    const std::string path = process + "/root/tmp/perf-" + pid + ".map";
    // /tmp belongs to everybody: a link could lead anywhere, a FIFO would block.
    const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
    struct stat file {
    }, owner{};
    if (!fd || ::fstat(fd.get(), &file) != 0 || ::stat(process.c_str(), &owner) != 0) return;
    if (!S_ISREG(file.st_mode) || (file.st_uid != 0 && file.st_uid != owner.st_uid)) return;
    const auto size = static_cast<std::uint64_t>(file.st_size);
    const std::int64_t modified = file.st_mtim.tv_sec * std::int64_t{1'000'000'000} + file.st_mtim.tv_nsec;
    if (size == size_ && modified == modified_) return;
    text = read_file("/proc/self/fd/" + std::to_string(fd.get()), size_limit);
    size_ = size;
    modified_ = modified;
  } catch (const Error&) {
    return;  // the process has exited, or the map is too large: what is known stays
  }
  table_ = SymbolTable();
  add_perf_map(table_, text);
  table_.finish();
}

namespace {

constexpr std::size_t most_files = 256;
constexpr std::uint64_t most_memory = std::uint64_t{1} << 30;
constexpr std::size_t most_frames = 65536;  // kept, of all files
constexpr std::size_t most_just_in_time = 256;
constexpr std::size_t most_just_in_time_memory = 256u << 20;
constexpr auto retry_interval = std::chrono::seconds(1);
constexpr std::uint64_t end_of_32_bits = std::uint64_t{1} << 32;

std::string key_of(const std::string& build_id) {
  return "b" + build_id;
}

std::string key_of(const MappedFile& file) {
  if (!file.build_id.empty()) return key_of(file.build_id);
  std::string key = "i";
  key += std::to_string(file.identity.major) + ":" + std::to_string(file.identity.minor) + ":" +
         std::to_string(file.identity.inode);
  if (file.identity.inode == 0) key += file.path;
  return key;
}

std::unique_ptr<ElfFile> open_same(const std::string& path, const MappedFile& mapped, bool own_root) {
  Fd fd = open_regular_file(path);
  if (!fd) return nullptr;
  const FileIdentity identity = identity_of(fd);
  std::unique_ptr<ElfFile> file = ElfFile::open(std::move(fd));
  if (!file) return nullptr;
  bool same = identity == mapped.identity;
  if (!mapped.build_id.empty()) same = file->build_id() == mapped.build_id;
  // The kernel's numbers of devices differ from those of stat() on btrfs and overlayfs. In the process's own
  // tree, the path and the inode say enough.
  else if (own_root)
    same = identity.inode == mapped.identity.inode;
  if (!same) file.reset();
  return file;
}

std::unique_ptr<ElfFile> own_vdso() {
  const unsigned long address = ::getauxval(AT_SYSINFO_EHDR);
  if (address == 0) return nullptr;
  // The section headers are its last part.
  const char* const image = reinterpret_cast<const char*>(address);  // NOLINT(performance-no-int-to-ptr)
  GElf_Ehdr header;
  std::memcpy(&header, image, sizeof header);
  const std::size_t size = header.e_shoff + std::size_t{header.e_shentsize} * header.e_shnum;
  return ElfFile::in_memory({image, size});
}

}  // namespace

UserSymbols::UserSymbols(ProcessMaps& processes, std::string proc, std::string root)
    : processes_(processes), proc_(std::move(proc)), root_(std::move(root)) {}

std::string_view UserSymbols::find(std::uint32_t pid, std::uint64_t address) {
  const std::optional<ProcessMaps::Found> found = processes_.find(pid, address);
  if (!found) return {};
  const MappedFile& mapped = *found->mapping.file;
  if (mapped.path == "[anon]") return just_in_time(pid, address, *found);
  return frames(file_of(pid, *found), address - found->mapping.start + found->mapping.offset);
}

std::string_view UserSymbols::find(const std::string& build_id, std::uint64_t file_offset) {
  File* const file = file_of(build_id);
  return file == nullptr ? std::string_view() : frames(*file, file_offset);
}

std::string_view UserSymbols::frames(File& file, std::uint64_t offset) {
  if (const auto known = file.frames.find(offset); known != file.frames.end()) return known->second;
  if (frame_count_ >= most_frames) {
    for (File& other : files_) other.frames.clear();
    frame_count_ = 0;
  }
  ++frame_count_;
  std::vector<ResolvedFrame> found;
  if (file.symbols) found = file.symbols->frames_at(offset);
  if (found.empty()) found.push_back({"", offset, false});
  std::string& text = file.frames[offset];
  for (const ResolvedFrame& frame : found)
    append_frame(text, frame.name, frame.offset, file.path, frame.inlined);
  return text;
}

UserSymbols::File& UserSymbols::file_of(std::uint32_t pid, const ProcessMaps::Found& found) {
  const MappedFile& mapped = *found.mapping.file;
  const std::string key = key_of(mapped);
  if (const auto known = by_key_.find(key); known != by_key_.end()) {
    files_.splice(files_.begin(), files_, known->second);
    File& file = files_.front();
    if (file.symbols || Clock::now() - file.opened < retry_interval) return file;
  }
  return insert(key, open(pid, found), mapped.path);
}

UserSymbols::File* UserSymbols::file_of(const std::string& build_id) {
  const std::string key = key_of(build_id);
  if (const auto known = by_key_.find(key); known != by_key_.end()) {
    files_.splice(files_.begin(), files_, known->second);
    File& file = files_.front();
    if (file.symbols) return &file;
    if (Clock::now() - file.opened < retry_interval) return nullptr;
  }
  for (File& file : files_) {
    if (file.symbols && file.symbols->build_id() == build_id) return &file;
  }
  std::string path;
  std::unique_ptr<ElfFile> file = find_by_build_id(build_id, root_, "");
  if (file) path = root_ + "/.build-id";
  if (!file) file = open_live(build_id, path);
  File& inserted = insert(key, std::move(file), path);
  return inserted.symbols ? &inserted : nullptr;
}

UserSymbols::File& UserSymbols::insert(const std::string& key, std::unique_ptr<ElfFile> file,
                                       const std::string& path) {
  const auto remove = [this](std::list<File>::iterator at) {
    memory_ -= at->memory;
    frame_count_ -= at->frames.size();
    by_key_.erase(at->key);
    files_.erase(at);
  };
  if (const auto known = by_key_.find(key); known != by_key_.end()) remove(known->second);
  File& added = files_.emplace_front();
  added.key = key;
  added.path = path;
  added.opened = Clock::now();
  by_key_.emplace(added.key, files_.begin());
  if (file) {
    added.symbols = std::make_unique<ElfSymbols>(std::move(file), path, root_);
    added.memory = added.symbols->memory();
    memory_ += added.memory;
  }
  while (files_.size() > 1 && (files_.size() > most_files || memory_ > most_memory))
    remove(std::prev(files_.end()));
  return files_.front();
}

std::unique_ptr<ElfFile> UserSymbols::open(std::uint32_t pid, const ProcessMaps::Found& found) const {
  const MappedFile& mapped = *found.mapping.file;
  if (mapped.path == "[vdso]") return found.mapping.start >= end_of_32_bits ? own_vdso() : nullptr;
  if (!mapped.is_file()) return nullptr;
  const InForce raised = raise_rights(process_rights());
  std::unique_ptr<ElfFile> file;
  if (found.alive) {
    const std::string process = proc_ + "/" + std::to_string(pid);
    file = open_same(process + "/root" + mapped.path, mapped, true);
    if (!file) {
      // A file that was removed or replaced is still there as long as it is mapped.
      char range[40];
      std::snprintf(range, sizeof range, "%llx-%llx", static_cast<unsigned long long>(found.mapping.start),
                    static_cast<unsigned long long>(found.mapping.end));
      file = open_same(process + "/map_files/" + range, mapped, true);
    }
  }
  if (!file) file = open_same(mapped.path, mapped, false);
  if (!file && !mapped.build_id.empty()) file = find_by_build_id(mapped.build_id, root_, "");
  return file;
}

std::unique_ptr<ElfFile> UserSymbols::open_live(const std::string& build_id, std::string& path) const {
  std::unique_ptr<ElfFile> file;
  std::set<std::string> tried;
  processes_.drain();
  processes_.for_each_live([&](std::uint32_t pid, const Mapping& mapping) {
    const MappedFile& mapped = *mapping.file;
    if (file || !mapped.is_file() || (!mapped.build_id.empty() && mapped.build_id != build_id)) return;
    if (!tried.insert(key_of(mapped)).second) return;
    std::unique_ptr<ElfFile> candidate = open(pid, {mapping, true, 0});
    if (!candidate || candidate->build_id() != build_id) return;
    file = std::move(candidate);
    path = mapped.path;
  });
  return file;
}

std::string_view UserSymbols::just_in_time(std::uint32_t pid, std::uint64_t address,
                                           const ProcessMaps::Found& found) {
  if (just_in_time_.size() >= most_just_in_time && !just_in_time_.contains(pid)) just_in_time_.clear();
  JustInTime& code = just_in_time_.try_emplace(pid, PerfMap(proc_, pid), found.generation).first->second;
  if (code.generation != found.generation) code = JustInTime(PerfMap(proc_, pid), found.generation);
  if (found.alive && Clock::now() - code.updated >= retry_interval) {
    code.map.update();
    code.updated = Clock::now();
    std::size_t memory = 0;
    for (const auto& [other, map] : just_in_time_) memory += other == pid ? 0 : map.map.memory();
    if (memory > most_just_in_time_memory) {
      std::erase_if(just_in_time_, [pid](const auto& entry) { return entry.first != pid; });
    }
  }
  text_.clear();
  if (const std::optional<SymbolTable::Symbol> symbol = code.map.find(address)) {
    append_frame(text_, symbol->name, symbol->offset, found.mapping.file->path, false);
  } else {
    append_frame(text_, "", address - found.mapping.start, found.mapping.file->path, false);
  }
  return text_;
}

}  // namespace probe_run
