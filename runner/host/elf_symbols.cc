#include "host/elf_symbols.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwelf.h>
#include <gelf.h>
#include <libelf.h>

#include <algorithm>
#include <string_view>

#include "host/symbol_table.h"

namespace probe_run {
namespace {

constexpr std::uint64_t memory_limit = 1u << 30;
constexpr std::size_t most_ranges = 4u << 20;
constexpr int most_entries = 4'000'000;  // looked at for one address
constexpr std::size_t deepest = 256;

// Bytes that libdw would hold; nullopt without .debug_info.
std::optional<std::uint64_t> size_of_sections(Elf* elf) {
  std::size_t names = 0;
  if (::elf_getshdrstrndx(elf, &names) != 0) return std::nullopt;
  std::uint64_t total = 0;
  bool found = false;
  for (Elf_Scn* section = nullptr; (section = ::elf_nextscn(elf, section)) != nullptr;) {
    GElf_Shdr header;
    if (::gelf_getshdr(section, &header) == nullptr || header.sh_type == SHT_NOBITS) continue;
    const char* const text = ::elf_strptr(elf, names, header.sh_name);
    const std::string_view name = text == nullptr ? "" : text;
    if (!name.starts_with(".debug_") && !name.starts_with(".zdebug_")) continue;
    std::uint64_t size = header.sh_size;
    GElf_Chdr compressed;
    if ((header.sh_flags & SHF_COMPRESSED) != 0) {
      if (::gelf_getchdr(section, &compressed) == nullptr) return std::nullopt;
      size = compressed.ch_size;
    } else if (name.starts_with(".z")) {
      const ssize_t unpacked = ::dwelf_scn_gnu_compressed_size(section);
      if (unpacked < 0) return std::nullopt;
      size = static_cast<std::uint64_t>(unpacked);
    }
    if (size > memory_limit) return size;
    total += size;
    found = found || name.ends_with("debug_info");
  }
  if (!found) return std::nullopt;
  return total;
}

std::string name_of(Dwarf_Die& entry) {
  for (const unsigned name : {DW_AT_linkage_name, DW_AT_MIPS_linkage_name}) {
    Dwarf_Attribute attribute;
    if (::dwarf_attr_integrate(&entry, name, &attribute) == nullptr) continue;
    if (const char* const text = ::dwarf_formstring(&attribute)) return text;
  }
  const char* const text = ::dwarf_diename(&entry);
  return text == nullptr ? "" : text;
}

std::uint64_t lowest_address(Dwarf_Die& entry, std::uint64_t address) {
  std::uint64_t lowest = address;
  Dwarf_Addr base = 0, begin = 0, end = 0;
  std::ptrdiff_t at = 0;
  for (std::size_t ranges = 0; ranges < most_ranges; ++ranges) {
    if ((at = ::dwarf_ranges(&entry, at, &base, &begin, &end)) <= 0) break;
    lowest = std::min(lowest, begin);
  }
  return lowest;
}

bool holds_functions(int tag) {
  return tag == DW_TAG_namespace || tag == DW_TAG_structure_type || tag == DW_TAG_class_type ||
         tag == DW_TAG_union_type || tag == DW_TAG_module;
}

bool is_scope(int tag) {
  return tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine || tag == DW_TAG_lexical_block ||
         tag == DW_TAG_try_block || tag == DW_TAG_catch_block;
}

// The function at the address and what is inlined there, outermost first. Not dwarf_getscopes(): that calls
// itself as deep as the file wants.
std::vector<Dwarf_Die> scopes_in(Dwarf_Die unit, std::uint64_t address) {
  std::vector<Dwarf_Die> scopes;
  std::vector<Dwarf_Die> above;  // whose siblings are to be looked at as well
  Dwarf_Die entry;
  if (::dwarf_child(&unit, &entry) != 0) return scopes;
  for (int entries = 0; entries < most_entries; ++entries) {
    const int tag = ::dwarf_tag(&entry);
    Dwarf_Die next;
    if (is_scope(tag) && ::dwarf_haspc(&entry, address) == 1) {
      if (tag == DW_TAG_subprogram) scopes.clear();  // a function within a function
      if (tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine) scopes.push_back(entry);
      above.clear();  // nothing beside it has the address
      if (scopes.size() > deepest || ::dwarf_child(&entry, &next) != 0) return scopes;
    } else if (holds_functions(tag) && above.size() < deepest && ::dwarf_child(&entry, &next) == 0) {
      above.push_back(entry);
    } else {
      while (::dwarf_siblingof(&entry, &next) != 0) {
        if (above.empty()) return scopes;
        entry = above.back();
        above.pop_back();
      }
    }
    entry = next;
  }
  return scopes;
}

}  // namespace

bool DebugInfo::is_in(const ElfFile& file) {
  return size_of_sections(file.get()).has_value();
}

std::unique_ptr<DebugInfo> DebugInfo::open(std::unique_ptr<ElfFile> file, FindSupplement supplement,
                                           const std::string& root) {
  if (!file->trusted()) return nullptr;
  const std::optional<std::uint64_t> size = size_of_sections(file->get());
  if (!size || *size > memory_limit) return nullptr;
  std::unique_ptr<DebugInfo> info(new DebugInfo(std::move(file)));
  info->memory_ = *size;
  info->dwarf_ = ::dwarf_begin_elf(info->file_->get(), DWARF_C_READ, nullptr);
  if (info->dwarf_ == nullptr) return nullptr;

  const char* path = nullptr;  // not followed: it may name anything
  const void* id = nullptr;
  const ssize_t id_size = ::dwelf_dwarf_gnu_debugaltlink(info->dwarf_, &path, &id);
  if (id_size < 0) return nullptr;
  if (id_size > 0) {
    info->supplement_file_ =
        supplement(std::string(static_cast<const char*>(id), static_cast<std::size_t>(id_size)), root);
    // Left alone, libdw would look for the file by itself, and open whatever is named.
    if (!info->supplement_file_ || !info->supplement_file_->trusted()) return nullptr;
    const std::optional<std::uint64_t> more = size_of_sections(info->supplement_file_->get());
    if (!more || *more > memory_limit) return nullptr;
    info->memory_ += *more;
    info->supplement_ = ::dwarf_begin_elf(info->supplement_file_->get(), DWARF_C_READ, nullptr);
    if (info->supplement_ == nullptr) return nullptr;
    ::dwarf_setalt(info->dwarf_, info->supplement_);
  }
  info->read_units();
  return info;
}

DebugInfo::~DebugInfo() {
  ::dwarf_end(dwarf_);
  ::dwarf_end(supplement_);
}

void DebugInfo::read_units() {
  Dwarf_Off offset = 0, next = 0;
  std::size_t header_size = 0;
  for (; ::dwarf_nextcu(dwarf_, offset, &next, &header_size, nullptr, nullptr, nullptr) == 0; offset = next) {
    if (next <= offset) break;
    Dwarf_Die unit;
    if (::dwarf_offdie(dwarf_, offset + header_size, &unit) == nullptr) continue;
    if (::dwarf_tag(&unit) != DW_TAG_compile_unit) continue;
    Dwarf_Addr base = 0, begin = 0, end = 0;
    std::ptrdiff_t at = 0;
    while (units_.size() < most_ranges && (at = ::dwarf_ranges(&unit, at, &base, &begin, &end)) > 0) {
      if (begin < end) units_.push_back({begin, end, offset + header_size});
    }
  }
  std::sort(units_.begin(), units_.end(),
            [](const UnitRange& a, const UnitRange& b) { return a.begin < b.begin; });
}

std::optional<Scopes> DebugInfo::find(std::uint64_t address) {
  const auto after =
      std::upper_bound(units_.begin(), units_.end(), address,
                       [](std::uint64_t value, const UnitRange& range) { return value < range.begin; });
  if (after == units_.begin() || address >= (after - 1)->end) return std::nullopt;
  Dwarf_Die unit;
  if (::dwarf_offdie(dwarf_, (after - 1)->unit, &unit) == nullptr) return std::nullopt;
  std::vector<Dwarf_Die> entries = scopes_in(unit, address);
  if (entries.empty()) return std::nullopt;
  Scopes scopes;
  for (std::size_t i = entries.size(); i-- > 0;) {
    const std::uint64_t offset = address - lowest_address(entries[i], address);
    if (::dwarf_tag(&entries[i]) == DW_TAG_inlined_subroutine) {
      scopes.inlined.push_back({name_of(entries[i]), offset});
    } else {
      scopes.function = name_of(entries[i]);
      scopes.offset = offset;
    }
  }
  return scopes;
}

namespace {

std::unique_ptr<ElfFile> find_supplement(const std::string& build_id, const std::string& root) {
  return find_by_build_id(build_id, root, ".debug");
}

}  // namespace

ElfSymbols::ElfSymbols(std::unique_ptr<ElfFile> file, const std::string& path, const std::string& root)
    : build_id_(file->build_id()), trusted_(file->trusted()) {
  std::size_t count = 0;
  if (::elf_getphdrnum(file->get(), &count) != 0) count = 0;
  for (std::size_t i = 0; i < count; ++i) {
    GElf_Phdr header;
    if (::gelf_getphdr(file->get(), static_cast<int>(i), &header) == nullptr) break;
    if (header.p_type != PT_LOAD || (header.p_flags & PF_X) == 0) continue;
    segments_.push_back({header.p_offset, header.p_filesz, header.p_vaddr});
  }

  const bool has_all_symbols = symbols_.add(*file);
  const bool has_debug_info = DebugInfo::is_in(*file);
  std::unique_ptr<ElfFile> debug_file;
  if (!has_all_symbols || !has_debug_info) debug_file = find_debug_file(*file, path, root);
  if (debug_file) {
    trusted_ = trusted_ && debug_file->trusted();
    if (!has_all_symbols) symbols_.add(*debug_file);
  }
  symbols_.finish();
  if (has_debug_info) {
    debug_info_ = DebugInfo::open(std::move(file), find_supplement, root);
  } else if (debug_file) {
    debug_info_ = DebugInfo::open(std::move(debug_file), find_supplement, root);
  }
}

std::optional<std::uint64_t> ElfSymbols::address_of(std::uint64_t file_offset) const {
  for (const Segment& segment : segments_) {
    if (file_offset >= segment.offset && file_offset - segment.offset < segment.size) {
      return segment.address + (file_offset - segment.offset);
    }
  }
  return std::nullopt;
}

std::vector<ResolvedFrame> ElfSymbols::frames_at(std::uint64_t file_offset) {
  std::vector<ResolvedFrame> frames;
  const std::optional<std::uint64_t> address = address_of(file_offset);
  if (!address) return frames;
  const std::optional<SymbolTable::Symbol> symbol = symbols_.find(*address);
  std::optional<Scopes> scopes;
  if (debug_info_) scopes = debug_info_->find(*address);
  if (scopes) {
    for (const InlinedFunction& inlined : scopes->inlined) {
      frames.push_back({demangle(inlined.name, trusted_), inlined.offset, true});
    }
  }
  if (symbol) {
    frames.push_back({demangle(symbol->name, trusted_), symbol->offset, false});
  } else if (scopes && !scopes->function.empty()) {
    frames.push_back({demangle(scopes->function, trusted_), scopes->offset, false});
  }
  return frames;
}

std::uint64_t ElfSymbols::memory() const {
  return symbols_.memory() + (debug_info_ ? debug_info_->memory() : 0);
}

}  // namespace probe_run
