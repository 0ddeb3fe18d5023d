#include "host/symbol_table.h"

#include <cxxabi.h>
#include <gelf.h>
#include <libelf.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <iterator>
#include <limits>
#include <memory>
#include <unordered_map>

namespace probe_run {
namespace {

bool is_separator(char c) {
  return c == '\t' || c == '\n';
}

void append_field(std::string& out, std::string_view text) {
  std::replace_copy_if(text.begin(), text.end(), std::back_inserter(out), is_separator, '?');
}

}  // namespace

std::string one_field(std::string text) {
  std::replace_if(text.begin(), text.end(), is_separator, '?');
  return text;
}

void append_frame(std::string& out, std::string_view name, std::uint64_t offset, std::string_view module,
                  bool inlined) {
  char digits[20];
  const std::to_chars_result end = std::to_chars(digits, digits + sizeof digits, offset);
  append_field(out, name);
  out += '\t';
  out.append(digits, static_cast<std::size_t>(end.ptr - digits));
  out += '\t';
  append_field(out, module);
  out += '\t';
  if (inlined) out += "inlined";
  out += '\n';
}

namespace {

constexpr std::size_t longest_mangled = 16u << 10;
constexpr std::size_t most_references = 24;  // each can double what is before it, at the worst
constexpr std::size_t longest_untrusted = 1024;

// "S_", "S0_", "T_", "T1_": substitutions and template parameters.
std::size_t references(std::string_view mangled) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < mangled.size(); ++i) {
    if (mangled[i] != 'S' && mangled[i] != 'T') continue;
    const std::size_t end = mangled.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", i + 1);
    if (end != std::string_view::npos && mangled[end] == '_') ++count;
  }
  return count;
}

}  // namespace

std::string demangle(std::string_view name, bool trusted) {
  std::string plain(name);
  if (!name.starts_with("_Z") || name.size() > longest_mangled) return plain;
  if (!trusted && (name.size() > longest_untrusted || references(name) > most_references)) return plain;
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> text(
      abi::__cxa_demangle(plain.c_str(), nullptr, nullptr, &status), std::free);
  if (status == 0 && text) plain = text.get();
  return plain;
}

namespace {

constexpr std::uint64_t section_limit = 512u << 20;
constexpr std::size_t longest_name = 64u << 10;
constexpr int most_nested = 64;  // symbols that begin inside of another one

enum Rank : std::uint8_t { weak = 1, underscore = 2, local = 4, no_type = 8 };

// "puts" before "_IO_puts", which is at the same address; a mangled name is not an internal one.
std::uint8_t rank_of(std::string_view name, const GElf_Sym& symbol) {
  const unsigned binding = GELF_ST_BIND(symbol.st_info);
  unsigned rank = 0;
  if (binding == STB_WEAK) rank |= weak;
  if (binding == STB_LOCAL) rank |= local;
  if (name.starts_with('_') && !name.starts_with("_Z") && !name.starts_with("_R")) rank |= underscore;
  if (GELF_ST_TYPE(symbol.st_info) == STT_NOTYPE) rank |= no_type;
  return static_cast<std::uint8_t>(rank);
}

bool is_readable(const GElf_Shdr& section) {
  return section.sh_type != SHT_NOBITS && section.sh_size <= section_limit &&
         (section.sh_flags & SHF_COMPRESSED) == 0;
}

// Where executable sections end, by their index.
std::unordered_map<std::size_t, std::uint64_t> ends_of_code(Elf* elf) {
  std::unordered_map<std::size_t, std::uint64_t> ends;
  for (Elf_Scn* section = nullptr; (section = ::elf_nextscn(elf, section)) != nullptr;) {
    GElf_Shdr header;
    if (::gelf_getshdr(section, &header) == nullptr || (header.sh_flags & SHF_EXECINSTR) == 0) continue;
    ends[::elf_ndxscn(section)] = header.sh_addr + header.sh_size;
  }
  return ends;
}

}  // namespace

bool SymbolTable::add(const ElfFile& file) {
  if (add_section(file, SHT_SYMTAB)) return true;
  add_section(file, SHT_DYNSYM);
  return false;
}

bool SymbolTable::add_section(const ElfFile& file, unsigned type) {
  Elf* const elf = file.get();
  bool found = false;
  std::unordered_map<std::size_t, std::uint64_t> ends;
  for (Elf_Scn* section = nullptr; (section = ::elf_nextscn(elf, section)) != nullptr;) {
    GElf_Shdr header, strings;
    if (::gelf_getshdr(section, &header) == nullptr || header.sh_type != type || !is_readable(header))
      continue;
    Elf_Scn* const string_section = ::elf_getscn(elf, header.sh_link);
    if (string_section == nullptr || ::gelf_getshdr(string_section, &strings) == nullptr ||
        strings.sh_type != SHT_STRTAB || !is_readable(strings)) {
      continue;
    }
    Elf_Data* const symbols = ::elf_getdata(section, nullptr);
    Elf_Data* const text = ::elf_getdata(string_section, nullptr);
    if (symbols == nullptr || text == nullptr || text->d_buf == nullptr) continue;
    if (ends.empty()) ends = ends_of_code(elf);
    const std::string_view all(static_cast<const char*>(text->d_buf), text->d_size);
    GElf_Sym symbol;
    for (int i = 0; ::gelf_getsym(symbols, i, &symbol) != nullptr; ++i) {
      const unsigned kind = GELF_ST_TYPE(symbol.st_info);
      const bool is_function = kind == STT_FUNC || kind == STT_GNU_IFUNC || kind == STT_NOTYPE;
      const auto end = ends.find(symbol.st_shndx);  // labels in data are not functions
      if (!is_function || end == ends.end() || symbol.st_value >= end->second || symbol.st_name >= all.size())
        continue;
      std::string_view name = all.substr(symbol.st_name, longest_name);
      name = name.substr(0, name.find('\0'));
      name = name.substr(0, name.find('@'));  // "memcpy@@GLIBC_2.14"
      if (name.empty()) continue;
      Entry entry;
      entry.address = symbol.st_value;
      entry.sized = symbol.st_size != 0;
      entry.end =
          entry.sized ? entry.address + std::min(symbol.st_size, end->second - entry.address) : end->second;
      entry.rank = rank_of(name, symbol);
      add(name, entry);
    }
    found = true;
  }
  return found;
}

void SymbolTable::add(std::string_view name, std::uint64_t address, std::uint64_t size) {
  if (size > std::numeric_limits<std::uint64_t>::max() - address) return;
  Entry entry;
  entry.address = address;
  entry.end = address + size;
  add(name, entry);
}

void SymbolTable::add(std::string_view name, Entry entry) {
  if (names_.size() + name.size() >= std::numeric_limits<std::uint32_t>::max()) return;
  entry.name = static_cast<std::uint32_t>(names_.size());
  names_ += name;
  names_ += '\0';
  entries_.push_back(entry);
}

void SymbolTable::finish() {
  std::stable_sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
    return a.address != b.address ? a.address < b.address : a.rank < b.rank;
  });
  entries_.erase(std::unique(entries_.begin(), entries_.end(),
                             [](const Entry& a, const Entry& b) { return a.address == b.address; }),
                 entries_.end());
  for (std::size_t i = 0; i + 1 < entries_.size(); ++i) {
    if (!entries_[i].sized) entries_[i].end = std::min(entries_[i].end, entries_[i + 1].address);
  }
  entries_.shrink_to_fit();
  names_.shrink_to_fit();
}

std::optional<SymbolTable::Symbol> SymbolTable::find(std::uint64_t address) const {
  auto at = std::upper_bound(entries_.begin(), entries_.end(), address,
                             [](std::uint64_t value, const Entry& entry) { return value < entry.address; });
  for (int steps = 0; at != entries_.begin() && steps < most_nested; ++steps) {
    --at;
    if (address < at->end) return Symbol{names_.c_str() + at->name, address - at->address};
  }
  return std::nullopt;
}

}  // namespace probe_run
