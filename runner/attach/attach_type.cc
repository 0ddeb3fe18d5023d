#include "attach/attach_type.h"

namespace probe_run {
namespace {

std::vector<AttachType> make_rows() {
  return []<class... Point>(const std::variant<Point...>*) {
    return std::vector<AttachType>{attach_type_row<Point>()...};
  }(static_cast<const AttachPoint*>(nullptr));
}

}  // namespace

std::span<const AttachType> attach_types() {
  static const std::vector<AttachType> rows = make_rows();
  return rows;
}

const AttachType& attach_type(const AttachPoint& point) {
  return attach_types()[point.index()];
}

std::span<const Family> families() {
  static const std::vector<Family> all = [] {
    std::vector<Family> made;
    for (const AttachType& type : attach_types()) {
      made.push_back(
          {type.name, type.places.list, type.places.nothing, type.places.again, type.places.in_file});
    }
    return made;
  }();
  return all;
}

std::uint32_t type_for_own_section(const Section& section) {
  // Programs that write their event's data need that in SEC().
  constexpr std::string_view raw_tracepoint = "raw_tracepoint";
  const bool is_clear = section.program_types.size() == 1 || section.name == raw_tracepoint;
  return is_clear ? section.program_types.front() : 0;
}

}  // namespace probe_run
