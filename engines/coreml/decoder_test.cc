// The forms in which people publish language models (tools/export/coreml_forms.py), against logits
// that PyTorch gives.
#include "decoder.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "base/barrier.h"
#include "base/files.h"
#include "formats/anemll_folder.h"

namespace tenfold::coreml {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* forms = "tests/models/coreml-forms";

struct Form {
  std::unique_ptr<Decoder> decoder;
  std::vector<TokenId> ids;
  std::vector<std::vector<float>> logits;
};

Form open(const std::string& name) {
  Form form;
  auto decoder =
      Decoder::open({fs::path(forms) / (name + ".mlpackage")}, "", kernels::Precision::exact);
  EXPECT_TRUE(decoder.ok()) << name << ": " << decoder.error().message;
  std::ifstream file(fs::path(forms) / (name + ".json"));
  const json expected = json::parse(file);
  form.ids = expected["ids"].get<std::vector<TokenId>>();
  form.logits = expected["logits"].get<std::vector<std::vector<float>>>();
  if (!decoder.ok()) return form;
  form.decoder = std::move(decoder).value();
  form.decoder->start();
  return form;
}

/// Weights and tables are halves, and the largest logits about 10.
void expect_rows(const Form& form, std::size_t first, const Decoder::Rows& rows) {
  const std::size_t width = form.logits[0].size();
  ASSERT_EQ(rows.width, width);
  for (std::size_t i = 0; i < rows.logits.size(); ++i) {
    const float wanted = form.logits[first + i / width][i % width];
    ASSERT_NEAR(rows.logits[i], wanted, 0.05F) << "row " << first + i / width;
  }
}

class Forms : public testing::TestWithParam<std::string> {};

/// All tokens at once, or as many as a call takes.
TEST_P(Forms, GiveTheLogitsOfPyTorch) {
  const Form form = open(GetParam());
  ASSERT_NE(form.decoder, nullptr);
  const std::atomic<bool> interrupted = false;
  std::size_t past = 0;
  while (past < form.ids.size()) {
    const auto left = std::span(form.ids).subspan(past);
    const auto rows =
        form.decoder->run(static_cast<std::int64_t>(past), left, true, 0, interrupted);
    ASSERT_TRUE(rows.ok()) << rows.error().message;
    ASSERT_GT(rows->tokens, 0U);
    expect_rows(form, past, *rows);
    past += rows->tokens;
  }
}

/// Only the last row, after a part of the text, then going back to an earlier place.
TEST_P(Forms, GoOnFromWhatTheyHave) {
  const Form form = open(GetParam());
  ASSERT_NE(form.decoder, nullptr);
  const std::atomic<bool> interrupted = false;
  for (const std::size_t begin : {0U, 5U, 2U}) {
    std::size_t past = form.decoder->keeps() ? begin : 0;
    Decoder::Rows rows;
    while (past < form.ids.size()) {
      const auto left = std::span(form.ids).subspan(past);
      auto ran = form.decoder->run(static_cast<std::int64_t>(past), left, false,
                                   static_cast<std::int64_t>(left.size() - 1), interrupted);
      ASSERT_TRUE(ran.ok()) << ran.error().message;
      rows = *ran;
      past += rows.tokens;
    }
    ASSERT_EQ(rows.logits.size(), rows.width);
    expect_rows(form, form.ids.size() - 1, rows);
  }
}

/// Some bytes of a program changed: an error, or logits of some kind. --gtest_shuffle and
/// --gtest_repeat try others.
TEST(Damaged, ProgramsEndInErrorsOrLogits) {
  const fs::path whole = fs::path(forms) / "ios17-ranged.mlpackage";
  const fs::path place = fs::temp_directory_path() / fmt::format("tenfold-coreml-{}", ::getpid());
  const fs::path program = "Data/com.apple.CoreML/model.mlmodel";
  fs::copy(whole, place, fs::copy_options::recursive);
  const std::string good = read_file(whole / program, 1 << 24).value();
  std::mt19937 random(static_cast<unsigned>(testing::UnitTest::GetInstance()->random_seed()));
  const std::atomic<bool> interrupted = false;
  const std::vector<TokenId> ids{1, 17, 93};
  for (int i = 0; i < 40; ++i) {
    std::string bytes = good;
    for (int changes = 0; changes <= i % 4; ++changes) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    std::ofstream(place / program, std::ios::binary) << bytes;
    const auto decoder = barrier(
        place.string(), [&] { return Decoder::open({place}, "", kernels::Precision::fast); });
    if (!decoder.ok()) {
      EXPECT_THAT(decoder.error().message, testing::HasSubstr(place.string()));
      continue;
    }
    const auto rows = barrier("a run", [&] {
      (*decoder)->start();
      return (*decoder)->run(0, ids, false, 2, interrupted);
    });
    EXPECT_TRUE(rows.ok() || !rows.error().message.empty());
  }
  fs::remove_all(place);
}

/// A folder by ANEMLL's own converter: embeddings, two parts with caches, and a head in parts. Its
/// palettes of 4 to 6 bits make other logits than the model's own, so the two ways through it, in
/// batches and token by token, are compared.
TEST(Parts, GiveTheSameInBatchesAndTokenByToken) {
  const auto folder = read_anemll_folder("tests/models/tiny-llama/coreml-anemll").value();
  const auto decoder = Decoder::open(folder.models(), "", kernels::Precision::exact).value();
  decoder->start();
  EXPECT_TRUE(decoder->keeps());
  const std::atomic<bool> interrupted = false;
  std::vector<TokenId> ids;
  for (int i = 0; i < 20; ++i) ids.push_back((7 * i * i + 3 * i + 5) % 512);
  std::vector<float> last[2];
  for (const bool all : {true, false}) {
    std::size_t past = 0;
    Decoder::Rows rows;
    while (past < ids.size()) {
      rows = decoder
                 ->run(static_cast<std::int64_t>(past), std::span(ids).subspan(past), all, 0,
                       interrupted)
                 .value();
      EXPECT_EQ(rows.tokens, all || past > 0 ? 1U : 19U);
      past += rows.tokens;
    }
    ASSERT_EQ(rows.width, 512U);
    last[all ? 0 : 1].assign(rows.logits.begin(), rows.logits.end());
  }
  EXPECT_THAT(last[1], testing::Pointwise(testing::FloatNear(1e-3F), last[0]));
}

std::vector<std::string> names() {
  std::vector<std::string> found;
  for (const auto& entry : fs::directory_iterator(forms)) {
    if (entry.path().extension() == ".mlpackage") found.push_back(entry.path().stem());
  }
  return found;
}

INSTANTIATE_TEST_SUITE_P(Decoder, Forms, testing::ValuesIn(names()), [](const auto& form) {
  std::string name = form.param;
  std::ranges::replace(name, '-', '_');
  return name;
});

}  // namespace
}  // namespace tenfold::coreml
