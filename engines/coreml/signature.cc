#include "signature.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace tenfold::coreml {
namespace {

/// Without case and underscores: "inputIds", "input_ids".
std::string plain(const std::string& name) {
  std::string result;
  for (const char letter : name) {
    if (letter != '_') {
      result += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    }
  }
  return result;
}

bool mentions(const std::string& name, std::string_view part) {
  return name.find(part) != std::string::npos;
}

/// The sizes that a side may have.
struct Side {
  std::vector<std::int64_t> sizes;  ///< rising; empty: any up to `most`
  std::int64_t most = 0;            ///< -1: without bound

  [[nodiscard]] bool is_one() const { return sizes.size() == 1 && most == 1; }
  /// 0 if there are several.
  [[nodiscard]] std::int64_t fixed() const { return sizes.size() == 1 ? most : 0; }
};

Side side_of(const MlFeature& feature, std::size_t at) {
  Side side;
  if (at < feature.ranges.size()) {
    const auto [least, most] = feature.ranges[at];
    side.most = most;
    if (least == most) side.sizes = {most};
    return side;
  }
  side.sizes = {feature.shape[at]};
  for (const auto& shape : feature.enumerated) {
    if (at < shape.size()) side.sizes.push_back(shape[at]);
  }
  std::ranges::sort(side.sizes);
  side.sizes.erase(std::unique(side.sizes.begin(), side.sizes.end()), side.sizes.end());
  side.most = side.sizes.back();
  return side;
}

constexpr std::int64_t most_context = std::int64_t{1} << 24;

class SignatureReader {
 public:
  SignatureReader(const MlFunction& function, const std::string& name)
      : function_(function), name_(name) {}

  Result<Signature> read() {
    TRY(find_text());
    std::vector<std::size_t> caches;
    for (std::size_t i = 0; i < function_.inputs.size(); ++i) {
      if (i != signature_.tokens && i != signature_.hidden) TRY(sort(i, caches));
    }
    TRY(find_results());
    TRY(carry(caches));
    signature_.keeps = !function_.states.empty() || !caches.empty();
    return choose_context();
  }

 private:
  [[nodiscard]] Error unknown(std::string_view what) const {
    return fail(ErrorCode::unsupported, fmt::format("{}: {}", name_, what),
                "docs/coreml.md has the forms of language models that run");
  }

  /// The tokens, or what another part made of them.
  Result<void> find_text() {
    const auto& inputs = function_.inputs;
    const auto find = [&](const auto& is_named) {
      const auto found = std::ranges::find_if(
          inputs, [&](const MlFeature& input) { return is_named(plain(input.name)); });
      return static_cast<std::size_t>(found - inputs.begin());
    };
    std::size_t number = find([](const std::string& name) {
      return mentions(name, "inputid") || mentions(name, "token") || name == "ids" ||
             name == "input";
    });
    const std::size_t hidden =
        find([](const std::string& name) { return mentions(name, "hiddenstates"); });
    if (number == inputs.size() && hidden < inputs.size()) {
      const MlFeature& input = inputs[hidden];
      if (input.shape.size() != 3) {
        return unknown(fmt::format("its input {} has not three dimensions", input.name));
      }
      signature_.hidden = hidden;
      return set_lengths(input, 1);
    }
    if (number == inputs.size() && inputs.size() == 1) number = 0;
    if (number == inputs.size()) {
      return unknown("none of its inputs is called as tokens are, e.g. inputIds");
    }
    const MlFeature& input = inputs[number];
    if (input.shape.empty() || input.shape.size() > 2) {
      return unknown(fmt::format("its input {} is no list of tokens", input.name));
    }
    signature_.tokens = number;
    return set_lengths(input, input.shape.size() - 1);
  }

  Result<void> set_lengths(const MlFeature& input, std::size_t at) {
    const Side side = side_of(input, at);
    signature_.lengths.allowed = side.sizes;
    signature_.lengths.most = side.most < 0 ? most_context : side.most;
    if (side.most > most_context && !side.sizes.empty()) {
      return unknown(fmt::format("its input {} takes {} tokens at once", input.name, side.most));
    }
    if (signature_.lengths.most < 1 || (!side.sizes.empty() && side.sizes[0] < 1)) {
      return unknown(fmt::format("its input {} takes no token", input.name));
    }
    return {};
  }

  Result<void> sort(std::size_t number, std::vector<std::size_t>& caches) {
    const MlFeature& input = function_.inputs[number];
    const std::string name = plain(input.name);
    const std::size_t rank = input.shape.size();
    const auto set = [&](std::optional<std::size_t>& role) -> Result<void> {
      if (role) return unknown(fmt::format("it has two inputs like {}", input.name));
      role = number;
      return {};
    };
    if (mentions(name, "mask") && rank >= 1) {
      const Side columns = side_of(input, rank - 1);
      most_columns_ = std::max(most_columns_, columns.most);
      if (columns.fixed() > most_context) {
        return unknown(fmt::format("its input {} has {} columns", input.name, columns.most));
      }
      if (rank <= 2) {
        signature_.attention_columns = columns.fixed();
        return set(signature_.attention);
      }
      signature_.mask_columns = columns.fixed();
      return set(signature_.mask);
    }
    if (mentions(name, "currentpos")) return set(signature_.position);
    if (mentions(name, "pos") && rank <= 2) {
      const bool is_one = rank == 0 || side_of(input, rank - 1).is_one();
      const bool is_first = is_one && (signature_.lengths.most > 1 || !mentions(name, "ids"));
      return set(is_first ? signature_.position : signature_.positions);
    }
    if (is_float(input.element) && rank >= 3) {
      caches.push_back(number);
      return {};
    }
    return unknown(fmt::format("its input {} is none that is known here", input.name));
  }

  Result<void> find_results() {
    std::vector<std::pair<std::string, std::size_t>> named;
    const auto find = [&](std::string_view part) {
      for (std::size_t i = 0; i < function_.outputs.size(); ++i) {
        const std::string name = plain(function_.outputs[i].name);
        if (!mentions(name, part)) continue;
        // logits2 comes before logits10.
        named.emplace_back(fmt::format("{:04}{}", name.size(), name), i);
      }
    };
    find("logit");
    signature_.gives_logits = !named.empty();
    if (named.empty()) find("hiddenstates");
    if (named.empty() && function_.outputs.size() == 1) {
      signature_.gives_logits = true;
      named.emplace_back("", 0);
    }
    if (named.empty()) return unknown("none of its outputs is called logits");
    std::ranges::sort(named);
    for (const auto& [name, number] : named) {
      const MlFeature& output = function_.outputs[number];
      if (!is_float(output.element)) {
        return unknown(
            fmt::format("its output {} is no logits but a {}: models that choose tokens "
                        "themselves do not run here",
                        output.name, name_of(output.element)));
      }
      signature_.results.push_back(number);
    }
    return {};
  }

  /// Caches go out in the order in which they come in.
  Result<void> carry(const std::vector<std::size_t>& caches) {
    std::vector<std::size_t> outputs;
    for (std::size_t i = 0; i < function_.outputs.size(); ++i) {
      if (std::ranges::count(signature_.results, i) == 0) outputs.push_back(i);
    }
    if (caches.size() != outputs.size() && !caches.empty()) {
      return unknown(
          fmt::format("its input {} is none that is known here", function_.inputs[caches[0]].name));
    }
    for (std::size_t i = 0; i < caches.size(); ++i) {
      const MlFeature& input = function_.inputs[caches[i]];
      CarriedCache cache{caches[i], outputs[i], std::nullopt};
      for (std::size_t at = 0; at < input.shape.size(); ++at) {
        const Side side = side_of(input, at);
        if (side.fixed() > 0) continue;
        if (cache.growing || at >= input.ranges.size() || input.ranges[at].first != 0) {
          return unknown(fmt::format("its input {} cannot be empty at first", input.name));
        }
        cache.growing = at;
        if (side.most > 0) most_columns_ = std::max(most_columns_, side.most + 1);
      }
      signature_.caches.push_back(cache);
    }
    return {};
  }

  Result<Signature> choose_context() {
    std::int64_t context = signature_.lengths.most;
    if (signature_.keeps) {
      context = most_columns_;
      std::int64_t longest = 0;
      for (const MlFeature& state : function_.states) {
        for (const std::int64_t size : state.shape) longest = std::max(longest, size);
      }
      if (longest > 0) context = context > 0 ? std::min(context, longest) : longest;
    } else if (most_columns_ > 0) {
      context = std::min(context, most_columns_);
    }
    signature_.context = context;
    if (context < 1 || context > most_context) {
      return unknown("its shapes do not tell how many tokens it takes");
    }
    return signature_;
  }

  const MlFunction& function_;
  const std::string& name_;
  Signature signature_;
  std::int64_t most_columns_ = 0;
};

}  // namespace

std::optional<std::int64_t> Lengths::for_count(std::int64_t count) const {
  if (allowed.empty()) return count <= most ? std::optional(count) : std::nullopt;
  const auto found = std::ranges::lower_bound(allowed, count);
  return found == allowed.end() ? std::nullopt : std::optional(*found);
}

Result<Signature> read_signature(const MlFunction& function, const std::string& name) {
  return SignatureReader(function, name).read();
}

}  // namespace tenfold::coreml
