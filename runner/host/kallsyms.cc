#include "host/kallsyms.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <vector>

#include "support/fd.h"

namespace probe_run {
namespace {

constexpr std::size_t chunk_size = 256u << 10;  // longer than any line

}  // namespace

std::optional<KallsymsLine> parse_kallsyms_line(std::string_view line) {
  KallsymsLine symbol;
  const char* const end = line.data() + line.size();
  const auto [after, error] = std::from_chars(line.data(), end, symbol.address, 16);
  // A blank, the type, a blank, at least one letter.
  if (error != std::errc() || end - after < 4 || after[0] != ' ' || after[2] != ' ') return std::nullopt;
  symbol.type = after[1];
  symbol.name = line.substr(static_cast<std::size_t>(after + 3 - line.data()));
  if (const std::size_t tab = symbol.name.find('\t'); tab != std::string_view::npos) {
    symbol.module = symbol.name.substr(tab + 1);
    symbol.name = symbol.name.substr(0, tab);
    if (!symbol.module.starts_with('[') || !symbol.module.ends_with(']')) return std::nullopt;
    symbol.module = symbol.module.substr(1, symbol.module.size() - 2);
  }
  if (symbol.name.empty()) return std::nullopt;
  return symbol;
}

bool read_kallsyms(const std::string& path, const std::function<void(const KallsymsLine&)>& visit) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return false;
  const auto take = [&](std::string_view line) {
    if (const std::optional<KallsymsLine> symbol = parse_kallsyms_line(line)) visit(*symbol);
  };
  std::vector<char> chunk(chunk_size);
  std::size_t held = 0;  // of a line whose end has not been read
  for (;;) {
    if (held == chunk.size()) held = 0;  // no line of kallsyms is that long
    const ssize_t got = ::read(fd.get(), chunk.data() + held, chunk.size() - held);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;
    if (got == 0) break;
    held += static_cast<std::size_t>(got);
    std::string_view rest(chunk.data(), held);
    for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
      take(rest.substr(0, end));
      rest.remove_prefix(end + 1);
    }
    std::memmove(chunk.data(), rest.data(), rest.size());
    held = rest.size();
  }
  take(std::string_view(chunk.data(), held));
  return true;
}

}  // namespace probe_run
