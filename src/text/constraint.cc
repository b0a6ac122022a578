#include "text/constraint.h"

#include <fmt/format.h>

#include <string_view>

#include "text/rust_handle.h"
#include "text/schema.h"

namespace tenfold {
namespace {

struct Grammar {
  TenfoldGrammar kind;
  std::string_view name;
};

Result<Grammar> grammar_of(Constraint::Kind kind) {
  switch (kind) {
    case Constraint::Kind::json_schema:
      return Grammar{tenfold_grammar_json_schema, "JSON schema"};
    case Constraint::Kind::regex:
      return Grammar{tenfold_grammar_regex, "regular expression"};
    case Constraint::Kind::lark:
      return Grammar{tenfold_grammar_lark, "Lark grammar"};
    case Constraint::Kind::none:
      break;
  }
  return fail(ErrorCode::invalid_argument, "the request has no constraint to compile.");
}

}  // namespace

struct ConstraintVocabulary::Handle {
  RustPointer<TenfoldVocabulary, tenfold_vocabulary_free> pointer;
  std::size_t size = 0;
};

struct ConstraintMatcher::Handle {
  RustPointer<TenfoldMatcher, tenfold_matcher_free> pointer;
};

Result<ConstraintVocabulary> ConstraintVocabulary::create(const Tokenizer& tokenizer) {
  const int size = tokenizer.vocabulary_size();
  if (size <= 0) return fail(ErrorCode::bad_model, "the model's vocabulary is empty.");
  const auto count = static_cast<std::size_t>(size);

  std::vector<std::string> texts(count);
  std::vector<TenfoldView> views(count);
  // Not std::vector<bool>: the library reads an array.
  const auto special = std::make_unique<bool[]>(count);
  std::vector<std::uint32_t> ends;
  const TokenId end = tokenizer.end_of_sequence();
  if (end >= 0 && end < size) ends.push_back(static_cast<std::uint32_t>(end));
  for (TokenId id = 0; id < size; ++id) {
    const auto index = static_cast<std::size_t>(id);
    const bool is_end = id == end || tokenizer.is_end_of_generation(id);
    texts[index] = tokenizer.token_bytes(id);
    views[index] = rust_view(texts[index]);
    special[index] = is_end || tokenizer.is_special(id);
    if (is_end && id != end) ends.push_back(static_cast<std::uint32_t>(id));
  }

  TenfoldBytes error{};
  const RustCall call;
  auto handle = std::make_shared<Handle>();
  handle->size = count;
  handle->pointer.reset(
      tenfold_vocabulary_new(views.data(), special.get(), count, ends.data(), ends.size(), &error));
  if (handle->pointer == nullptr) {
    return fail(ErrorCode::bad_model, "the model's vocabulary cannot be used for constraints: " +
                                          take_rust_bytes(error) + ".");
  }
  return ConstraintVocabulary(std::move(handle));
}

Result<ConstraintMatcher> ConstraintMatcher::create(const ConstraintVocabulary& vocabulary,
                                                    const Constraint& constraint) {
  const Grammar grammar = TRY(grammar_of(constraint.kind));
  std::string text = constraint.text;
  if (constraint.kind == Constraint::Kind::json_schema) {
    auto schema = nlohmann::ordered_json::parse(text, nullptr, false);
    // What is no JSON is refused below.
    if (!schema.is_discarded()) {
      drop_unknown_formats(schema);
      text = schema.dump();
    }
  }
  TenfoldBytes error{};
  const RustCall call;
  auto handle = std::make_shared<Handle>();
  handle->pointer.reset(tenfold_matcher_new(vocabulary.handle_->pointer.get(), grammar.kind,
                                            rust_view(text), &error));
  if (handle->pointer == nullptr) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("the {} cannot be used: {}.", grammar.name, take_rust_bytes(error)),
                fmt::format("Correct the {}.", grammar.name));
  }
  ConstraintMatcher matcher(std::move(handle));
  matcher.mask_.resize((vocabulary.handle_->size + 31) / 32);
  return matcher;
}

Result<std::span<const std::uint32_t>> ConstraintMatcher::mask() {
  TenfoldBytes error{};
  const RustCall call;
  if (!tenfold_matcher_mask(handle_->pointer.get(), mask_.data(), mask_.size(), &error)) {
    return fail(ErrorCode::invalid_argument,
                "the constraint allows no next token: " + take_rust_bytes(error) + ".",
                "simplify the constraint");
  }
  return std::span<const std::uint32_t>(mask_);
}

Result<void> ConstraintMatcher::accept(TokenId token) {
  TenfoldBytes error{};
  const RustCall call;
  if (!tenfold_matcher_accept(handle_->pointer.get(), static_cast<std::uint32_t>(token), &error)) {
    return fail(ErrorCode::invalid_argument,
                "the answer left its constraint: " + take_rust_bytes(error) + ".");
  }
  return {};
}

bool ConstraintMatcher::is_finished() const {
  return tenfold_matcher_is_finished(handle_->pointer.get());
}

}  // namespace tenfold
