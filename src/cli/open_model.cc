#include "cli/open_model.h"

#include <fmt/format.h>

#include <stop_token>

#include "cli/request_settings.h"

namespace tenfold {

Result<OpenedModel> open_model(const ResolvedModel& model, const EngineEntry& engine,
                               const Settings& settings, Console& console,
                               const std::function<bool()>& go_on) {
  OpenedModel opened{TRY(start_engine(engine)), {}};
  if (!engine.notice.empty()) console.note_once(engine.notice);
  const LoadOptions options = TRY(load_options_from(settings, opened.engine->capabilities()));
  const std::string name = model.built_in ? model.name : model.path.string();
  SlowLoad slow(SlowLoad::Clock::now());
  opened.info = TRY(opened.engine->initialize(model, options, [&](double done) {
    if (!engine.waits_for.empty() && slow.is_news(done, SlowLoad::Clock::now())) {
      console.note(fmt::format("{} is not loaded yet: {}; Ctrl-C ends it", name, engine.waits_for));
    }
    console.progress(fmt::format("loading {} {:.0f} %", name, done * 100));
    return go_on();
  }));
  console.clear_progress();
  // It may say so only after the last report of progress.
  if (!go_on()) return fail(ErrorCode::cancelled, "cancelled while loading");
  return opened;
}

Result<OpenedModel> open_model(ModelStore& store, const Settings& settings, Console& console,
                               Interrupts& interrupts) {
  const ModelChoice choice = TRY(choose_engine(store, settings.text("model").value_or(""),
                                               settings.text("engine").value_or("")));
  const InterruptScope scope(interrupts, [] {});
  return open_model(choice.model, *choice.engine, settings, console,
                    [&] { return !scope.interrupted(); });
}

void close_model(OpenedModel& opened, Console& console, Interrupts& interrupts) {
  if (opened.engine == nullptr) return;
  std::stop_source stop;
  const InterruptScope scope(interrupts, [&] { stop.request_stop(); });
  if (const auto kept = opened.engine->keep(stop.get_token()); !kept.ok()) {
    console.note("tenfold: " + kept.error().message);
    if (!kept.error().hint.empty()) console.note("hint: " + kept.error().hint);
  }
  opened.engine.reset();
}

std::string usage_line(const Usage& usage) {
  const std::string cached =
      usage.cached_tokens > 0 ? fmt::format(" ({} cached)", usage.cached_tokens) : "";
  return fmt::format(
      "{} tokens at {:.1f} tok/s · first after {:.2f} s · prompt {} tokens{} at {:.1f} tok/s · "
      "peak memory {} MiB",
      usage.generated_tokens, usage.decode_tokens_per_second(), usage.ttft_seconds,
      usage.prompt_tokens, cached, usage.prefill_tokens_per_second(),
      usage.peak_memory_bytes >> 20);
}

}  // namespace tenfold
