// --list: the attach points of this machine.
#include "attach/attach_type.h"
#include "command/command.h"
#include "command/place_text.h"
#include "listing/listing.h"
#include "object/libbpf.h"
#include "sink/sink.h"
#include "sink/terminal.h"

namespace probe_run {

int list(const Options& options) {
  const std::string_view format = options.format ? name_of(*options.format) : "text";
  const bool json = format == "json";
  const bool jsonl = format == "jsonl";
  LibbpfLog log;
  Listing listing;
  try {
    listing = list_places(families(), options.patterns,
                          json || jsonl || options.verbose ? Details::all : Details::of_single_places);
  } catch (const PatternError& error) {
    report(error.diagnostics());
    return exit_invalid;
  }
  const std::unique_ptr<Sink> sink = open_sink(options.output.value_or("stdout"));
  if (json) sink->make_array();
  for (const Place& place : listing.places) {
    if (sink->closed()) break;
    sink->begin_row();
    if (json || jsonl) {
      append_json(place, sink->buffer());
      if (jsonl) sink->buffer().append("\n");
    } else {
      append_text(place, sink->buffer());
    }
    sink->line_done();
  }
  sink->finish();
  report(listing.warnings);
  report(listing.unmatched);
  if (const std::string failure = sink->failure(); !failure.empty()) throw Error(failure);
  return listing.unmatched.empty() ? exit_ok : exit_failed;
}

}  // namespace probe_run
