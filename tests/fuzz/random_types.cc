#include "fuzz/random_types.h"

#include <algorithm>

namespace fuzz {
namespace {

constexpr unsigned type_limit = 150;
constexpr unsigned depth_limit = 5;
constexpr std::uint32_t size_limit = 4096;

}  // namespace

std::string RandomTypes::type_name(const char* prefix) {
  if (choices_.one_in(6)) return {};
  return prefix + std::to_string(count_);
}

std::string RandomTypes::member_name(std::size_t index, const Made& made) {
  constexpr const char* special[] = {"pid", "tgid", "value", "key", "a", "\x1b[31m", "q\"uo\\te", "\xff"};
  if (made.record && choices_.one_in(3)) return {};
  if (choices_.one_in(8)) return choices_.pick(special);
  return std::string(1, static_cast<char>('a' + index));
}

RandomTypes::Made RandomTypes::integer() {
  constexpr std::uint32_t encodings[] = {0, 0, BTF_INT_SIGNED, BTF_INT_SIGNED, BTF_INT_BOOL, BTF_INT_CHAR};
  constexpr std::uint32_t sizes[] = {1, 2, 4, 8, 4, 8, 16, 3};
  const std::uint32_t size = choices_.pick(sizes);
  const std::uint32_t encoding = choices_.pick(encodings);
  const std::uint32_t bits = choices_.one_in(10) ? choices_.below(size * 8 + 1) : 0;
  const bool character = size == 1 && choices_.one_in(2);
  return {btf_.integer(character ? "char" : "i" + std::to_string(size), size, encoding, bits), size, true};
}

RandomTypes::Made RandomTypes::enumeration() {
  constexpr const char* labels[] = {"A", "B", "LONG_NAME_OF_A_VALUE", "x|y", "\"", ""};
  test::BtfBuilder::Values values;
  for (unsigned i = choices_.below(5); i > 0; --i) {
    const auto value = static_cast<std::int64_t>(choices_.one_in(3) ? choices_.number() : choices_.byte());
    values.emplace_back(choices_.pick(labels), value);
  }
  const bool is_signed = choices_.one_in(2);
  const std::string name = type_name("e");
  if (choices_.one_in(3)) return {btf_.enumeration64(name, values, is_signed), 8, true};
  constexpr std::uint32_t sizes[] = {4, 1, 2, 8};
  const std::uint32_t size = choices_.pick(sizes);
  return {btf_.enumeration(name, size, values, is_signed), size, true};
}

RandomTypes::Made RandomTypes::array(unsigned depth) {
  Made element = choices_.one_in(3) ? Made{btf_.integer("char", 1, BTF_INT_SIGNED), 1, true} : any(depth + 1);
  std::uint32_t count = choices_.one_in(4) ? choices_.byte() : choices_.below(7);
  if (element.size * count > size_limit) count = 1;
  return {btf_.array(element.id, count), element.size * count};
}

RandomTypes::Made RandomTypes::any(unsigned depth) {
  if (depth > depth_limit || ++count_ > type_limit) return integer();
  constexpr std::uint32_t float_sizes[] = {4, 8, 2, 16};
  switch (choices_.below(14)) {
    case 0:
    case 1:
    case 2:
      return integer();
    case 3: {
      const std::uint32_t size = choices_.pick(float_sizes);
      return {btf_.floating("double", size), size};
    }
    case 4:
      return {btf_.pointer(choices_.one_in(2) ? btf_.forward("elsewhere") : 0), 8};
    case 5:
      return enumeration();
    case 6:
    case 7:
    case 8:
      return array(depth);
    case 9:
      return structure(type_name("s"), depth + 1);
    case 10:
      return union_of(type_name("u"), depth + 1);
    case 11: {
      Made made = any(depth + 1);
      const std::string name = "t" + std::to_string(count_);
      made.id = btf_.type_def(name, made.id);
      names_.push_back(name);
      return made;
    }
    case 12: {
      Made made = any(depth + 1);
      made.id = btf_.constant(made.id);
      return made;
    }
    default:  // what Linux calls bpf_stack_build_id
      return {btf_.structure("bpf_stack_build_id", 32,
                             {{"status", btf_.integer("int", 4, BTF_INT_SIGNED), 0},
                              {"build_id", btf_.array(btf_.integer("unsigned char", 1), 20), 32},
                              {"offset", btf_.integer("u64", 8), 192}}),
              32, false, true};
  }
}

RandomTypes::Made RandomTypes::structure(const std::string& name, unsigned depth) {
  std::vector<test::BtfBuilder::Member> members;
  std::uint32_t at = 0;  // bits
  for (std::size_t i = 0, count = 1 + choices_.below(8); i < count && at < size_limit * 8; ++i) {
    const Made made = any(depth + 1);
    std::string member = member_name(i, made);
    if (made.number && choices_.one_in(4)) {
      const std::uint32_t bits = 1 + choices_.below(std::min<std::uint32_t>(made.size * 8, 255));
      members.push_back({std::move(member), made.id, at, bits});
      at += bits;
      continue;
    }
    const std::uint32_t alignment = choices_.one_in(8) || made.size % 8 != 0 ? 8 : 64;
    at = (at + alignment - 1) / alignment * alignment;
    members.push_back({std::move(member), made.id, at, 0});
    at += made.size * 8;
  }
  const std::uint32_t size = (at + 7) / 8 + (choices_.one_in(4) ? choices_.below(9) : 0);
  if (!name.empty()) names_.push_back("struct " + name);
  return {btf_.structure(name, size, members), size, false, true};
}

RandomTypes::Made RandomTypes::union_of(const std::string& name, unsigned depth) {
  std::vector<test::BtfBuilder::Member> members;
  std::uint32_t size = 0;
  for (std::size_t i = 0, count = 1 + choices_.below(4); i < count; ++i) {
    const Made made = any(depth + 1);
    members.push_back({member_name(i, made), made.id, 0, 0});
    size = std::max(size, made.size);
  }
  if (!name.empty()) names_.push_back("union " + name);
  return {btf_.union_of(name, size, members), size, false, true};
}

}  // namespace fuzz
