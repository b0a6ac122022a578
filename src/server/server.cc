#include "server/server.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <csignal>
#include <thread>

#include "server/app/app.h"
#include "server/app/bench/runner.h"
#include "server/app/monitor/status.h"
#include "server/app/system/metrics.h"
#include "server/http/activation.h"
#include "server/http/listener.h"
#include "server/routes.h"

namespace tenfold::server {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

/// For the store, the hub and the scheduler's end; answers do not run here.
constexpr std::size_t blocking_threads = 4;
constexpr milliseconds poll_interval{20};

}  // namespace

struct Server::Parts {
  Parts(ServerOptions given, std::unique_ptr<Scheduler> given_scheduler, std::string default_model,
        std::function<void(const AccessRecord&)> log)
      : options(std::move(given)),
        scheduler(std::move(given_scheduler)),
        app{options, *scheduler, blocking,   downloads, engines, metrics,
            shelf,   live,       benchmarks, monitor,   {},      std::move(default_model)},
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
    asio::post(blocking, [this, grace] { scheduler->shutdown(grace); });
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
  std::unique_ptr<Scheduler> scheduler;
  admin::Downloads downloads;
  admin::EngineList engines;
  Metrics metrics;
  conversations::Shelf shelf;
  conversations::Live live;
  bench::Runner benchmarks{*scheduler};
  monitor::Monitor monitor{options.machine_root};
  App app;
  Guard guard;
  Site site;
  asio::io_context loop{1};  // its end destroys connections, which use all the above
  std::unique_ptr<Listener> listener;
  asio::signal_set signals{loop};
  asio::steady_timer timer{loop};
  int stopping = 0;
};

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Server::~Server() {
  parts_->blocking.join();
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
  parts_->loop.run();
}

void Server::stop() {
  asio::post(parts_->loop, [parts = parts_.get()] { parts->stop(); });
}

}  // namespace tenfold::server
