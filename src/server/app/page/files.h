// The files of the web page, embedded when Tenfold is built: web/dist.
#pragma once

#include <span>
#include <string_view>

namespace tenfold::server::page {

struct PageFile {
  std::string_view path;  ///< "index.html", "assets/index-1a2b.js"
  std::string_view bytes;
};

/// Empty where web/dist was.
std::span<const PageFile> page_files();

}  // namespace tenfold::server::page
