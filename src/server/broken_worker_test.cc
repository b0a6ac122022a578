// A server above a worker that sends spoilt frames: it answers the next request.
#include "server/testing/server_fixture.h"
#include "worker/remote_engine.h"

namespace tenfold::server {
namespace {

#ifdef TENFOLD_SANITIZED
constexpr int requests = 50;  // a worker takes long to start
#else
constexpr int requests = 400;
#endif

/// One model, "a", whose workers are broken.
class BrokenHost : public ModelHost {
 public:
  Result<ModelPlan> plan(const ModelUse& use, int) override {
    ModelPlan plan;
    plan.model.path = use.model;
    plan.engine = "llama_cpp";
    return plan;
  }
  Result<StartedEngine> start(const std::string&) override {
    RemoteOptions options;
    options.executable = TENFOLD_BROKEN_WORKER;
    options.heartbeat = std::chrono::milliseconds(1000);
    return StartedEngine{TRY(open_remote_engine(options)), {}};
  }
  [[nodiscard]] TimePoint now() const override { return std::chrono::steady_clock::now(); }
};

class BrokenWorkerServer : public ServerTest {
 protected:
  /// The head and body of a reply.
  std::string ask(const std::string& path, const std::string& fields) {
    Client client = connect();
    client.post(path, R"({"model": "a", )" + fields + "}", "Connection: close\r\n");
    return client.rest();
  }
};

TEST_F(BrokenWorkerServer, AfterEachSpoiltFrameTheNextRequestIsAnswered) {
  SchedulerOptions options;
  options.load_retry = std::chrono::milliseconds(0);
  auto server =
      Server::open(options_, std::make_unique<Scheduler>(options, std::make_shared<BrokenHost>()),
                   "a", [](const AccessRecord&) {});
  ASSERT_TRUE(server.ok()) << server.error().message;
  server_ = std::move(server).value();
  thread_ = std::jthread([this] { server_->run(); });
  for (int seed = 0; seed < requests; ++seed) {
    SCOPED_TRACE(seed);
    const std::string order = "\"spoil " + std::to_string(seed) + "\"";
    if (seed % 3 == 0) (void)ask("/v1/completions", R"("prompt": )" + order);
    if (seed % 3 == 1) (void)ask("/v1/completions", R"("stream": true, "prompt": )" + order);
    if (seed % 3 == 2) (void)ask("/v1/embeddings", R"("input": [)" + order + "]");
    const std::string next = ask("/v1/completions", R"("prompt": "well")");
    ASSERT_EQ(next.find("HTTP/1.1 200"), 0U) << next;
    ASSERT_EQ(body(next)["choices"][0]["text"], "text");
  }
}

}  // namespace
}  // namespace tenfold::server
