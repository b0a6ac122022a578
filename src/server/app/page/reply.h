// How the files of the page are sent.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "server/app/page/files.h"
#include "server/http/message.h"

namespace tenfold::server::page {

/// Whether the client is a browser that asks for a page: what it accepts names text/html.
bool wants_page(std::string_view accept);

/// Whether the client takes gzip (RFC 9110, 12.5.3).
bool takes_gzip(std::string_view accept_encoding);

/// "text/javascript; charset=utf-8", by the end of the name.
std::string_view content_type(std::string_view path);

/// The file with a policy that lets the page load nothing but its own files; 304 if the client has
/// it. Files under assets/ never change under their names. not_found for a path that is no file.
Result<Reply> file_reply(std::span<const PageFile> files, std::string_view path,
                         const HttpRequest& request);

}  // namespace tenfold::server::page
