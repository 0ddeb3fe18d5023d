#include "object/type_choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// Of a hostile object; a linked one has as many as files.
constexpr std::size_t most_candidates = 16;
constexpr int most_deep = 64;
constexpr std::size_t most_compared = 100'000;

class Comparison {
 public:
  // Types that are deeper or larger than any that a compiler writes count as different: the spec must choose.
  bool same(const Type& first, const Type& second, int depth = 0) {
    if (depth > most_deep || compared_.size() > most_compared) return false;
    const Type& a = strip(first);
    const Type& b = strip(second);
    if (&a == &b) return true;
    if (a.kind != b.kind || a.size != b.size || a.name != b.name) return false;
    // Types that contain themselves, or one another, are compared once.
    if (!compared_.insert({&a, &b}).second) return true;
    switch (a.kind) {
      case Type::Kind::array:
        return a.count == b.count && same(*a.target, *b.target, depth + 1);
      case Type::Kind::pointer:
        return true;  // all print the same
      case Type::Kind::integer:
        return a.is_signed == b.is_signed && a.is_bool == b.is_bool && a.bits == b.bits;
      case Type::Kind::enumeration:
        return a.is_signed == b.is_signed &&
               std::equal(a.enumerators.begin(), a.enumerators.end(), b.enumerators.begin(),
                          b.enumerators.end(), [](const Enumerator& x, const Enumerator& y) {
                            return x.name == y.name && x.value == y.value;
                          });
      default:
        return std::equal(a.members.begin(), a.members.end(), b.members.begin(), b.members.end(),
                          [this, depth](const TypeMember& x, const TypeMember& y) {
                            return x.name == y.name && x.bit_offset == y.bit_offset &&
                                   x.bit_size == y.bit_size && same(*x.type, *y.type, depth + 1);
                          });
    }
  }

 private:
  std::set<std::pair<const Type*, const Type*>> compared_;
};

// `first`, and all others of its kind and name, each with other contents.
std::vector<const Type*> candidates(const TypeTable& types, const Type& first) {
  std::vector<const Type*> found{&first};
  for (const Type& type : types.all()) {
    if (found.size() == most_candidates) break;
    if (&type == &first || type.kind != first.kind || type.name != first.name) continue;
    const bool known = std::any_of(found.begin(), found.end(),
                                   [&](const Type* other) { return same_contents(*other, type); });
    if (!known) found.push_back(&type);
  }
  return found;
}

// "struct event#2" is the second of its name.
std::pair<std::string_view, std::optional<std::size_t>> split(std::string_view name) {
  const std::size_t mark = name.rfind('#');
  if (mark == std::string_view::npos) return {name, std::nullopt};
  const std::string_view digits = name.substr(mark + 1);
  std::size_t number = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size()) return {name, std::nullopt};
  return {name.substr(0, mark), number};
}

// "24 bytes: ts, pid, comm, ..."
std::string contents(const Type& named) {
  const Type& type = strip(named);
  std::vector<std::string> names;
  for (const TypeMember& member : type.members)
    names.push_back(member.name.empty() ? "(anonymous)" : member.name);
  for (const Enumerator& value : type.enumerators) names.push_back(value.name);
  constexpr std::size_t shown = 4;
  if (names.size() > shown) {
    names.resize(shown);
    names.emplace_back("...");
  }
  const std::string list = names.empty() ? to_text(type) : join(views(names), ", ");
  return escape_for_terminal(fmt::format("{} {}: {}", type.size, type.size == 1 ? "byte" : "bytes", list));
}

}  // namespace

bool same_contents(const Type& a, const Type& b) {
  return Comparison().same(a, b);
}

TypeChoice choose_type(const ObjectDescription& object, std::string_view name) {
  const auto [base, number] = split(name);
  const Type* const first = object.types.find(base);
  if (first == nullptr || first->name.empty()) return {first, {}, {}};
  const std::vector<const Type*> all = candidates(object.types, *first);
  if (number && *number >= 1 && *number <= all.size()) return {all[*number - 1], {}, {}};
  if (!number && all.size() == 1) return {first, {}, {}};
  const std::string shown = escape_for_terminal(base);
  std::vector<std::string> choices;
  choices.reserve(all.size());
  for (std::size_t i = 0; i < all.size(); ++i)
    choices.push_back(fmt::format("\"{}#{}\" ({})", shown, i + 1, contents(*all[i])));
  const std::string path = escape_for_terminal(object.path);
  if (all.size() == 1) {
    return {nullptr, fmt::format("{} has only one type \"{}\"", path, shown),
            fmt::format("use \"{}\"", shown)};
  }
  return {nullptr,
          number ? fmt::format("{} has {} types \"{}\", but no number {}", path, all.size(), shown, *number)
                 : fmt::format("{} has {} types \"{}\" with different contents", path, all.size(), shown),
          "use " + join(views(choices), " or ")};
}

}  // namespace probe_run
