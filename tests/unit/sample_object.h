// Objects with maps and types to compile plans for, built without a compiler.
#pragma once

#include <linux/bpf.h>

#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "decode/plan.h"
#include "decode/renderer.h"
#include "format/plain_value.h"
#include "spec/map_spec.h"
#include "support/error.h"
#include "unit/btf_builder.h"
#include "unit/record_bytes.h"

namespace test {

template <class T>
probe_run::Located<T> located(T value, probe_run::Span at = {}) {
  return {std::move(value), at};
}

inline probe_run::Diagnostics no_diagnostics(std::string text = "") {
  return probe_run::Diagnostics(std::make_shared<probe_run::SourceText>("spec.json", std::move(text)));
}

// "what" of each diagnostic, a line each.
inline std::string whats(const probe_run::Diagnostics& diagnostics) {
  std::string text;
  for (const probe_run::Diagnostic& d : diagnostics.all()) text += d.what + "\n";
  return text;
}

inline probe_run::MapInfo map_info(std::string name, std::uint32_t type, std::uint32_t key_size = 0,
                                   std::uint32_t value_size = 0, std::uint32_t key_id = 0,
                                   std::uint32_t value_id = 0) {
  return {std::move(name), type, key_size, value_size, 16, key_id, value_id};
}

inline std::unique_ptr<probe_run::ObjectDescription> object_of(const BtfBuilder& btf,
                                                               std::vector<probe_run::MapInfo> maps) {
  auto object = std::make_unique<probe_run::ObjectDescription>();
  object->path = "sample.bpf.o";
  object->btf = btf.build();
  object->types = probe_run::TypeTable(object->btf);
  object->maps = std::move(maps);
  return object;
}

// A plan together with the types that it points to.
struct Compiled {
  std::unique_ptr<probe_run::ObjectDescription> object;
  std::optional<probe_run::Plan> plan;
  std::string mistakes;  // a line each; "" for none

  const probe_run::Plan& operator*() const { return *plan; }
  const probe_run::Plan* operator->() const { return &*plan; }
  const probe_run::Field& field(std::string_view path) const {
    const probe_run::Field* const found = plan ? plan->find(path) : nullptr;
    if (found == nullptr) throw std::runtime_error("no field " + std::string(path) + ": " + mistakes);
    return *found;
  }
};

using Renderers = std::map<std::string, std::string>;

inline Compiled compile_map(std::unique_ptr<probe_run::ObjectDescription> object,
                            const probe_run::MapSpec& map, std::uint32_t possible_cpus = 2) {
  probe_run::Diagnostics diagnostics = no_diagnostics();
  Compiled compiled;
  compiled.object = std::move(object);
  compiled.plan = probe_run::compile_plan(map, *compiled.object, possible_cpus, diagnostics);
  compiled.mistakes = whats(diagnostics);
  return compiled;
}

// The plan of a ring buffer with records of `type`.
inline Compiled stream_of(const BtfBuilder& btf, const std::string& type, const Renderers& renderers = {}) {
  probe_run::MapSpec map;
  map.name = located(std::string("events"));
  map.type = located(type);
  for (const auto& [field, as] : renderers) {
    map.fields.emplace_back(located(field), probe_run::FieldSpec{located(as)});
  }
  return compile_map(object_of(btf, {map_info("events", BPF_MAP_TYPE_RINGBUF)}), map);
}

// struct event, with a field of every kind:
//
//     u64 ts;                       0      double load;           48
//     u32 pid;                      8      u32 counts[3];         56
//     int ret;                     12      void *address;         72
//     char comm[16];               16      struct pair pairs[2];  80   { u32 a; char b[4]; }
//     struct net net;              32      char path[];           96   until the record's end
//     enum state state;            36
//     u8 mac[6];                   40      struct net: u16 port; u8 low : 3, high : 5; u8 pad;
//     bool ok;                     46
inline BtfBuilder event_types() {
  BtfBuilder btf;
  const auto u8 = btf.type_def("u8", btf.integer("unsigned char", 1));
  const auto u16 = btf.integer("unsigned short", 2);
  const auto u32 = btf.integer("unsigned int", 4);
  const auto u64 = btf.integer("unsigned long long", 8);
  const auto i32 = btf.integer("int", 4, BTF_INT_SIGNED);
  const auto character = btf.integer("char", 1, BTF_INT_SIGNED);
  const auto boolean = btf.integer("_Bool", 1, BTF_INT_BOOL);
  const auto real = btf.floating("double", 8);
  const auto state = btf.enumeration("state", 4, {{"IDLE", 0}, {"BUSY", 1}, {"BROKEN", -1}});
  const auto net =
      btf.structure("net", 4, {{"port", u16, 0}, {"low", u8, 16, 3}, {"high", u8, 19, 5}, {"pad", u8, 24}});
  const auto pair = btf.structure("pair", 8, {{"a", u32, 0}, {"b", btf.array(character, 4), 32}});
  btf.structure("event", 96,
                {{"ts", u64, 0},
                 {"pid", u32, 8 * 8},
                 {"ret", i32, 12 * 8},
                 {"comm", btf.array(character, 16), 16 * 8},
                 {"net", net, 32 * 8},
                 {"state", state, 36 * 8},
                 {"mac", btf.array(u8, 6), 40 * 8},
                 {"ok", boolean, 46 * 8},
                 {"load", real, 48 * 8},
                 {"counts", btf.array(u32, 3), 56 * 8},
                 {"address", btf.pointer(0), 72 * 8},
                 {"pairs", btf.array(pair, 2), 80 * 8},
                 {"path", btf.array(character, 0), 96 * 8}});
  return btf;
}

inline Compiled event_plan(const Renderers& renderers = {{"ts", "ktime"}, {"mac", "mac"}}) {
  return stream_of(event_types(), "struct event", renderers);
}

inline RecordBytes event_record(std::string_view comm = "bash", std::string_view path = "/etc/passwd") {
  RecordBytes record;
  record.u64(1'500'000'000).u32(42).i32(-2).text(comm, 16);
  record.u16(443).u8(0b10110'101).u8(0).u32(1);
  record.text(std::string_view("\x02\x42\xac\x11\x00\x02", 6), 6).u8(1).u8(0).add(0.25);
  record.u32(7).u32(8).u32(9).u32(0).u64(0xffff'8880'0000'1234);
  record.u32(1).text("one", 4).u32(2).text("two", 4).text(path, path.size());
  return record;
}

// A context in which the wall-clock time is CLOCK_MONOTONIC plus this.
inline probe_run::RenderContext clock_at(std::int64_t to_wall) {
  probe_run::RenderContext context;
  context.clock.observe(0, to_wall);
  return context;
}

inline std::string plain(const probe_run::Field& field, std::span<const std::byte> record,
                         const probe_run::RenderContext& context = {},
                         probe_run::Reader reader = probe_run::Reader::person) {
  probe_run::TextBuffer out;
  probe_run::append_plain(field, record, context, reader, out);
  return std::string(out.view());
}

}  // namespace test
