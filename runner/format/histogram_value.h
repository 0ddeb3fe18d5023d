// A histogram's value in formats without bars.
#pragma once

#include "decode/renderer.h"

namespace probe_run {

// The buckets that are not empty, as "[0,1]=3 [2,3]=7"; an open end as "...", and "(0.5,1]=3" if the range excludes
// the lower bound. REQUIRES: field.histogram, present(field, record)
void append_plain_histogram(const Field& field, Bytes record, TextBuffer& out) noexcept;

// {"buckets":[{"from":0,"to":1,"count":3}],"count":3,"sum":2}: the buckets from the first to the last that is
// not empty; "from" or "to" is omitted if the end is open, "sum" if it is unknown. REQUIRES: as
// above
void append_json_histogram(const Field& field, Bytes record, const RenderContext& context,
                           TextBuffer& out) noexcept;

}  // namespace probe_run
