#include "download/file_version.h"

namespace tenfold {
namespace {

bool agree(const std::string& one, const std::string& other) {
  return one.empty() || other.empty() || one == other;
}

}  // namespace

std::string FileVersion::validator() const { return etag.starts_with('"') ? etag : last_modified; }

bool FileVersion::same_as(const FileVersion& other) const {
  return (!bytes || !other.bytes || bytes == other.bytes) && agree(etag, other.etag) &&
         agree(last_modified, other.last_modified);
}

}  // namespace tenfold
