#include "filter/address_predicate.h"

#include <fmt/format.h>

#include "support/utf8.h"

namespace probe_run {
namespace {

class AddressTest {
 public:
  AddressTest(const Field& field, const FieldKind& kind, Operator op, const ExpressionNode& node,
              std::vector<ExpressionError>& errors)
      : field_(field), kind_(kind), op_(op), node_(node), errors_(errors) {}

  std::optional<FieldPredicate> compile() {
    if (op_ != Operator::equal && op_ != Operator::in) {
      return error(node_.op_at, fmt::format("addresses have no order: {} says nothing", to_text(node_.op)),
                   "use == or in, such as in 10.0.0.0/8");
    }
    InBlock test;
    bool good = true;
    for (const Literal& value : node_.values) good = add(value, test) && good;
    if (!good) return std::nullopt;
    return test;
  }

 private:
  std::nullopt_t error(ExpressionPlace at, std::string what, std::string hint) {
    errors_.push_back({at, std::move(what), std::move(hint)});
    return std::nullopt;
  }

  std::string_view wanted() const {
    if (kind_.mac) return "an Ethernet address such as 02:42:ac:11:00:02";
    return field_.size == 4 ? "an IPv4 address such as 10.0.0.1" : "an IPv6 address such as fe80::1";
  }

  bool add(const Literal& value, InBlock& test) {
    const std::string written = escape_for_terminal(value.text);
    std::optional<AddressBlock> block;
    if (value.kind == Literal::Kind::address) block = value.address;
    if (value.kind == Literal::Kind::text) block = parse_address(value.text);
    if (!block) {
      error(value.at, fmt::format("\"{}\" is an address and is never {}", node_.field, written),
            fmt::format("compare it with {}", wanted()));
      return false;
    }
    const AddressBlock base = block->base();
    if (!(base == *block)) {
      error(value.at, fmt::format("{} has bits set behind its prefix", written),
            fmt::format("the block is {}", to_text(base)));
      return false;
    }
    if (block->kind == AddressBlock::Kind::ipv4 && !kind_.mac && field_.size == 16)
      block = mapped_to_ipv6(*block);
    if (block->size() != field_.size) {
      error(value.at, fmt::format("\"{}\" has {} bytes and is never {}", node_.field, field_.size, written),
            fmt::format("compare it with {}", wanted()));
      return false;
    }
    if (block->has_prefix && op_ == Operator::equal) {
      error(value.at, fmt::format("{} is a block of addresses", written),
            fmt::format("write \"in {}\"", written));
      return false;
    }
    test.blocks.push_back(*block);
    return true;
  }

  const Field& field_;
  const FieldKind& kind_;
  Operator op_;
  const ExpressionNode& node_;
  std::vector<ExpressionError>& errors_;
};

}  // namespace

std::optional<FieldPredicate> address_predicate(const Field& field, const FieldKind& kind, Operator op,
                                                const ExpressionNode& node,
                                                std::vector<ExpressionError>& errors) {
  return AddressTest(field, kind, op, node, errors).compile();
}

}  // namespace probe_run
