#include "listing/machine.h"

#include <unistd.h>

#include <algorithm>

#include "host/kernel_symbols.h"
#include "listing/tracefs.h"
#include "support/fd.h"
#include "support/rights.h"

namespace probe_run {
namespace {

constexpr std::size_t file_limit = std::size_t{64} << 20;

struct NamePart {
  std::size_t at = 0, size = 0;
};

bool is_entry(std::string_view name) {
  // Padding before functions, and parts that the compiler moved out of them.
  return !name.starts_with("__pfx_") && !name.starts_with("__cfi_") &&
         name.find(".cold") == std::string_view::npos;
}

// kallsyms lists BPF programs and functions generated for tracing as if they were in modules.
bool is_module(std::string_view module) {
  return module != "bpf" && !module.starts_with("__builtin__");
}

}  // namespace

Machine::Refusal Machine::refusal_of(const Error& error) {
  return {error.diagnostics().front().what, error.diagnostics().front().hint};
}

void Machine::note(std::string_view type, const std::string& what, const std::string& hint) {
  auto at = std::find_if(notes_.begin(), notes_.end(), [&](const Note& note) { return note.what == what; });
  if (at == notes_.end()) at = notes_.insert(notes_.end(), Note{what, hint, {}});
  if (std::find(at->types.begin(), at->types.end(), type) == at->types.end()) at->types.push_back(type);
}

void Machine::note(const std::optional<Refusal>& refusal) {
  if (refusal) note(type_, refusal->what, refusal->hint);
}

const KernelTypes* Machine::types() {
  if (!types_ && !no_types_) {
    try {
      types_ = std::make_unique<KernelTypes>(KernelTypes::of_this_kernel());
    } catch (const Error& error) {
      no_types_ = refusal_of(error);
    }
  }
  note(no_types_);
  return types_.get();
}

std::optional<CPrototype> Machine::prototype(std::string_view function, std::string_view module) {
  const KernelTypes* const known = types();
  if (known == nullptr) return std::nullopt;
  if (typed_functions_.empty()) {
    for (const KernelTypes::Named& named : known->all(KernelTypes::Kind::function))
      typed_functions_.emplace(named.name, named);
  }
  const auto [begin, end] = typed_functions_.equal_range(function);
  for (auto at = begin; at != end; ++at) {
    if (module.empty() || at->second.module == module) return known->prototype(at->second);
  }
  return std::nullopt;
}

void Machine::read_functions() {
  functions_read_ = true;
  struct Symbol {
    NamePart name, module;
    std::uint64_t address = 0;
  };
  std::vector<Symbol> symbols;
  std::uint64_t thrown_away_from = 0, thrown_away_to = 0;
  const auto keep = [&](std::string_view text) {
    function_text_ += text;
    return NamePart{function_text_.size() - text.size(), text.size()};
  };
  read_kallsyms(kallsyms_path, [&](const KallsymsLine& line) {
    if (line.name == "_sinittext") thrown_away_from = line.address;
    if (line.name == "_einittext") thrown_away_to = line.address;
    if (line.is_function() && is_entry(line.name) && is_module(line.module))
      symbols.push_back({keep(line.name), keep(line.module), line.address});
  });
  const std::string_view text = function_text_;
  functions_.reserve(symbols.size());
  for (const Symbol& symbol : symbols) {
    // Without privileges, all addresses are 0.
    if (symbol.address >= thrown_away_from && symbol.address < thrown_away_to) {
      thrown_away_.insert(text.substr(symbol.name.at, symbol.name.size));
      continue;
    }
    functions_.push_back(
        {text.substr(symbol.name.at, symbol.name.size), text.substr(symbol.module.at, symbol.module.size)});
  }
}

const std::vector<KernelFunction>& Machine::functions() {
  if (!functions_read_) read_functions();
  return functions_;
}

bool Machine::is_thrown_away(std::string_view function) {
  if (!functions_read_) read_functions();
  return thrown_away_.contains(function);
}

bool Machine::may_have_function(std::string_view name) {
  const std::vector<KernelFunction>& all = functions();
  return all.empty() ||
         std::any_of(all.begin(), all.end(), [&](const KernelFunction& f) { return f.name == name; });
}

std::optional<std::string> Machine::read_tracefs(const std::string& path, std::optional<Refusal>& refusal) {
  if (!tracefs_sought_) {
    tracefs_sought_ = true;
    Tracefs found = find_tracefs();
    tracefs_ = std::move(found.path);
    if (tracefs_.empty()) no_tracefs_ = Refusal{std::move(found.why), std::move(found.hint)};
  }
  refusal = no_tracefs_;
  if (refusal) return std::nullopt;
  const InForce raised = raise_rights(kernel_file_rights);
  try {
    return read_file(tracefs_ + "/" + path, file_limit);
  } catch (const Error& error) {
    refusal = Refusal{error.diagnostics().front().what, ::geteuid() == 0 ? "" : "run as root"};
    return std::nullopt;
  }
}

std::optional<std::string> Machine::tracefs_file(const std::string& path) {
  std::optional<Refusal> refusal;
  std::optional<std::string> text = read_tracefs(path, refusal);
  note(refusal);
  return text;
}

void Machine::each_event(const std::function<void(std::string_view event, std::string_view category,
                                                  std::string_view name)>& visit) {
  const std::optional<std::string> text = tracefs_file("available_events");
  for (std::string_view rest = text ? std::string_view(*text) : ""; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos) visit(line, line.substr(0, colon), line.substr(colon + 1));
  }
}

const std::unordered_set<std::string>* Machine::traceable_functions() {
  if (!traceable_read_) {
    traceable_read_ = true;
    const std::optional<std::string> text = read_tracefs("available_filter_functions", not_traceable_);
    // "vfs_read" or, of a module, "ext4_sync_file [ext4]".
    for (std::string_view rest = text ? std::string_view(*text) : ""; !rest.empty();) {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      const std::string_view name = line.substr(0, line.find_first_of(" \t"));
      if (!name.empty()) traceable_.emplace(name);
    }
    if (not_traceable_)
      not_traceable_->what = "cannot find out which functions are traceable: " + not_traceable_->what;
  }
  note(not_traceable_);
  return traceable_.empty() ? nullptr : &traceable_;
}

}  // namespace probe_run
