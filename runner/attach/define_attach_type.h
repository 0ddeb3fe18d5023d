// For the file of an attach type: builds its row from the parts of a specialization of AttachTypeOf.
//
//   template <>
//   struct AttachTypeOf<XdpAttach> { ... };
//   template AttachType attach_type_row<XdpAttach>();
//
// A missing part does not compile. A part with nothing to do is explicit: nothing_to_check,
// nothing_to_prepare.
#pragma once

#include <tuple>

#include "attach/attach_type.h"

namespace probe_run {

template <class Point>
struct AttachTypeOf;

struct NothingToCheck {
  template <class Point>
  void operator()(const Point&, Diagnostics&) const {}
};
inline constexpr NothingToCheck nothing_to_check;

struct NothingToPrepare {
  template <class Point>
  Fd operator()(BpfObject&, bpf_program*, const Point&) const {
    return {};
  }
};
inline constexpr NothingToPrepare nothing_to_prepare;

inline constexpr LibbpfVersion every_libbpf{};
inline constexpr KernelVersion every_kernel{};  // that probe-run runs on
inline constexpr std::string_view no_keys{};    // of an example: the type has no key that must be given

template <class Point>
std::vector<std::string_view> key_names() {
  return std::apply([](const auto&... key) { return std::vector<std::string_view>{key.name...}; },
                    Point::keys());
}

template <class Point>
AttachType attach_type_row() {
  using Parts = AttachTypeOf<Point>;
  static_assert(
      requires { Parts::section(); }, "the attach type has no `section`: its SEC() and program types");
  static_assert(
      requires { Parts::libbpf; }, "the attach type has no `libbpf`: every_libbpf, or the oldest version");
  static_assert(
      requires { Parts::kernel; }, "the attach type has no `kernel`: every_kernel, or the oldest version");
  static_assert(
      requires { Parts::example; },
      "the attach type has no `example` of its keys: no_keys if none is needed");
  static_assert(
      requires { Parts::company; }, "the attach type has no `company`: Company::any, none, ...");
  static_assert(
      requires { Parts::pinning; }, "the attach type has no `pinning`: one_link, or why not");
  static_assert(
      requires { Parts::places; },
      "the attach type has no `places`: how --list finds them, or why it cannot");
  static_assert(
      requires { Parts::check; }, "the attach type has no `check`: use nothing_to_check for none");
  static_assert(
      requires { Parts::prepare; }, "the attach type has no `prepare`: use nothing_to_prepare for none");
  static_assert(
      requires { Parts::attach; }, "the attach type has no `attach`");
  static_assert(
      requires { Parts::describe; }, "the attach type has no `describe`");
  if constexpr (requires {
                  Parts::section(), Parts::libbpf, Parts::kernel, Parts::example, Parts::company,
                      Parts::pinning, Parts::places, Parts::check, Parts::prepare, Parts::attach,
                      Parts::describe;
                }) {
    return {Point::type,
            Point::doc,
            key_names<Point>(),
            Parts::section(),
            Parts::libbpf,
            Parts::kernel,
            Parts::example,
            Parts::company,
            Parts::pinning,
            Parts::places,
            [](const AttachPoint& point, Diagnostics& diagnostics) {
              Parts::check(std::get<Point>(point), diagnostics);
            },
            [](BpfObject& object, bpf_program* program, const AttachPoint& point) {
              return Parts::prepare(object, program, std::get<Point>(point));
            },
            [](BpfObject& object, bpf_program* program, const AttachPoint& point) {
              return Parts::attach(object, program, std::get<Point>(point));
            },
            [](const AttachPoint& point) { return Parts::describe(std::get<Point>(point)); }};
  }
}

}  // namespace probe_run
