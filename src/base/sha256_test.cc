#include "base/sha256.h"

#include <gtest/gtest.h>

namespace tenfold {
namespace {

TEST(Sha256, OfPiecesIsThatOfTheWhole) {
  Sha256 hash = Sha256::create().value();
  hash.update(std::as_bytes(std::span("a", 1)));
  hash.update({});
  hash.update(std::as_bytes(std::span("bc", 2)));
  // FIPS 180-2, appendix B.1.
  EXPECT_EQ(hash.finish(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256, OfAMissingFileNamesIt) {
  const Result<std::string> hash = sha256_of_file("/does/not/exist");
  ASSERT_FALSE(hash.ok());
  EXPECT_EQ(hash.error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace tenfold
