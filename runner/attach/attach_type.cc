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

}  // namespace probe_run
