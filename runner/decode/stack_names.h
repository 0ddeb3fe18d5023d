// A stack as the names of its functions, for formats that aggregate equal stacks.
#pragma once

#include "decode/renderer.h"

namespace probe_run {

// One stack, printed by kstack or ustack.
inline bool is_stack(const Field& field) noexcept {
  return field.shape == Shape::rendered && field.renderer->takes == Renderer::Takes::stack;
}
inline bool is_kernel_stack(const Field& field) noexcept {
  return is_stack(field) && !needs_process(*field.renderer);
}

// Innermost first, each ended by a newline, without offsets: the name of the function, followed by "_[i]" if it is
// inlined into a function of a process; "[module]" for an address without a symbol in a file, "[unknown]" for any
// other address. Names may contain any bytes except '\n'. REQUIRES: is_stack(field), present(field, record)
void append_stack_names(const Field& field, Bytes record, const RenderContext& context,
                        TextBuffer& out) noexcept;

}  // namespace probe_run
