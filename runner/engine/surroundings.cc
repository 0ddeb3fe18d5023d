#include "engine/surroundings.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

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
  if (processors_.fd() >= 0) fds.push_back(processors_.fd());
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
