// SHA-256, by OpenSSL.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "tenfold/result.h"

struct evp_md_ctx_st;

namespace tenfold {

/// A digest fed piece by piece. Not thread-safe.
class Sha256 {
 public:
  /// internal when OpenSSL has no SHA-256.
  static Result<Sha256> create();

  void update(std::span<const std::byte> bytes);
  /// The lower-case hex digest; the object is done after it.
  std::string finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  explicit Sha256(evp_md_ctx_st* context) : context_(context) {}
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

/// Lower-case hex digest of the file's content; file_error() when it cannot be read, `cancelled`
/// when `go_on`, which may be empty, says false.
Result<std::string> sha256_of_file(const std::filesystem::path& path,
                                   const std::function<bool()>& go_on = {});

}  // namespace tenfold
