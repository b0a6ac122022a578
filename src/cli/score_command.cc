// tenfold score: how likely a model finds a text.
#include <fmt/format.h>

#include <cmath>
#include <numeric>

#include "cli/command.h"
#include "cli/input.h"
#include "cli/open_model.h"
#include "engine/json.h"

namespace tenfold {
namespace {

Result<std::string> text_to_score(const CommandContext& context) {
  const bool dash = context.words == std::vector<std::string>{"-"};
  if (!dash && !context.words.empty()) return join_prompt(context.words, "", "text");
  const std::string piped = dash || stdin_has_data() ? TRY(read_stdin()) : std::string();
  return join_prompt({}, piped, "text");
}

/// With Ctrl-C ending the program as usual once the model is open: scoring has nothing to save.
Result<OpenedModel> open_to_score(CommandContext& context) {
  Interrupts interrupts;
  return open_model(context.store, context.settings, context.console, interrupts);
}

}  // namespace

Result<ExitCode> score_command(CommandContext& context) {
  Console& console = context.console;
  const std::string text = TRY(text_to_score(context));
  OpenedModel opened = TRY(open_to_score(context));
  const PreparedPrompt prompt = TRY(opened.engine->prepare(text));
  if (prompt.tokens.size() < 2) {
    return fail(ErrorCode::invalid_argument, "the text is too short to score: it is one token",
                "give at least two tokens");
  }
  const auto on_prompt = [&](const PromptProgress& progress) {
    console.progress(fmt::format("scoring: {} of {} tokens", progress.read, progress.total));
  };
  const std::vector<double> logprobs = TRY(opened.engine->score(prompt.tokens, {{}, on_prompt}));
  console.clear_progress();
  const double total = std::accumulate(logprobs.begin(), logprobs.end(), 0.0);
  const double mean = total / static_cast<double>(logprobs.size());
  if (console.json()) {
    Json tokens = Json::array({{{"id", prompt.tokens[0]}, {"logprob", nullptr}}});
    for (std::size_t i = 0; i < logprobs.size(); ++i) {
      tokens.push_back({{"id", prompt.tokens[i + 1]}, {"logprob", logprobs[i]}});
    }
    console.object({{"model", context.settings.text("model").value_or("")},
                    {"engine", opened.engine->name()},
                    {"engine_version", opened.engine->capabilities().version},
                    {"tokens", std::move(tokens)},
                    {"total_logprob", total},
                    {"mean_logprob", mean},
                    {"perplexity", std::exp(-mean)}});
    return ExitCode::ok;
  }
  console.line(fmt::format("{:>8} {:>10}", "token", "logprob"));
  console.line(fmt::format("{:>8} {:>10}", prompt.tokens[0], "-"));
  for (std::size_t i = 0; i < logprobs.size(); ++i) {
    console.line(fmt::format("{:>8} {:>10.4f}", prompt.tokens[i + 1], logprobs[i]));
  }
  console.line(fmt::format("{} scored tokens · total {:.4f} · mean {:.4f} · perplexity {:.4f}",
                           logprobs.size(), total, mean, std::exp(-mean)));
  return ExitCode::ok;
}

}  // namespace tenfold
