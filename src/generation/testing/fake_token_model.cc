#include "generation/testing/fake_token_model.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <utility>

#include "engine/table.h"

namespace tenfold {
namespace {

constexpr std::array<std::string_view, 5> special_tokens{"<s>", "</s>", "<|user|>", "<|assistant|>",
                                                         "<|end|>"};

// U+1F600 and U+65E5 U+672C are cut in the middle by some of these.
constexpr std::array<std::string_view, 19> pieces{
    "<think>",  "</think>", "Paris",  "Pa",  "ris",      " the",     "The",
    " capital", "STOP",     "ST",     "OP ", "\xF0\x9F", "\x98\x80", "\xE6\x97\xA5\xE6",
    "\x9C\xAC", "\n\n",     "\nUser", "{\"", "\":"};

constexpr int vocabulary = FakeTokenizer::first_piece + static_cast<int>(pieces.size());

std::uint64_t mix(std::uint64_t x) {  // SplitMix64 (Steele, Lea, Flood 2014)
  x += 0x9E3779B97F4A7C15;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

void require(bool condition, const char* what) {
  if (!condition) throw std::logic_error(what);
}

}  // namespace

Result<std::vector<TokenId>> FakeTokenizer::encode(std::string_view text, bool add_special,
                                                   bool parse_special) const {
  std::vector<TokenId> tokens;
  if (add_special) tokens.push_back(bos);
  while (!text.empty()) {
    TokenId best = static_cast<unsigned char>(text.front());
    std::size_t length = 1;
    for (TokenId id = bos; id < vocabulary; ++id) {
      const std::string piece = token_bytes(id);
      if (piece.size() <= length || !text.starts_with(piece)) continue;
      if (is_special(id) && !parse_special) continue;
      best = id;
      length = piece.size();
    }
    tokens.push_back(best);
    text.remove_prefix(length);
  }
  return tokens;
}

std::string FakeTokenizer::token_bytes(TokenId token) const {
  if (token < 0 || token >= vocabulary) return {};
  if (token < bos) return std::string(1, static_cast<char>(token));
  if (token < first_piece)
    return std::string(special_tokens.at(static_cast<std::size_t>(token - bos)));
  return std::string(pieces.at(static_cast<std::size_t>(token - first_piece)));
}

bool FakeTokenizer::is_special(TokenId token) const { return token >= bos && token < first_piece; }

bool FakeTokenizer::is_end_of_generation(TokenId token) const {
  return token == eos || token == end_of_turn;
}

int FakeTokenizer::vocabulary_size() const { return vocabulary; }

FakeTokenModel::FakeTokenModel(ModelInfo info, std::shared_ptr<FakeModelControl> control,
                               int sequences)
    : info_(std::move(info)), control_(std::move(control)), sequences_(sequences) {
  info_.vocabulary_size = vocabulary;
}

Result<std::span<const float>> FakeTokenModel::evaluate(std::span<const Chunk> chunks) {
  check(chunks);
  const auto append_half = [&] {
    for (const Chunk& chunk : chunks) {
      const auto half = chunk.tokens.first(chunk.tokens.size() / 2);
      auto& held = this->held(chunk.sequence);
      held.insert(held.end(), half.begin(), half.end());
    }
  };
  const int call = ++control_->evaluate_calls;
  if (control_->before_evaluate) {
    if (auto result = control_->before_evaluate(call); !result.ok()) {
      append_half();
      return result.error();
    }
  }
  control_->is_evaluating = true;
  const auto end = std::chrono::steady_clock::now() + control_->evaluate_time;
  while (std::chrono::steady_clock::now() < end && !control_->is_interrupted) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  control_->is_evaluating = false;
  if (control_->is_interrupted) {
    append_half();
    return fail(ErrorCode::cancelled, "interrupted");
  }

  logits_.clear();
  std::vector<int>& step = control_->steps.emplace_back();
  for (const Chunk& chunk : chunks) {
    const int count = static_cast<int>(chunk.tokens.size());
    auto& held = this->held(chunk.sequence);
    for (std::size_t i = 0; i < chunk.tokens.size(); ++i) {
      held.push_back(chunk.tokens[i]);
      if (chunk.all_positions || i + 1 == chunk.tokens.size()) append_row(held);
    }
    step.push_back(count);
    control_->evaluated_tokens += count;
    control_->largest_chunk = std::max(control_->largest_chunk, count);
  }
  if (control_->one_logit_short) logits_.pop_back();
  return std::span<const float>(logits_);
}

void FakeTokenModel::check(std::span<const Chunk> chunks) {
  require(!chunks.empty(), "no chunk");
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    const Chunk& chunk = chunks[i];
    require(!chunk.tokens.empty(), "empty chunk");
    require(held(chunk.sequence).size() + chunk.tokens.size() <=
                static_cast<std::size_t>(info_.context_size),
            "more tokens than the context holds");
    for (const TokenId token : chunk.tokens) {
      require(token >= 0 && token < vocabulary, "id outside the vocabulary");
    }
    for (const Chunk& other : chunks.first(i)) {
      require(other.sequence != chunk.sequence, "two chunks of one sequence");
    }
  }
}

std::vector<TokenId>& FakeTokenModel::held(int sequence) {
  require(sequence >= 0 && sequence < sequences_, "unknown sequence");
  return control_->sequences.at(static_cast<std::size_t>(sequence));
}

void FakeTokenModel::append_row(std::span<const TokenId> prefix) {
  std::uint64_t hash = 0;
  for (const TokenId token : prefix) hash = mix(hash ^ static_cast<std::uint64_t>(token));
  const std::size_t begin = logits_.size();
  for (int id = 0; id < vocabulary; ++id) {
    const auto noise = mix(hash + static_cast<std::uint64_t>(id)) >> 40;  // 24 bits
    logits_.push_back(static_cast<float>(noise) * 0x1p-24F * 6.0F - 2.0F);
  }
  const auto row = std::span(logits_).subspan(begin);
  if (const auto next = control_->next ? control_->next(prefix) : std::nullopt) {
    row[static_cast<std::size_t>(*next)] = 30;
  }
  if (control_->edit_row) control_->edit_row(row);
}

Result<int> FakeTokenModel::rewind(int sequence, int length) {
  auto& tokens = held(sequence);
  require(length >= 0 && static_cast<std::size_t>(length) <= tokens.size(),
          "rewind beyond the end");
  if (control_->rewind_error) return *control_->rewind_error;
  const int kept = length - length % control_->rewind_step;
  tokens.resize(static_cast<std::size_t>(kept));
  return control_->rewind_answer.value_or(kept);
}

Result<int> FakeTokenModel::copy(int from, int to, int length) {
  if (!control_->can_copy) return TokenModel::copy(from, to, length);
  if (control_->before_copy) control_->before_copy();
  require(length >= 0 && static_cast<std::size_t>(length) <= held(from).size(),
          "copy beyond the end");
  held(to) = held(from);
  held(to).resize(static_cast<std::size_t>(length));
  return length;
}

Result<std::vector<std::vector<float>>> FakeTokenModel::embed(
    std::span<const std::vector<TokenId>> texts) {
  if (control_->embedding.empty()) return TokenModel::embed(texts);
  if (control_->is_interrupted) return fail(ErrorCode::cancelled, "interrupted");
  control_->embedded.push_back(texts.size());
  return std::vector<std::vector<float>>(texts.size(), control_->embedding);
}

std::string fake_chat_template() {
  return "{{ bos_token }}{% for m in messages %}<|{{ m.role }}|>{{ m.content }}"
         "{% if not loop.last or m.role != 'assistant' %}<|end|>{% endif %}{% endfor %}"
         "{% if add_generation_prompt %}<|assistant|>{% endif %}";
}

TokenBackend fake_backend(std::shared_ptr<FakeModelControl> control, int context_size,
                          std::string chat_template) {
  TokenBackend backend;
  backend.capabilities = static_capabilities("llama_cpp");
  backend.capabilities.engine = "fake";
  backend.capabilities.max_sequences = static_cast<int>(control->sequences.size());
  backend.open = [=](const ResolvedModel& model, const LoadOptions& options,
                     const OnProgress& on_progress) -> Result<std::unique_ptr<TokenModel>> {
    if (model.path == "missing") return fail(ErrorCode::not_found, "missing: no such file");
    if (on_progress && !on_progress(1)) return fail(ErrorCode::cancelled, "load cancelled");
    ModelInfo info;
    info.path = model.path;
    info.context_size = context_size;
    info.chat_template = chat_template;
    control->sequences = {};
    return std::unique_ptr<TokenModel>(
        std::make_unique<FakeTokenModel>(info, control, options.sequences));
  };
  return backend;
}

std::function<std::optional<TokenId>(std::span<const TokenId>)> scripted(
    std::size_t prompt_tokens, std::vector<TokenId> script) {
  return [=](std::span<const TokenId> held) -> std::optional<TokenId> {
    if (held.size() < prompt_tokens) return std::nullopt;
    const std::size_t step = held.size() - prompt_tokens;
    return step < script.size() ? script[step] : FakeTokenizer::end_of_turn;
  };
}

}  // namespace tenfold
