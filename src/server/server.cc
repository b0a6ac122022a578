#include "server/server.h"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <csignal>
#include <thread>

#include "base/barrier.h"
#include "server/apis/downloads.h"
#include "server/app/admin/engine_list.h"
#include "server/app/app.h"
#include "server/app/bench/runner.h"
#include "server/app/conversations/live.h"
#include "server/app/conversations/shelf.h"
#include "server/app/monitor/status.h"
#include "server/app/several_models.h"
#include "server/app/system/metrics.h"
#include "server/http/activation.h"
#include "server/http/listener.h"
#include "server/routes.h"

namespace tenfold::server {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

constexpr std::size_t blocking_threads = 4;
constexpr std::size_t job_threads = 4;
constexpr milliseconds poll_interval{20};

}  // namespace

struct Server::Parts {
  Parts(ServerOptions given, std::unique_ptr<Scheduler> given_scheduler, std::string default_model,
        std::function<void(const AccessRecord&)> log)
      : options(std::move(given)),
        scheduler(std::move(given_scheduler)),
        monitor({*scheduler, blocking, default_model, [this] { return shelf.revision(); },
                 [this] { return benchmarks.running(); }, options.machine_root}),
        app{{options.limits, options.keep_alive, *scheduler, store, blocking, jobs, downloads,
             [this](const std::string& model) { return options.settings.sampling_of(model); },
             default_model},
            options,
            options.settings,
            engines,
            metrics,
            shelf,
            live,
            benchmarks,
            monitor,
            {}},
        guard(options),
        site{options, guard, routes(), app,
             [this, log = std::move(log)](const AccessRecord& record) {
               metrics.count(record);
               log(record);
             }} {}

  /// The first call lets answers end, the second cancels them.
  void stop() {
    if (stopping++ == 0) {
      notify_manager("STOPPING=1");
      app.stopping = true;
      listener->stop();
      downloads.stop();
      live.stop();
      benchmarks.stop();
      shut_down(options.stop_grace);
      wait_for_end();
    } else if (stopping == 2) {
      shut_down(milliseconds(0));
    }
  }

  void shut_down(milliseconds grace) {
    closing.emplace_back([this, grace] {
      (void)barrier("the shutdown", [&]() -> Result<void> {
        scheduler->shutdown(grace);
        return {};
      });
    });
  }

  /// Replies, and the last words of answers, may still be on their way when the scheduler has
  /// ended.
  void wait_for_end() {
    if (listener->connections() == 0 && live.size() == 0) return loop.stop();
    timer.expires_after(poll_interval);
    timer.async_wait([this](const boost::system::error_code&) { wait_for_end(); });
  }

  void await_signal() {
    signals.async_wait([this](const boost::system::error_code& error, int) {
      if (error) return;
      stop();
      await_signal();
    });
  }

  const ServerOptions options;
  asio::thread_pool blocking{blocking_threads};
  asio::thread_pool jobs{job_threads};
  std::unique_ptr<Scheduler> scheduler;
  ModelStore store = options.store;
  Downloads downloads{store};
  admin::EngineList engines;
  Metrics metrics;
  conversations::Shelf shelf;
  conversations::Live live;
  bench::Runner benchmarks{*scheduler, models_of(store)};
  monitor::Monitor monitor;
  App app;
  Guard guard;
  Site site;
  asio::io_context loop{1};  // its end destroys connections, which use all the above
  std::unique_ptr<Listener> listener;
  asio::signal_set signals{loop};
  asio::steady_timer timer{loop};
  std::vector<std::jthread> closing;  ///< end the scheduler: nothing else may hold them up
  int stopping = 0;
};

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Server::~Server() {
  parts_->blocking.join();
  parts_->jobs.join();
  parts_->closing.clear();
  parts_->scheduler->shutdown(milliseconds(0));
}

Result<std::unique_ptr<Server>> Server::open(ServerOptions options,
                                             std::unique_ptr<Scheduler> scheduler,
                                             std::string default_model,
                                             std::function<void(const AccessRecord&)> log) {
  TRY(check_options(options));
  auto parts = std::make_unique<Parts>(std::move(options), std::move(scheduler),
                                       std::move(default_model), std::move(log));
  parts->listener = TRY(Listener::open(parts->loop, parts->site));
  parts->guard.set_reachable(parts->listener->reachable());
  parts->app.addresses = parts->listener->addresses();
  return std::unique_ptr<Server>(new Server(std::move(parts)));
}

std::vector<std::string> Server::addresses() const { return parts_->listener->addresses(); }

void Server::run() {
  parts_->signals.add(SIGINT);
  parts_->signals.add(SIGTERM);
  parts_->await_signal();
  parts_->listener->start();
  notify_manager("READY=1");
  // Whatever a step of the loop throws, e.g. for want of memory, the next ones are done.
  while (!parts_->loop.stopped()) {
    const auto run = barrier("a step of the server", [this]() -> Result<void> {
      parts_->loop.run();
      return {};
    });
    if (!run.ok()) fmt::print(stderr, "tenfold serve: {}\n", run.error().message);
  }
}

void Server::stop() {
  asio::post(parts_->loop, [parts = parts_.get()] { parts->stop(); });
}

}  // namespace tenfold::server
