#include "format/live_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <numeric>
#include <string_view>

#include "format/column.h"
#include "spec/output_spec.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr std::array<std::string_view, 8> blocks{"\u2581", "\u2582", "\u2583", "\u2584",
                                                 "\u2585", "\u2586", "\u2587", "\u2588"};
constexpr std::string_view marks = "_.-:=+*#";
// Parts of a column, an eighth to seven of them.
constexpr std::array<std::string_view, 7> eighths{"\u258f", "\u258e", "\u258d", "\u258c",
                                                  "\u258b", "\u258a", "\u2589"};

}  // namespace

void Series::add(double value) noexcept {
  if (size_ == most) {
    std::move(values_.begin() + 1, values_.end(), values_.begin());
    --size_;
  }
  values_[size_++] = value;
}

bool Series::moves() const noexcept {
  for (std::size_t i = 1; i < size_; ++i) {
    if (values_[i] != values_[0]) return true;
  }
  return false;
}

bool Series::moved() const noexcept {
  return size_ > 1 && values_[size_ - 1] != values_[size_ - 2];
}

LiveHistory::Row& LiveHistory::find_or_add(const std::string& key, std::size_t numbers) {
  Row& row = rows_[key];
  row.series.resize(numbers);
  row.drawn = draw_;
  return row;
}

void LiveHistory::end_draw() {
  std::erase_if(rows_, [&](const auto& entry) { return entry.second.drawn + patience <= draw_; });
  ++draw_;
}

void append_sparkline(const Series& series, std::size_t width, bool utf8, std::string& out) {
  const std::size_t count = std::min(series.size(), width);
  out.append(width - count, ' ');
  const std::size_t begin = series.size() - count;
  // From 0, so that small changes look small; lower if there are negative numbers.
  double lowest = 0;
  double highest = 0;
  for (std::size_t i = begin; i < series.size(); ++i) {
    if (!std::isfinite(series[i])) continue;
    lowest = std::min(lowest, series[i]);
    highest = std::max(highest, series[i]);
  }
  for (std::size_t i = begin; i < series.size(); ++i) {
    const double part =
        std::isfinite(series[i]) && highest > lowest ? (series[i] - lowest) / (highest - lowest) : 0;
    const auto level = std::min<std::size_t>(7, static_cast<std::size_t>(part * 8));
    if (utf8) {
      out += blocks[level];
    } else {
      out += marks[level];
    }
  }
}

void append_bar(double value, double largest, std::size_t width, bool utf8, std::string& out) {
  const bool sensible = std::isfinite(value) && std::isfinite(largest) && largest > 0 && value > 0;
  const double part = sensible ? std::min(value / largest, 1.0) : 0;
  const auto parts = static_cast<std::size_t>(std::lround(part * static_cast<double>(width) * 8));
  std::size_t used = parts / 8;
  for (std::size_t i = 0; i < used; ++i) out += utf8 ? "\u2588" : "#";
  if (utf8 && parts % 8 != 0) {
    out += eighths[parts % 8 - 1];
    ++used;
  }
  out.append(width - used, ' ');
}

namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t narrowest_text = 8;
constexpr std::size_t long_text = 24;
constexpr std::size_t narrowest_bar = 10;
constexpr std::size_t widest_bar = 40;
constexpr std::size_t lines_beside_rows = 3;  // the title, the header, and the line of the cursor

bool is_drawable(const Field& field) {
  return is_number(field) && (field.scalar || is_floating(field));
}

double number_of(const Field& field, Bytes record) {
  if (!present(field, record)) return 0;
  if (is_floating(field)) return load_float(field, record);
  const std::uint64_t value = load_integer(field, record);
  return is_signed_integer(field) ? static_cast<double>(static_cast<std::int64_t>(value))
                                  : static_cast<double>(value);
}

// The fields that identify a row: those of "group_by", or a map's key.
std::vector<const Field*> identity_of(const OutputSpec& output, const Plan& plan) {
  std::vector<const Field*> fields;
  if (output.group_by.empty()) {
    if (const Field* key = plan.find("key")) fields.push_back(key);
    return fields;
  }
  const std::size_t count = std::min(output.group_by.size(), plan.root.fields.size());
  for (std::size_t i = 0; i < count; ++i) fields.push_back(&plan.root.fields[i]);
  return fields;
}

}  // namespace

LiveFormat::LiveFormat(const OutputSpec& output, const Plan& plan, Diagnostics& diagnostics)
    : identity_(identity_of(output, plan)), keep_order_(output.sort.has_value()), clock_("%H:%M:%S") {
  const Field* sort_field = nullptr;
  if (output.sort) {
    const std::string& sort = **output.sort;
    sort_field = plan.find(std::string_view(sort).substr(sort.starts_with('-') ? 1 : 0));
  }
  for (const Column& column : compile_columns(output, plan, true, diagnostics)) {
    Layout layout;
    layout.field = column.field;
    layout.header = escape_for_terminal(column.name);
    std::transform(layout.header.begin(), layout.header.end(), layout.header.begin(),
                   [](char c) { return static_cast<char>(std::toupper(static_cast<unsigned char>(c))); });
    if (!column.field->unit.empty()) layout.header += " (" + escape_for_terminal(column.field->unit) + ")";
    layout.right = is_number(*column.field);
    const bool identifies = std::any_of(identity_.begin(), identity_.end(), [&](const Field* field) {
      return column.field == field || column.field->path.starts_with(field->path + ".");
    });
    if (is_drawable(*column.field) && !identifies) layout.number = numbers_++;
    // By default, sorts by the first number, which is usually a count.
    if (sort_field != nullptr ? column.field == sort_field : layout.number && !sorted_)
      sorted_ = layouts_.size();
    layouts_.push_back(std::move(layout));
  }
}

void LiveFormat::set_title(const std::string& name, std::string interval) {
  name_ = escape_for_terminal(name);
  interval_ = std::move(interval);
}

void LiveFormat::prepare(const Screen& screen, std::int64_t wall_ns) noexcept {
  screen_ = screen;
  wall_ns_ = wall_ns;
}

void LiveFormat::row(Bytes record, const RenderContext& context, TextBuffer&) noexcept {
  Row& row = rows_.emplace_back();
  const auto text_of_field = [&](const Field& field) {
    scratch_.clear();
    append_plain(field, record, context, Reader::person, scratch_);
    return std::string(scratch_.view());
  };
  for (const Field* field : identity_) row.key += text_of_field(*field) + '\n';
  for (const Layout& layout : layouts_) {
    row.cells.push_back(text_of_field(*layout.field));
    if (layout.number) row.numbers.push_back(number_of(*layout.field, record));
  }
}

void LiveFormat::sort_rows() {
  if (keep_order_ || !sorted_ || !layouts_[*sorted_].number) return;
  const std::size_t number = *layouts_[*sorted_].number;
  std::stable_sort(rows_.begin(), rows_.end(),
                   [&](const Row& a, const Row& b) { return a.numbers[number] > b.numbers[number]; });
}

// The widths of all columns, of their sparklines and of the bar, to fit the screen.
void LiveFormat::measure(std::size_t shown) {
  std::size_t total = 0;
  for (std::size_t i = 0; i < layouts_.size(); ++i) {
    Layout& layout = layouts_[i];
    layout.width = screen_width(layout.header);
    for (std::size_t r = 0; r < shown; ++r)
      layout.width = std::max(layout.width, screen_width(rows_[r].cells[i]));
    total += layout.width + (i > 0 ? gap : 0);
    layout.spark = 0;
  }
  // Text is shortened, the widest first, to fit the screen; long text also for the sparkline of the sorted column.
  const auto give_way = [&](std::size_t most, std::size_t narrowest) {
    while (total > most) {
      Layout* widest = nullptr;
      for (Layout& layout : layouts_) {
        const bool gives = !layout.right && layout.width > narrowest;
        if (gives && (widest == nullptr || layout.width > widest->width)) widest = &layout;
      }
      if (widest == nullptr) return;
      --widest->width;
      --total;
    }
  };
  give_way(screen_.columns, narrowest_text);
  const std::size_t sparkline = 1 + Series::most;
  if (sorted_ && layouts_[*sorted_].moves && screen_.columns > sparkline)
    give_way(screen_.columns - sparkline, long_text);
  const auto add_sparkline = [&](Layout& layout) {
    if (!layout.moves || layout.spark > 0 || total + sparkline > screen_.columns) return;
    layout.spark = Series::most;
    total += sparkline;
  };
  if (sorted_) add_sparkline(layouts_[*sorted_]);
  for (Layout& layout : layouts_) add_sparkline(layout);
  bar_ = 0;
  if (sorted_ && layouts_[*sorted_].number && total + gap + narrowest_bar <= screen_.columns)
    bar_ = std::min(screen_.columns - total - gap, widest_bar);
}

void LiveFormat::draw_title(std::size_t shown) {
  scratch_.clear();
  clock_.append(scratch_, wall_ns_);
  std::string text = fmt::format("{}  {}", name_, scratch_.view());
  if (!interval_.empty()) text += fmt::format("  every {}", interval_);
  text += fmt::format("  rows {}/{}", shown, rows_.size());
  lines_.append(text);
  lines_.end_line();
}

void LiveFormat::draw_header() {
  using Style = LiveScreen::Style;
  for (std::size_t i = 0; i < layouts_.size(); ++i) {
    const Layout& layout = layouts_[i];
    if (i > 0) lines_.append("  ", Style::header);
    std::string text = layout.header;
    const std::size_t columns = screen_width(text);
    // Padded here, so that the whole line is in reverse video.
    const std::size_t padding = layout.width - std::min(layout.width, columns);
    text.insert(layout.right ? 0 : text.size(), padding, ' ');
    lines_.append_cell(text, layout.width, false, Style::header);
    if (layout.spark > 0) lines_.append(std::string(1 + layout.spark, ' '), Style::header);
  }
  if (bar_ > 0) lines_.append(std::string(gap + bar_, ' '), Style::header);
  lines_.end_line();
}

void LiveFormat::draw_row(const Row& row, double largest) {
  for (std::size_t i = 0; i < layouts_.size(); ++i) {
    const Layout& layout = layouts_[i];
    if (i > 0) lines_.append("  ");
    const Series* const series =
        layout.number && row.history != nullptr ? &row.history->series[*layout.number] : nullptr;
    const bool changed = series != nullptr && series->moved();
    lines_.append_cell(row.cells[i], layout.width, layout.right,
                       changed ? LiveScreen::Style::changed : LiveScreen::Style::plain);
    if (layout.spark == 0) continue;
    std::string spark(1, ' ');
    append_sparkline(series != nullptr ? *series : Series(), layout.spark, screen_.utf8, spark);
    lines_.append(spark);
  }
  if (bar_ > 0) {
    std::string bar(gap, ' ');
    append_bar(row.numbers[*layouts_[*sorted_].number], largest, bar_, screen_.utf8, bar);
    lines_.append(bar);
  }
  lines_.end_line();
}

void LiveFormat::end_batch(TextBuffer& out) noexcept {
  sort_rows();
  const std::size_t room =
      screen_.lines > lines_beside_rows ? screen_.lines - lines_beside_rows : std::size_t{1};
  const std::size_t shown = std::min(rows_.size(), room);
  for (std::size_t r = 0; r < shown && !identity_.empty(); ++r) {
    Row& row = rows_[r];
    row.history = &history_.find_or_add(row.key, numbers_);
    for (std::size_t n = 0; n < numbers_; ++n) row.history->series[n].add(row.numbers[n]);
    for (Layout& layout : layouts_)
      layout.moves = layout.moves || (layout.number && row.history->series[*layout.number].moves());
  }
  measure(shown);
  double largest = 0;
  if (bar_ > 0) {
    for (const Row& row : rows_) largest = std::max(largest, row.numbers[*layouts_[*sorted_].number]);
  }
  lines_.begin(screen_);
  draw_title(shown);
  draw_header();
  for (std::size_t r = 0; r < shown; ++r) draw_row(rows_[r], largest);
  lines_.draw(out);
  history_.end_draw();
  rows_.clear();
}

// If drawing is not possible, a live table is a plain table.
std::unique_ptr<Format> compile_live(const FormatRequest& request, Diagnostics& diagnostics) {
  std::unique_ptr<Format> format;
  if (request.drawable) {
    format = std::make_unique<LiveFormat>(request.output, request.plan, diagnostics);
  } else {
    format = compile_format(format_named("table"), request, diagnostics);
  }
  if (!request.batched) {
    diagnostics.error(request.output.at,
                      "a live table needs rows that are shown together, but these are shown one by one",
                      "group them: \"group_by\": [\"comm\"], \"aggregate\": { \"count\": \"count\" }, "
                      "\"every\": \"1s\"");
  }
  return format;
}

}  // namespace probe_run
