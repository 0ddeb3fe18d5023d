#include "attach/elf_functions.h"

#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "support/fd.h"

namespace probe_run {
namespace {

constexpr std::uint64_t table_limit = 512u << 20;
constexpr std::uint16_t hidden_version = 0x8000;

struct Elf32 {
  using Header = Elf32_Ehdr;
  using Section = Elf32_Shdr;
  using Symbol = Elf32_Sym;
};
struct Elf64 {
  using Header = Elf64_Ehdr;
  using Section = Elf64_Shdr;
  using Symbol = Elf64_Sym;
};

class File {
 public:
  explicit File(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    struct stat status {};
    if (fd_ && ::fstat(fd_.get(), &status) == 0) size_ = static_cast<std::uint64_t>(status.st_size);
  }

  // The complete Ts that the file has in [offset, offset + bytes).
  template <class T>
  std::vector<T> read(std::uint64_t offset, std::uint64_t bytes) const {
    std::vector<T> items;
    if (offset >= size_) return items;
    items.resize(std::min({bytes, size_ - offset, table_limit}) / sizeof(T));
    char* const to = reinterpret_cast<char*>(items.data());
    const std::size_t wanted = items.size() * sizeof(T);
    std::size_t done = 0;
    while (done < wanted) {
      const ssize_t got = ::pread(fd_.get(), to + done, wanted - done, static_cast<off_t>(offset + done));
      if (got <= 0) break;
      done += static_cast<std::size_t>(got);
    }
    items.resize(done / sizeof(T));
    return items;
  }

 private:
  Fd fd_;
  std::uint64_t size_ = 0;
};

}  // namespace

template <class Elf>
class ElfReader {
 public:
  explicit ElfReader(const File& file) : file_(file) {}

  std::optional<ElfFunctions> read() {
    const auto headers = file_.read<typename Elf::Header>(0, sizeof(typename Elf::Header));
    if (headers.empty() || (headers[0].e_type != ET_EXEC && headers[0].e_type != ET_DYN)) return std::nullopt;
    functions_.machine_ = headers[0].e_machine;
    if (headers[0].e_shentsize == sizeof(Section)) {
      sections_ =
          file_.read<Section>(headers[0].e_shoff, std::uint64_t{headers[0].e_shnum} * sizeof(Section));
    }
    for (std::size_t i = 0; i < sections_.size(); ++i) {
      const Section& table = sections_[i];
      if ((table.sh_type != SHT_SYMTAB && table.sh_type != SHT_DYNSYM) || table.sh_link >= sections_.size())
        continue;
      if (table.sh_type == SHT_SYMTAB) functions_.stripped_ = false;
      add_symbols(table, versions_of(i));
    }
    return std::move(functions_);
  }

 private:
  using Section = typename Elf::Section;
  using Symbol = typename Elf::Symbol;

  std::vector<std::uint16_t> versions_of(std::size_t table) const {
    for (const Section& section : sections_) {
      if (section.sh_type == SHT_GNU_versym && section.sh_link == table) {
        return file_.read<std::uint16_t>(section.sh_offset, section.sh_size);
      }
    }
    return {};
  }

  void add_symbols(const Section& table, const std::vector<std::uint16_t>& versions) {
    const Section& strings = sections_[table.sh_link];
    functions_.strings_.push_back(file_.read<char>(strings.sh_offset, strings.sh_size));
    const std::vector<char>& text = functions_.strings_.back();
    const std::vector<Symbol> symbols = file_.read<Symbol>(table.sh_offset, table.sh_size);
    for (std::size_t i = 0; i < symbols.size(); ++i) {
      const Symbol& symbol = symbols[i];
      const unsigned type = symbol.st_info & 15u;
      if ((type != STT_FUNC && type != STT_GNU_IFUNC) || symbol.st_shndx == SHN_UNDEF ||
          symbol.st_shndx >= sections_.size() || symbol.st_name >= text.size()) {
        continue;
      }
      const char* const begin = text.data() + symbol.st_name;
      const std::string_view full(begin, ::strnlen(begin, text.size() - symbol.st_name));
      const std::size_t at =
          full.find('@');  // in .symtab: "memcpy@GLIBC_2.2.5", with "@@" for the default version
      const Section& code = sections_[symbol.st_shndx];
      const bool outdated = at == std::string_view::npos
                                ? i < versions.size() && (versions[i] & hidden_version) != 0
                                : full.substr(at, 2) != "@@";
      functions_.functions_.push_back({full.substr(0, at),
                                       std::uint64_t{symbol.st_value} - code.sh_addr + code.sh_offset,
                                       symbol.st_size, type == STT_GNU_IFUNC, outdated});
    }
  }

  const File& file_;
  std::vector<Section> sections_;
  ElfFunctions functions_;
};

std::optional<ElfFunctions> ElfFunctions::read(const std::string& path) {
  const File file(path);
  const std::vector<unsigned char> ident = file.read<unsigned char>(0, EI_NIDENT);
  constexpr unsigned char byte_order = std::endian::native == std::endian::little ? ELFDATA2LSB : ELFDATA2MSB;
  if (ident.size() != EI_NIDENT || std::memcmp(ident.data(), ELFMAG, SELFMAG) != 0 ||
      ident[EI_DATA] != byte_order) {
    return std::nullopt;
  }
  if (ident[EI_CLASS] == ELFCLASS64) return ElfReader<Elf64>(file).read();
  if (ident[EI_CLASS] == ELFCLASS32) return ElfReader<Elf32>(file).read();
  return std::nullopt;
}

std::vector<ElfFunction> ElfFunctions::find(std::string_view name) const {
  std::vector<ElfFunction> found;
  for (const bool outdated : {false, true}) {
    for (const ElfFunction& function : functions_) {
      const bool is_new = std::none_of(found.begin(), found.end(), [&](const ElfFunction& other) {
        return other.offset == function.offset;
      });
      if (function.name == name && function.outdated == outdated && is_new) found.push_back(function);
    }
    if (!found.empty()) break;
  }
  return found;
}

std::vector<std::string_view> ElfFunctions::mangled(std::string_view name, std::size_t limit) const {
  std::string_view plain = name.substr(0, name.find('('));
  if (const std::size_t colons = plain.rfind("::"); colons != std::string_view::npos)
    plain.remove_prefix(colons + 2);
  std::vector<std::string_view> found;
  if (plain.empty()) return found;
  const std::string component = fmt::format("{}{}", plain.size(), plain);
  for (const ElfFunction& function : functions_) {
    if (found.size() == limit) break;
    const bool is_mangled = function.name.starts_with("_Z") || function.name.starts_with("_R");
    if (is_mangled && function.name.find(component) != std::string_view::npos &&
        std::find(found.begin(), found.end(), function.name) == found.end()) {
      found.push_back(function.name);
    }
  }
  return found;
}

const ElfFunction* ElfFunctions::covering(std::uint64_t offset) const {
  const ElfFunction* last = nullptr;
  for (const ElfFunction& function : functions_) {
    if (offset < function.offset) continue;
    const std::uint64_t within = offset - function.offset;
    if (within != 0 && within >= function.size) continue;
    if (last == nullptr || function.offset > last->offset) last = &function;
  }
  return last;
}

std::vector<std::string_view> ElfFunctions::names() const {
  std::vector<std::string_view> names;
  for (const ElfFunction& function : functions_) names.push_back(function.name);
  return names;
}

}  // namespace probe_run
