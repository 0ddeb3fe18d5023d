#include "host/host_names.h"

#include <cstring>
#include <exception>
#include <optional>

#include "host/account_names.h"
#include "host/cgroup_paths.h"
#include "host/frame_text.h"
#include "host/kernel_symbols.h"
#include "host/mapping_events.h"
#include "host/process_maps.h"
#include "host/user_symbols.h"

namespace probe_run {
namespace {

constexpr std::size_t most_answers = 65536;  // of one kind
constexpr auto ask_again = std::chrono::seconds(1);
constexpr std::size_t build_id_size = 20;

// nullopt for a key of another size.
template <class Number>
std::optional<Number> number_in(std::span<const std::byte> key) {
  Number number{};
  if (key.size() != sizeof number) return std::nullopt;
  std::memcpy(&number, key.data(), sizeof number);
  return number;
}

std::string frame_of(KernelSymbols& kernel, std::uint64_t address) {
  std::string text;
  const std::optional<KernelSymbol> symbol = kernel.find(address);
  if (symbol) append_frame(text, symbol->name, symbol->offset, symbol->module, false);
  return text;
}

}  // namespace

HostNames::HostNames() = default;
HostNames::~HostNames() = default;

CgroupPaths& HostNames::cgroups() {
  if (!cgroups_) cgroups_ = std::make_unique<CgroupPaths>();
  return *cgroups_;
}

KernelSymbols& HostNames::kernel() {
  if (!kernel_) {
    kernel_ = std::make_unique<KernelSymbols>();
    kernel_events_ = std::make_unique<MappingEvents>();
    // Refused, a program that takes the place of another one has its name until kallsyms is read again.
    kernel_events_->open(MappingEvents::Watched::kernel_symbols);
  }
  return *kernel_;
}

UserSymbols& HostNames::user_symbols() {
  if (!user_symbols_) {
    processes_ = std::make_unique<ProcessMaps>();
    process_tracking_error_ = processes_->start();
    user_symbols_ = std::make_unique<UserSymbols>(*processes_);
  }
  return *user_symbols_;
}

int HostNames::processor_is_back(int processor) {
  const int of_kernel = kernel_events_ ? kernel_events_->processor_is_back(processor) : 0;
  const int of_processes = processes_ ? processes_->processor_is_back(processor) : 0;
  return of_processes != 0 ? of_processes : of_kernel;
}

void HostNames::prepare(NameKind kind) {
  switch (kind) {
    case NameKind::cgroup:
      cgroups().walk();
      break;
    case NameKind::kernel_symbol:
      kernel().readable();
      break;
    case NameKind::user_symbol:
    case NameKind::build_id_symbol:
      user_symbols();
      break;
    case NameKind::user:
    case NameKind::group:
    case NameKind::interface:
    case NameKind::stack:
      break;  // nothing to read as a whole
  }
}

bool HostNames::knows_kernel_symbols() {
  return kernel().readable();
}

std::vector<int> HostNames::fds() const {
  std::vector<int> fds;
  if (processes_) processes_->add_fds(fds);
  return fds;
}

void HostNames::drain() noexcept {
  try {
    if (processes_) processes_->drain();
  } catch (const std::exception&) {
    // Out of memory: what was not taken in is read from /proc where the process lives.
  }
}

std::string_view HostNames::find(NameKind kind, std::span<const std::byte> key) noexcept {
  try {
    return look_up(kind, key);
  } catch (const std::exception&) {
    return {};  // out of memory: a name less
  }
}

std::string_view HostNames::look_up(NameKind kind, std::span<const std::byte> key) {
  switch (kind) {
    case NameKind::user:
      if (const auto uid = number_in<std::uint32_t>(key))
        return cached(kind, *uid, [&] { return one_field(user_name(*uid)); });
      break;
    case NameKind::group:
      if (const auto gid = number_in<std::uint32_t>(key))
        return cached(kind, *gid, [&] { return one_field(group_name(*gid)); });
      break;
    case NameKind::interface:
      if (const auto index = number_in<std::uint32_t>(key))
        return cached(kind, *index, [&] { return one_field(interface_name(*index)); });
      break;
    case NameKind::cgroup:
      if (const auto id = number_in<std::uint64_t>(key))
        return cached(kind, *id, [&] { return one_field(cgroups().find(*id)); });
      break;
    case NameKind::kernel_symbol:
      if (const auto address = number_in<std::uint64_t>(key)) return kernel_symbol(*address);
      break;
    case NameKind::user_symbol: {
      // Not kept here: the same number means another process, and the same address another program, later.
      if (key.size() != sizeof(std::uint32_t) + sizeof(std::uint64_t)) break;
      const auto pid = number_in<std::uint32_t>(key.first(sizeof(std::uint32_t)));
      return user_symbols().find(*pid, *number_in<std::uint64_t>(key.subspan(sizeof(std::uint32_t))));
    }
    case NameKind::build_id_symbol: {
      if (key.size() != build_id_size + sizeof(std::uint64_t)) break;
      const std::string id(reinterpret_cast<const char*>(key.data()), build_id_size);
      return user_symbols().find(id, *number_in<std::uint64_t>(key.subspan(build_id_size)));
    }
    case NameKind::stack:
      break;
  }
  return {};
}

std::string_view HostNames::kernel_symbol(std::uint64_t address) {
  KernelSymbols& symbols = kernel();
  events_.clear();
  kernel_events_->drain(events_);
  for (MappingEvent& event : events_) {
    auto* const program = std::get_if<KernelSymbolAdded>(&event.what);
    if (program == nullptr) continue;
    symbols.add_program(program->address, program->size, std::move(program->name));
    answers_[static_cast<std::size_t>(NameKind::kernel_symbol)].clear();
  }
  return cached(NameKind::kernel_symbol, address, [&] { return frame_of(symbols, address); });
}

std::string_view HostNames::cached(NameKind kind, std::uint64_t number,
                                   const std::function<std::string()>& ask) {
  Answers& answers = answers_[static_cast<std::size_t>(kind)];
  const Clock::time_point now = Clock::now();
  auto known = answers.find(number);
  if (known == answers.end() || (known->second.text.empty() && now - known->second.asked >= ask_again)) {
    if (answers.size() >= most_answers) answers.clear();
    known = answers.insert_or_assign(number, Answer{ask(), now}).first;
  }
  return known->second.text;
}

}  // namespace probe_run
