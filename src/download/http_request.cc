#include "download/http_request.h"

#include <curl/curl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <string_view>

#include "download/offline.h"
#include "download/public_address.h"

namespace tenfold {
namespace {

constexpr long most_redirects = 10;
/// The most libcurl takes. On a fast link each smaller read is one more sleep and wake of this
/// thread.
constexpr long receive_bytes = 512 << 10;
constexpr long slowest_bytes_per_second = 100;

Result<void> initialize_curl() {
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (code == CURLE_OK) return {};
  return fail(ErrorCode::internal, fmt::format("libcurl: {}", curl_easy_strerror(code)));
}

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string url_part(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

bool is_secure(const std::string& shown_url) { return shown_url.starts_with("https:"); }

}  // namespace

Result<HttpSettings> make_http_settings(std::string url, std::string bearer_token,
                                        bool public_hosts_only, const Patience& patience) {
  TRY(initialize_curl());
  const std::unique_ptr<CURLU, void (*)(CURLU*)> parsed(curl_url(), &curl_url_cleanup);
  const bool ok = curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) == CURLUE_OK;
  const std::string scheme = ok ? url_part(parsed.get(), CURLUPART_SCHEME) : "";
  const std::string host = ok ? url_part(parsed.get(), CURLUPART_HOST) : "";
  if ((scheme != "http" && scheme != "https") || host.empty()) {
    return fail(ErrorCode::invalid_argument, "not an http or https URL: " + url,
                "give a URL like https://host/path");
  }
  const std::string port = url_part(parsed.get(), CURLUPART_PORT);
  const std::string shown_url = scheme + "://" + host + (port.empty() ? "" : ":" + port) +
                                url_part(parsed.get(), CURLUPART_PATH);
  if (!std::all_of(bearer_token.begin(), bearer_token.end(),
                   [](char c) { return c > ' ' && c < '\x7f'; })) {
    return fail(ErrorCode::invalid_argument, "the access token contains a space or line break",
                "set HF_TOKEN to the token alone");
  }
  TRY(require_network(shown_url));
  return HttpSettings{std::move(url), shown_url, std::move(bearer_token), public_hosts_only,
                      patience};
}

class HttpRequest::Native {
 public:
  explicit Native(CURL* handle) : handle_(handle) {}
  Native(const Native&) = delete;
  Native& operator=(const Native&) = delete;
  ~Native() {
    curl_easy_cleanup(handle_);
    curl_slist_free_all(headers_);
  }

  template <typename Value>
  void set(CURLoption option, Value value) {
    const CURLcode code = curl_easy_setopt(handle_, option, value);
    if (result_ == CURLE_OK) result_ = code;
  }
  void set(CURLoption option, const std::string& value) { set(option, value.c_str()); }

  void add_header(const std::string& line) {
    curl_slist* const longer = curl_slist_append(headers_, line.c_str());
    if (longer == nullptr) {
      result_ = CURLE_OUT_OF_MEMORY;
      return;
    }
    headers_ = longer;
    set(CURLOPT_HTTPHEADER, headers_);
  }

  [[nodiscard]] Result<void> status() const {
    if (result_ == CURLE_OK) return {};
    return fail(ErrorCode::internal, fmt::format("libcurl: {}", curl_easy_strerror(result_)));
  }

  [[nodiscard]] CURL* handle() const { return handle_; }
  char* error_text() { return error_text_.data(); }

  static std::size_t on_body(char* data, std::size_t, std::size_t count, void* request);
  static std::size_t on_header(char* data, std::size_t, std::size_t count, void* request);
  static curl_socket_t on_open(void* request, curlsocktype, curl_sockaddr* address);

 private:
  CURL* handle_;
  curl_slist* headers_ = nullptr;
  CURLcode result_ = CURLE_OK;
  std::array<char, CURL_ERROR_SIZE> error_text_{};
};

std::size_t HttpRequest::Native::on_body(char* data, std::size_t, std::size_t count,
                                         void* request) {
  auto* const self = static_cast<HttpRequest*>(request);
  return self->on_body_(std::as_bytes(std::span(data, count))) ? count : 0;
}

std::size_t HttpRequest::Native::on_header(char* data, std::size_t, std::size_t count,
                                           void* request) {
  static_cast<HttpRequest*>(request)->head_.add({data, count});
  return count;
}

curl_socket_t HttpRequest::Native::on_open(void* request, curlsocktype, curl_sockaddr* address) {
  if (!is_public_address(address->addr)) {
    static_cast<HttpRequest*>(request)->address_refused_ = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

HttpRequest::HttpRequest(const HttpSettings& settings, OnBody on_body)
    : settings_(settings), on_body_(std::move(on_body)) {}
HttpRequest::~HttpRequest() = default;

Result<std::unique_ptr<HttpRequest>> HttpRequest::create(const HttpSettings& settings,
                                                         OnBody on_body) {
  std::unique_ptr<HttpRequest> request(new HttpRequest(settings, std::move(on_body)));
  CURL* const handle = curl_easy_init();
  if (handle == nullptr) return fail(ErrorCode::out_of_memory, "libcurl has no memory");
  request->native_ = std::make_unique<Native>(handle);
  Native& native = *request->native_;
  const Patience& patience = settings.patience;
  native.set(CURLOPT_URL, settings.url);
  native.set(CURLOPT_USERAGENT, std::string("tenfold/" TENFOLD_VERSION));
  native.set(CURLOPT_PROTOCOLS_STR, "http,https");
  native.set(CURLOPT_REDIR_PROTOCOLS_STR, is_secure(settings.shown_url) ? "https" : "http,https");
  native.set(CURLOPT_FOLLOWLOCATION, 1L);
  native.set(CURLOPT_MAXREDIRS, most_redirects);
  // Parts are connections: over HTTP/2 they would share one, and its pace.
  native.set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  native.set(CURLOPT_BUFFERSIZE, receive_bytes);
  native.set(CURLOPT_NOSIGNAL, 1L);
  native.set(CURLOPT_QUICK_EXIT, 1L);  // a cancelled request does not wait for its name server
  native.set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(patience.connect_timeout.count() * 1000));
  native.set(CURLOPT_LOW_SPEED_LIMIT, slowest_bytes_per_second);
  native.set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(patience.stall_timeout.count()));
  native.set(CURLOPT_ERRORBUFFER, native.error_text());
  native.set(CURLOPT_PRIVATE, request.get());
  native.set(CURLOPT_WRITEFUNCTION, &Native::on_body);
  native.set(CURLOPT_WRITEDATA, request.get());
  native.set(CURLOPT_HEADERFUNCTION, &Native::on_header);
  native.set(CURLOPT_HEADERDATA, request.get());
  native.add_header("Accept-Encoding: identity");
  // The curl program reads these, libcurl does not.
  for (const char* name : {"SSL_CERT_FILE", "CURL_CA_BUNDLE"}) {
    if (const std::string file = environment(name); !file.empty()) {
      native.set(CURLOPT_CAINFO, file);
    }
  }
  if (const std::string folder = environment("SSL_CERT_DIR"); !folder.empty()) {
    native.set(CURLOPT_CAPATH, folder);
  }
  if (!settings.bearer_token.empty()) {
    native.set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BEARER));
    native.set(CURLOPT_XOAUTH2_BEARER, settings.bearer_token);
  }
  if (settings.public_hosts_only) {
    native.set(CURLOPT_PROXY, "");
    native.set(CURLOPT_OPENSOCKETFUNCTION, &Native::on_open);
    native.set(CURLOPT_OPENSOCKETDATA, request.get());
  }
  TRY(native.status());
  return request;
}

Result<void> HttpRequest::set_range(std::uint64_t begin, std::uint64_t end,
                                    const std::string& validator) {
  const bool open = end == std::numeric_limits<std::uint64_t>::max();
  native_->set(CURLOPT_RANGE,
               open ? fmt::format("{}-", begin) : fmt::format("{}-{}", begin, end - 1));
  if (!validator.empty()) native_->add_header("If-Range: " + validator);
  return native_->status();
}

Failure HttpRequest::status_failure() const {
  curl_off_t retry_after = 0;
  curl_easy_getinfo(native_->handle(), CURLINFO_RETRY_AFTER, &retry_after);
  return tenfold::status_failure(head_, settings_.shown_url, !settings_.bearer_token.empty(),
                                 std::chrono::seconds(retry_after));
}

Failure HttpRequest::curl_failure(int code) const {
  if (address_refused_ && code == CURLE_COULDNT_CONNECT) {
    return {Remedy::none,
            fail(ErrorCode::permission_denied,
                 settings_.shown_url + " leads to an address that is not on the public internet",
                 "only public hosts are allowed here; ask the operator to allow private ones")};
  }
  return tenfold::curl_failure(code, settings_.shown_url, native_->error_text());
}

class HttpLoop::Native {
 public:
  Native() : handle(curl_multi_init()) {}
  Native(const Native&) = delete;
  Native& operator=(const Native&) = delete;
  ~Native() { curl_multi_cleanup(handle); }
  CURLM* const handle;
};

HttpLoop::HttpLoop() : native_(std::make_unique<Native>()) {}
HttpLoop::~HttpLoop() = default;

void HttpLoop::add(HttpRequest& request) {
  curl_multi_add_handle(native_->handle, request.native_->handle());
}

void HttpLoop::remove(HttpRequest& request) {
  curl_multi_remove_handle(native_->handle, request.native_->handle());
}

std::vector<HttpLoop::Ended> HttpLoop::run(std::chrono::milliseconds wait) {
  curl_multi_poll(native_->handle, nullptr, 0, static_cast<int>(wait.count()), nullptr);
  int running = 0;
  curl_multi_perform(native_->handle, &running);
  std::vector<Ended> ended;
  int queued = 0;
  while (CURLMsg* const message = curl_multi_info_read(native_->handle, &queued)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    HttpRequest* request = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &request);
    remove(*request);
    ended.push_back({request, code});
  }
  return ended;
}

}  // namespace tenfold
