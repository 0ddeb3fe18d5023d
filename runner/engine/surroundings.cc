#include "engine/surroundings.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

#include "host/kernel_symbols.h"
#include "support/rights.h"
#include "support/stop_signal.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

bool contains(const std::vector<int>& numbers, int number) {
  return std::find(numbers.begin(), numbers.end(), number) != numbers.end();
}

}  // namespace

Diagnostic Surroundings::warning(std::string what, std::string hint) const {
  return {Diagnostic::Severity::warning, fmt::format("{}: {}", name_, what), std::move(hint), std::nullopt};
}

void Surroundings::watch(std::vector<Attachment>& attachments, OnProcessors others,
                         std::vector<Diagnostic>& warnings) {
  attachments_ = &attachments;
  others_ = others;
  watch_processes();
  watch_interfaces(warnings);
  watch_paths(warnings);
  watch_modules(warnings);
  watch_processors(warnings);
}

void Surroundings::stop() {
  attachments_ = nullptr;
  processes_.clear();
}

void Surroundings::watch_processes() {
  for (const Attachment& attachment : *attachments_) {
    if (!attachment.process || processes_.contains(*attachment.process)) continue;
    Fd process(static_cast<int>(::syscall(SYS_pidfd_open, *attachment.process, 0)));
    // Some types accept a thread id, which has no pidfd: such a point stays until the end.
    if (!process && errno != ESRCH) continue;
    if (!process) look_again_ = true;
    processes_.emplace(*attachment.process, std::move(process));
  }
}

void Surroundings::watch_interfaces(std::vector<Diagnostic>& warnings) {
  const auto has_interface = [](const Attachment& attachment) { return attachment.interface.has_value(); };
  if (std::none_of(attachments_->begin(), attachments_->end(), has_interface)) return;
  look_again_ = true;  // one may already be gone
  if (const int error = interfaces_.open(); error != 0) {
    warnings.push_back(
        warning(fmt::format("cannot watch for removed interfaces: {}", errno_text(error)), {}));
  }
}

void Surroundings::watch_paths(std::vector<Diagnostic>& warnings) {
  for (const Attachment& attachment : *attachments_) {
    for (const auto& place : {attachment.file, attachment.cgroup}) {
      if (!place) continue;
      look_again_ = true;  // it may have been replaced already
      int error = paths_.open();
      if (error == 0) error = paths_.add(place->path);
      if (error == 0) continue;
      warnings.push_back(
          warning(fmt::format("cannot watch {} for replaced files: {}", escape_for_terminal(place->path),
                              errno_text(error)),
                  "fs.inotify.max_user_instances and fs.inotify.max_user_watches limit what a user watches"));
      return;
    }
  }
}

void Surroundings::watch_modules(std::vector<Diagnostic>& warnings) {
  const auto is_probe = [](const Attachment& attachment) { return attachment.function.has_value(); };
  if (std::none_of(attachments_->begin(), attachments_->end(), is_probe)) return;
  if (const int error = modules_.open(); error != 0) {
    warnings.push_back(warning(fmt::format("cannot watch for unloaded modules: {}", errno_text(error)), {}));
  }
}

void Surroundings::watch_processors(std::vector<Diagnostic>& warnings) {
  const auto is_on_each = [](const Attachment& attachment) { return attachment.per_processor.has_value(); };
  const bool any = others_.perf_buffers || others_.names ||
                   std::any_of(attachments_->begin(), attachments_->end(), is_on_each);
  if (!any) return;
  if (const int error = processors_.open(); error != 0) {
    warnings.push_back(
        warning(fmt::format("cannot watch for CPUs that come back online: {}", errno_text(error)),
                "events on such a CPU will not be seen"));
  }
}

std::vector<int> Surroundings::fds() const {
  std::vector<int> fds;
  if (interfaces_.fd() >= 0) fds.push_back(interfaces_.fd());
  for (const int fd : {paths_.fd(), modules_.fd(), processors_.fd()}) {
    if (fd >= 0) fds.push_back(fd);
  }
  for (const auto& [id, process] : processes_) {
    if (process) fds.push_back(process.get());
  }
  return fds;
}

Surroundings::Seen Surroundings::look() {
  Seen seen;
  if (attachments_ == nullptr) return seen;
  if ((interfaces_.fd() >= 0 && interfaces_.take()) || look_again_) look_at_interfaces(seen);
  look_at_processes(seen);
  if (paths_.fd() >= 0 && (paths_.take() || look_again_)) {
    look_at_files(seen);
    look_at_cgroups(seen);
  }
  if (modules_.fd() >= 0) look_at_modules(seen);
  look_again_ = false;
  if (processors_.fd() >= 0) look_at_processors(seen);
  if (nothing_left() && !std::exchange(said_nothing_left_, true))
    seen.news.push_back(fmt::format("{}: no attached program is left that could report events", name_));
  return seen;
}

void Surroundings::look_at_interfaces(Seen& seen) {
  for (Attachment& attachment : *attachments_) {
    if (attachment.gone || !attachment.interface || InterfaceWatch::exists(attachment.interface->index))
      continue;
    attachment.gone = true;
    const InForce raised = raise_rights(bpf_rights);
    attachment.links.clear();
    const std::string& name = attachment.interface->name;
    // It may be removed during this loop, between two of its attachments: the next look finds the others.
    if (!gone_interfaces_.insert(name).second) continue;
    seen.warnings.push_back(
        warning(fmt::format("the interface {} is gone: deleted, or moved to another network namespace",
                            escape_for_terminal(name)),
                "its programs are detached, and are not attached again if it comes back: start a new run"));
  }
}

bool Surroundings::processes_ready() const {
  std::vector<pollfd> fds;
  for (const auto& [id, process] : processes_) {
    if (process) fds.push_back({process.get(), POLLIN, 0});
  }
  return look_again_ || (!fds.empty() && ::poll(fds.data(), fds.size(), 0) > 0);
}

void Surroundings::look_at_processes(Seen& seen) {
  if (processes_.empty() || !processes_ready()) return;
  for (auto& [id, process] : processes_) {
    pollfd ready{process.get(), POLLIN, 0};
    if (process && ::poll(&ready, 1, 0) <= 0) continue;
    process.reset();  // it would stay readable
    bool any = false;
    for (Attachment& attachment : *attachments_) {
      if (attachment.process != id || attachment.gone) continue;
      attachment.gone = true;
      any = true;
    }
    if (any) seen.news.push_back(fmt::format("{}: process {} has exited", name_, id));
  }
}

namespace {

// The process through whose root a file was named has exited: nothing is known about the file.
bool is_out_of_sight(const std::string& path) {
  constexpr std::string_view proc = "/proc/";
  if (!path.starts_with(proc)) return false;
  return !state_of(path.substr(0, path.find('/', proc.size()))).exists;
}

}  // namespace

void Surroundings::look_at_files(Seen& seen) {
  for (Attachment& attachment : *attachments_) {
    if (attachment.file && !attachment.gone) look_at_file(attachment, seen);
  }
}

void Surroundings::look_at_file(Attachment& attachment, Seen& seen) {
  Attachment::File& file = *attachment.file;
  const FileState now = state_of(file.path);
  if (now == file.state || is_out_of_sight(file.path)) return;
  static_cast<void>(paths_.add(file.path));  // the path may lead through other directories now
  const bool was_there = std::exchange(file.state.exists, now.exists);
  const std::string shown = escape_for_terminal(file.path);
  const std::string_view what = !now.exists                    ? "was deleted"
                                : now.is_same_file(file.state) ? "was written to"
                                                               : "was replaced";
  if (attachment.again && now.exists) return follow(attachment, now, what, seen);
  if (now.exists) file.state = now;
  if (!was_there || !said_of_paths_.insert(file.path).second) return;
  const bool is_written = now.exists && what == "was written to";
  seen.warnings.push_back(
      warning(is_written ? fmt::format("{} was written to: its probes may be in the wrong places", shown)
                         : fmt::format("{} {}: processes that start from now on are not seen", shown, what),
              attachment.again ? "it is attached to again when it is back"
                               : "start the run again, or add \"follow\": true to the attach point"));
}

// Processes that run the old file are still seen.
void Surroundings::follow(Attachment& attachment, const FileState& now, std::string_view what, Seen& seen) {
  Attachment::File& file = *attachment.file;
  const bool is_new_file = !now.is_same_file(file.state);
  const std::string shown = escape_for_terminal(file.path);
  file.state = now;
  const InForce raised = raise_rights(bpf_rights);
  try {
    if (!is_new_file) attachment.links.clear();  // they are at places of the old code
    Attachment more = attachment.again();
    for (Link& link : more.links) attachment.links.push_back(std::move(link));
    if (more.file) file.state = more.file->state;
    std::string news = fmt::format("{}: {} {}: attached to the new file{}", name_, shown, what,
                                   is_new_file ? " as well" : "");
    if (std::find(seen.news.begin(), seen.news.end(), news) == seen.news.end())
      seen.news.push_back(std::move(news));
  } catch (const Error& error) {
    seen.warnings.push_back(warning(fmt::format("{} {}: processes that start from now on are not seen: {}",
                                                shown, what, error.diagnostics().front().what),
                                    error.diagnostics().front().hint));
  } catch (const Stopped&) {
    // The run is about to end.
  }
}

void Surroundings::look_at_cgroups(Seen& seen) {
  for (Attachment& attachment : *attachments_) {
    if (!attachment.cgroup || attachment.gone) continue;
    const std::string& path = attachment.cgroup->path;
    if (state_of(path).is_same_file(attachment.cgroup->state)) continue;
    attachment.gone = true;
    attachment.links.clear();
    if (!said_of_paths_.insert(path).second) continue;
    seen.warnings.push_back(
        warning(fmt::format("the cgroup {} was removed", escape_for_terminal(path)),
                "its programs are detached, and are not attached again if it comes back: start a new run"));
  }
}

void Surroundings::look_at_modules(Seen& seen) {
  const std::vector<std::string> unloaded = modules_.take();
  if (unloaded.empty()) return;
  const std::set<std::string, std::less<>> modules(unloaded.begin(), unloaded.end());
  // Of functions whose module the spec does not name: those that are still there, in other modules.
  std::set<std::string, std::less<>> sought, still_there;
  for (const Attachment& attachment : *attachments_) {
    if (attachment.function && !attachment.gone && attachment.function->module.empty())
      sought.insert(attachment.function->name);
  }
  bool is_readable = sought.empty();
  if (!sought.empty()) {
    read_kallsyms(kallsyms_path, [&](const KallsymsLine& line) {
      is_readable = true;
      if (line.is_function() && sought.contains(line.name) && !modules.contains(line.module))
        still_there.emplace(line.name);
    });
  }
  bool any = false;
  for (Attachment& attachment : *attachments_) {
    if (!attachment.function || attachment.gone) continue;
    const auto& [name, module] = *attachment.function;
    const bool is_gone =
        module.empty() ? is_readable && !still_there.contains(name) : modules.contains(module);
    if (!is_gone) continue;
    attachment.gone = true;
    attachment.links.clear();
    any = true;
  }
  if (!any) return;
  for (const std::string& module : modules) {
    seen.warnings.push_back(
        warning(fmt::format("the module {} was unloaded: its probes are gone", escape_for_terminal(module)),
                "they are not set again if it is loaded: start a new run"));
  }
}

void Surroundings::look_at_processors(Seen& seen) {
  for (const ProcessorChange& change : processors_.take()) {
    const auto is_on = [&](const Attachment& attachment) {
      const std::optional<PerProcessor>& each = attachment.per_processor;
      return each && (each->wanted.empty() || contains(each->wanted, change.processor));
    };
    if (change.online) {
      seen.came_back.push_back(change.processor);
      for (Attachment& attachment : *attachments_) {
        if (is_on(attachment)) attach_again(attachment, change.processor, seen);
      }
      continue;
    }
    const bool matters =
        others_.perf_buffers || std::any_of(attachments_->begin(), attachments_->end(), is_on);
    if (!matters || !went_offline_.insert(change.processor).second) continue;
    seen.warnings.push_back(warning(fmt::format("CPU {} went offline", change.processor),
                                    "its events will be seen again when it is back online"));
  }
}

void Surroundings::attach_again(Attachment& attachment, int processor, Seen& seen) {
  PerProcessor& each = *attachment.per_processor;
  const InForce raised = raise_rights(bpf_rights);
  try {
    LinkHandle link = each.on(processor);
    const auto at = std::find(each.processors.begin(), each.processors.end(), processor);
    if (at != each.processors.end()) {
      const auto index = static_cast<std::size_t>(at - each.processors.begin());
      attachment.links[index].emplace<LinkHandle>(std::move(link));
    } else {
      attachment.links.emplace_back(std::move(link));
      each.processors.push_back(processor);
    }
  } catch (const Error& error) {
    seen.warnings.push_back(warning(fmt::format("CPU {} is online again, but: {}", processor, error.what()),
                                    error.diagnostics().front().hint));
  }
}

bool Surroundings::nothing_left() const {
  if (attachments_ == nullptr) return false;
  const auto has_gone = [](const Attachment& attachment) { return attachment.gone; };
  const auto can_see = [](const Attachment& attachment) {
    return !attachment.gone && !attachment.links.empty();
  };
  return std::any_of(attachments_->begin(), attachments_->end(), has_gone) &&
         std::none_of(attachments_->begin(), attachments_->end(), can_see);
}

}  // namespace probe_run
