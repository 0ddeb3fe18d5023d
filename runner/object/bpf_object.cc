#include "object/bpf_object.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>

#include "object/description.h"
#include "object/encoder.h"
#include "object/kernel_support.h"
#include "object/libbpf.h"
#include "object/load_error.h"
#include "object/map_definition.h"
#include "object/map_rules.h"
#include "object/map_uses.h"
#include "object/open_error.h"
#include "object/pins.h"
#include "object/token.h"
#include "object/trial.h"
#include "spec/map_spec.h"
#include "spec/program_spec.h"
#include "spec/spec.h"
#include "support/descriptors.h"
#include "support/fd.h"
#include "support/source_text.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// The map that holds a section's variables, or nullptr.
bpf_map* section_map(bpf_object* object, std::string_view section) {
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) {
    // The name of an internal map is the object's name followed by the section's: "openat.rodata".
    if (bpf_map__is_internal(map) && std::string_view(bpf_map__name(map)).ends_with(section)) return map;
  }
  return nullptr;
}

// Writes spec.globals into the object's initial data, each by its BTF type: numbers, booleans, enum names,
// strings into char arrays, lists into arrays, objects into structs. Reports names that the object does not have and
// values that do not fit.
void set_globals(bpf_object* object, const ObjectDescription& description, const Spec& spec,
                 Diagnostics& diagnostics) {
  for (const auto& [name, value] : spec.globals) {
    const TypeTable::Variable variable = description.types.find_variable(*name);
    if (variable.section == nullptr) {
      const std::vector<std::string> names = description.types.variable_names();
      diagnostics.error(name.at,
                        fmt::format("{} has no global variable \"{}\"", escape_for_terminal(description.path),
                                    escape_for_terminal(*name)),
                        suggestion(*name, views(names), "its global variables"));
      continue;
    }
    bpf_map* const map = section_map(object, variable.section->name);
    std::size_t size = 0;
    // libbpf hands out its own copy of the section's initial bytes.
    void* const data = map != nullptr ? const_cast<void*>(bpf_map__initial_value(map, &size))
                                      : nullptr;  // NOLINT(*-const-cast)
    const Type& type = *variable.member->type->target;
    const std::size_t offset = variable.member->bit_offset / 8;
    if (data == nullptr || offset + type.size > size) {
      diagnostics.error(
          name.at, fmt::format("the global \"{}\" has no initial data in {}", *name, variable.section->name));
      continue;
    }
    const std::span<std::byte> bytes(static_cast<std::byte*>(data) + offset, type.size);
    Encoder(fmt::format("the global \"{}\"", *name), diagnostics).encode(value, type, bytes);
  }
}

constexpr std::size_t object_size_limit = 256u << 20;

MapInfo info_of(const bpf_map* map) {
  return {bpf_map__name(map),
          bpf_map__type(map),
          bpf_map__key_size(map),
          bpf_map__value_size(map),
          bpf_map__max_entries(map),
          bpf_map__btf_key_type_id(map),
          bpf_map__btf_value_type_id(map),
          bpf_map__map_flags(map),
          {},
          {}};
}

}  // namespace

BpfObject::BpfObject(const std::string& path, ObjectOptions wanted, LibbpfLog& log)
    : log_(log), wanted_(std::move(wanted)) {
  // Read once: what is described is what is loaded, whatever happens to the file.
  elf_ = read_file(path, object_size_limit);
  if (!elf_.starts_with("\x7f"
                        "ELF")) {
    throw Error(fmt::format("{} is not a compiled BPF object (not an ELF file)", escape_for_terminal(path)),
                "compile the BPF program: clang -g -O2 -target bpf -c program.bpf.c -o program.bpf.o");
  }
  description_.path = path;
  open();
  describe(path);
}

void BpfObject::open() {
  log_.clear();
  const std::string& path = description_.path;
  std::string name = path.substr(path.rfind('/') + 1);
  if (const std::size_t dot = name.find('.'); dot != std::string::npos) name.resize(dot);
  std::replace_if(
      name.begin(), name.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  auto options = zeroed_options<bpf_object_open_opts>();
  options.object_name = name.c_str();
  if (!wanted_.kernel_types.empty()) options.btf_custom_path = wanted_.kernel_types.c_str();
#if LIBBPF_MAJOR_VERSION > 1 || LIBBPF_MINOR_VERSION >= 4
  if (!wanted_.token.empty()) options.bpf_token_path = wanted_.token.c_str();
#endif
  const auto parsed = [&] { return bpf_object__open_mem(elf_.data(), elf_.size(), &options); };
  if (!tried_) {
    if (!survives_trial(parsed)) {
      throw Error(
          fmt::format("{} is damaged: libbpf crashes while it reads the file", escape_for_terminal(path)),
          "compile it again");
    }
    tried_ = true;
  }
  object_.reset(parsed());
  if (!object_) {
    throw open_error(path, elf_, errno, log_.text());
  }
  maps_.clear();
  own_pins_.clear();
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object_.get()) {
    maps_.emplace(bpf_map__name(map), map);
    complete_definition(map);
    // Not left to libbpf, which would not report it, nor check what is there, nor undo it if the start fails.
    if (const char* const pin = bpf_map__pin_path(map)) own_pins_.emplace(bpf_map__name(map), pin);
    bpf_map__set_pin_path(map, nullptr);
  }
}

void BpfObject::open_again(const Spec& spec) {
  object_.reset();
  open();
  Diagnostics said_before(spec.source);
  configure(spec, said_before);
}

void BpfObject::describe(const std::string& path) {
  utsname system{};
  if (::uname(&system) == 0) description_.machine = system.machine;
  bpf_program* program = nullptr;
  auto uses = map_uses(elf_);
  bpf_object__for_each_program(program, object_.get()) {
    description_.programs.push_back({bpf_program__name(program), bpf_program__section_name(program),
                                     static_cast<std::uint32_t>(bpf_program__type(program)),
                                     static_cast<std::uint32_t>(bpf_program__expected_attach_type(program)),
                                     std::move(uses[bpf_program__name(program)])});
  }
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object_.get()) {
    if (bpf_map__is_internal(map)) continue;  // below: their types are needed
    MapInfo& info = description_.maps.emplace_back(info_of(map));
    if (const auto pin = own_pins_.find(info.name); pin != own_pins_.end()) info.pin = pin->second;
    if (const bpf_map* const inner = bpf_map__inner_map(map)) info.inner.push_back(info_of(inner));
  }
  if (const btf* types = bpf_object__btf(object_.get())) {
    std::uint32_t size = 0;
    const void* const raw = btf__raw_data(types, &size);
    if (raw == nullptr) throw Error(fmt::format("cannot read the BTF of {}", escape_for_terminal(path)));
    description_.btf.resize(size);
    std::memcpy(description_.btf.data(), raw, size);
    description_.types = TypeTable(description_.btf);
  }
  bpf_object__for_each_map(map, object_.get()) {
    if (bpf_map__is_internal(map)) describe_section(map);
  }
  for (const ProgramInfo& info : description_.programs) {
    if (info.type != BPF_PROG_TYPE_TRACING || info.attach_type != BPF_TRACE_ITER) continue;
    MapInfo iterator;
    iterator.name = info.name;  // C has one name for a function or a map, not for both
    iterator.type = map_type_iterator;
    description_.maps.push_back(std::move(iterator));
  }
}

// A section's variables are one value without a key, whose type is the section in BTF.
void BpfObject::describe_section(const bpf_map* map) {
  // The name is the object's and the section's: "openat.bss"; or the section's alone: ".data.counters".
  const std::string_view name = bpf_map__name(map);
  const std::size_t dot = name.find('.');
  if (dot == std::string_view::npos) return;  // not a section: a struct_ops map
  MapInfo info;
  info.name = name.substr(dot);
  info.type = bpf_map__type(map);
  info.value_size = bpf_map__value_size(map);
  info.max_entries = bpf_map__max_entries(map);
  const std::deque<Type>& types = description_.types.all();
  for (std::size_t id = 0; id < types.size(); ++id) {
    if (types[id].kind == Type::Kind::section && types[id].name == info.name) {
      info.value_type_id = static_cast<std::uint32_t>(id);
    }
  }
  description_.maps.push_back(std::move(info));
}

void BpfObject::configure(const Spec& spec, Diagnostics& diagnostics) {
  select_programs(spec, diagnostics);
  set_globals(object_.get(), description_, spec, diagnostics);
  check_map_set_up(spec, description_, diagnostics);
  check_map_definitions(spec, description_, diagnostics);
  resize_maps(spec, diagnostics);
}

void BpfObject::select_programs(const Spec& spec, Diagnostics& diagnostics) {
  std::vector<std::string_view> names;
  for (const ProgramInfo& info : description_.programs) names.push_back(info.name);
  std::vector<const ProgramSpec*> found;
  for (const ProgramSpec* wanted : every_program(spec)) {
    if (program(*wanted->name) != nullptr) {
      found.push_back(wanted);
      continue;
    }
    diagnostics.error(wanted->name.at,
                      fmt::format("{} has no program \"{}\"", escape_for_terminal(description_.path),
                                  escape_for_terminal(*wanted->name)),
                      suggestion(*wanted->name, names, "its programs"));
  }
  select(found);
}

void BpfObject::select(const std::vector<const ProgramSpec*>& programs) {
  bpf_program* each = nullptr;
  bpf_object__for_each_program(each, object_.get()) bpf_program__set_autoload(each, false);
  for (const ProgramSpec* wanted : programs) bpf_program__set_autoload(program(*wanted->name), true);
}

void BpfObject::resize_maps(const Spec& spec, Diagnostics& diagnostics) {
  for (const MapSpec& wanted : spec.maps) {
    if (!wanted.max_entries) continue;
    bpf_map* const target = map(*wanted.name);
    const std::uint64_t entries = **wanted.max_entries;
    if (target == nullptr || entries == 0 || entries > UINT32_MAX)
      continue;  // reported where maps are set up
    if (const int error = bpf_map__set_max_entries(target, static_cast<std::uint32_t>(entries)); error != 0) {
      diagnostics.error(wanted.max_entries->at,
                        fmt::format("the map \"{}\" cannot have {} entries: {}",
                                    escape_for_terminal(*wanted.name), entries, errno_text(error)));
    }
  }
}

void BpfObject::take_pins(const Spec& spec) {
  to_pin_ = take_pinned_maps(object_.get(), spec, description_);
}

void BpfObject::pin(const Spec& spec, Pins& pins) {
  pin_maps(object_.get(), spec, to_pin_, pins);
}

void BpfObject::check_delegation() const {
  if (wanted_.token.empty()) return;
  try {
    check_token(wanted_.token, needed_delegation(object_.get()));
  } catch (const Error& error) {
    const Diagnostic& said = error.diagnostics().front();
    throw Error(said.what, said.hint, wanted_.token_at);
  }
}

void BpfObject::load(unsigned verifier_level, VerifierLog* verifier_log) {
  check_delegation();
  log_.clear();
  if (verifier_log != nullptr) verifier_log->ask(object_.get(), verifier_level);
  int error = bpf_object__load(object_.get());
  if (verifier_log != nullptr) verifier_log->take();
  if (error == 0) return;
  Capabilities needed;
  std::size_t descriptors = 2;  // types, and what libbpf tries out
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object_.get()) {
    if (!bpf_program__autoload(program)) continue;
    needed.add(needed_capabilities(static_cast<std::uint32_t>(bpf_program__type(program))));
    ++descriptors;
  }
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object_.get()) {
    if (!bpf_map__autocreate(map)) continue;
    needed.add(needed_for_map(bpf_map__type(map)));
    ++descriptors;
  }
  // libbpf takes a descriptor that it could not get for a feature that the kernel lacks.
  if (!has_descriptors(descriptors)) error = -EMFILE;
  std::string log = log_.text();  // before libbpf is asked about types
  std::string known_cause;
  std::optional<std::string> not_delegated;
  if (token_fd() >= 0) {
    // A kernel that has tokens has all types; and libbpf would ask it without the token.
    not_delegated = missing_delegation(object_.get());
  } else if (error != -EPERM) {  // without privileges the kernel refuses every type, even those that it has
    known_cause = unsupported_maps(object_.get());
    if (known_cause.empty()) known_cause = unsupported_programs(object_.get());
  }
  // What went to buffers of its own is missing where libbpf would have put it.
  if (verifier_log != nullptr) log += verifier_log->framed(failed_program(log));
  throw_load_error(description_.path, error, log, needed, known_cause, not_delegated);
}

bpf_program* BpfObject::program(const std::string& name) const {
  return bpf_object__find_program_by_name(object_.get(), name.c_str());
}

bpf_map* BpfObject::map(const std::string& name) const {
  const auto found = maps_.find(name);
  // libbpf knows sections by other names too.
  return found != maps_.end() ? found->second : bpf_object__find_map_by_name(object_.get(), name.c_str());
}

int BpfObject::map_fd(const std::string& name) const {
  return bpf_map__fd(map(name));
}

int BpfObject::btf_fd() const {
  return bpf_object__btf_fd(object_.get());
}

int BpfObject::token_fd() const {
  return token_of(object_.get());
}

bpf_map* BpfObject::section(std::string_view name) const {
  return section_map(object_.get(), name);
}

}  // namespace probe_run
