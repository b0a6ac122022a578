#include "serve/serve_command.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmath>
#include <functional>

#include "base/platform/platform.h"
#include "cli/command.h"
#include "cli/request_settings.h"
#include "serve/browser.h"
#include "serve/served_settings.h"
#include "server/http/access_log.h"
#include "server/server.h"
#include "service/service.h"

namespace tenfold {
namespace {

using std::chrono::milliseconds;

Result<std::vector<server::ApiKey>> keys_from(const Settings& settings) {
  using enum server::Right;
  std::vector<server::ApiKey> keys;
  if (const auto file = settings.text("api-key-file")) {
    platform::forbid_cores();  // as for a key that is itself an option
    keys = TRY(server::read_keys(*file));
  }
  if (const auto key = settings.text("api-key")) {
    keys.push_back({"default", *key, {answer, observe, manage}});
  }
  return keys;
}

SchedulerOptions scheduler_options(const Settings& settings) {
  SchedulerOptions options;
  options.memory_limit = settings.whole("memory-limit").value_or(0);
  options.queue_length = static_cast<int>(*settings.integer("queue"));
  options.sequences = static_cast<int>(*settings.integer("parallel"));
  options.idle_unload = milliseconds(std::llround(*settings.number("idle-unload") * 1000));
  options.failover = !settings.flag("no-failover");
  return options;
}

/// As many connections as the system lets a process have.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// `on_listening` is called with the addresses when connections are taken.
Result<ExitCode> serve(CommandContext& context,
                       const std::function<void(const std::vector<std::string>&)>& on_listening) {
  const Settings& settings = context.settings;
  server::ServerOptions options;
  options.host = *settings.text("host");
  options.port = static_cast<std::uint16_t>(*settings.integer("port"));
  options.keys = TRY(keys_from(settings));
  options.allowed_hosts = settings.texts("allow-host");
  options.allowed_origins = settings.texts("allow-origin");
  options.store = context.store;
  options.settings = served_settings(settings, context.given, context.source, context.store);

  HostOptions host;
  host.store = context.store;
  host.context_size = static_cast<int>(settings.integer("ctx").value_or(0));
  host.threads = static_cast<int>(settings.integer("threads").value_or(0));
  host.engine_options = TRY(server_engine_options(settings.texts("engine-option")));
  host.engine_options["llama_cpp"].merge(TRY(rpc_options_from(settings)));
  raise_descriptor_limit();
  auto scheduler =
      std::make_unique<Scheduler>(scheduler_options(settings), make_model_host(std::move(host)));
  server::AccessLog log(STDERR_FILENO);
  const auto running =
      TRY(server::Server::open(std::move(options), std::move(scheduler), *settings.text("model"),
                               [&log](const server::AccessRecord& record) { log.write(record); }));
  for (const EngineEntry& engine : engine_table()) {
    if (!engine.notice.empty() && is_installed(engine)) context.console.note_once(engine.notice);
  }
  for (const std::string& address : running->addresses()) {
    context.console.line(fmt::format("listening on {}", address));
  }
  on_listening(running->addresses());
  running->run();
  return ExitCode::ok;
}

void show_page(const std::string& address, Console& console) {
  if (open_browser(address)) {
    console.note(fmt::format("the page is in your browser: {}", address));
  } else {
    console.note(fmt::format("open this address in a browser: {}", address));
  }
}

Result<ExitCode> app(CommandContext& context) {
  const auto port = static_cast<std::uint16_t>(*context.settings.integer("port"));
  if (port != 0 && tenfold_runs_at(port)) {
    context.console.note("a server runs already; leave it where it is");
    show_page(fmt::format("http://127.0.0.1:{}/", port), context.console);
    return ExitCode::ok;
  }
  return serve(context, [&](const std::vector<std::string>& addresses) {
    const std::string& address = addresses.front();
    const std::string own = address.substr(address.rfind(':') + 1);
    show_page(fmt::format("http://127.0.0.1:{}/", own), context.console);
    context.console.note("Ctrl-C ends it");
  });
}

}  // namespace

Result<ExitCode> serve_command(CommandContext& context) {
  if (context.command.name == "app") return app(context);
  return serve(context, [](const std::vector<std::string>&) {});
}

}  // namespace tenfold
