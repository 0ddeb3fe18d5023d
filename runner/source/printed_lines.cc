#include "source/printed_lines.h"

#include "spec/output_spec.h"

namespace probe_run {

PrintedLines::PrintedLines(TracePipe pipe, const BpfObject& object, StreamConsumer& consumer)
    : consumer_(consumer) {
  if (pipe == TracePipe::all) return;
  bpf_map* const rodata = object.section(".rodata");
  if (rodata == nullptr) return;
  std::size_t size = 0;
  const void* const data = bpf_map__initial_value(rodata, &size);
  if (data == nullptr) return;
  match_.emplace(printk_formats(object.description(), {static_cast<const std::byte*>(data), size}));
}

void PrintedLines::printk(std::span<const std::byte> record) noexcept {
  const std::span<const std::byte> text = record.subspan(sizeof(PrintkHeader));
  const void* const characters = text.data();
  if (match_ && !match_->matches({static_cast<const char*>(characters), text.size()})) return;
  consumer_.record(printk_lines, record);
}

void PrintedLines::lost(std::uint64_t count) noexcept {
  consumer_.lost(printk_lines, count);
}

}  // namespace probe_run
