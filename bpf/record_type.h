// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#ifndef BPF_RECORD_TYPE_H
#define BPF_RECORD_TYPE_H

// The compiler describes a type in BTF only if a map, a global variable or a function's signature mentions
// it. The record of a ring or perf buffer appears in none of them, so this adds an unused pointer to it.
#define RECORD_TYPE(name) const struct name* record_type_##name __attribute__((unused))

#endif
