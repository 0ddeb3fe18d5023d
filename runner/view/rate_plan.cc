#include "view/rate_plan.h"

#include <map>

#include "decode/renderer.h"

namespace probe_run {
namespace {

constexpr std::uint32_t double_size = sizeof(double);

class Compiler {
 public:
  Compiler(const Plan& plan, const std::vector<Number>& numbers)
      : numbers_(numbers), entry_size_(plan.size), end_(padded(plan.size)) {
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      Run& run = runs_[numbers[i].field];
      if (run.count++ == 0) run.first = i;
    }
    result_.plan.root = plan.root;
    relocate(plan.root, result_.plan.root);
    result_.plan.size = end_;
  }

  RatePlan take() { return std::move(result_); }

 private:
  // The numbers of one field: of an array, one behind the other.
  struct Run {
    std::size_t first = 0, count = 0;
  };

  void relocate(const Field& field, Field& copy) {
    // What took the rest of the entry must not take the doubles.
    if (copy.flexible && copy.offset() <= entry_size_) {
      copy.flexible = false;
      copy.size = entry_size_ - copy.offset();
      if (copy.shape == Shape::array) copy.count = copy.size / copy.fields[0].size;
    }
    if (field.shape == Shape::structure) {
      for (std::size_t i = 0; i < field.fields.size(); ++i) relocate(field.fields[i], copy.fields[i]);
      return;
    }
    const Field* item = &field;
    std::uint64_t count = 1;
    for (; item->shape == Shape::array && count <= numbers_.size(); item = &item->fields[0])
      count *= item->count;
    const auto run = runs_.find(item);
    if (run == runs_.end() || run->second.count != count) return;
    copy.slot.offset = end_;
    make_double(copy);
    if (!copy.unit.empty() && !copy.histogram) copy.unit += "/s";
    for (std::size_t i = 0; i < count; ++i) {
      result_.rates.push_back({numbers_[run->second.first + i], end_});
      end_ += double_size;
    }
  }

  // A double, or an array of them. Its offset stays.
  static void make_double(Field& field) {
    field.type = nullptr;
    if (field.shape == Shape::array) {
      make_double(field.fields[0]);
      field.size = field.count * field.fields[0].size;
      return;
    }
    field.shape = Shape::floating;
    field.quotient = true;
    field.renderer = &bytes_renderer();
    field.scalar = false;
    field.names.clear();
    field.size = double_size;
    field.slot = {field.slot.offset, double_size, 0, 0, false};
  }

  const std::vector<Number>& numbers_;
  std::map<const Field*, Run> runs_;
  std::uint32_t entry_size_, end_;
  RatePlan result_;
};

}  // namespace

RatePlan compile_rate_plan(const Plan& plan, const std::vector<Number>& numbers) {
  return Compiler(plan, numbers).take();
}

}  // namespace probe_run
