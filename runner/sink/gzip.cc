#include "sink/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <new>

namespace probe_run {
namespace {

// Pages of metrics repeat themselves: they shrink to a tenth at the lowest level, and higher ones take several times as
// long for little more.
constexpr int level = 1;
constexpr int window_bits = 15 + 16;  // 16: gzip
constexpr int memory_level = 8;
// Half a millisecond of work.
constexpr std::size_t piece_size = std::size_t{64} << 10;

}  // namespace

struct Gzip::State {
  z_stream stream{};
  bool ready = false;

  State()
      : ready(deflateInit2(&stream, level, Z_DEFLATED, window_bits, memory_level, Z_DEFAULT_STRATEGY) ==
              Z_OK) {}
  ~State() {
    if (ready) deflateEnd(&stream);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

Gzip::Gzip() = default;
Gzip::~Gzip() = default;

bool Gzip::compress(std::string_view text, Interlude& interlude, TextBuffer& out) noexcept {
  if (!state_) state_.reset(new (std::nothrow) State);
  if (!state_ || !state_->ready || deflateReset(&state_->stream) != Z_OK) return false;
  z_stream& stream = state_->stream;
  out.clear();
  int result = Z_OK;
  while (result != Z_STREAM_END) {
    const std::string_view piece = text.substr(0, piece_size);
    text.remove_prefix(piece.size());
    // zlib does not change its input.
    const void* const bytes = piece.data();
    stream.next_in = static_cast<Bytef*>(const_cast<void*>(bytes));  // NOLINT(*-const-cast)
    stream.avail_in = static_cast<uInt>(piece.size());
    do {
      void* const room = out.room(piece_size);
      stream.next_out = static_cast<Bytef*>(room);
      stream.avail_out = static_cast<uInt>(piece_size);
      result = deflate(&stream, text.empty() ? Z_FINISH : Z_NO_FLUSH);
      if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) return false;
      out.commit(piece_size - stream.avail_out);
    } while (stream.avail_out == 0);
    interlude.look();
  }
  return true;
}

}  // namespace probe_run
