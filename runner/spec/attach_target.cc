#include "spec/attach_target.h"

#include <algorithm>
#include <iterator>

#include "spec/attach_point.h"

namespace probe_run {
namespace {

using enum TargetForm;

constexpr AttachTarget rows[] = {
    {"xdp", one, {"iface"}},
    {"tc", last_colon, {"iface", "direction"}},
    {"tcx", last_colon, {"iface", "direction"}},
    {"netkit", last_colon, {"iface", "end"}},
    {"netfilter", first_colon, {"family", "hook"}, {"priority", usual_priority}},
    {"sk_lookup", one, {"netns"}},
    {"flow_dissector", one, {"netns"}},
    {"sockmap", one, {"map"}},
    {"cgroup", one, {"path"}},
    {"kprobe", of_module, {"module", "symbol"}},
    {"kretprobe", of_module, {"module", "symbol"}},
    {"kprobe_multi", one, {"symbols"}},
    {"kprobe_session", one, {"symbols"}},
    {"ksyscall", one, {"syscall"}},
    {"kretsyscall", one, {"syscall"}},
    {"fentry", one, {"function"}},
    {"fexit", one, {"function"}},
    {"fmod_ret", one, {"function"}},
    {"lsm", one, {"hook"}},
    {"freplace", last_colon, {"program", "function"}},
    {"struct_ops", not_a_target, {"map"}},
    {"tracepoint", first_colon, {"category", "name"}},
    {"raw_tracepoint", one, {"name"}},
    {"tp_btf", one, {"name"}},
    {"iter", one, {"target"}},
    {"perf_event", one, {"event"}, {"frequency", usual_frequency}},
    {"uprobe", in_file, {"binary", "symbol"}},
    {"uretprobe", in_file, {"binary", "symbol"}},
    {"uprobe_multi", in_file, {"binary", "pattern"}},
    {"usdt", in_file, {"binary", "provider", "probe"}},
    {"run", none, {}},
    {"auto", none, {}},
};

constexpr bool has_row(std::string_view type) {
  return std::count_if(std::begin(rows), std::end(rows),
                       [&](const AttachTarget& row) { return row.type == type; }) == 1;
}
static_assert(
    []<class... T>(std::variant<T...>*) {
      return sizeof...(T) == std::size(rows) && (has_row(T::type) && ...);
    }(static_cast<AttachPoint*>(nullptr)),
    "each attach type needs a row: what --list prints of it");

std::size_t count(const AttachTarget& target) {
  return static_cast<std::size_t>(std::find(target.keys.begin(), target.keys.end(), "") -
                                  target.keys.begin());
}

// Where the value before the first colon that separates ends; npos for no such colon.
std::size_t end_of_first(const AttachTarget& target, std::string_view text) {
  if (target.form == last_colon) return text.rfind(':');
  const std::size_t slash = target.form == in_file ? text.rfind('/') : std::string_view::npos;
  return text.find(':', slash == std::string_view::npos ? 0 : slash);
}

}  // namespace

std::span<const AttachTarget> attach_targets() {
  return rows;
}

const AttachTarget& attach_target(std::string_view type) {
  return *std::find_if(std::begin(rows), std::end(rows),
                       [&](const AttachTarget& row) { return row.type == type; });
}

std::string form_of(const AttachTarget& target) {
  std::string form(target.type);
  for (const std::string_view key : target.keys) {
    if (key.empty()) break;
    if (target.form == of_module && key == target.keys[0]) continue;
    form += ':';
    for (const char c : key) form += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  return form;
}

std::optional<Value::Object> attach_object(const AttachTarget& target, const Value& written) {
  const std::string_view whole = std::get<std::string>(written.data);
  std::string_view rest = whole.substr(std::min(target.type.size() + 1, whole.size()));
  const bool has_target = whole.size() > target.type.size();
  if (target.form == not_a_target || has_target == (target.form == none)) return std::nullopt;
  // Without escapes, a character of the string is one of the file.
  const bool plain = written.at.end - written.at.begin == whole.size() + 2;
  const auto place = [&](std::string_view part) {
    const auto offset = static_cast<std::size_t>(part.data() - whole.data());
    return plain ? Span{written.at.begin + 1 + offset, written.at.begin + 1 + offset + part.size()}
                 : written.at;
  };
  Value::Object object;
  const auto add = [&](std::string_view key, std::string_view value) {
    object.push_back({{std::string(key), place(value)}, {std::string(value), place(value)}});
  };
  add("type", whole.substr(0, target.type.size()));
  const std::size_t keys = count(target);
  for (std::size_t i = 0; i < keys; ++i) {
    std::string_view value = rest;
    if (i + 1 < keys) {
      const std::size_t colon = i == 0 ? end_of_first(target, rest) : rest.find(':');
      if (colon == std::string_view::npos && target.form == of_module) continue;
      if (colon == std::string_view::npos) return std::nullopt;
      value = rest.substr(0, colon);
      rest.remove_prefix(colon + 1);
    }
    if (value.empty()) return std::nullopt;
    add(target.keys[i], value);
  }
  if (!target.implied.key.empty())
    object.push_back({{std::string(target.implied.key), written.at}, {target.implied.value, written.at}});
  return object;
}

}  // namespace probe_run
