#include "object/map_uses.h"

#include <gelf.h>
#include <libelf.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

namespace probe_run {
namespace {

struct FreeElf {
  void operator()(Elf* elf) const { ::elf_end(elf); }
};

class Object {
 public:
  explicit Object(Elf* elf) : elf_(elf) {
    std::size_t count = 0, names = 0;
    if (::elf_getshdrnum(elf, &count) != 0 || ::elf_getshdrstrndx(elf, &names) != 0) return;
    for (std::size_t i = 0; i < count; ++i) {
      Section& section = sections_.emplace_back();
      if (::gelf_getshdr(::elf_getscn(elf, i), &section.header) == nullptr) section.header = {};
      section.name = text_at(names, section.header.sh_name);
    }
    for (std::size_t i = 0; i < sections_.size(); ++i) {
      if (sections_[i].header.sh_type == SHT_SYMTAB) symbols_ = i;
    }
  }

  std::map<std::string, std::set<std::string>, std::less<>> uses() const {
    std::map<std::string, std::set<std::string>, std::less<>> uses;
    Elf_Data* const symbols = data_of(symbols_);
    if (symbols == nullptr) return uses;
    const std::vector<Reference> references = all_references(*symbols);
    GElf_Sym symbol{};
    for (int i = 0; ::gelf_getsym(symbols, i, &symbol) != nullptr; ++i) {
      if (GELF_ST_TYPE(symbol.st_info) != STT_FUNC || !is_code(symbol.st_shndx)) continue;
      std::set<std::string>& of_program = uses[std::string(name_of(symbol))];
      std::set<std::size_t> called{symbol.st_shndx};
      for (const Reference& reference : references) {
        if (reference.from != symbol.st_shndx || reference.offset < symbol.st_value ||
            reference.offset - symbol.st_value >= symbol.st_size)
          continue;
        add(references, reference, of_program, called);
      }
    }
    return uses;
  }

 private:
  struct Section {
    GElf_Shdr header{};
    std::string_view name;
  };
  // Code at `offset` of the section `from` refers to a map, or to code of the section `to`.
  struct Reference {
    std::size_t from = 0;
    std::uint64_t offset = 0;
    std::string map;
    std::size_t to = 0;
  };

  void add(const std::vector<Reference>& references, const Reference& reference, std::set<std::string>& maps,
           std::set<std::size_t>& called) const {
    if (!reference.map.empty()) maps.insert(reference.map);
    if (!reference.map.empty() || !called.insert(reference.to).second) return;
    for (const Reference& more : references) {
      if (more.from == reference.to) add(references, more, maps, called);
    }
  }

  std::vector<Reference> all_references(Elf_Data& symbols) const {
    std::vector<Reference> references;
    for (std::size_t i = 0; i < sections_.size(); ++i) {
      const GElf_Shdr& header = sections_[i].header;
      if (header.sh_type != SHT_REL || header.sh_link != symbols_ || !is_code(header.sh_info)) continue;
      Elf_Data* const data = data_of(i);
      GElf_Rel relocation{};
      for (int r = 0; data != nullptr && ::gelf_getrel(data, r, &relocation) != nullptr; ++r) {
        GElf_Sym symbol{};
        const std::uint64_t number = GELF_R_SYM(relocation.r_info);
        if (number > INT32_MAX || ::gelf_getsym(&symbols, static_cast<int>(number), &symbol) == nullptr ||
            symbol.st_shndx >= sections_.size())
          continue;
        Reference reference{header.sh_info, relocation.r_offset, {}, symbol.st_shndx};
        const std::string_view section = sections_[symbol.st_shndx].name;
        if (section == ".maps") {
          reference.map = name_of(symbol);
        } else if (section.starts_with(".bss") || section.starts_with(".data")) {
          reference.map = section;
        } else if (!is_code(symbol.st_shndx)) {
          continue;
        }
        references.push_back(std::move(reference));
      }
    }
    return references;
  }

  bool is_code(std::size_t section) const {
    return section < sections_.size() && (sections_[section].header.sh_flags & SHF_EXECINSTR) != 0;
  }

  // nullptr where the file does not have all of it.
  Elf_Data* data_of(std::size_t section) const {
    if (section == 0 || section >= sections_.size()) return nullptr;
    Elf_Data* const data = ::elf_getdata(::elf_getscn(elf_, section), nullptr);
    return data == nullptr || data->d_buf == nullptr ? nullptr : data;
  }

  std::string_view text_at(std::size_t section, std::size_t offset) const {
    const Elf_Data* const data = ::elf_getdata(::elf_getscn(elf_, section), nullptr);
    if (data == nullptr || data->d_buf == nullptr || offset >= data->d_size) return {};
    const std::string_view rest =
        std::string_view(static_cast<const char*>(data->d_buf), data->d_size).substr(offset);
    return rest.substr(0, rest.find('\0'));
  }
  std::string_view name_of(const GElf_Sym& symbol) const {
    return text_at(sections_[symbols_].header.sh_link, symbol.st_name);
  }

  Elf* elf_;
  std::vector<Section> sections_;
  std::size_t symbols_ = 0;
};

}  // namespace

std::map<std::string, std::set<std::string>, std::less<>> map_uses(std::string_view elf) {
  ::elf_version(EV_CURRENT);
  // libelf only reads it.
  const std::unique_ptr<Elf, FreeElf> file(::elf_memory(const_cast<char*>(elf.data()), elf.size()));
  if (!file || ::elf_kind(file.get()) != ELF_K_ELF) return {};
  return Object(file.get()).uses();
}

}  // namespace probe_run
