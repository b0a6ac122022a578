#include "server/apis/answers/embedding.h"

#include <utility>

namespace tenfold::server {

WorkTask embedding_task(const ModelUse& use, std::string client,
                        const std::vector<std::string>& texts, Embedded& out) {
  WorkTask task;
  task.use = use;
  task.client = std::move(client);
  task.work = [&texts, &out](Engine& engine, const LoadedModel&,
                             const std::stop_token& stop) -> Result<void> {
    out = {};  // a worker may have died of the first try
    for (Embedding& embedding : TRY(engine.embed(texts, stop))) {
      out.tokens += static_cast<std::size_t>(embedding.tokens);
      out.vectors.push_back(std::move(embedding.values));
    }
    return {};
  };
  return task;
}

}  // namespace tenfold::server
