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
    for (const std::string& text : texts) {
      if (stop.stop_requested()) return fail(ErrorCode::cancelled, "the request was cancelled");
      out.tokens += TRY(engine.prepare(text)).tokens.size();
      out.vectors.push_back(TRY(engine.embed(text)));
    }
    return {};
  };
  return task;
}

}  // namespace tenfold::server
