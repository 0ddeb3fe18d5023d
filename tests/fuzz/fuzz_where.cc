// Expressions of "where" over a record with a field of every kind. Up to the first NUL the input is the
// expression; after it are the bytes of a record.
#include <string>

#include "filter/filter.h"
#include "fuzz/hostile_names.h"
#include "fuzz/oracles.h"
#include "fuzz/targets.h"
#include "unit/spec_plan.h"

namespace fuzz {
namespace {

using namespace probe_run;

test::SpecPlan make_plan() {
  test::BtfBuilder btf;
  const auto u8 = btf.integer("unsigned char", 1);
  const auto u16 = btf.integer("unsigned short", 2);
  const auto u32 = btf.integer("unsigned int", 4);
  const auto s32 = btf.integer("int", 4, BTF_INT_SIGNED);
  const auto u64 = btf.integer("unsigned long long", 8);
  const auto s128 = btf.integer("__int128", 16, BTF_INT_SIGNED);
  const auto boolean = btf.integer("_Bool", 1, BTF_INT_BOOL);
  const auto character = btf.integer("char", 1, BTF_INT_SIGNED);
  const auto state = btf.enumeration("state", 4, {{"IDLE", 0}, {"BUSY", 1}, {"BROKEN", -1}});
  const auto pair = btf.structure("pair", 8, {{"a", u32, 0}, {"b", btf.array(character, 4), 32}});
  btf.structure("event", 160,
                {{"wide", s128, 0},
                 {"pid", u32, 16 * 8},
                 {"err", s32, 20 * 8},
                 {"comm", btf.array(character, 16), 24 * 8},
                 {"port", u16, 40 * 8},
                 {"low", u8, 42 * 8, 3},
                 {"high", u8, 42 * 8 + 3, 5},
                 {"ok", boolean, 43 * 8},
                 {"state", state, 44 * 8},
                 {"saddr", u32, 48 * 8},
                 {"flags", u32, 52 * 8},
                 {"daddr", btf.array(u8, 16), 56 * 8},
                 {"load", btf.floating("double", 8), 72 * 8},
                 {"stack", btf.array(u64, 4), 80 * 8},
                 {"counts", btf.array(u32, 3), 112 * 8},
                 {"uid", u32, 124 * 8},
                 {"pairs", btf.array(pair, 2), 128 * 8},
                 {"mac", btf.array(u8, 6), 144 * 8},
                 {"small", btf.floating("float", 4), 152 * 8},
                 {"sig", u32, 156 * 8},
                 {"path", btf.array(character, 0), 160 * 8}});
  return test::ring_of(btf, R"("type": "struct event", "fields": {
    "err": {"as": "errno"}, "port": {"as": "port"}, "saddr": {"as": "ipv4"}, "daddr": {"as": "ip"},
    "flags": {"as": "open_flags"}, "stack": {"as": "kstack"}, "uid": {"as": "uid"}, "mac": {"as": "mac"},
    "sig": {"as": "signal"}, "small": {"when": {"state": "BUSY"}}})");
}

bool passes(Filter& filter, Bytes record, const RenderContext& context) {
  const bool answer = filter.passes(record, context);
  if (filter.passes(record, context) != answer) fail("a filter gives two different results", "");
  return answer;
}

}  // namespace

void fuzz_where(Bytes input) {
  static const test::SpecPlan plan = make_plan();
  if (!plan.mistakes.empty()) fail("the plan does not compile", plan.mistakes);
  const std::string_view all = as_text(input);
  const std::string text(all.substr(0, all.find('\0')));
  const Bytes rest = input.subspan(std::min(text.size() + 1, input.size()));
  const std::string source = "\"" + text + "\"";
  Diagnostics diagnostics = test::no_diagnostics(source);
  Filter filter(test::located(text, Span{0, source.size()}), *plan, diagnostics);
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    check_harmless(diagnostic.what);
    check_harmless(diagnostic.hint);
    if (diagnostic.where) check_harmless(diagnostic.where->text);
  }
  if (diagnostics.failed()) return;

  // The negation of a valid expression is valid, if it is not too deep or too long, and has the opposite
  // value.
  Diagnostics ignored = test::no_diagnostics();
  Filter opposite(test::located("not (" + text + ")"), *plan, ignored);
  HostileNames names(input);
  RenderContext context;
  context.names = &names;
  std::string zeros(200, '\0');
  std::string ones(200, '\xff');
  for (const Bytes record : {rest, as_bytes(zeros), as_bytes(ones), rest.first(rest.size() / 2), Bytes()}) {
    const std::vector<std::byte> row = exact(record);
    const bool answer = passes(filter, row, context);
    if (!ignored.failed() && passes(opposite, row, context) == answer) fail("not does not negate", "");
  }
}

}  // namespace fuzz
