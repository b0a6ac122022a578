// A file's bytes by mapping it read-only: only what is looked at is read.
#pragma once

#include <string>
#include <string_view>

#include "tenfold/result.h"

namespace tenfold {

/// A file that shrinks while it is mapped ends the process (SIGBUS); untrusted files are therefore
/// described in a child (untrusted.h).
class MappedFile {
 public:
  /// A regular, non-empty file. not_found, permission_denied or io; bad_model if it is something
  /// else.
  static Result<MappedFile> open(const std::string& path);

  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&&) = delete;
  ~MappedFile();

  /// Valid as long as this object.
  [[nodiscard]] std::string_view bytes() const { return bytes_; }

  /// Gives the memory of a part of a mapped file's bytes back to the system, as after it was
  /// copied: whoever looks at it again reads it again.
  static void let_go(std::string_view part);

 private:
  explicit MappedFile(std::string_view bytes) : bytes_(bytes) {}
  std::string_view bytes_;
};

}  // namespace tenfold
