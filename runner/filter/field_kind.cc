#include "filter/field_kind.h"

#include <fmt/format.h>

namespace probe_run {
namespace {

void rendered(const Field& field, FieldKind& kind) {
  using Form = Renderer::Form;
  using Compared = Renderer::Compared;
  const Compared compared = field.renderer->compared;
  kind.shown = form_of(field) != Form::number && form_of(field) != Form::boolean;
  kind.ip = compared == Compared::ip;
  kind.mac = compared == Compared::mac;
  if (kind.ip || kind.mac) return;
  if (const unsigned bytes = network_bytes(field)) {
    kind.integer = kind.big_endian = true;
    kind.bits = bytes * 8;
    return;
  }
  kind.boolean = form_of(field) == Form::boolean;
  kind.integer = field.scalar && !kind.boolean;
  kind.wide = is_wide(field);
  kind.floating = is_floating(field);
  kind.names = has_value_names(field);
  kind.text = !kind.names && compared != Compared::number;
  kind.frames = compared == Compared::functions;
}

}  // namespace

FieldKind kind_of(const Field& field) {
  FieldKind kind;
  kind.bits = width_of(field.slot);
  kind.is_signed = field.slot.is_signed;
  const bool whole_bytes = field.slot.bits == 0 && !field.flexible;
  const bool is_plain = field.shape == Shape::unsigned_number || field.shape == Shape::signed_number ||
                        field.shape == Shape::wide_number || field.shape == Shape::bytes ||
                        (field.shape == Shape::array && field.fields[0].scalar);
  kind.ip = is_plain && whole_bytes && (field.size == 4 || field.size == 16);
  kind.mac = is_plain && whole_bytes && field.size == 6;
  switch (field.shape) {
    case Shape::unsigned_number:
    case Shape::signed_number:
      kind.integer = true;
      kind.names = has_value_names(field);
      break;
    case Shape::wide_number:
      kind.wide = true;
      break;
    case Shape::floating:
      kind.floating = true;
      break;
    case Shape::boolean:
      kind.boolean = true;
      break;
    case Shape::text:
      kind.text = kind.shown = true;
      break;
    case Shape::bytes:
      kind.text = kind.shown = true;
      break;
    case Shape::rendered:
      rendered(field, kind);
      break;
    case Shape::structure:
    case Shape::array:
      break;
  }
  if (kind.big_endian) kind.is_signed = false;
  return kind;
}

std::string describe(const Field& field, const FieldKind& kind) {
  if (field.shape == Shape::structure) return "a struct";
  if (field.shape == Shape::array) return "a list";
  if (kind.boolean) return "true or false";
  if (kind.names) return "a number with names";
  if (field.shape == Shape::rendered && kind.ip) return "an IP address";
  if (field.shape == Shape::rendered && kind.mac) return "an Ethernet address";
  if (kind.frames) return "functions by name";
  if (kind.text && kind.integer) return "a number shown as text";
  if (kind.text) return field.shape == Shape::text ? "text" : "bytes shown as text";
  if (kind.floating) return "a floating-point number";
  return fmt::format("{} {}-bit integer{}", kind.bits == 8 || kind.bits == 11 || kind.bits == 18 ? "an" : "a",
                     kind.bits, kind.is_signed ? " with a sign" : "");
}

Slot slot_of(const Field& field, const FieldKind& kind) {
  Slot slot = field.slot;
  if (!kind.big_endian) return slot;
  slot.size = kind.bits / 8;
  slot.is_signed = false;
  return slot;
}

}  // namespace probe_run
