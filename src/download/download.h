// Files from the web: resumed, retried, checked, and put in place whole or not at all.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "tenfold/result.h"

namespace tenfold {

/// When to try again and when to give up.
struct Patience {
  int tries = 6;                               ///< in a row without progress, the first included
  std::chrono::milliseconds first_delay{500};  ///< doubles with each try, with jitter
  std::chrono::milliseconds longest_delay{30'000};
  std::chrono::seconds longest_retry_after{120};  ///< a server that asks for more is an error
  std::chrono::seconds connect_timeout{30};
  std::chrono::seconds stall_timeout{30};  ///< a connection slower than 100 B/s for so long is cut
};

struct DownloadRequest {
  std::string url;                                    ///< http or https
  std::filesystem::path target;                       ///< its folder must exist
  std::optional<std::uint64_t> bytes = std::nullopt;  ///< the expected size
  std::string sha256{};            ///< the expected digest in lower-case hex; empty: not known
  std::string bearer_token{};      ///< sent to the URL's own host only, never after a redirect away
  bool public_hosts_only = false;  ///< refuse loopback, private and other special addresses
  int parts = 4;                   ///< connections at once, for servers with ranges; at least 1
  Patience patience{};
};

struct DownloadProgress {
  std::uint64_t done = 0;     ///< bytes of the file that are here, earlier runs included
  std::uint64_t fetched = 0;  ///< bytes this call received
  std::optional<std::uint64_t> total = std::nullopt;
  double bytes_per_second = 0;  ///< over the last seconds
  std::optional<double> seconds_left = std::nullopt;
};

/// All may be empty. They run on the thread that called, and must not throw.
struct DownloadHooks {
  std::function<void(const DownloadProgress&)> on_progress;  ///< at most ten times a second
  std::function<void(const std::string&)> on_notice;  ///< a line for the user: retries, restarts
  std::function<bool()> cancelled;                    ///< polled at least ten times a second
};

struct Downloaded {
  std::uint64_t bytes = 0;    ///< the size of the target
  std::uint64_t fetched = 0;  ///< bytes this call received, those thrown away included
  std::string sha256;         ///< of the target, lower-case hex
  bool already_there = false;
};

/// Makes `target` the file at `url`. What arrives is kept in `target.partial` with a journal of
/// block hashes beside it, so that the next call resumes after an interruption of any kind; the
/// target itself appears whole, checked and synced, by a rename. A target that is there with the
/// expected digest (or, where none is known, the expected size) is not fetched again. Two calls for
/// one target are safe, also from two processes: the second waits. Proxy and CA settings come from
/// the environment as for curl (http_proxy, https_proxy, no_proxy, SSL_CERT_FILE, CURL_CA_BUNDLE);
/// with `public_hosts_only` no proxy is used, since it would resolve names out of sight.
///
/// Errors: network (a server that is not reached, is busy or breaks off; what arrived is kept; or
/// TENFOLD_OFFLINE is set), invalid_argument (URL), permission_denied (a gated file, a refused
/// address, the folder), not_found, bad_model (an HTML page, wrong size or digest), disk_full (what
/// arrived is kept), cancelled (likewise), io (replies that make no sense), naming the URL without
/// its query and user.
Result<Downloaded> download_file(const DownloadRequest& request, const DownloadHooks& hooks);

struct TextRequest {
  std::string url;                 ///< http or https
  std::size_t limit = 16 << 20;    ///< a longer document is an error
  std::string bearer_token{};      ///< as in DownloadRequest
  bool public_hosts_only = false;  ///< as in DownloadRequest
  Patience patience{};
};

/// A small document, such as a hub's JSON listing. Same policies and errors as download_file(), but
/// any content type; `cancelled` may be empty.
Result<std::string> fetch_text(const TextRequest& request, const std::function<bool()>& cancelled);

}  // namespace tenfold
