#include "attach/usdt_probes.h"

#include <gelf.h>

#include <cstring>
#include <string_view>

#include "host/elf_file.h"

namespace probe_run {
namespace {

constexpr std::string_view owner("stapsdt\0", 8);
constexpr GElf_Word probe_note = 3;

// Up to a NUL, which must be there; `rest` goes behind it.
std::optional<std::string> take_text(std::string_view& rest) {
  const std::size_t end = rest.find('\0');
  if (end == std::string_view::npos) return std::nullopt;
  std::string text(rest.substr(0, end));
  rest.remove_prefix(end + 1);
  return text;
}

void read_notes(Elf_Data& data, std::size_t addresses, std::vector<UsdtProbe>& probes) {
  GElf_Nhdr note{};
  std::size_t name_at = 0, text_at = 0;
  for (std::size_t at = 0; (at = ::gelf_getnote(&data, at, &note, &name_at, &text_at)) > 0;) {
    const char* const bytes = static_cast<const char*>(data.d_buf);
    if (note.n_type != probe_note || std::string_view(bytes + name_at, note.n_namesz) != owner) continue;
    std::string_view rest(bytes + text_at, note.n_descsz);
    // Three addresses, then the provider, the name and the arguments.
    if (rest.size() < addresses) continue;
    rest.remove_prefix(addresses);
    std::optional<std::string> provider = take_text(rest);
    std::optional<std::string> name = provider ? take_text(rest) : std::nullopt;
    std::optional<std::string> arguments = name ? take_text(rest) : std::nullopt;
    if (name) probes.push_back({std::move(*provider), std::move(*name), arguments.value_or("")});
  }
}

}  // namespace

std::optional<std::vector<UsdtProbe>> read_usdt_probes(const std::string& path) {
  const std::unique_ptr<ElfFile> file = ElfFile::open(open_regular_file(path));
  if (!file) return std::nullopt;
  Elf* const elf = file->get();
  const std::size_t address_size = ::gelf_getclass(elf) == ELFCLASS32 ? 4 : 8;
  std::vector<UsdtProbe> probes;
  for (Elf_Scn* section = nullptr; (section = ::elf_nextscn(elf, section)) != nullptr;) {
    GElf_Shdr header{};
    if (::gelf_getshdr(section, &header) == nullptr || header.sh_type != SHT_NOTE) continue;
    Elf_Data* const data = ::elf_getdata(section, nullptr);
    if (data != nullptr && data->d_buf != nullptr) read_notes(*data, 3 * address_size, probes);
  }
  return probes;
}

}  // namespace probe_run
