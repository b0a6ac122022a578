// tenfold search: the models of the catalogues.
#include <fmt/format.h>

#include <algorithm>

#include "base/machine.h"
#include "base/text.h"
#include "cli/command.h"
#include "engine/json.h"
#include "models/catalogue.h"
#include "service/service.h"

namespace tenfold {
namespace {

/// Every word stands somewhere in what is said of the model, in any case of letters.
bool is_about(const CatalogueModel& model, const std::vector<std::string>& words) {
  const std::string text = lower_case(model.name + " " + model.title + " " + model.about + " " +
                                      model.licence + " " + model.format);
  return std::ranges::all_of(words, [&](const std::string& word) {
    return text.find(lower_case(word)) != std::string::npos;
  });
}

std::string_view kind_of(const ModelSource& source) {
  constexpr std::string_view kinds[] = {"pypi", "hf", "https", "file", "page", "system"};
  return kinds[source.index()];
}

std::optional<bool> fits(const CatalogueModel& model) {
  const auto need = memory_need(model);
  if (!need || available_memory() == 0) return std::nullopt;
  return *need <= available_memory();
}

std::vector<std::string_view> engine_ids(const CatalogueModel& model) {
  std::vector<std::string_view> ids;
  for (const EngineEntry* engine : engines_for_format(model.format)) ids.push_back(engine->id);
  return ids;
}

template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

Json row_object(const CatalogueModel& model) {
  return {{"name", model.name},
          {"title", model.title},
          {"about", model.about},
          {"licence", model.licence},
          {"homepage", model.homepage},
          {"format", model.format},
          {"engines", engine_ids(model)},
          {"context", or_null(model.context)},
          {"bytes", or_null(model.bytes)},
          {"approximate_bytes", or_null(model.approximate_bytes)},
          {"memory", or_null(memory_need(model))},
          {"fits", or_null(fits(model))},
          {"gated", model.gated},
          {"sha256", model.sha256},
          {"source", kind_of(model.source)},
          {"catalogue", model.origin.empty() ? "built-in" : model.origin}};
}

std::string listed_size(const CatalogueModel& model) {
  if (model.bytes) return size_text(*model.bytes);
  if (model.approximate_bytes) return "~" + size_text(*model.approximate_bytes);
  return std::holds_alternative<SystemSource>(model.source) ? "-" : "?";
}

void print_row(const CatalogueModel& model, Console& console) {
  const std::optional<bool> fit = fits(model);
  console.line(fmt::format("{:<38} {:<12} {:>10}  {:<8} {}", model.name, model.format,
                           listed_size(model),
                           !fit   ? "?"
                           : *fit ? "fits"
                                  : "too big",
                           fmt::join(engine_ids(model), ", ")));
  console.line(fmt::format("  {} ({}{})", model.title, model.licence,
                           model.gated ? "; gated: needs an account" : ""));
}

}  // namespace

Result<ExitCode> search_command(CommandContext& context) {
  Console& console = context.console;
  const std::string engine = context.settings.text("engine").value_or("");
  const std::string format = context.settings.text("format").value_or("");
  if (!engine.empty()) TRY(engine_named(engine));
  Json rows = Json::array();
  std::size_t unknown = 0;
  std::size_t shown = 0;
  const Catalogue catalogue = TRY(load_catalogue());
  for (const CatalogueModel& model : catalogue.models) {
    const auto ids = engine_ids(model);
    if (!is_about(model, context.words)) continue;
    if (!engine.empty() && std::ranges::find(ids, engine) == ids.end()) continue;
    if (!format.empty() && model.format != format) continue;
    if (context.settings.flag("fits") && fits(model) != true) {
      if (!fits(model)) ++unknown;
      continue;
    }
    ++shown;
    if (console.json()) {
      rows.push_back(row_object(model));
    } else {
      print_row(model, console);
    }
  }
  if (console.json()) console.object({{"models", std::move(rows)}});
  if (unknown > 0) {
    console.note(fmt::format("{} models are left out, as their size is not known", unknown));
  }
  if (shown == 0) console.note("no model of the catalogues fits; `tenfold search` lists all");
  return ExitCode::ok;
}

}  // namespace tenfold
