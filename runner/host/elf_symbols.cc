#include "host/elf_symbols.h"

#include <gelf.h>
#include <libelf.h>

#include "host/demangle.h"

namespace probe_run {
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
