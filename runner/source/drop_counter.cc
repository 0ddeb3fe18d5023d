#include "source/drop_counter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

bool is_counter(const Type& type) {
  const Type& base = strip(type);
  return base.kind == Type::Kind::integer &&
         (base.size == 1 || base.size == 2 || base.size == 4 || base.size == 8);
}

}  // namespace

std::optional<DropCounterPlace> find_drop_counter(const Located<std::string>& name,
                                                  const ObjectDescription& object, Diagnostics& diagnostics) {
  const std::size_t dot = name->find('.');
  const std::string holder = name->substr(0, dot);
  DropCounterPlace place;
  const Type* type = nullptr;
  const TypeTable::Variable variable = object.types.find_variable(holder);
  const MapInfo* const map = object.find_map(holder);
  if (variable.section != nullptr) {
    place.map = variable.section->name;
    place.is_section = true;
    place.offset = variable.member->bit_offset / 8;
    type = variable.member->type->target;
  } else if (map != nullptr && map->map_class() == MapClass::array) {
    place.map = map->name;
    type = object.types.by_id(map->value_type_id);
  } else {
    std::vector<std::string> names;
    for (const std::string& known : object.types.variable_names()) {
      const TypeTable::Variable candidate = object.types.find_variable(known);
      const Type& base = strip(*candidate.member->type->target);
      const bool constant = candidate.section->name.starts_with(".rodata");
      if (!constant && (is_counter(base) || base.kind == Type::Kind::structure)) names.push_back(known);
    }
    for (const MapInfo& info : object.maps) {
      if (info.map_class() == MapClass::array) names.push_back(info.name);
    }
    diagnostics.error(name.at,
                      fmt::format("{} has no counter \"{}\"", escape_for_terminal(object.path),
                                  escape_for_terminal(holder)),
                      suggestion(holder, views(names), "its counters"));
    return std::nullopt;
  }
  if (dot != std::string::npos && type != nullptr) {
    const std::string wanted = name->substr(dot + 1);
    const Type& base = strip(*type);
    const auto member = std::find_if(base.members.begin(), base.members.end(), [&](const TypeMember& m) {
      return m.name == wanted && m.bit_size == 0;
    });
    if (member == base.members.end()) {
      std::vector<std::string_view> names;
      for (const TypeMember& m : base.members) names.push_back(m.name);
      diagnostics.error(name.at,
                        fmt::format("{} has no member \"{}\"", to_text(*type), escape_for_terminal(wanted)),
                        suggestion(wanted, names, "its members"));
      return std::nullopt;
    }
    place.offset += member->bit_offset / 8;
    type = member->type;
  }
  if (type == nullptr || !is_counter(*type)) {
    diagnostics.error(
        name.at,
        fmt::format("\"{}\" is not a number{}", escape_for_terminal(*name),
                    type != nullptr ? fmt::format(" but {}", to_text(*type)) : ""),
        "name a variable, an array map's value or a member of one that is an integer: \"drops.count\"");
    return std::nullopt;
  }
  place.size = strip(*type).size;
  return place;
}

DropCounter::DropCounter(const DropCounterPlace& place, const BpfObject& object) : place_(place) {
  bpf_map* const map = place.is_section ? object.section(place.map) : object.map(place.map);
  fd_ = bpf_map__fd(map);
  value_size_ = bpf_map__value_size(map);
  const MapInfo* const info = object.description().find_map(place.map);
  if (info != nullptr && info->is_per_cpu()) {
    value_size_ = (value_size_ + 7) & ~7u;
    copies_ = static_cast<std::uint32_t>(std::max(1, libbpf_num_possible_cpus()));
  }
  max_entries_ = bpf_map__max_entries(map);
  value_.resize(std::size_t{value_size_} * copies_);
}

std::optional<std::uint64_t> DropCounter::read() noexcept {
  std::uint64_t sum = 0;
  bool any = false;
  for (std::uint32_t key = 0; key < max_entries_; ++key) {
    if (bpf_map_lookup_elem(fd_, &key, value_.data()) != 0) continue;
    any = true;
    for (std::uint32_t copy = 0; copy < copies_; ++copy) {
      std::uint64_t count = 0;
      std::memcpy(&count, value_.data() + std::size_t{copy} * value_size_ + place_.offset, place_.size);
      sum += count;
    }
  }
  if (!any) return std::nullopt;
  return sum;
}

}  // namespace probe_run
