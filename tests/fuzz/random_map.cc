#include "fuzz/random_map.h"

#include <linux/bpf.h>

#include "decode/renderer.h"
#include "fuzz/oracles.h"
#include "fuzz/random_types.h"
#include "spec/map_spec.h"
#include "support/error.h"
#include "unit/sample_object.h"

namespace fuzz {
namespace {

using namespace probe_run;
using test::located;

void collect(const Field& field, std::vector<std::string>& paths) {
  if (!field.path.empty()) paths.push_back(field.path);
  for (const Field& member : field.fields) collect(member, paths);
}

// Nothing if the spec does not fit; its diagnostics must be safe for a terminal.
std::optional<Plan> compile(const RandomMap& map) {
  Diagnostics diagnostics = test::no_diagnostics();
  try {
    std::optional<Plan> plan = compile_plan(*map.spec, *map.object, map.possible_cpus, diagnostics);
    for (const Diagnostic& diagnostic : diagnostics.all()) {
      check_harmless(diagnostic.what);
      check_harmless(diagnostic.hint);
    }
    if (!diagnostics.failed()) return plan;
  } catch (const Error&) {  // a type with too many fields
  }
  return std::nullopt;
}

std::string some_path(const std::vector<std::string>& paths, Choices& choices) {
  if (paths.empty() || choices.one_in(12)) return "a";
  return paths[choices.number(2) % paths.size()];
}

When some_when(const std::vector<std::string>& paths, Choices& choices) {
  When when;
  for (unsigned i = choices.below(3); i > 0; --i) {
    OneOrMany<Located<Constant>> values;
    do {
      const std::uint64_t number = choices.one_in(4) ? choices.number() : choices.below(8);
      if (choices.one_in(6)) {
        values.items.push_back(located(Constant(std::string("A"))));
      } else if (choices.one_in(4)) {
        values.items.push_back(located(Constant(-static_cast<std::int64_t>(number >> 1) - 1)));
      } else {
        values.items.push_back(located(Constant(number)));
      }
    } while (choices.one_in(3));
    when.emplace_back(located(some_path(paths, choices)), std::move(values));
  }
  return when;
}

FieldSpec some_options(const std::vector<std::string>& paths, Choices& choices) {
  constexpr const char* labels[] = {"TCP", "two words", "\x1b[0m", "a,\"b\"", "\xe2\x80\xae", "|"};
  FieldSpec field;
  const auto renderers = all_renderers();
  if (!choices.one_in(4)) field.as = located(std::string(choices.pick(renderers)->name));
  if (choices.one_in(3)) {
    for (unsigned i = choices.below(4); i > 0; --i) {
      const std::string number = choices.one_in(4) ? "-1" : std::to_string(choices.byte());
      field.values.emplace_back(located(number), located(std::string(choices.pick(labels))));
    }
  }
  if (choices.one_in(3)) field.when = some_when(paths, choices);
  if (choices.one_in(4)) field.stacks = located(std::string("stacks"));
  if (choices.one_in(4)) field.process = located(some_path(paths, choices));
  return field;
}

std::vector<LayoutMember> some_layout(const std::vector<std::string>& types, Choices& choices) {
  constexpr const char* bases[] = {"u8",   "s16",  "u32",    "s64",  "u128",
                                   "s128", "char", "double", "bool", "void *"};
  constexpr const char* tails[] = {"", "", "[3]", "[16]", "[2][3]", "[]"};
  constexpr const char* names[] = {"", "", "", "pid", "tgid", "value", "a"};
  std::vector<LayoutMember> layout;
  for (std::size_t i = 0, count = 1 + choices.below(5); i < count; ++i) {
    LayoutMember member;
    const std::string name = choices.pick(names);
    member.name = located(name.empty() ? std::string(1, static_cast<char>('a' + i)) : name);
    const bool known = !types.empty() && choices.one_in(3);
    member.type =
        located((known ? choices.pick(types) : choices.pick(bases)) + std::string(choices.pick(tails)));
    if (choices.one_in(5)) member.offset = located(std::uint64_t{choices.byte()});
    layout.push_back(std::move(member));
  }
  return layout;
}

MapInfo some_info(RandomTypes& types, Choices& choices) {
  constexpr std::uint32_t kinds[] = {
      BPF_MAP_TYPE_RINGBUF,     BPF_MAP_TYPE_RINGBUF, BPF_MAP_TYPE_PERF_EVENT_ARRAY, BPF_MAP_TYPE_HASH,
      BPF_MAP_TYPE_PERCPU_HASH, BPF_MAP_TYPE_ARRAY,   BPF_MAP_TYPE_PERCPU_ARRAY};
  const std::uint32_t kind = choices.pick(kinds);
  if (kind == BPF_MAP_TYPE_RINGBUF || kind == BPF_MAP_TYPE_PERF_EVENT_ARRAY)
    return test::map_info("events", kind);
  const RandomTypes::Made key = types.any(2);
  const RandomTypes::Made value = types.structure("value", 1);
  // BTF and the map's own definition need not agree.
  const std::uint32_t more = choices.one_in(8) ? choices.below(20) : 0;
  return test::map_info("events", kind, key.size, value.size + more, key.id, value.id);
}

}  // namespace

std::vector<std::string> all_paths(const Plan& plan) {
  std::vector<std::string> paths;
  collect(plan.root, paths);
  return paths;
}

RandomMap random_map(Choices& choices) {
  RandomMap map;
  map.possible_cpus = 1 + choices.below(4);
  RandomTypes types(choices);
  MapInfo info = some_info(types, choices);
  const bool stream = info.is_stream();
  std::vector<std::string> records;
  for (std::size_t i = 0, count = stream ? 1 + choices.below(3) : 0; i < count; ++i) {
    records.push_back("struct record" + std::to_string(i));
    types.structure("record" + std::to_string(i), 0);
  }
  map.object = test::object_of(
      types.btf(), {std::move(info), test::map_info("stacks", BPF_MAP_TYPE_STACK_TRACE, 4, 1016)});
  map.object->machine = choices.one_in(4) ? "aarch64" : "x86_64";
  map.spec = std::make_unique<MapSpec>();
  map.spec->name = located(std::string("events"));

  const bool by_hand = choices.one_in(5);
  if (by_hand) map.spec->layout = some_layout(types.names(), choices);
  if (!stream && choices.one_in(5)) map.spec->key_layout = some_layout(types.names(), choices);
  if (stream && !by_hand) map.spec->type = located(records[0]);
  if (map.info().is_per_cpu() && choices.one_in(2)) map.spec->per_cpu = true;
  map.plan = compile(map);
  if (!map.plan) return map;

  // Parts that do not fit are removed, so that something is left to print.
  const std::vector<std::string> paths = all_paths(*map.plan);
  for (std::size_t i = 1; i < records.size() && map.spec->type; ++i) {
    map.spec->types.push_back({some_when(paths, choices), located(records[i])});
    if (map.spec->types.back().when.empty() || !compile(map)) map.spec->types.pop_back();
  }
  for (unsigned i = choices.below(8); i > 0; --i) {
    map.spec->fields.emplace_back(located(some_path(paths, choices)), some_options(paths, choices));
    if (!compile(map)) map.spec->fields.pop_back();
  }
  map.plan = compile(map);
  return map;
}

}  // namespace fuzz
