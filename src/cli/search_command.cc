// tenfold search: the models of the catalogues.
#include <fmt/format.h>

#include "base/text.h"
#include "cli/command.h"
#include "service/search.h"
#include "service/service.h"

namespace tenfold {
namespace {

std::string listed_size(const CatalogueModel& model) {
  if (model.bytes) return size_text(*model.bytes);
  if (model.approximate_bytes) return "~" + size_text(*model.approximate_bytes);
  return std::holds_alternative<SystemSource>(model.source) ? "-" : "?";
}

std::string_view fit_word(const CatalogueModel& model, const Outlook& seen) {
  if (seen.prospect == Prospect::cannot_run) return "not here";
  const std::optional<bool> fit = fits(model, seen);
  return !fit ? "?" : *fit ? "fits" : "too big";
}

std::string prospect_text(const Outlook& seen) {
  switch (seen.prospect) {
    case Prospect::verified:
      return "its form ran on " + seen.day;
    case Prospect::unverified:
      return "its form has not been tried yet";
    case Prospect::cannot_run:
      break;
  }
  return cannot_run_text(seen);
}

void print_row(const CatalogueModel& model, const Outlook& seen, Console& console) {
  console.line(fmt::format("{:<38} {:<12} {:>10}  {:<8} {}", model.name, model.format,
                           listed_size(model), fit_word(model, seen),
                           fmt::join(engine_names(model.format), ", ")));
  console.line(fmt::format("  {} ({}{})", model.title, model.licence,
                           model.gated ? "; gated: needs an account" : ""));
  console.line("  " + prospect_text(seen));
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
    const Outlook seen = outlook(model);
    if (context.settings.flag("fits")) {
      const std::optional<bool> fit = fits(model, seen);
      if (!fit) ++unknown;
      if (fit != true) continue;
    }
    ++shown;
    if (console.json()) {
      rows.push_back(to_json(model));
    } else {
      print_row(model, seen, console);
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
