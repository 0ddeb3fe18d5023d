// The values that a field can be compared with, by its type and its renderer.
#pragma once

#include <string>

#include "decode/field_value.h"
#include "decode/renderer.h"

namespace probe_run {

struct FieldKind {
  bool boolean = false;
  bool integer = false;     // of up to 64 bits
  bool big_endian = false;  // an integer as shown, not as returned by load()
  bool wide = false;        // an integer of more bits
  bool floating = false;
  bool names = false;  // of its values, which can be converted back to numbers
  bool text = false;   // its own, or the renderer's output
  bool shown = false;  // patterns are matched against the renderer's output
  bool frames = false;
  bool ip = false;
  bool mac = false;

  // Of integers, as two's complement.
  unsigned bits = 0;
  bool is_signed = false;
};

FieldKind kind_of(const Field& field);

// "a 32-bit integer", "text", "an IP address": for messages.
std::string describe(const Field& field, const FieldKind& kind);

// The slot of an integer: its first 2, 4 or 8 bytes for one in network byte order. REQUIRES: kind.integer
Slot slot_of(const Field& field, const FieldKind& kind);

}  // namespace probe_run
