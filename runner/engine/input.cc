#include "engine/input.h"

#include <fmt/format.h>

#include <set>

#include "object/map_rules.h"
#include "spec/map_spec.h"
#include "spec/spec.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// The size of a record in a perf buffer includes the kernel's padding for alignment.
constexpr std::uint32_t perf_slack = 7;

}  // namespace

void compile_inputs(const Spec& spec, const ObjectDescription& object, std::uint32_t possible_cpus,
                    std::deque<Input>& inputs, Diagnostics& diagnostics) {
  std::set<std::uint32_t> known_maps;
  for (const MapSpec& map : spec.maps) {
    const MapInfo* const known = object.find_map(*map.name);
    if (known != nullptr && is_set_up_only(spec, map, *known)) continue;
    Input& input = inputs.emplace_back();
    input.spec = &map;
    input.info = known;
    input.plan = compile_plan(map, object, possible_cpus, diagnostics);
    if (map.lost) input.drop_counter = find_drop_counter(*map.lost, object, diagnostics);
    if (!input.plan) continue;
    input.map = static_cast<std::uint32_t>(input.info - object.maps.data());
    input.slack = input.info->map_class() == MapClass::perf_buffer ? perf_slack : 0;
    input.keys = encode_keys(map, *input.info, object, diagnostics);
    input.sent = encode_sent(map, *input.info, object, diagnostics);
    if (!known_maps.insert(input.map).second) {
      diagnostics.error(map.name.at, fmt::format("duplicate map \"{}\"", escape_for_terminal(*map.name)));
    }
    if (input.info->is_per_cpu() && !map.per_cpu) {
      input.sum.emplace(*input.plan, input.info->key_size, input.info->value_size, possible_cpus);
    }
    if (input.read_mode() != ReadMode::snapshot && !input.info->is_stream()) {
      const std::uint64_t entries = map.max_entries ? **map.max_entries : input.info->max_entries;
      input.delta.emplace(*input.plan, input.read_mode(), input.info->entry_key_size(),
                          entries > 0 ? entries : Delta::default_limit);
    }
  }
}

bool Input::counts_lost(bool counters_read) const {
  if (is_printed_lines() || info->map_class() != MapClass::ring_buffer) return true;
  return dropped.has_value() || (drop_counter.has_value() && !counters_read);
}

Duration Input::interval() const {
  constexpr Duration by_default = std::chrono::seconds(1);
  if (spec->poll) return **spec->poll;
  return read_at_exit_only() ? Duration(0) : by_default;
}

bool Input::read_at_exit_only() const {
  return !delta && std::all_of(outputs.begin(), outputs.end(),
                               [](const Output* output) { return output->needs_last_read_only(); });
}

bool Input::can_be_read_for_metrics() const {
  return plan && !is_stream() && !delta && info->map_class() != MapClass::queue &&
         std::any_of(outputs.begin(), outputs.end(), [](const Output* output) { return output->is_state(); });
}

void Input::begin_read(ReadFor whom, std::int64_t now) noexcept {
  read_for_ = whom;
  if (delta) delta->begin_read(now);
  for_readers([](Output& output) { output.begin_read(); });
}

void Input::entry(Bytes entry, bool taken) noexcept {
  const Bytes row = sum ? sum->add(entry) : entry;
  const std::optional<Bytes> shown = !delta ? row : taken ? delta->taken_entry(row) : delta->entry(row);
  if (shown) for_readers([&](Output& output) { output.row(*shown); });
}

void Input::end_read(bool incomplete) noexcept {
  if (delta) delta->end_read(incomplete);
  for_readers([](Output& output) { output.end_read(); });
  read_for_.reset();
}

}  // namespace probe_run
