#include "base/sha256.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <vector>

#include "base/files.h"

namespace tenfold {

void Sha256::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

Result<Sha256> Sha256::create() {
  Sha256 hash(EVP_MD_CTX_new());
  if (hash.context_ == nullptr ||
      EVP_DigestInit_ex(hash.context_.get(), EVP_sha256(), nullptr) != 1) {
    return fail(ErrorCode::internal, "OpenSSL has no SHA-256");
  }
  return hash;
}

void Sha256::update(std::span<const std::byte> bytes) {
  EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
}

std::string Sha256::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  EVP_DigestFinal_ex(context_.get(), digest.data(), &length);
  std::string hex;
  for (unsigned int i = 0; i < length; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

Result<std::string> sha256_of_file(const std::filesystem::path& path,
                                   const std::function<bool()>& go_on) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"),
                                                             &std::fclose);
  if (file == nullptr) return file_error(path, "open", errno);
  Sha256 hash = TRY(Sha256::create());
  std::vector<std::byte> buffer(1 << 20);
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), file.get())) {
    hash.update({buffer.data(), count});
    if (go_on && !go_on()) {
      return fail(ErrorCode::cancelled, fmt::format("reading {} was cancelled", path.string()));
    }
  }
  if (std::ferror(file.get()) != 0) return file_error(path, "read", errno);
  return hash.finish();
}

}  // namespace tenfold
