#include "service/outlook.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/table.h"
#include "models/model_files.h"
#include "models/model_json.h"
#include "models/rebuild.h"
#include "service/service.h"

namespace tenfold {
namespace {

/// The first of the engines for a format, where none of them is installed.
const EngineEntry* missing_engine(std::string_view format) {
  const auto engines = engines_for_format(format);
  const auto installed = [](const EngineEntry* engine) { return is_installed(*engine); };
  return engines.empty() || std::ranges::any_of(engines, installed) ? nullptr : engines.front();
}

/// The same model in a form that runs here; nullptr if the catalogue has none.
const CatalogueModel* alternative(const CatalogueModel& model) {
  for (const CatalogueModel& other : built_in_catalogue().models) {
    const bool same = other.homepage == model.homepage && other.name != model.name;
    if (same && !other.verified.empty() && missing_engine(other.format) == nullptr) return &other;
  }
  return nullptr;
}

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

std::string needs(const EngineEntry& engine) {
  return fmt::format("it needs {}: {}", engine.title, engine.why_absent);
}

}  // namespace

Outlook outlook(const CatalogueModel& model) {
  const EngineEntry* engine = missing_engine(model.format);
  const bool is_form = !model.cannot_run.empty();
  if (is_form || engine != nullptr) {
    std::string instead(is_form ? "" : engine->how_to_get);
    if (const CatalogueModel* other = alternative(model)) {
      instead += (is_form ? "take " : "; or take ") + other->name;
    }
    return {
        Prospect::cannot_run, {}, is_form ? model.cannot_run : needs(*engine), std::move(instead)};
  }
  return {
      model.verified.empty() ? Prospect::unverified : Prospect::verified, model.verified, {}, {}};
}

std::string cannot_run_text(const Outlook& outlook) {
  return fmt::format("does not run here: {}{}{}", outlook.why, outlook.instead.empty() ? "" : "; ",
                     outlook.instead);
}

std::string clause(const Error& error) {
  return error.message + (error.hint.empty() ? "" : "; " + error.hint);
}

std::string why_not_here(const StoredModel& model) {
  if (const StoredFile* missing = missing_file(model)) {
    return fmt::format("{} is gone or has changed its size; run: tenfold verify --files {}",
                       missing->path.string(), model.name);
  }
  if (was_found_again(model)) {
    if (const auto seen = resolve_path(model.path); !seen.ok()) return clause(seen.error());
  }
  const EngineEntry* engine = missing_engine(model.format);
  return engine == nullptr ? "" : fmt::format("{}; {}", needs(*engine), engine->how_to_get);
}

Json listed(const StoredModel& model) {
  Json row = to_json(model);
  row["why_not"] = text_or_null(why_not_here(model));
  return row;
}

Json to_json(const Outlook& outlook) {
  constexpr std::string_view names[] = {"verified", "unverified", "cannot_run"};
  return {{"state", names[static_cast<std::size_t>(outlook.prospect)]},
          {"day", text_or_null(outlook.day)},
          {"why", text_or_null(outlook.why)},
          {"instead", text_or_null(outlook.instead)}};
}

std::string download_warning(const CatalogueModel& model) {
  if (model.name.empty()) return {};
  const Outlook seen = outlook(model);
  switch (seen.prospect) {
    case Prospect::verified:
      return {};
    case Prospect::unverified:
      if (built_in_catalogue().find(model.name) == nullptr) return {};
      return fmt::format("no file in the form of {} has been tried with Tenfold yet", model.name);
    case Prospect::cannot_run:
      break;
  }
  return model.name + " " + cannot_run_text(seen);
}

}  // namespace tenfold
