#include "command/place_text.h"

#include "format/json_value.h"

namespace probe_run {
namespace {

void append_member(TextBuffer& out, std::string_view key, std::string_view text) {
  out.append(",");
  append_json_string(out, key);
  out.append(":");
  append_json_string(out, text);
}

void append_number_member(TextBuffer& out, std::string_view key, std::uint32_t value) {
  out.append(",");
  append_json_string(out, key);
  out.append(":");
  append_number(out, std::uint64_t{value});
}

void append_variable(const CVariable& variable, TextBuffer& out) {
  out.append("{\"name\":");
  append_json_string(out, variable.name);
  append_member(out, "type", variable.type);
  if (variable.offset) append_number_member(out, "offset", *variable.offset);
  if (variable.size) append_number_member(out, "size", *variable.size);
  out.append("}");
}

void append_attach(const Place& place, TextBuffer& out) {
  out.append(",\"attach\":{\"type\":");
  append_json_string(out, place.type);
  for (const AttachKey& key : place.attach) {
    if (!key.is_number) {
      append_member(out, key.name, key.text);
      continue;
    }
    out.append(",");
    append_json_string(out, key.name);
    out.append(":");
    out.append(key.text);
  }
  out.append("}");
}

}  // namespace

void append_text(const Place& place, TextBuffer& out) {
  out.append(place.type);
  out.append(":");
  append_escaped(out, place.target);
  if (!place.readable_name.empty()) {
    out.append("  ");
    append_escaped(out, place.readable_name);
  }
  if (!place.signature) {
    out.append("\n");
    return;
  }
  const Signature& signature = *place.signature;
  if (signature.is_function) {
    out.append("  ");
    append_escaped(out, CPrototype{signature.variables, signature.returns, signature.variadic}.declaration(
                            signature.name));
    out.append("\n");
    return;
  }
  if (!signature.name.empty()) {
    out.append("  ");
    append_escaped(out, signature.name);
  }
  out.append("\n");
  for (const CVariable& field : signature.variables) {
    out.append("    ");
    append_escaped(out, field.declaration);
    out.append(";");
    if (field.offset) {
      out.append("  // offset ");
      append_number(out, std::uint64_t{*field.offset});
    }
    if (field.size) {
      out.append(", size ");
      append_number(out, std::uint64_t{*field.size});
    }
    out.append("\n");
  }
}

void append_json(const Place& place, TextBuffer& out) {
  out.append("{\"type\":");
  append_json_string(out, place.type);
  append_member(out, "target", place.target);
  if (!place.readable_name.empty()) append_member(out, "demangled", place.readable_name);
  if (!place.attach.empty()) append_attach(place, out);
  if (place.signature) {
    const Signature& signature = *place.signature;
    if (!signature.is_function && !signature.name.empty()) append_member(out, "struct", signature.name);
    out.append(signature.is_function ? ",\"arguments\":[" : ",\"fields\":[");
    for (const CVariable& variable : signature.variables) {
      if (&variable != &signature.variables.front()) out.append(",");
      append_variable(variable, out);
    }
    out.append("]");
    if (signature.variadic) out.append(",\"variadic\":true");
    if (!signature.returns.empty()) append_member(out, "returns", signature.returns);
  }
  out.append("}");
}

}  // namespace probe_run
