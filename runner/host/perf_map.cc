#include "host/perf_map.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <charconv>

#include "support/error.h"
#include "support/fd.h"

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
    return;  // the process has gone, or the map is too large: what is known stays
  }
  table_ = SymbolTable();
  add_perf_map(table_, text);
  table_.finish();
}

}  // namespace probe_run
