#include "question.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <random>

#include "base/files.h"
#include "engine/json.h"
#include "engine/sampling.h"
#include "generation/logprobs.h"

namespace tenfold::picollm {
namespace {

/// The library takes a positive number of 31 bits; others are folded into those.
std::int32_t library_seed(std::optional<std::uint64_t> seed) {
  constexpr std::uint64_t most = std::numeric_limits<std::int32_t>::max();
  const std::uint64_t wanted = seed ? *seed : std::random_device()();
  return static_cast<std::int32_t>(wanted >= 1 && wanted <= most ? wanted : 1 + wanted % most);
}

Result<std::vector<double>> score_sequence(LoadedModel& loaded, std::span<const TokenId> tokens,
                                           const Control& control) {
  constexpr int tokens_between_reports = 16;
  std::vector<double> scores;
  PromptProgress progress{0, static_cast<int>(tokens.size()) - 1, 0};
  if (control.on_prompt) control.on_prompt(progress);
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    if (control.stop.stop_requested())
      return fail(ErrorCode::cancelled, "cancelled while the text was scored");
    const std::vector<float> logits = TRY(loaded.model->forward(tokens[i]));
    for (const TokenId token : {tokens[i], tokens[i + 1]}) {
      if (token >= 0 && static_cast<std::size_t>(token) < logits.size()) continue;
      return fail(ErrorCode::invalid_argument,
                  fmt::format("token {} is not in the vocabulary", token),
                  fmt::format("token ids of this model are 0 to {}", logits.size() - 1));
    }
    scores.push_back(static_cast<double>(logits[static_cast<std::size_t>(tokens[i + 1])]) -
                     TRY(log_sum_exp(logits)));
    ++progress.read;
    if (!control.on_prompt) continue;
    if (progress.read % tokens_between_reports == 0 || progress.read == progress.total) {
      control.on_prompt(progress);
    }
  }
  return scores;
}

}  // namespace

Result<void> check_text(const std::string& text, const std::string& name) {
  const char* wrong = text.find('\0') != std::string::npos
                          ? "has a zero byte, which picoLLM cannot take"
                      : !is_valid_utf8(text) ? "is not valid UTF-8"
                                             : nullptr;
  if (wrong == nullptr) return {};
  return fail(ErrorCode::invalid_argument, fmt::format("{} {}", name, wrong), "correct the text");
}

Result<void> check_length(std::size_t count, const LoadedModel& loaded, const std::string& name) {
  if (count == 0)
    return fail(ErrorCode::invalid_argument, name + " has no tokens", "write some text");
  if (count <= static_cast<std::size_t>(loaded.info.context_size)) return {};
  return fail(ErrorCode::context_exceeded,
              fmt::format("{} has {} tokens and the context of {} holds {}", name, count,
                          loaded.model->name(), loaded.info.context_size),
              "shorten it, or choose a model with a larger context");
}

Result<PreparedPrompt> prepare_prompt(const LoadedModel& loaded, const Prompt& prompt) {
  PreparedPrompt prepared;
  if (const auto* text = std::get_if<std::string>(&prompt)) {
    prepared.text = *text;
  } else if (const auto* chat = std::get_if<ChatPrompt>(&prompt)) {
    TRY(check_conversation(*chat));
    if (!loaded.dialog) {
      return fail(ErrorCode::unsupported,
                  fmt::format("picoLLM has no dialog for {}, so it cannot answer messages",
                              loaded.model->name()),
                  "give the prompt as plain text for the model to continue (on the command line: "
                  "--raw), or use a chat or instruct version of the model");
    }
    prepared.text = TRY(loaded.dialog->render(*chat, {"", "", true}));
  } else {
    return fail(ErrorCode::unsupported, "picollm takes no prompts of token ids",
                "give the text itself");
  }
  TRY(check_text(prepared.text, "the prompt"));
  prepared.tokens = TRY(loaded.model->tokenize(prepared.text));
  if (!prepared.text.empty()) return prepared;
  return fail(ErrorCode::invalid_argument, "the prompt is empty",
              "write a question or some text for the model to continue");
}

Result<Question> prepare_question(const LoadedModel& loaded, const Request& request) {
  const PreparedPrompt prompt = TRY(prepare_prompt(loaded, request.prompt));
  // One more than the prompt: an answer needs room for a token.
  TRY(check_length(prompt.tokens.size() + 1, loaded, "the prompt with one token of an answer"));
  for (const std::string& stop : request.stop) TRY(check_text(stop, "a stop string"));
  const ResolvedSampling sampling = resolve_sampling(request.sampling, loaded.info.sampling);
  Question question;
  question.prompt_tokens = static_cast<int>(prompt.tokens.size());
  question.max_tokens = request.max_tokens;
  question.logprobs = request.logprobs;
  question.split_reasoning = request.split_reasoning;
  const int room = loaded.info.context_size - question.prompt_tokens;
  question.completion = {.prompt = prompt.text,
                         .limit = std::min(request.max_tokens.value_or(room), room),
                         .stop = request.stop,
                         .seed = library_seed(request.sampling.seed),
                         .presence_penalty = sampling.presence_penalty,
                         .frequency_penalty = sampling.frequency_penalty,
                         .temperature = sampling.temperature,
                         .top_p = sampling.top_p,
                         // Without any, the library may not list the chosen tokens either.
                         .top_choices = request.logprobs ? std::max(1, *request.logprobs) : 0};
  return question;
}

Result<std::vector<double>> score_tokens(LoadedModel& loaded, std::span<const TokenId> tokens,
                                         const Control& control) {
  TRY(check_length(tokens.size(), loaded, "the text"));
  TRY(loaded.model->reset());
  auto scores = score_sequence(loaded, tokens, control);
  TRY(loaded.model->reset());
  return scores;
}

}  // namespace tenfold::picollm
