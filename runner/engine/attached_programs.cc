#include "engine/attached_programs.h"

#include <fmt/format.h>

#include "attach/link_pin.h"
#include "object/entry_writer.h"
#include "object/load_error.h"
#include "spec/map_spec.h"
#include "spec/program_spec.h"
#include "support/status.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

void show(const VerifierLog& log) {
  for (const auto& [program, text] : log.texts()) {
    print_status(Patience::unlimited, "the verifier on {}:\n{}", escape_for_terminal(program),
                 escape_lines(text));
  }
}

// Shows the log whether the kernel accepts the programs or not; level 0 requests none.
void load_showing_log(BpfObject& object, unsigned level) {
  if (level == 0) return object.load();
  VerifierLog log;
  try {
    object.load(level, &log);
  } catch (...) {
    show(log);
    throw;
  }
  show(log);
}

}  // namespace

bool AttachedPrograms::load(unsigned verifier_log) {
  ways_.begin_try();
  compiled_.object->select(ways_.programs());
  return prepare_programs() && load_object(verifier_log);
}

bool AttachedPrograms::prepare_programs() {
  BpfObject& object = *compiled_.object;
  bool is_attached_already = false;
  for (const ProgramSpec* program : ways_.programs()) {
    if (take_pinned_link(*program)) {
      is_attached_already = true;
      continue;
    }
    for (const Located<AttachPoint>& point : program->attach.items) {
      try {
        held_.push_back(prepare(object, *program->name, point.value));
      } catch (const Error& error) {
        if (!ways_.refuse(point, error)) return false;
        // Without its target, the kernel would reject the program, and the load of the whole object would fail.
        bpf_program__set_autoload(object.program(*program->name), false);
      }
    }
  }
  if (is_attached_already) warn_of_unseen_maps();
  return true;
}

// With a reused link, the program is already attached and need not be loaded.
bool AttachedPrograms::take_pinned_link(const ProgramSpec& program) {
  if (!program.pin) return false;
  try {
    std::optional<Attachment> pinned = find_pinned_link(program);
    if (!pinned) return false;
    ways_.attached(program.attach.items.front(), pinned->description);
    attachments_.push_back(std::move(*pinned));
  } catch (const Error& error) {
    std::vector<Diagnostic> diagnostics = error.diagnostics();
    diagnostics.front().where = compiled_.spec.source->excerpt(program.pin->at);
    throw Error(std::move(diagnostics));
  }
  bpf_program__set_autoload(compiled_.object->program(*program.name), false);
  return true;
}

// A program that stays attached keeps using its own maps.
void AttachedPrograms::warn_of_unseen_maps() {
  for (const Input& input : compiled_.pipeline->inputs()) {
    if (input.is_printed_lines() || input.spec->pin) continue;
    Diagnostic warning = {Diagnostic::Severity::warning,
                          fmt::format("\"{}\" is not the map that the already attached programs use",
                                      escape_for_terminal(*input.spec->name)),
                          "add \"pin\" and \"reuse_pin\" to the map, too", std::nullopt};
    warning.where = compiled_.spec.source->excerpt(input.spec->name.at);
    warnings_.push_back(std::move(warning));
  }
}

bool AttachedPrograms::load_object(unsigned verifier_log) {
  BpfObject& object = *compiled_.object;
  object.take_pins(compiled_.spec);
  try {
    load_showing_log(object, verifier_log);
  } catch (const LoadError& error) {
    ways_.refuse_load(error);
    return false;
  }
  held_.clear();
  object.pin(compiled_.spec, pins_);
  // Before the first program runs.
  write_entries(object, compiled_.spec, compiled_.entries);
  return true;
}

bool AttachedPrograms::attach() {
  for (const ProgramSpec* program : ways_.programs()) {
    // Refused during preparation, or already attached.
    if (!bpf_program__autoload(compiled_.object->program(*program->name))) continue;
    for (const Located<AttachPoint>& point : program->attach.items) {
      try {
        attach_at(*program, point);
      } catch (const Error& error) {
        if (!ways_.refuse(point, error)) return false;
      }
    }
  }
  return true;
}

void AttachedPrograms::attach_at(const ProgramSpec& program, const Located<AttachPoint>& point) {
  Attachment attachment = probe_run::attach(*compiled_.object, *program.name, point.value);
  if (!attachment.warning.empty()) {
    warnings_.push_back(
        {Diagnostic::Severity::warning, attachment.warning, {}, compiled_.spec.source->excerpt(point.at)});
  }
  if (program.pin) pin_link(program, attachment, pins_);
  ways_.attached(point, attachment.description);
  attachments_.push_back(std::move(attachment));
}

bool AttachedPrograms::follows_files() const {
  for (const ProgramSpec* program : ways_.programs()) {
    for (const Located<AttachPoint>& point : program->attach.items) {
      if (follows_file(point.value)) return true;
    }
  }
  return false;
}

void AttachedPrograms::undo() {
  detach();
  pins_.undo();
  held_.clear();
  warnings_.clear();
  compiled_.object->open_again(compiled_.spec);
}

void AttachedPrograms::keep_pins() noexcept {
  pins_.keep();
  for (Attachment& attachment : attachments_) leave_attached(attachment);
}

void AttachedPrograms::detach() noexcept {
  // In reverse order: an attachment may depend on something that an earlier one created.
  while (!attachments_.empty()) attachments_.pop_back();
}

std::vector<Diagnostic> AttachedPrograms::warnings() const {
  std::vector<Diagnostic> all = ways_.warnings();
  all.insert(all.end(), warnings_.begin(), warnings_.end());
  return all;
}

}  // namespace probe_run
