#include "host/kernel_symbols.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <iterator>
#include <limits>

#include "support/rights.h"

namespace probe_run {
namespace {

constexpr std::size_t chunk_size = 256u << 10;  // longer than any line

}  // namespace

std::optional<KallsymsLine> parse_kallsyms_line(std::string_view line) {
  KallsymsLine symbol;
  const char* const end = line.data() + line.size();
  const auto [after, error] = std::from_chars(line.data(), end, symbol.address, 16);
  // A blank, the type, a blank, at least one letter.
  if (error != std::errc() || end - after < 4 || after[0] != ' ' || after[2] != ' ') return std::nullopt;
  symbol.type = after[1];
  symbol.name = line.substr(static_cast<std::size_t>(after + 3 - line.data()));
  if (const std::size_t tab = symbol.name.find('\t'); tab != std::string_view::npos) {
    symbol.module = symbol.name.substr(tab + 1);
    symbol.name = symbol.name.substr(0, tab);
    if (!symbol.module.starts_with('[') || !symbol.module.ends_with(']')) return std::nullopt;
    symbol.module = symbol.module.substr(1, symbol.module.size() - 2);
  }
  if (symbol.name.empty()) return std::nullopt;
  return symbol;
}

bool read_kallsyms(const std::string& path, const std::function<void(const KallsymsLine&)>& visit) {
  return read_kallsyms(open_kallsyms(path), visit);
}

Fd open_kallsyms(const std::string& path) {
  const InForce raised = raise_rights({Capability::syslog});
  return Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

bool read_kallsyms(const Fd& fd, const std::function<void(const KallsymsLine&)>& visit) {
  if (!fd || ::lseek(fd.get(), 0, SEEK_SET) != 0) return false;
  const auto take = [&](std::string_view line) {
    if (const std::optional<KallsymsLine> symbol = parse_kallsyms_line(line)) visit(*symbol);
  };
  std::vector<char> chunk(chunk_size);
  std::size_t held = 0;  // of a line whose end has not been read
  for (;;) {
    if (held == chunk.size()) held = 0;  // no line of kallsyms is that long
    const ssize_t got = ::read(fd.get(), chunk.data() + held, chunk.size() - held);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;
    if (got == 0) break;
    held += static_cast<std::size_t>(got);
    std::string_view rest(chunk.data(), held);
    for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
      take(rest.substr(0, end));
      rest.remove_prefix(end + 1);
    }
    std::memmove(chunk.data(), rest.data(), rest.size());
    held = rest.size();
  }
  take(std::string_view(chunk.data(), held));
  return true;
}

namespace {

constexpr std::uint32_t no_name = std::numeric_limits<std::uint32_t>::max();
constexpr std::size_t most_programs = 65536;
constexpr auto reload_interval = std::chrono::seconds(1);

// kallsyms has no sizes. A function reaches to the next symbol, but not this far: after the last one of a
// module or of a BPF program is memory that is not its own.
constexpr std::uint64_t longest_function = 64u << 10;

constexpr std::array<std::string_view, 3> ends_of_text{"_etext", "_einittext", "_end"};
constexpr std::array<std::string_view, 8> begins_of_text{"_text",
                                                         "_stext",
                                                         "_sinittext",
                                                         "__init_begin",
                                                         "__entry_text_end",
                                                         "__irqentry_text_start",
                                                         "__softirqentry_text_start",
                                                         "__noinstr_text_start"};

template <class Names>
bool is_among(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

enum Rank : std::uint8_t { global, weak, local, boundary, end };

std::uint8_t rank_of(const KallsymsLine& line) {
  if (!line.is_function() || is_among(ends_of_text, line.name)) return end;
  if (is_among(begins_of_text, line.name)) return boundary;
  if (line.type == 'T') return global;
  return line.type == 't' ? local : weak;
}

}  // namespace

bool KernelSymbols::readable(Clock::time_point now) {
  if (!loaded_) load(now);
  return !entries_.empty();
}

std::optional<KernelSymbol> KernelSymbols::find(std::uint64_t address, Clock::time_point now) {
  if (!loaded_) load(now);
  std::optional<KernelSymbol> symbol = look_up(address);
  // A table that is hidden stays so.
  if (!symbol && !entries_.empty() && now - *loaded_ >= reload_interval) {
    load(now);
    symbol = look_up(address);
  }
  return symbol;
}

void KernelSymbols::add_program(std::uint64_t address, std::uint64_t size, std::string name) {
  if (size == 0 || size > std::numeric_limits<std::uint64_t>::max() - address) return;
  if (programs_.size() >= most_programs) programs_.clear();
  // Where programs have been unloaded others are put.
  auto old = programs_.upper_bound(address);
  if (old != programs_.begin()) {
    const auto before = std::prev(old);
    if (address - before->first < before->second.size) old = before;
  }
  while (old != programs_.end() && old->first < address + size) old = programs_.erase(old);
  programs_.insert_or_assign(address, Program{size, std::move(name)});
}

std::optional<KernelSymbol> KernelSymbols::look_up(std::uint64_t address) const {
  if (auto program = programs_.upper_bound(address); program != programs_.begin()) {
    --program;
    const std::uint64_t offset = address - program->first;
    if (offset < program->second.size) return KernelSymbol{program->second.name, offset, "bpf"};
  }
  const auto after =
      std::upper_bound(entries_.begin(), entries_.end(), address,
                       [](std::uint64_t value, const Entry& entry) { return value < entry.address; });
  if (after == entries_.begin()) return std::nullopt;
  const Entry& entry = *(after - 1);
  const std::uint64_t offset = address - entry.address;
  if (entry.name == no_name || offset >= longest_function) return std::nullopt;
  return KernelSymbol{names_.c_str() + entry.name, offset, modules_[entry.module]};
}

std::uint16_t KernelSymbols::module_index(std::string_view name) {
  // A module's symbols follow each other.
  if (modules_.back() == name) return static_cast<std::uint16_t>(modules_.size() - 1);
  const auto known = std::find(modules_.begin(), modules_.end(), name);
  if (known == modules_.end()) modules_.emplace_back(name);
  return static_cast<std::uint16_t>(std::find(modules_.begin(), modules_.end(), name) - modules_.begin());
}

void KernelSymbols::add(const KallsymsLine& line) {
  // "__pfx_f" is padding in front of f. A call that never returns may be the last of a function, and its
  // return address is there.
  if (line.name.starts_with("__pfx_")) return;
  if (line.address == 0 || modules_.size() > std::numeric_limits<std::uint16_t>::max()) return;
  const std::uint8_t rank = rank_of(line);
  if (rank == end) {
    entries_.push_back({line.address, no_name, 0, rank});
    return;
  }
  if (names_.size() + line.name.size() + 1 >= no_name) return;
  entries_.push_back(
      {line.address, static_cast<std::uint32_t>(names_.size()), module_index(line.module), rank});
  names_ += line.name;
  names_ += '\0';
}

void KernelSymbols::load(Clock::time_point now) {
  loaded_ = now;
  entries_.clear();
  names_.clear();
  modules_.assign(1, "");
  // Half a table is worse than none: it names the wrong function.
  if (!file_) file_ = open_kallsyms(path_);
  if (!read_kallsyms(file_, [this](const KallsymsLine& line) { add(line); })) entries_.clear();
  // A symbol of data at a function's address (the kernel's sections touch) must not hide the function.
  std::stable_sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
    return a.address != b.address ? a.address < b.address : a.rank < b.rank;
  });
  entries_.erase(std::unique(entries_.begin(), entries_.end(),
                             [](const Entry& a, const Entry& b) { return a.address == b.address; }),
                 entries_.end());
  // Of symbols of data that follow each other the first one ends the functions.
  entries_.erase(
      std::unique(entries_.begin(), entries_.end(),
                  [](const Entry& a, const Entry& b) { return a.name == no_name && b.name == no_name; }),
      entries_.end());
  const bool no_function =
      std::all_of(entries_.begin(), entries_.end(), [](const Entry& entry) { return entry.name == no_name; });
  if (no_function) entries_.clear();
  entries_.shrink_to_fit();
  names_.shrink_to_fit();
}

}  // namespace probe_run
