// Paths on a bpffs, where maps and links stay when no process holds them.
#pragma once

#include <string>
#include <vector>

#include "object/libbpf.h"
#include "support/fd.h"
#include "support/source_text.h"

namespace probe_run {

struct Spec;

enum class PinnedKind { none, map, program, link, other };

struct Pinned {
  PinnedKind kind = PinnedKind::none;
  Fd fd;  // of what is there; none for none
};

// What is pinned at the path. Throws Error naming the path when nothing can be pinned there (not on a bpffs, or
// something else is there) or cannot be opened. `subject` begins the message: `the map "counts"`.
Pinned look_up_pin(const std::string& subject, const std::string& path);

// Of what a descriptor is.
PinnedKind kind_of(int fd);

// A short word for it: "a map", "a program", ...
std::string_view words_for(PinnedKind kind);

// What this run has pinned, and the directories it created for that. Removed again unless the run starts
// successfully.
class Pins {
 public:
  Pins() = default;
  ~Pins();
  Pins(const Pins&) = delete;
  Pins& operator=(const Pins&) = delete;

  // Throws Error. REQUIRES: look_up_pin() found nothing there
  void pin(const std::string& subject, int fd, const std::string& path);
  // From now on they stay.
  void keep() noexcept;
  // Removes what it has pinned and made since.
  void undo() noexcept;

 private:
  std::vector<std::string> paths_;
  std::vector<std::string> directories_;
};

// Reports paths that cannot be one.
void check_pin_paths(const Spec& spec, Diagnostics& diagnostics);

// Pins of maps: those of the spec, and those that the object declares (LIBBPF_PIN_BY_NAME).

struct ObjectDescription;

struct MapPin {
  std::string map;  // its name
  std::string path;
  bool reuse = false;
  Span at;  // in the spec
};

// Before the load: maps that are pinned already and may be reused become the object's. Returns the others,
// which are to be pinned. Throws Error, with the place in the spec, where something else is there, or
// something that must not be reused or does not fit.
std::vector<MapPin> take_pinned_maps(bpf_object* object, const Spec& spec,
                                     const ObjectDescription& description);

// After the load. Throws as above.
void pin_maps(bpf_object* object, const Spec& spec, const std::vector<MapPin>& maps, Pins& pins);

// Warns of the pins that only the object declares: they outlive the run.
void warn_of_own_pins(const Spec& spec, const ObjectDescription& description, Diagnostics& diagnostics);

}  // namespace probe_run
