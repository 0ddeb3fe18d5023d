// Raw BTF: a table of types, fields compiled from each, and records decoded by them. The last 64 bytes are
// the record.
#include <algorithm>

#include "decode/field_compiler.h"
#include "format/json_value.h"
#include "fuzz/oracles.h"
#include "fuzz/targets.h"
#include "support/error.h"
#include "unit/sample_object.h"
#include "view/row_value.h"

namespace fuzz {
namespace {

using namespace probe_run;

constexpr std::size_t type_limit = 48;  // types compiled per input
constexpr std::size_t record_size = 64;

void decode(const Type& type, Bytes record, Bytes other) {
  const Field field = compile_field("f", "f", type, 0);
  check_harmless(test::plain(field, record));
  test::plain(field, record, {}, Reader::program);
  TextBuffer json;
  json.append("{\"f\":");
  append_json(field, record, {}, json);
  json.append("}\n");
  check_json_line(json.view());
  compare_by(field, record, other);
  if (field.size == 0 || field.size > 4096) return;
  std::vector<std::byte> copy(field.size);
  copy_canonical(field, record, copy.data());
}

void walk(const TypeTable& table) {
  for (const std::string& name : table.struct_names()) check_harmless(name);
  for (const std::string& name : table.variable_names()) table.find_variable(name);
}

}  // namespace

void fuzz_btf(Bytes input) {
  const std::size_t split = input.size() - std::min(input.size(), record_size);
  const std::vector<std::byte> btf = exact(input.first(split));
  const std::vector<std::byte> record = exact(input.subspan(split));
  const std::vector<std::byte> zeros(200);
  try {
    const TypeTable table(btf);
    walk(table);
    std::size_t compiled = 0;
    for (const Type& type : table.all()) {
      check_harmless(to_text(type));
      table.find(type.name);
      if (++compiled > type_limit) break;
      try {
        decode(type, record, zeros);
        decode(type, zeros, record);
      } catch (const Error& error) {
        check_harmless(error.what());
      }
    }
  } catch (const Error& error) {
    check_harmless(error.what());
  }
}

}  // namespace fuzz
