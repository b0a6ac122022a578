#include "server/app/page/reply.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <mutex>

#include "base/sha256.h"
#include "server/app/page/gzip.h"

namespace tenfold::server::page {
namespace {

struct Type {
  std::string_view ending;
  std::string_view type;
  bool compressible;
};

constexpr auto types = std::to_array<Type>({
    {".html", "text/html; charset=utf-8", true},
    {".js", "text/javascript; charset=utf-8", true},
    {".css", "text/css; charset=utf-8", true},
    {".svg", "image/svg+xml", true},
    {".txt", "text/plain; charset=utf-8", true},
    {".json", "application/json", true},
    {".png", "image/png", false},
    {".ico", "image/x-icon", false},
    {".woff2", "font/woff2", false},
});

const Type* type_of(std::string_view path) {
  const auto found =
      std::ranges::find_if(types, [&](const Type& type) { return path.ends_with(type.ending); });
  return found == types.end() ? nullptr : &*found;
}

constexpr const char* policy =
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";

/// What is made of a file once.
struct Prepared {
  std::string tag;
  std::string zipped;  ///< empty: not smaller
};

/// Files are constant, so their addresses tell them apart.
Result<const Prepared*> prepared(const PageFile& file) {
  static std::mutex mutex;
  static std::map<const char*, Prepared> all;
  const std::lock_guard lock(mutex);
  if (const auto found = all.find(file.bytes.data()); found != all.end()) return &found->second;
  constexpr std::size_t tag_length = 24;
  Sha256 hash = TRY(Sha256::create());
  hash.update(std::as_bytes(std::span(file.bytes)));
  Prepared made{hash.finish().substr(0, tag_length), {}};
  const Type* type = type_of(file.path);
  if (type != nullptr && type->compressible) made.zipped = gzip(file.bytes);
  return &all.emplace(file.bytes.data(), std::move(made)).first->second;
}

/// The next part of a list with commas, without spaces around it.
std::string_view next_item(std::string_view& list) {
  const std::size_t comma = list.find(',');
  std::string_view item = list.substr(0, comma);
  list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  while (item.starts_with(' ')) item.remove_prefix(1);
  while (item.ends_with(' ')) item.remove_suffix(1);
  return item;
}

}  // namespace

bool wants_page(std::string_view accept) {
  while (!accept.empty()) {
    const std::string_view item = next_item(accept);
    if (item.substr(0, item.find(';')) == "text/html") return true;
  }
  return false;
}

bool takes_gzip(std::string_view accept_encoding) {
  while (!accept_encoding.empty()) {
    const std::string_view item = next_item(accept_encoding);
    if (item.substr(0, item.find(';')) != "gzip") continue;
    return item.find("q=0") == std::string_view::npos ||
           item.find("q=0.") != std::string_view::npos;
  }
  return false;
}

std::string_view content_type(std::string_view path) {
  const Type* type = type_of(path);
  return type == nullptr ? "application/octet-stream" : type->type;
}

Result<Reply> file_reply(std::span<const PageFile> files, std::string_view path,
                         const HttpRequest& request) {
  const auto file = std::ranges::find(files, path, &PageFile::path);
  if (file == files.end()) {
    return fail(ErrorCode::not_found, fmt::format("the page has no file {}", path),
                "reload the page: the server may have been updated");
  }
  const Prepared& made = *TRY(prepared(*file));
  const bool zipped = !made.zipped.empty() && takes_gzip(request.accept_encoding);
  const std::string tag = fmt::format("\"{}{}\"", made.tag, zipped ? "-gzip" : "");
  Reply reply;
  reply.content_type = content_type(path);
  reply.headers = {
      {"ETag", tag},
      {"Vary", "Accept, Accept-Encoding"},
      {"Cache-Control",
       path.starts_with("assets/") ? "public, max-age=31536000, immutable" : "no-cache"},
      {"Content-Security-Policy", policy},
      {"Referrer-Policy", "no-referrer"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cross-Origin-Resource-Policy", "same-origin"}};
  if (request.if_none_match == tag) {
    reply.status = 304;
    return reply;
  }
  if (zipped) reply.headers.emplace_back("Content-Encoding", "gzip");
  reply.body = zipped ? made.zipped : std::string(file->bytes);
  return reply;
}

}  // namespace tenfold::server::page
