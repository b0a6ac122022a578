// The table of contents, in each form.
#include "formats/zip.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/zip_builder.h"

namespace tenfold {
namespace {

using testing::HasSubstr;

class Zip : public testing::TestWithParam<ZipForm> {
 protected:
  const std::string whole_ = build_zip({{"a", "first"}, {"b/c", ""}, {"d", "third"}}, GetParam());
};

TEST_P(Zip, SaysWhereEachEntryLies) {
  const auto entries = read_zip(whole_, "m.task");
  ASSERT_TRUE(entries.ok()) << entries.error().message;
  ASSERT_EQ(entries->size(), 3U);
  const auto content = [&](std::size_t i) {
    return whole_.substr((*entries)[i].begin, (*entries)[i].size);
  };
  EXPECT_EQ((*entries)[1].name, "b/c");
  EXPECT_TRUE((*entries)[0].stored);
  EXPECT_EQ(content(0), "first");
  EXPECT_EQ(content(1), "");
  EXPECT_EQ(content(2), "third");
}

TEST_P(Zip, NamesATruncatedArchive) {
  for (std::size_t size = 0; size < whole_.size(); ++size) {
    const auto entries = read_zip(std::string_view(whole_).substr(0, size), "m.task");
    ASSERT_FALSE(entries.ok()) << size;
    EXPECT_EQ(entries.error().code, ErrorCode::bad_model);
    EXPECT_THAT(entries.error().message, HasSubstr("m.task is damaged as a ZIP archive"));
  }
}

TEST_P(Zip, KeepsWithinTheArchiveWhateverIsWritten) {
  for (std::size_t at = 0; at < whole_.size(); ++at) {
    for (const char value : {'\0', '\1', '\x7f', '\xff'}) {
      std::string changed = whole_;
      changed[at] = value;
      const auto entries = read_zip(changed, "m.task");
      if (!entries.ok()) continue;
      for (const ZipEntry& entry : *entries) {
        EXPECT_LE(entry.begin, changed.size());
        EXPECT_LE(entry.size, changed.size() - entry.begin);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Each, Zip,
                         testing::Values(ZipForm::plain, ZipForm::wide, ZipForm::aligned));

}  // namespace
}  // namespace tenfold
