// The C compiler as the authority on the layout of C types: see oracle.h. Each object of the corpus is
// decoded with the BTF that a clang wrote into it.
#include <cstdio>
#include <cstdlib>
#include <set>
#include <sstream>

#include "decode/plan.h"
#include "format/json_value.h"
#include "object/bpf_object.h"
#include "oracle/comparison.h"
#include "support/catch.h"
#include "support/process.h"

using namespace probe_run;
using test::Testimony;

namespace {

// "clang-14=/path/of/the/object ..." as CMake found them.
std::vector<std::pair<std::string, std::string>> objects() {
  std::vector<std::pair<std::string, std::string>> found;
  std::istringstream list(ORACLE_OBJECTS);
  for (std::string item; list >> item;) {
    const std::size_t separator = item.find('=');
    found.emplace_back(item.substr(0, separator), item.substr(separator + 1));
  }
  return found;
}

std::vector<Testimony> testimonies() {
  const test::Finished oracle = test::run({ORACLE_PROGRAM});
  if (oracle.status != 0) throw std::runtime_error("the oracle failed: " + oracle.err);
  std::vector<Testimony> all;
  std::istringstream lines(oracle.out);
  for (std::string line; std::getline(lines, line);) {
    test::Value value = test::parse_value(line);
    all.push_back({value.at("record").text, std::stoul(value.at("size").text), value.at("bytes").text,
                   value.at("values"), value.at("notes"), value.at("ends")});
  }
  return all;
}

const std::vector<Testimony>& every_testimony() {
  static const std::vector<Testimony> all = testimonies();
  return all;
}

std::vector<std::byte> bytes_of(const std::string& hex) {
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::byte>(std::stoul(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

// A compiler that writes enum values of more than 32 bits also writes the sign of the enum.
test::EnumBtf enum_btf(const TypeTable& types) {
  for (const Type& type : types.all()) {
    if (type.kind != Type::Kind::enumeration || type.size != 8) continue;
    for (const Enumerator& enumerator : type.enumerators) {
      const auto value = static_cast<std::int64_t>(enumerator.value);
      if (value != static_cast<std::int32_t>(value)) return test::EnumBtf::full;
    }
  }
  return test::EnumBtf::cut;
}

std::set<std::string> records_of(const TypeTable& types) {
  std::set<std::string> names;
  for (const std::string& name : types.variable_names()) {
    constexpr std::string_view prefix = "record_";
    if (name.starts_with(prefix)) names.insert(name.substr(prefix.size()));
  }
  return names;
}

std::string decoded(const Field& root, Bytes record) {
  TextBuffer out;
  append_json(root, record, {}, out);
  return std::string(out.view());
}

// In a block of memory that ends with the record, so that a sanitizer detects reads past it.
void compare_all_lengths(const Testimony& testimony, const Field& root, test::EnumBtf btf,
                         test::Differences& differences) {
  const std::vector<std::byte> whole = bytes_of(testimony.bytes);
  for (std::size_t size = whole.size() + 1; size-- > 0;) {
    const std::vector<std::byte> cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    test::compare(testimony, decoded(root, cut), size, btf, differences);
  }
}

}  // namespace

TEST_CASE("More than one clang is available") {
  std::string names;
  for (const auto& [clang, path] : objects()) names += " " + clang;
  std::printf("BPF objects of:%s\n", names.c_str());
  if (objects().size() >= 2) return;
  const char* const allowed = std::getenv("PROBE_RUN_ALLOW_SKIP");
  if (allowed != nullptr && std::string_view(allowed) == "1") {
    std::fprintf(stderr, "SKIPPED: types are compared with the output of only one compiler:%s\n",
                 names.c_str());
    return;
  }
  FAIL("compilers write different BTF, but CMake found only"
       << names
       << ". Install another clang, such as clang-19, and configure "
          "again; PROBE_RUN_ALLOW_SKIP=1 does without");
}

TEST_CASE("The oracle covers every struct of the corpus, and enough members") {
  std::set<std::string> records;
  std::size_t members = 0;
  for (const Testimony& testimony : every_testimony()) {
    if (records.insert(testimony.record).second) members += test::count_members(testimony.values);
  }
  std::printf("%zu structs with %zu members, %zu records\n", records.size(), members,
              every_testimony().size());
  CHECK(members >= 300);
  for (const auto& [clang, path] : objects()) {
    LibbpfLog log;
    const BpfObject object(path, {}, log);
    CAPTURE(clang);
    CHECK(records_of(object.description().types) == records);
  }
}

TEST_CASE("Records are decoded as the C compiler lays them out") {
  for (const auto& [clang, path] : objects()) {
    LibbpfLog log;
    const BpfObject object(path, {}, log);
    const TypeTable& types = object.description().types;
    const test::EnumBtf btf = enum_btf(types);
    test::Differences differences;
    for (const Testimony& testimony : every_testimony()) {
      const Type* const type = types.find("struct " + testimony.record);
      if (type == nullptr) {
        differences.try_emplace(testimony.record, "BTF has no such struct");
        continue;
      }
      if (type->size != testimony.type_size) {
        differences.try_emplace(testimony.record, "it has " + std::to_string(testimony.type_size) +
                                                      " bytes, and " + std::to_string(type->size) +
                                                      " in BTF");
        continue;
      }
      compare_all_lengths(testimony, compile_field({}, {}, *type, 0), btf, differences);
    }
    for (const auto& [member, difference] : differences) {
      FAIL_CHECK(clang << ": " << member << ": " << difference);
    }
    SUCCEED(clang);
  }
}
