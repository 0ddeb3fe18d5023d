#include "view/delta.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <map>

#include "decode/field_value.h"
#include "decode/histogram.h"
#include "decode/renderer.h"
#include "spec/map_spec.h"

namespace probe_run {

KeyedRows::KeyedRows(std::uint32_t key_size, std::uint32_t row_size, std::uint64_t limit)
    : key_size_(key_size),
      row_size_(row_size),
      limit_(std::min<std::uint64_t>(limit, std::numeric_limits<std::uint32_t>::max() - 1)),
      index_(key_size, row_size) {}

KeyedRows::Found KeyedRows::find_or_add(const std::byte* key) noexcept {
  const auto matches = [&](std::size_t number) { return std::memcmp(row(number), key, key_size_) == 0; };
  const auto give = [&](std::size_t number, bool added) {
    last_ = number;
    seen_[number] = round_;
    return Found{row(number), added};
  };
  // A map is mostly read in the same order each time: skipping the index saves a cache miss.
  if (last_ + 1 < count_ && matches(last_ + 1)) return give(last_ + 1, false);
  const KeyIndex::Place place = index_.find(key, rows_.data());
  if (place.row != KeyIndex::none) return give(place.row, false);
  if (count_ >= limit_) {
    last_ = before_first;
    return {};
  }
  const std::size_t number = count_++;
  rows_.resize(count_ * row_size_);
  seen_.push_back(round_);
  if (key_size_ > 0) std::memcpy(row(number), key, key_size_);
  index_.add(place, static_cast<std::uint32_t>(number), rows_.data());
  return give(number, true);
}

void KeyedRows::forget(std::size_t number) noexcept {
  index_.remove(static_cast<std::uint32_t>(number), rows_.data());
  // Moves the last row to its place.
  const std::size_t last = count_ - 1;
  if (number != last) {
    index_.renumber(static_cast<std::uint32_t>(last), static_cast<std::uint32_t>(number), rows_.data());
    std::memcpy(row(number), row(last), row_size_);
    seen_[number] = seen_[last];
  }
  count_ = last;
  rows_.resize(count_ * row_size_);
  seen_.pop_back();
}

void KeyedRows::forget_last() noexcept {
  if (last_ < count_) forget(last_);
  last_ = before_first;
}

void KeyedRows::forget_missed() noexcept {
  // From the end, so that a row moved to the place of another is never a forgotten one.
  for (std::size_t number = count_; number-- > 0;) {
    if (seen_[number] != round_) forget(number);
  }
  last_ = before_first;
}

namespace {

constexpr std::uint32_t time_size = sizeof(std::int64_t);

double real_at(const Slot& slot, const std::byte* row) noexcept {
  return load_real(row + slot.offset, slot.size);
}

// The increase. An unsigned number that is lower than before restarted at 0. REQUIRES: both rows have the slot
std::uint64_t added(const Slot& slot, const std::byte* before, Bytes entry) noexcept {
  const std::uint64_t now = load(entry, slot);
  const std::uint64_t then = load(Bytes(before, entry.size()), slot);
  return slot.is_signed || now >= then ? now - then : now;
}

Wide wide_added(const Slot& slot, const std::byte* before, Bytes entry) noexcept {
  const Wide now = load_wide(entry, slot);
  const Wide then = load_wide(Bytes(before, entry.size()), slot);
  return slot.is_signed || now >= then ? now - then : now;
}

bool is_wide(const Number& number) noexcept {
  return !number.is_float && !number.field->scalar;
}

double added_as_double(const Number& number, const std::byte* before, Bytes entry) noexcept {
  const Slot& slot = number.slot;
  if (number.is_float) return real_at(slot, entry.data()) - real_at(slot, before);
  if (is_wide(number)) {
    const Wide sum = wide_added(slot, before, entry);
    return slot.is_signed ? static_cast<double>(static_cast<SignedWide>(sum)) : static_cast<double>(sum);
  }
  const std::uint64_t sum = added(slot, before, entry);
  return slot.is_signed ? static_cast<double>(static_cast<std::int64_t>(sum)) : static_cast<double>(sum);
}

constexpr std::uint32_t double_size = sizeof(double);

// `plan` describes the entries and must outlive the result; `numbers` is the result of find_numbers().
class RateCompiler {
 public:
  RateCompiler(const Plan& plan, const std::vector<Number>& numbers)
      : numbers_(numbers), entry_size_(plan.size), end_(padded(plan.size)) {
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      Run& run = runs_[numbers[i].field];
      if (run.count++ == 0) run.first = i;
    }
    result_.plan.root = plan.root;
    relocate(plan.root, result_.plan.root);
    find_sums(result_.plan.root);
    result_.plan.size = end_;
  }

  RatePlan take() { return std::move(result_); }

 private:
  // The numbers of one field: those of an array are consecutive.
  struct Run {
    std::size_t first = 0, count = 0;
  };

  void relocate(const Field& field, Field& copy) {
    // A field that takes the rest of the entry must not include the doubles.
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

  // The sums of histograms are rates like their counts.
  void find_sums(Field& field) {
    for (Field& member : field.fields) find_sums(member);
    if (!field.histogram || !field.histogram->sum.field) return;
    auto histogram = std::make_shared<Histogram>(*field.histogram);
    const Field* const sum = result_.plan.find(histogram->sum.field->path);
    histogram->sum.field = sum == nullptr ? nullptr : std::make_shared<Field>(*sum);
    field.histogram = std::move(histogram);
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

Delta::Delta(const Plan& plan, ReadMode mode, std::uint32_t key_size, std::uint64_t limit)
    : plan_(plan),
      key_size_(padded(key_size)),
      entry_size_(plan.size),
      numbers_(find_numbers(plan, key_size_, plan.size)),
      kept_(key_size_, padded(plan.size) + (mode == ReadMode::rate ? time_size : 0), limit),
      nothing_(plan.size) {
  if (mode == ReadMode::rate) rates_ = RateCompiler(plan, numbers_).take();
  row_.resize(this->plan().size);
}

bool Delta::is_cut(Bytes entry) noexcept {
  if (entry.size() >= entry_size_) return false;
  ++undecodable_;
  return true;
}

void Delta::begin_read(std::int64_t now) noexcept {
  now_ = now;
  kept_.begin_round();
}

std::optional<Bytes> Delta::entry(Bytes entry) noexcept {
  if (is_cut(entry)) return std::nullopt;
  entry = entry.first(entry_size_);
  const KeyedRows::Found found = kept_.find_or_add(entry.data());
  if (found.row == nullptr) {
    ++beyond_limit_;
    return std::nullopt;
  }
  const bool changed =
      std::memcmp(found.row + key_size_, entry.data() + key_size_, entry_size_ - key_size_) != 0;
  bool shown = changed;
  if (rates_) {
    std::byte* const time = found.row + padded(entry_size_);
    if (found.added && complete_at_) std::memcpy(time, &*complete_at_, sizeof now_);
    const bool known = !found.added || complete_at_;
    const auto since = load_as<std::int64_t>(time);
    // No time has passed: the increase belongs to the next read.
    if (known && since >= now_) return std::nullopt;
    std::memcpy(time, &now_, sizeof now_);
    shown = changed && known;
    if (shown) divide(found.row, entry, since);
  } else if (shown) {
    subtract(found.row, entry);
  }
  if (changed) std::memcpy(found.row + key_size_, entry.data() + key_size_, entry_size_ - key_size_);
  return shown ? std::optional<Bytes>(row_) : std::nullopt;
}

std::optional<Bytes> Delta::taken_entry(Bytes entry) noexcept {
  if (is_cut(entry)) return std::nullopt;
  if (key_size_ > 0) {
    const std::optional<Bytes> row = this->entry(entry);
    kept_.forget_last();
    return row;
  }
  entry = entry.first(entry_size_);
  if (!rates_) return entry;
  if (!complete_at_ || *complete_at_ >= now_) return std::nullopt;
  divide(nothing_.data(), entry, *complete_at_);
  return row_;
}

void Delta::end_read(bool incomplete) noexcept {
  if (incomplete) return;
  kept_.forget_missed();
  complete_at_ = now_;
}

void Delta::subtract(const std::byte* before, Bytes entry) noexcept {
  std::memcpy(row_.data(), entry.data(), entry_size_);
  for (const Number& number : numbers_) {
    const Slot& slot = number.slot;
    const std::byte* then = before;
    if (!counts(number, entry)) continue;
    // The entry used another arm of the union before, which did not have this number.
    if (!counts(number, Bytes(before, entry_size_))) then = nothing_.data();
    if (number.is_float) {
      store_real(row_.data(), slot, real_at(slot, entry.data()) - real_at(slot, then));
    } else if (is_wide(number)) {
      store(row_.data(), slot, wide_added(slot, then, entry));
    } else {
      store(row_.data(), slot, added(slot, then, entry));
    }
  }
}

void Delta::divide(const std::byte* before, Bytes entry, std::int64_t since) noexcept {
  std::fill(row_.begin(), row_.end(), std::byte{0});
  std::memcpy(row_.data(), entry.data(), entry_size_);
  // The times in a recording may be any numbers.
  const std::uint64_t elapsed = static_cast<std::uint64_t>(now_) - static_cast<std::uint64_t>(since);
  const double seconds = static_cast<double>(elapsed) / 1e9;
  for (const RatePlan::Rate& rate : rates_->rates) {
    const Number& number = rate.number;
    const std::byte* then = before;
    if (!counts(number, entry)) continue;
    if (!counts(number, Bytes(before, entry_size_))) then = nothing_.data();
    const double value = added_as_double(number, then, entry) / seconds;
    std::memcpy(row_.data() + rate.offset, &value, sizeof value);
  }
}

}  // namespace probe_run
