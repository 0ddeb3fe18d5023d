// USDT: probes defined in programs and libraries.
#include <fmt/format.h>
#include <gelf.h>
#include <linux/bpf.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "attach/binary_path.h"
#include "attach/define_attach_type.h"
#include "attach/perf_probe.h"
#include "attach/refusal.h"
#include "attach/user_functions.h"
#include "host/elf_file.h"
#include "object/libbpf.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// An ELF note with the owner "stapsdt".
struct UsdtProbe {
  std::string provider;
  std::string name;
  std::string arguments;  // size and location of each: "8@%rdi -4@-20(%rbp)"
};

constexpr std::string_view owner("stapsdt\0", 8);
constexpr GElf_Word probe_note = 3;

// The text up to a NUL, which is required; `rest` moves past it.
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
    // Three addresses, followed by the provider, the name and the arguments.
    if (rest.size() < addresses) continue;
    rest.remove_prefix(addresses);
    std::optional<std::string> provider = take_text(rest);
    std::optional<std::string> name = provider ? take_text(rest) : std::nullopt;
    std::optional<std::string> arguments = name ? take_text(rest) : std::nullopt;
    if (name) probes.push_back({std::move(*provider), std::move(*name), arguments.value_or("")});
  }
}

// nullopt if the file cannot be read or is not an ELF file. Invalid notes are skipped.
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

std::string describe_usdt(const UsdtAttach& point, const std::string& binary) {
  std::string text = fmt::format("usdt:{}:{}:{}", escape_for_terminal(binary),
                                 escape_for_terminal(*point.provider), escape_for_terminal(*point.probe));
  if (point.pid) text += fmt::format(" in process {}", **point.pid);
  return text;
}

void require_probe(const bpf_program* program, const std::string& target, const UsdtAttach& point,
                   const std::string& binary) {
  const std::string shown = escape_for_terminal(binary);
  const auto probes = read_usdt_probes(binary);
  if (!probes) refuse(program, target, fmt::format("{} is not a readable ELF file", shown), {});
  const bool is_there = std::any_of(probes->begin(), probes->end(), [&](const UsdtProbe& probe) {
    return probe.provider == *point.provider && probe.name == *point.probe;
  });
  if (is_there) return;
  if (probes->empty()) {
    refuse(program, target, fmt::format("{} has no USDT probes", shown),
           "it may have been built without them; `readelf -n` shows them as stapsdt notes");
  }
  std::vector<std::string> full;
  for (const UsdtProbe& probe : *probes) full.push_back(fmt::format("{}:{}", probe.provider, probe.name));
  std::sort(full.begin(), full.end());
  full.erase(std::unique(full.begin(), full.end()), full.end());
  refuse(program, target,
         fmt::format("{} has no USDT probe \"{}:{}\"", shown, escape_for_terminal(*point.provider),
                     escape_for_terminal(*point.probe)),
         suggestion(fmt::format("{}:{}", *point.provider, *point.probe), views(full),
                    "probes, as provider:probe"));
}

bool is_running(std::int64_t pid) {
  return ::access(fmt::format("/proc/{}", pid).c_str(), F_OK) == 0;
}

// A map of usdt.bpf.h.
bool has_usdt_maps(const BpfObject& object) {
  return object.map("__bpf_usdt_specs") != nullptr;
}

// The type for the size "-4" of "-4@-20(%rbp)": a signed number of 4 bytes.
std::string argument_type(std::string_view argument) {
  const std::string_view size = argument.substr(0, argument.find('@'));
  for (const auto& [text, type] :
       {std::pair("1", "u8"), std::pair("-1", "s8"), std::pair("2", "u16"), std::pair("-2", "s16"),
        std::pair("4", "u32"), std::pair("-4", "s32"), std::pair("8", "u64"), std::pair("-8", "s64"),
        std::pair("4f", "float"), std::pair("8f", "double")}) {
    if (size == text) return type;
  }
  return "?";
}

Signature signature_of_probe(const UsdtProbe& probe) {
  Signature signature;
  signature.name = probe.name;
  signature.is_function = true;
  std::string_view rest = probe.arguments;
  // Operands do not contain spaces.
  while (!rest.empty()) {
    const std::string_view argument = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), argument.size() + 1));
    if (argument.empty()) continue;
    const std::string type = argument_type(argument);
    const std::string name = fmt::format("arg{}", signature.variables.size());
    signature.variables.push_back({name, type, fmt::format("{} {}", type, name), {}, {}});
  }
  return signature;
}

std::string describe_target(const UsdtAttach& point) {
  return describe_usdt(point, *point.binary);
}

Attachment attach_to(BpfObject& object, bpf_program* program, const UsdtAttach& point) {
  std::string target = describe_target(point);
  require_uprobes(program, target);
  const std::string binary = require_binary(program, target, *point.binary);
  target = describe_usdt(point, binary);
  require_probe(program, target, point, binary);
  constexpr int every_process = -1;
  const int pid = point.pid ? static_cast<int>(**point.pid) : every_process;
  const auto options = zeroed_options<bpf_usdt_opts>();
  LinkHandle link(bpf_program__attach_usdt(program, pid, binary.c_str(), point.provider->c_str(),
                                           point.probe->c_str(), &options));
  if (link) return {std::move(target), std::move(link)};
  const int error = errno;
  if ((error == ENOTSUP || error == EOPNOTSUPP) && !point.pid) {
    refuse(program, target, "this kernel supports USDT probes of a library in a single process only",
           "add \"pid\"; probing all processes needs Linux 5.15");
  }
  std::string hint = "the kernel's log (dmesg) may say more";
  // Before Linux 5.15, libbpf looks for the library in /proc/PID/maps, which does not exist either.
  if ((error == ESRCH || error == ENOENT) && point.pid && !is_running(**point.pid)) {
    refuse(program, target, fmt::format("process {} is not found", **point.pid),
           "give the id of a running process in this process's pid namespace, or omit \"pid\" for all "
           "processes");
  }
  if (error == ESRCH && !has_usdt_maps(object)) {
    refuse(program, target, "the object does not have the maps in which libbpf stores the probe's arguments",
           "include <bpf/usdt.bpf.h> in its source, and compile it for SEC(\"usdt\")");
  }
  if (error == ESRCH && point.pid) {
    hint = fmt::format("process {} has not loaded this file", **point.pid);
  } else if (error == E2BIG || error == EEXIST) {
    hint =
        "the probe has more locations than the maps of usdt.bpf.h can hold: define a larger BPF_USDT_MAX_SPEC_CNT";
  }
  refuse(program, target, error, std::move(hint));
}

void list_user_probes(Search& search) {
  if (!uprobes_are_here(search)) return;
  const FilePattern pattern = file_pattern(search);
  const std::optional<std::vector<UsdtProbe>> probes = read_usdt_probes(pattern.path);
  if (!probes) refuse_file(pattern.path);
  if (probes->empty())
    search.note(fmt::format("{} has no USDT probes", escape_for_terminal(pattern.path)),
                "it may have been built without them; `readelf -n` shows them as stapsdt notes");
  for (const UsdtProbe& probe : *probes) {
    const std::string full = fmt::format("{}:{}", probe.provider, probe.name);
    if (!pattern.wants(full) && !pattern.wants(probe.name)) continue;
    Place& place = search.add(fmt::format("{}:{}", pattern.path, full));
    if (!search.details()) continue;
    place.attach = {{"binary", pattern.path}, {"provider", probe.provider}, {"probe", probe.name}};
    place.signature = signature_of_probe(probe);
  }
}

}  // namespace

template <>
struct AttachTypeOf<UsdtAttach> {
  static Section section() { return {"usdt", {BPF_PROG_TYPE_KPROBE}}; }
  static constexpr LibbpfVersion libbpf = every_libbpf;
  static constexpr KernelVersion kernel = every_kernel;
  static constexpr std::string_view example =
      R"("binary": "libc.so.6", "provider": "libc", "probe": "setjmp")";
  static constexpr Company company = Company::any;
  static constexpr Pinning pinning = one_link;
  static constexpr Places places{list_user_probes, {}, false, true};
  static constexpr auto check = nothing_to_check;
  static constexpr auto prepare = nothing_to_prepare;
  static Attachment attach(BpfObject& object, bpf_program* program, const UsdtAttach& point) {
    return attach_to(object, program, point);
  }
  static std::string describe(const UsdtAttach& point) { return describe_target(point); }
};
template AttachType attach_type_row<UsdtAttach>();

}  // namespace probe_run
