#include "formats/pte_header.h"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

namespace tenfold {
namespace {

using ::testing::HasSubstr;

/// A header with these fields, and `size` bytes in all.
std::string file(std::uint32_t root, std::uint32_t length, std::uint64_t program,
                 std::uint64_t base, std::uint64_t segments, std::size_t size) {
  std::string bytes;
  const auto put = [&](auto value) {
    bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
  };
  put(root);
  bytes += "ET12eh00";
  put(length);
  put(program);
  put(base);
  put(segments);
  bytes.resize(size);
  return bytes;
}

Result<PteHeader> read(const std::string& bytes) {
  return read_pte_header(*make_memory_source(bytes), "m.pte");
}

void expect_damaged(const std::string& bytes, const std::string& part) {
  const auto header = read(bytes);
  ASSERT_FALSE(header.ok()) << part;
  EXPECT_EQ(header.error().code, ErrorCode::bad_model);
  EXPECT_THAT(header.error().message, HasSubstr("m.pte"));
  EXPECT_THAT(header.error().message, HasSubstr(part));
}

TEST(PteHeader, ReadsSizes) {
  const auto header = read(file(48, 32, 100, 128, 72, 200));
  ASSERT_TRUE(header.ok()) << header.error().message;
  EXPECT_EQ(header->program, 100U);
  EXPECT_EQ(header->segments, 72U);
}

TEST(PteHeader, ReadsOlderForms) {
  const auto no_size = read(file(40, 24, 100, 128, 1 << 20, 200));
  ASSERT_TRUE(no_size.ok()) << no_size.error().message;
  EXPECT_EQ(no_size->segments, 72U);
  const auto no_segments = read(file(48, 32, 200, 0, 0, 200));
  ASSERT_TRUE(no_segments.ok()) << no_segments.error().message;
  EXPECT_EQ(no_segments->segments, 0U);
  const auto no_header = read(std::string("\x08\0\0\0ET12", 8) + std::string(40, 'x'));
  ASSERT_TRUE(no_header.ok()) << no_header.error().message;
  EXPECT_EQ(no_header->program, 48U);
}

TEST(PteHeader, RefusesDamage) {
  expect_damaged("", "is empty");
  expect_damaged("GGUF and more", "it looks like GGUF");
  expect_damaged(file(48, 32, 100, 128, 72, 20), "truncated");
  expect_damaged(file(48, 32, 100, 128, 72, 90), "truncated: it has 90 of 100 bytes");
  expect_damaged(file(48, 32, 100, 128, 72, 120), "truncated: it has 120 of 128 bytes");
  expect_damaged(file(48, 32, 100, 128, 72, 199), "truncated: it has 199 of 200 bytes");
  expect_damaged(file(48, 8, 100, 128, 72, 200), "its header claims 8 bytes");
  expect_damaged(file(100, 32, 100, 128, 72, 200), "its root is at byte 100 of 100");
  expect_damaged(file(48, 32, 100, 50, 72, 200), "inside the program");
  expect_damaged(file(48, 32, 100, 128, UINT64_MAX, 200), "its segments claim");
  expect_damaged(std::string("\xff\0\0\0ET12", 8), "its root is at byte 255 of 8");
}

TEST(PteHeader, ReadsWhatTheExporterWrites) {
  std::ifstream stream("tests/models/tiny-llama/executorch-f32/model.pte", std::ios::binary);
  std::stringstream content;
  content << stream.rdbuf();
  const std::string bytes = content.str();
  const auto header = read(bytes);
  ASSERT_TRUE(header.ok()) << header.error().message;
  EXPECT_GT(header->segments, 3'000'000U);
  EXPECT_LE(header->program + header->segments, bytes.size());
  expect_damaged(bytes.substr(0, bytes.size() - 1), "truncated");
}

}  // namespace
}  // namespace tenfold
