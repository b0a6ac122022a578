// tenfold run: one prompt, one answer.
#include <fmt/format.h>

#include <filesystem>

#include "base/files.h"
#include "cli/answer_printer.h"
#include "cli/command.h"
#include "cli/input.h"
#include "cli/open_model.h"
#include "cli/presets.h"
#include "cli/request_settings.h"
#include "engine/json.h"
#include "engine/table.h"
#include "models/catalogue.h"

namespace tenfold {
namespace {

/// Whether the word is the name of a model that is here or in the catalogue, or the path of one.
Result<bool> names_model(ModelStore& store, const std::string& word) {
  if (is_model_name(word)) {
    if (built_in_catalogue().find(word) != nullptr || TRY(store.find(word))) return true;
  }
  std::error_code error;
  const std::filesystem::path path(word);
  if (std::filesystem::is_directory(path, error)) return word.find('/') != std::string::npos;
  const std::string extension = path.extension().string();
  return !extension.empty() && !engines_for_format(extension.substr(1)).empty() &&
         std::filesystem::exists(path, error);
}

/// `run MODEL PROMPT`, as other programs have it.
Result<void> take_model(CommandContext& context, bool piped) {
  if (context.given.contains("model") || context.words.empty()) return {};
  const std::string word = context.words.front();
  if (!TRY(names_model(context.store, word))) return {};
  if (context.words.size() == 1 && !piped) {
    return fail(ErrorCode::invalid_argument, fmt::format("there is no prompt for {}", word),
                fmt::format("put it after the name, or run: tenfold chat -m {}", word));
  }
  context.words.erase(context.words.begin());
  return context.settings.set(*find_option("model"), "MODEL", word);
}

Result<Prompt> prompt_from(CommandContext& context) {
  const std::string piped = stdin_has_data() ? TRY(read_stdin()) : std::string();
  TRY(take_model(context, !piped.empty()));
  std::string text = TRY(join_prompt(context.words, piped, "prompt"));
  if (context.settings.flag("raw")) {
    if (context.settings.text("system")) {
      return fail(ErrorCode::invalid_argument, "--raw leaves no place for --system",
                  "put the instruction into the prompt, or leave out --raw");
    }
    return Prompt(std::move(text));
  }
  std::vector<Message> messages;
  const std::string system = system_message(context.store, context.settings);
  if (!system.empty()) messages.push_back({"system", system});
  messages.push_back({"user", std::move(text)});
  return Prompt(std::move(messages));
}

Json answer_object(const Answer& answer, const Json& sampling, CommandContext& context,
                   const OpenedModel& opened) {
  Json object = to_json(answer);
  object["model"] = context.settings.text("model").value_or("");
  object["engine"] = opened.engine->name();
  object["engine_version"] = opened.engine->capabilities().version;
  object["load_seconds"] = opened.info.load_seconds;
  object["sampling"] = sampling;
  return object;
}

/// Fills in the model's preset. Returns which value is whose.
Json complete_sampling(Sampling& asked, CommandContext& context, const OpenedModel& opened) {
  const Sampling preset = model_preset(context.store, context.source.config_path,
                                       context.settings.text("model").value_or(""));
  const auto layers = sampling_layers(asked, context.given, preset, opened.info.sampling);
  fill_sampling(asked, preset);
  return explain_sampling(layers, opened.engine->capabilities().request_options);
}

}  // namespace

Result<ExitCode> run_command(CommandContext& context) {
  Console& console = context.console;
  Request request = TRY(request_from(context.settings));
  if (request.logprobs && !console.json()) {
    return fail(ErrorCode::invalid_argument, "--logprobs needs --json to show them",
                "add --json, or leave out --logprobs");
  }
  request.prompt = TRY(prompt_from(context));
  Interrupts interrupts;
  OpenedModel opened = TRY(open_model(context.store, context.settings, console, interrupts));
  const Json sampling = complete_sampling(request.sampling, context, opened);
  AnswerPrinter printer(console, context.settings.flag("show-reasoning"));
  Result<Answer> result = [&] {
    const InterruptScope scope(interrupts, [&] { opened.engine->cancel(); });
    // Ctrl-C may have come before the answer began; a reader of a pipe may have left.
    const auto look = [&] {
      if (scope.interrupted() || console.output_failed()) opened.engine->cancel();
    };
    const auto on_delta = [&](const Delta& delta) {
      if (!console.json()) printer.add(delta);
      look();
    };
    const auto on_prompt = [&](const PromptProgress& progress) {
      printer.read(progress);
      look();
    };
    return opened.engine->stream(request, on_delta, {{}, on_prompt});
  }();
  printer.finish();
  const Answer answer = TRY(std::move(result));
  if (console.json()) {
    console.object(answer_object(answer, sampling, context, opened));
  } else {
    if (const std::string note = finish_note(answer.finish); !note.empty()) {
      console.note("tenfold: " + note);
    }
    if (console.stderr_is_terminal()) console.note(usage_line(answer.usage));
  }
  close_model(opened, console, interrupts);
  return exit_code(answer.finish);
}

}  // namespace tenfold
