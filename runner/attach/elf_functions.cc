#include "attach/elf_functions.h"

#include <fmt/format.h>
#include <gelf.h>
#include <libelf.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <map>
#include <set>

namespace probe_run {
namespace {

// libelf reads a table as a whole. What is larger is not a symbol table but a sparse file.
constexpr std::uint64_t table_limit = 512u << 20;
constexpr GElf_Versym hidden_version = 0x8000;
constexpr std::size_t most_versions = 0x8000;
constexpr std::uint64_t most_offset = std::numeric_limits<int>::max();  // that libelf takes

class SymbolTables {
 public:
  explicit SymbolTables(Elf* elf) : elf_(elf) {
    std::size_t count = 0;
    if (::elf_getshdrnum(elf, &count) != 0) return;
    for (std::size_t i = 0; i < count; ++i) {
      GElf_Shdr header{};
      if (::gelf_getshdr(::elf_getscn(elf, i), &header) == nullptr) header = {};  // SHT_NULL: nothing
      sections_.push_back(header);
    }
  }

  const std::vector<GElf_Shdr>& sections() const { return sections_; }

  void read(std::size_t table, std::vector<ElfFunction>& functions) const {
    Elf_Data* const symbols = data_of(table);
    const Elf_Data* const strings = data_of(sections_[table].sh_link);
    if (symbols == nullptr || strings == nullptr) return;
    Elf_Data* const versions = versions_of(table);
    const std::map<unsigned, std::string_view> names =
        versions == nullptr ? std::map<unsigned, std::string_view>() : version_names();
    const std::string_view text(static_cast<const char*>(strings->d_buf), strings->d_size);
    GElf_Sym symbol{};
    for (int i = 0; ::gelf_getsym(symbols, i, &symbol) != nullptr; ++i) {
      const unsigned type = GELF_ST_TYPE(symbol.st_info);
      if ((type != STT_FUNC && type != STT_GNU_IFUNC) || symbol.st_shndx == SHN_UNDEF ||
          symbol.st_shndx >= sections_.size() || symbol.st_name >= text.size()) {
        continue;
      }
      // The last name of a broken table may not be terminated.
      const std::string_view rest = text.substr(symbol.st_name);
      const std::string_view full = rest.substr(0, rest.find('\0'));
      // .symtab spells "memcpy@GLIBC_2.2.5", and "@@" for the version in use.
      const std::size_t at = full.find('@');
      const GElf_Shdr& code = sections_[symbol.st_shndx];
      GElf_Versym index = 0;
      const bool has_index = versions != nullptr && ::gelf_getversym(versions, i, &index) != nullptr;
      const bool hidden = has_index && (index & hidden_version) != 0;
      const bool outdated = at == std::string_view::npos ? hidden : full.substr(at, 2) != "@@";
      std::string_view version;
      if (at != std::string_view::npos) {
        version = full.substr(full.find_first_not_of('@', at) == std::string_view::npos
                                  ? full.size()
                                  : full.find_first_not_of('@', at));
      } else if (const auto name = names.find(index & ~unsigned{hidden_version});
                 has_index && name != names.end()) {
        version = name->second;
      }
      functions.push_back({full.substr(0, at), symbol.st_value - code.sh_addr + code.sh_offset,
                           symbol.st_size, type == STT_GNU_IFUNC, outdated, version});
    }
  }

 private:
  // nullptr where the file does not have all of it.
  Elf_Data* data_of(std::size_t section) const {
    if (sections_[section].sh_size > table_limit) return nullptr;
    Elf_Data* const data = ::elf_getdata(::elf_getscn(elf_, section), nullptr);
    return data == nullptr || data->d_buf == nullptr ? nullptr : data;
  }

  Elf_Data* versions_of(std::size_t table) const {
    for (std::size_t i = 0; i < sections_.size(); ++i) {
      if (sections_[i].sh_type == SHT_GNU_versym && sections_[i].sh_link == table) return data_of(i);
    }
    return nullptr;
  }

  // The names of the versions that the file defines, by number.
  std::map<unsigned, std::string_view> version_names() const {
    std::map<unsigned, std::string_view> names;
    for (std::size_t i = 0; i < sections_.size(); ++i) {
      if (sections_[i].sh_type != SHT_GNU_verdef || sections_[i].sh_link >= sections_.size()) continue;
      Elf_Data* const definitions = data_of(i);
      const Elf_Data* const strings = data_of(sections_[i].sh_link);
      if (definitions == nullptr || strings == nullptr) continue;
      const std::string_view text(static_cast<const char*>(strings->d_buf), strings->d_size);
      std::uint64_t at = 0;
      for (std::size_t number = 0; number < most_versions; ++number) {
        GElf_Verdef definition{};
        GElf_Verdaux first{};
        if (at > most_offset || ::gelf_getverdef(definitions, static_cast<int>(at), &definition) == nullptr)
          break;
        const std::uint64_t name_at = at + definition.vd_aux;
        if (name_at <= most_offset &&
            ::gelf_getverdaux(definitions, static_cast<int>(name_at), &first) != nullptr &&
            first.vda_name < text.size()) {
          const std::string_view rest = text.substr(first.vda_name);
          names.emplace(definition.vd_ndx, rest.substr(0, rest.find('\0')));
        }
        if (definition.vd_next == 0) break;
        at += definition.vd_next;
      }
    }
    return names;
  }

  Elf* elf_;
  std::vector<GElf_Shdr> sections_;
};

// "pthread_cond_wait@@GLIBC_2.3.2" of a spec.
struct VersionedName {
  std::string_view name, version;
  bool is_versioned = false;
  bool in_use = false;  // only the version that newly linked programs use

  explicit VersionedName(std::string_view text) : name(text.substr(0, text.find('@'))) {
    text.remove_prefix(name.size());
    is_versioned = !text.empty();
    in_use = text.starts_with("@@");
    version = text.substr(std::min(text.find_first_not_of('@'), text.size()));
  }

  bool is(const ElfFunction& function) const {
    return function.name == name && (version.empty() || function.version == version) &&
           !(in_use && function.outdated);
  }
};

bool matches_version(const Glob& glob, const ElfFunction& function) {
  if (function.version.empty()) return false;
  const std::string mark = function.outdated ? "@" : "@@";
  return glob.matches(fmt::format("{}{}{}", function.name, mark, function.version)) ||
         (!function.outdated && (glob.matches(fmt::format("{}@{}", function.name, function.version)) ||
                                 glob.matches(fmt::format("{}@@", function.name))));
}

}  // namespace

std::optional<ElfFunctions> ElfFunctions::read(const std::string& path) {
  std::unique_ptr<ElfFile> file = ElfFile::open(open_regular_file(path));
  GElf_Ehdr header{};
  if (!file || ::gelf_getehdr(file->get(), &header) == nullptr) return std::nullopt;
  constexpr unsigned char byte_order = std::endian::native == std::endian::little ? ELFDATA2LSB : ELFDATA2MSB;
  if (header.e_ident[EI_DATA] != byte_order || (header.e_type != ET_EXEC && header.e_type != ET_DYN))
    return std::nullopt;
  ElfFunctions functions(std::move(file));
  functions.machine_ = header.e_machine;
  functions.add_tables();
  return functions;
}

void ElfFunctions::add_tables() {
  const SymbolTables tables(file_->get());
  for (std::size_t i = 0; i < tables.sections().size(); ++i) {
    const GElf_Shdr& section = tables.sections()[i];
    const bool is_table = section.sh_type == SHT_SYMTAB || section.sh_type == SHT_DYNSYM;
    if (!is_table || section.sh_link >= tables.sections().size()) continue;
    if (section.sh_type == SHT_SYMTAB) stripped_ = false;
    tables.read(i, functions_);
  }
}

std::vector<ElfFunction> ElfFunctions::find(std::string_view name) const {
  const VersionedName wanted(name);
  std::vector<ElfFunction> found;
  for (const bool outdated : {false, true}) {
    for (const ElfFunction& function : functions_) {
      if (function.outdated != outdated || !wanted.is(function)) continue;
      const bool is_new = std::none_of(found.begin(), found.end(), [&](const ElfFunction& other) {
        return other.offset == function.offset;
      });
      if (is_new) found.push_back(function);
    }
    if (!found.empty()) break;
  }
  return found;
}

std::vector<ElfFunction> ElfFunctions::matching(const Glob& glob) const {
  std::vector<ElfFunction> found;
  std::set<std::string_view> in_use;
  for (const bool outdated : {false, true}) {
    for (const ElfFunction& function : functions_) {
      if (function.outdated != outdated) continue;
      const bool by_name = glob.matches(function.name);
      if (by_name && !outdated) in_use.insert(function.name);
      if (by_name ? !outdated || !in_use.contains(function.name) : matches_version(glob, function))
        found.push_back(function);
    }
  }
  return found;
}

std::vector<std::string> ElfFunctions::versions(std::string_view name) const {
  std::set<std::string> found;
  for (const ElfFunction& function : functions_) {
    if (function.name == name && !function.version.empty())
      found.insert(fmt::format("{}{}", function.outdated ? "@" : "@@", function.version));
  }
  return {found.begin(), found.end()};
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
