#include "download/download.h"

#include <fmt/format.h>

#include <system_error>

#include "base/files.h"
#include "base/sha256.h"
#include "download/http_request.h"
#include "download/partial_file.h"
#include "download/transfer.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;

Result<void> check_request(const DownloadRequest& request) {
  if (!request.target.has_filename()) {
    return fail(ErrorCode::invalid_argument,
                "the target '" + request.target.string() + "' names no file");
  }
  if (request.parts < 1) {
    return fail(ErrorCode::invalid_argument, "a download needs at least one part");
  }
  std::error_code error;
  if (fs::is_directory(request.target, error)) {
    return fail(ErrorCode::invalid_argument, request.target.string() + " is a folder, not a file");
  }
  return {};
}

/// The target if it is the wanted file; `any` takes one of which nothing is known in advance.
Result<std::optional<Downloaded>> look_at_target(const DownloadRequest& request, bool any) {
  std::error_code error;
  const std::uint64_t bytes = fs::file_size(request.target, error);
  if (error == std::errc::no_such_file_or_directory) return std::optional<Downloaded>();
  if (error) return file_error(request.target, "look at", error.value());
  const bool known = request.bytes || !request.sha256.empty();
  if ((!known && !any) || (request.bytes && *request.bytes != bytes)) {
    return std::optional<Downloaded>();
  }
  const std::string sha256 = TRY(sha256_of_file(request.target));
  if (!request.sha256.empty() && request.sha256 != sha256) return std::optional<Downloaded>();
  return std::optional<Downloaded>({bytes, 0, sha256, true});
}

Result<void> check_content(const DownloadRequest& request, std::uint64_t bytes,
                           const std::string& sha256, const std::string& shown_url) {
  if (request.bytes && *request.bytes != bytes) {
    return fail(ErrorCode::bad_model,
                fmt::format("{} has {} bytes, expected {}", shown_url, bytes, *request.bytes),
                "the file is not the one that was published; check its page");
  }
  if (request.sha256.empty() || request.sha256 == sha256) return {};
  return fail(ErrorCode::bad_model,
              fmt::format("{} has SHA-256 {}, expected {}", shown_url, sha256, request.sha256),
              "it was removed; try again; if this repeats, it is not the file that was published");
}

}  // namespace

Result<Downloaded> download_file(const DownloadRequest& request, const DownloadHooks& hooks) {
  TRY(check_request(request));
  const auto notice = [&](const std::string& line) {
    if (hooks.on_notice) hooks.on_notice(line);
  };
  if (const auto found = TRY(look_at_target(request, false))) return *found;
  const HttpSettings settings = TRY(make_http_settings(
      request.url, request.bearer_token, request.public_hosts_only, request.patience));
  bool waited = false;
  PartialFile partial = TRY(PartialFile::open(
      request.target,
      [&] {
        waited = true;
        notice("another download of " + request.target.filename().string() +
               " is running; waiting for it");
      },
      hooks.cancelled));
  if (const auto found = TRY(look_at_target(request, waited))) {
    partial.discard();
    return *found;
  }
  TRY(partial.resume(request.url, request.sha256, hooks.cancelled));
  const bool resumed = partial.done() > 0;
  if (resumed) notice(fmt::format("{} bytes are here from an earlier run", partial.done()));
  std::uint64_t fetched = 0;
  for (bool second = false;; second = true) {
    Transfer transfer(request, hooks, settings, partial);
    Result<std::string> sha256 = transfer.run();
    fetched += transfer.fetched();
    if (!sha256.ok()) {
      // An empty file would be all that is left of a request that was refused.
      if (partial.done() == 0) partial.discard();
      return std::move(sha256).error();
    }
    const Result<void> good = check_content(request, partial.done(), *sha256, settings.shown_url);
    if (good.ok()) {
      TRY(partial.publish());
      return Downloaded{partial.done(), fetched, *sha256, false};
    }
    if (!resumed || second) {
      partial.discard();
      return good.error();
    }
    notice("what an earlier run left does not fit the rest; starting over");
    TRY(partial.start(request.url, request.sha256, {}));
  }
}

}  // namespace tenfold
