#include "format/folded_format.h"

#include <fmt/format.h>

#include <algorithm>

#include "decode/stack_names.h"
#include "format/plain_value.h"
#include "spec/output_spec.h"
#include "support/suggest.h"

namespace probe_run {
namespace {

// What can be added: an integer of up to 64 bits, or a floating-point number.
bool is_count(const Field& field) {
  return (field.scalar || is_floating(field)) && is_number(field);
}

// The text of one frame: on one line, without characters that end a frame.
void append_frame_text(std::string_view text, TextBuffer& out) noexcept {
  while (!text.empty()) {
    const std::size_t end = text.find(';');
    append_escaped(out, text.substr(0, end));
    if (end == std::string_view::npos) return;
    out.append(':');
    text.remove_prefix(end + 1);
  }
}

}  // namespace

FoldedFormat::FoldedFormat(const OutputSpec& output, const Plan& plan, Mode mode, Diagnostics& diagnostics)
    : mode_(mode) {
  const std::vector<Column> columns = compile_columns(output, plan, true, diagnostics);
  for (const Column& column : columns) {
    if (is_stack(*column.field)) stacks_.push_back(column.field);
  }
  if (stacks_.empty() && !diagnostics.failed()) {
    diagnostics.error(output.at, "the format folded needs a column with a stack",
                      "render a field of addresses, or a stack id, as kstack or ustack");
  }
  std::stable_partition(stacks_.begin(), stacks_.end(),
                        [](const Field* stack) { return !is_kernel_stack(*stack); });
  choose_count(output, columns, diagnostics);
  // Fields named before the stack are its outermost frames; by default, process names are.
  for (const Column& column : columns) {
    const bool chosen = !output.fields.empty() || !output.group_by.empty();
    if (chosen && is_stack(*column.field)) break;
    if (column.field == count_ || is_stack(*column.field)) continue;
    if (chosen || column.field->shape == Shape::text) leading_.push_back(column.field);
  }
}

void FoldedFormat::choose_count(const OutputSpec& output, const std::vector<Column>& columns,
                                Diagnostics& diagnostics) {
  std::vector<const Column*> counts;
  bool behind = false;  // a stack
  for (const Column& column : columns) {
    behind = behind || is_stack(*column.field);
    const std::string& path = column.field->path;
    const auto named = [&](const auto& aggregate) { return *aggregate.first == path; };
    const bool computed = std::any_of(output.aggregate.begin(), output.aggregate.end(), named) ||
                          path == "value" || path.starts_with("value.");
    const bool chosen = !output.fields.empty() && behind;
    if (is_count(*column.field) && (computed || chosen)) counts.push_back(&column);
  }
  if (counts.size() == 1) count_ = counts.front()->field;
  if (counts.size() < 2) return;
  // One of them is not meant to be a number: its renderer is wrong, which has been reported.
  if (std::any_of(counts.begin(), counts.end(), [](const Column* column) { return column->field->mistaken; }))
    return;
  std::vector<std::string_view> names;
  names.reserve(counts.size());
  for (const Column* column : counts) names.push_back(column->name);
  diagnostics.error(output.fields.empty() ? output.at : output.fields.front().field.at,
                    "the format folded needs one count, but there are several numbers: " + join(names),
                    "select them with \"fields\": outermost frames, the stack, and the count");
}

void FoldedFormat::append_stack(const Field& stack, Bytes record, const RenderContext& context) noexcept {
  if (!present(stack, record)) return;
  names_.clear();
  append_stack_names(stack, record, context, names_);
  // Innermost first, each ended by a newline: from the end.
  for (std::string_view rest = names_.view(); !rest.empty();) {
    rest.remove_suffix(1);
    const std::size_t newline = rest.rfind('\n');
    const std::size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
    if (!line_.empty()) line_.append(';');
    append_frame_text(rest.substr(begin), line_);
    if (is_kernel_stack(stack)) line_.append("_[k]");
    rest = rest.substr(0, begin);
  }
}

void FoldedFormat::append_frames(Bytes record, const RenderContext& context) noexcept {
  line_.clear();
  for (const Field* field : leading_) {
    names_.clear();
    append_plain(*field, record, context, Reader::program, names_);
    if (!line_.empty()) line_.append(';');
    append_frame_text(names_.empty() ? absent_text : names_.view(), line_);
  }
  for (const Field* stack : stacks_) append_stack(*stack, record, context);
  if (line_.empty()) line_.append("[unknown]");
}

FoldedFormat::Count FoldedFormat::count_of(Bytes record) const noexcept {
  if (count_ == nullptr) return {1, 1};
  if (!present(*count_, record)) return {};
  if (is_floating(*count_)) return {0, load_float(*count_, record)};
  return {load_integer(*count_, record), 0};
}

void FoldedFormat::append_line(std::string_view frames, const Count& count, TextBuffer& out) const noexcept {
  out.append(frames);
  out.append(' ');
  if (count_ != nullptr && is_floating(*count_)) {
    append_float(out, count.real, sizeof count.real);
  } else if (count_ != nullptr && count_->slot.is_signed) {
    append_number(out, static_cast<std::int64_t>(count.whole));
  } else {
    append_number(out, count.whole);
  }
  out.append('\n');
}

void FoldedFormat::row(Bytes record, const RenderContext& context, TextBuffer& out) noexcept {
  append_frames(record, context);
  const Count count = count_of(record);
  if (mode_ == Mode::stream) return append_line(line_.view(), count, out);
  const auto [place, added] = index_.try_emplace(std::string(line_.view()), batch_.size());
  if (added) batch_.emplace_back(place->first, Count{});
  Count& sum = batch_[place->second].second;
  sum.whole += count.whole;
  sum.real += count.real;
}

void FoldedFormat::end_batch(TextBuffer& out) noexcept {
  for (const auto& [frames, count] : batch_) append_line(frames, count, out);
  batch_.clear();
  index_.clear();
}

std::unique_ptr<Format> compile_folded(const FormatRequest& request, Diagnostics& diagnostics) {
  const auto mode = request.batched ? FoldedFormat::Mode::batch : FoldedFormat::Mode::stream;
  return std::make_unique<FoldedFormat>(request.output, request.plan, mode, diagnostics);
}

}  // namespace probe_run
