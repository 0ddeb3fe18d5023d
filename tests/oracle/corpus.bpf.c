// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// A variable of each type of the corpus, so that BTF describes them. There is no program: this is never
// loaded.
#define RECORD(name) struct name record_##name
#include "corpus.h"
