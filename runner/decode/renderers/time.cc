// Times and durations.
#include <fmt/format.h>

#include <array>

#include "decode/renderer.h"
#include "decode/time_format.h"

namespace probe_run {
namespace {

template <Renderer::Clock clock>
void print_time(const Field& field, Bytes record, const RenderContext& context, TextBuffer& out) noexcept {
  append_utc(out, wall_time(clock, load(record, field.slot), context));
}

// Of numbers of `factor` nanoseconds.
template <std::uint64_t factor>
void print_duration(const Field& field, Bytes record, const RenderContext&, TextBuffer& out) noexcept {
  struct Unit {
    double scale;
    std::string_view name;
  };
  static constexpr std::array<Unit, 4> units{{{1e9, "s"}, {1e6, "ms"}, {1e3, "us"}, {1, "ns"}}};
  const std::uint64_t value = load(record, field.slot);
  const auto number = field.slot.is_signed ? static_cast<double>(static_cast<std::int64_t>(value))
                                           : static_cast<double>(value);
  const double nanoseconds = number * static_cast<double>(factor);
  const double magnitude = nanoseconds < 0 ? -nanoseconds : nanoseconds;
  std::size_t unit = 0;
  // A number that would be rounded up to 1000.000 is shown in the next unit.
  while (unit + 1 < units.size() && magnitude < units[unit].scale * 0.9999995) ++unit;
  char text[48];
  const auto end = fmt::format_to_n(text, sizeof text, "{:.{}f}{}", nanoseconds / units[unit].scale,
                                    unit == 3 ? 0 : 3, units[unit].name);
  out.append(std::string_view(text, end.size));
}

constexpr std::size_t utc_width = 30;  // of 2026-11-21T06:59:00.123456789Z

using Arithmetic = Renderer::Arithmetic;
using Clock = Renderer::Clock;
using enum Renderer::Takes;
using Form = Renderer::Form;
constexpr Renderer table[] = {
    {.name = "ktime",
     .doc = "Nanoseconds of bpf_ktime_get_ns() as the time of day, in UTC.",
     .takes = integer,
     .form = Form::string,
     .print = print_time<Clock::monotonic>,
     .arithmetic = Arithmetic::order,
     .clock = Clock::monotonic,
     .width = utc_width},
    {.name = "boottime",
     .doc = "Nanoseconds of bpf_ktime_get_boot_ns() as the time of day, in UTC.",
     .takes = integer,
     .form = Form::string,
     .print = print_time<Clock::boot>,
     .arithmetic = Arithmetic::order,
     .clock = Clock::boot,
     .width = utc_width},
    {.name = "timestamp",
     .doc = "Nanoseconds since the Unix epoch, in UTC.",
     .takes = integer,
     .form = Form::string,
     .print = print_time<Clock::wall>,
     .arithmetic = Arithmetic::order,
     .clock = Clock::wall,
     .width = utc_width},
    {.name = "duration",
     .doc = "Nanoseconds, or numbers of the field's unit, with a unit: 1.250ms.",
     .takes = integer,
     .form = Form::string,
     .print = print_duration<1>,
     .arithmetic = Arithmetic::sum,
     .unit = "ns"},
};

template <std::uint64_t factor>
constexpr Renderer duration_in(std::string_view unit) {
  return {.name = "duration",
          .doc = "",
          .takes = integer,
          .form = Form::string,
          .print = print_duration<factor>,
          .arithmetic = Arithmetic::sum,
          .unit = unit};
}
constexpr Renderer durations[] = {duration_in<1'000>("us"), duration_in<1'000'000>("ms"),
                                  duration_in<1'000'000'000>("s")};

}  // namespace

std::span<const Renderer> durations_in_units() {
  return durations;
}

std::span<const Renderer> time_renderers() {
  return table;
}

}  // namespace probe_run
