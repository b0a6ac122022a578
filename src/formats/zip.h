// The table of contents of a ZIP archive, also of ZIP64 (which writers use from 2 or 4 GiB), for
// the .task bundles of MediaPipe. Source: PKWARE's APPNOTE 6.3, sections 4.3.7, 4.3.12, 4.3.14
// to 4.3.16 and 4.5.3.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tenfold/result.h"

namespace tenfold {

struct ZipEntry {
  std::string name;
  bool stored = false;      ///< as it is, not compressed
  std::uint64_t begin = 0;  ///< of its bytes in the archive
  std::uint64_t size = 0;   ///< of these bytes
};

/// At most 1000 entries, each within `bytes`, the whole archive. bad_model, naming `name`, if it is
/// damaged or cut short.
Result<std::vector<ZipEntry>> read_zip(std::string_view bytes, const std::string& name);

}  // namespace tenfold
