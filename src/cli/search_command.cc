// tenfold search: the models of the catalogues.
#include <fmt/format.h>

#include "base/text.h"
#include "cli/command.h"
#include "models/search.h"
#include "service/service.h"

namespace tenfold {
namespace {

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
                           fmt::join(engine_names(model.format), ", ")));
  console.line(fmt::format("  {} ({}{})", model.title, model.licence,
                           model.gated ? "; gated: needs an account" : ""));
}

}  // namespace

Result<ExitCode> search_command(CommandContext& context) {
  Console& console = context.console;
  CatalogueQuery query;
  query.words = context.words;
  query.engine = context.settings.text("engine").value_or("");
  query.format = context.settings.text("format").value_or("");
  if (!query.engine.empty()) TRY(engine_named(query.engine));
  Json rows = Json::array();
  std::size_t unknown = 0;
  std::size_t shown = 0;
  const Catalogue catalogue = TRY(load_catalogue());
  for (const CatalogueModel& model : catalogue.models) {
    if (!matches(model, query)) continue;
    if (context.settings.flag("fits") && fits(model) != true) {
      if (!fits(model)) ++unknown;
      continue;
    }
    ++shown;
    if (console.json()) {
      rows.push_back(to_json(model));
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
