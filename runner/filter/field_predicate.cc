#include "filter/field_predicate.h"

#include <algorithm>
#include <compare>

namespace probe_run {
namespace {

// Only the function of "vfs_read+0x1c [module]" or "inner (inlined)".
std::string_view without_offset(std::string_view frame) noexcept {
  const std::size_t offset = frame.find("+0x");
  const std::size_t inlined = frame.find(" (inlined)");
  return frame.substr(0, std::min(offset, inlined));
}

bool holds_order(FloatIs::Order order, std::partial_ordering found) noexcept {
  switch (order) {
    case FloatIs::Order::equal:
      return found == 0;
    case FloatIs::Order::less:
      return found < 0;
    case FloatIs::Order::less_equal:
      return found <= 0;
    case FloatIs::Order::greater:
      return found > 0;
    case FloatIs::Order::greater_equal:
      return found >= 0;
  }
  return false;
}

struct TextQuestion {
  std::string_view text;

  bool operator()(const TextIs::Equal& equal) const noexcept {
    return std::binary_search(equal.texts.begin(), equal.texts.end(), text, std::less<>());
  }
  bool operator()(const TextIs::Ordered& ordered) const noexcept {
    return holds_order(ordered.order, text.compare(ordered.text) <=> 0);
  }
  bool operator()(const std::vector<Glob>& globs) const noexcept {
    return std::any_of(globs.begin(), globs.end(), [&](const Glob& glob) { return glob.matches(text); });
  }
  bool operator()(const Regex& regex) const noexcept { return regex.matches(text); }
};

struct Question {
  const Field& field;
  Bytes record;
  const RenderContext& context;
  TextBuffer& scratch;

  template <class Word>
  bool operator()(const InRange<Word>& range) const noexcept {
    return static_cast<Word>(range.number.load(record) - range.low) <= range.span;
  }

  template <class Word>
  bool operator()(const InSet<Word>& set) const noexcept {
    return std::binary_search(set.values.begin(), set.values.end(), set.number.load(record));
  }

  bool operator()(const FloatIs& wanted) const noexcept {
    const double value = load_float(field, record);
    return std::any_of(wanted.values.begin(), wanted.values.end(),
                       [&](double other) { return holds_order(wanted.order, value <=> other); });
  }

  bool operator()(const BitsAre& wanted) const noexcept {
    const std::uint64_t value = load(record, wanted.slot);
    return std::any_of(wanted.any_of.begin(), wanted.any_of.end(),
                       [&](const BitsAre::Bits& bits) { return (value & bits.mask) == bits.wanted; });
  }

  bool operator()(const InBlock& wanted) const noexcept {
    const Bytes address = record.subspan(field.offset(), field.size);
    return std::any_of(wanted.blocks.begin(), wanted.blocks.end(),
                       [&](const AddressBlock& block) { return block.contains(address); });
  }

  bool operator()(const TextIs& wanted) const noexcept {
    if (!wanted.rendered) return std::visit(TextQuestion{text_of(field, record)}, wanted.wanted);
    scratch.clear();
    field.renderer->print(field, record, context, scratch);
    std::string_view text = scratch.view();
    if (form_of(field) == Renderer::Form::strings) return any_of_strings(wanted, text);
    if (!wanted.frames) return std::visit(TextQuestion{text}, wanted.wanted);
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      const std::string_view frame = text.substr(0, end);
      if (std::visit(TextQuestion{frame}, wanted.wanted)) return true;
      const std::string_view function = without_offset(frame);
      const bool another = function.size() != frame.size() && !std::holds_alternative<Regex>(wanted.wanted);
      if (another && std::visit(TextQuestion{function}, wanted.wanted)) return true;
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return false;
  }

  static bool any_of_strings(const TextIs& wanted, std::string_view texts) noexcept {
    for (; !texts.empty(); texts.remove_prefix(texts.find('\0') + 1)) {
      if (std::visit(TextQuestion{texts.substr(0, texts.find('\0'))}, wanted.wanted)) return true;
    }
    return false;
  }

  bool operator()(const IsThere&) const noexcept { return true; }
};

}  // namespace

template <>
std::uint64_t NumberAt<std::uint64_t>::load(Bytes record) const noexcept {
  const std::uint64_t value =
      big_endian ? load_big_endian(record.data() + slot.offset, slot.size) : probe_run::load(record, slot);
  return value ^ bias;
}

template <>
Wide NumberAt<Wide>::load(Bytes record) const noexcept {
  return load_wide(record, slot) ^ bias;
}

bool passes(const FieldPredicate& test, const Field& field, Bytes record, const RenderContext& context,
            TextBuffer& scratch) noexcept {
  return std::visit(Question{field, record, context, scratch}, test);
}

}  // namespace probe_run
