#include "service/search.h"

#include <algorithm>

#include "base/machine.h"
#include "base/text.h"

namespace tenfold {
namespace {

std::string_view kind_of(const ModelSource& source) {
  constexpr std::string_view kinds[] = {"pypi", "hf", "https", "file", "page", "system"};
  return kinds[source.index()];
}

template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

}  // namespace

bool matches(const CatalogueModel& model, const CatalogueQuery& query) {
  if (!query.format.empty() && model.format != query.format) return false;
  const auto ids = engine_names(model.format);
  if (!query.engine.empty() && std::ranges::find(ids, query.engine) == ids.end()) return false;
  const std::string text = lower_case(model.name + " " + model.title + " " + model.about + " " +
                                      model.licence + " " + model.format);
  return std::ranges::all_of(query.words, [&](const std::string& word) {
    return text.find(lower_case(word)) != std::string::npos;
  });
}

std::optional<bool> fits(const CatalogueModel& model, const Outlook& seen) {
  if (seen.prospect == Prospect::cannot_run) return false;
  const auto need = memory_need(model);
  if (!need || available_memory() == 0) return std::nullopt;
  return *need <= available_memory();
}

Json to_json(const CatalogueModel& model) {
  const Outlook seen = outlook(model);
  return {{"name", model.name},
          {"title", model.title},
          {"about", model.about},
          {"licence", model.licence},
          {"homepage", model.homepage},
          {"format", model.format},
          {"engines", engine_names(model.format)},
          {"context", or_null(model.context)},
          {"bytes", or_null(model.bytes)},
          {"approximate_bytes", or_null(model.approximate_bytes)},
          {"memory", or_null(memory_need(model))},
          {"fits", or_null(fits(model, seen))},
          {"outlook", to_json(seen)},
          {"gated", model.gated},
          {"sha256", model.sha256},
          {"source", kind_of(model.source)},
          {"catalogue", model.origin.empty() ? "built-in" : model.origin}};
}

}  // namespace tenfold
