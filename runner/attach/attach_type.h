// Everything about an attach type except its keys: one row for each alternative of AttachPoint.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attach/attach.h"
#include "attach/libbpf_version.h"
#include "listing/search.h"
#include "spec/parse.h"

namespace probe_run {

// The program that a type attaches.
struct Section {
  std::string_view name;                     // an example of its SEC()
  std::vector<std::uint32_t> program_types;  // empty for any that libbpf attaches by its SEC()
  std::vector<std::uint32_t> attach_types;   // empty for any
  std::vector<std::string_view> also;        // other names that its SEC() can have
};

// The type of a program whose SEC() libbpf does not know; 0 if several can attach there.
std::uint32_t type_for_own_section(const Section& section);

// The oldest kernel on which the type can be attached; {} where all that the program runs on can.
struct KernelVersion {
  unsigned major = 0, minor = 0;
  auto operator<=>(const KernelVersion&) const = default;
};

// Which other attach points a program of the type can have.
enum class Company {
  any,        // any, each once
  repeated,   // any, including the same one again
  none,       // none: the kernel fixes the target when it loads the program
  same_type,  // only those of this type
};

// Whether "pin" can keep the program attached.
struct Pinning {
  std::string_view obstacle;  // "" for none
  std::string_view hint;
};
inline constexpr Pinning one_link{};

// How --list finds the targets of the type.
struct Places {
  void (*list)(Search& search) = nullptr;
  std::string_view nothing = {};  // why nothing can be listed; "" if something can
  bool again = false;             // as in Family
  bool in_file = false;           // as in Family
};

// The row of a type, for code that does not know which type a point has. The functions accept only points of
// their own type.
struct AttachType {
  std::string_view name;
  std::string_view doc;
  std::vector<std::string_view> keys;
  Section section;
  LibbpfVersion libbpf;
  KernelVersion kernel;
  std::string_view example;  // of its keys, as a spec has them: "iface": "eth0"
  Company company;
  Pinning pinning;
  Places places;
  void (*check)(const AttachPoint& point, Diagnostics& diagnostics);
  Fd (*prepare)(BpfObject& object, bpf_program* program, const AttachPoint& point);
  Attachment (*attach)(BpfObject& object, bpf_program* program, const AttachPoint& point);
  std::string (*describe)(const AttachPoint& point);
};

// In the order of AttachPoint.
std::span<const AttachType> attach_types();
const AttachType& attach_type(const AttachPoint& point);

// The list of types in docs/reference/programs.md.
std::string attach_types_reference();

// The same for --list.
std::span<const Family> families();

// Instantiated by the file of each type, with the definition in attach/define_attach_type.h.
template <class Point>
AttachType attach_type_row();

}  // namespace probe_run
