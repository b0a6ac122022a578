// Opening: what is found, what is refused and how.
#include <nlohmann/json.hpp>
#include <thread>

#include "base/files.h"
#include "formats/describe.h"
#include "formats/tflite_check.h"
#include "testing/litertlm_builder.h"
#include "testing/model_fixture.h"

namespace tenfold::litert {
namespace {

using testing::HasSubstr;

class Loading : public ModelFixture {
 protected:
  std::string write(const std::string& name, const std::string& bytes) {
    EXPECT_TRUE(write_file_atomically(folder_ / name, bytes).ok());
    return folder_ / name;
  }
  static std::string bytes_of(const std::string& path) { return *read_file(path, 64 << 20); }

  static void refused(const std::string& path, ErrorCode code, const std::string& part,
                      const LoadOptions& options = {}) {
    const auto model = try_open(path, options);
    ASSERT_FALSE(model.ok()) << path;
    EXPECT_EQ(to_string(model.error().code), to_string(code)) << model.error().message;
    EXPECT_THAT(model.error().message, HasSubstr(part));
  }
};

TEST_F(Loading, DescribesTheModel) {
  const auto model = open(tiny_f32);
  EXPECT_EQ(model->info().format, "tflite");
  EXPECT_EQ(model->info().architecture, "llama");
  EXPECT_EQ(model->info().context_size, 1024);
  EXPECT_EQ(model->info().vocabulary_size, 512);
  EXPECT_NEAR(static_cast<double>(model->info().parameters), 918656, 200000);
  EXPECT_THAT(model->info().chat_template, HasSubstr("add_generation_prompt"));
  const auto bundle = open(tiny_bundle);
  EXPECT_EQ(bundle->info().format, "litertlm");
  EXPECT_EQ(bundle->info().trained_context_size, 512);
  EXPECT_EQ(bundle->info().chat_template, model->info().chat_template);
  EXPECT_TRUE(bundle->tokenizer().is_end_of_generation(2));
}

TEST_F(Loading, OpensAFolder) {
  EXPECT_EQ(open("tests/models/tiny-llama/litert-f32")->info().format, "tflite");
  EXPECT_EQ(open("tests/models/tiny-llama/litertlm-int8")->info().format, "litertlm");
  refused(folder_, ErrorCode::bad_model, folder_);
}

TEST_F(Loading, NeedsATokenizer) {
  const std::string path = write("model.tflite", bytes_of(tiny_int8));
  refused(path, ErrorCode::bad_model, "there is no tokenizer in " + folder_.string());
  auto larger = nlohmann::json::parse(bytes_of("tests/models/tiny-llama/tokenizer.json"));
  larger["model"]["vocab"]["one more"] = 512;
  write("tokenizer.json", larger.dump());
  refused(path, ErrorCode::bad_model, "has 513 tokens, but the model knows 512");
}

TEST_F(Loading, ReadsTextByTheSentencePieceModelOfABundle) {
  const std::string pieces = bytes_of("src/text/testdata/reference/llama.model");
  const std::string path =
      write("m.litertlm",
            make_litertlm(
                {{3, bytes_of(tiny_int8)}, {4, pieces}, {3, "drafter", "tf_lite_mtp_drafter"}}));
  const auto model = open(path);
  ASSERT_NE(model, nullptr);
  EXPECT_THAT(model->info().description, testing::EndsWith("M; not used: mtp_drafter"));
  EXPECT_EQ(model->tokenizer().bos_text(), "<s>");
  EXPECT_EQ(model->tokenizer().encode("hello", true, true)->front(), 1);
  refused(write("d.litertlm", make_litertlm({{3, bytes_of(tiny_int8)}, {4, "pieces"}})),
          ErrorCode::bad_model, "d.litertlm is not a usable SentencePiece model");
}

TEST_F(Loading, WhatABundleLacksIsSaidWhenItIsDescribed) {
  const auto described = [&](const std::vector<LitertlmSection>& sections) {
    const auto model = describe_model(write("m.litertlm", make_litertlm(sections)));
    return model.ok() ? model->details : model.error().message;
  };
  const std::string model = bytes_of(tiny_int8);
  EXPECT_THAT(described({{3, model}}), HasSubstr("has no tokenizer"));
  EXPECT_EQ(described({{3, model}, {4, "p"}, {3, "x", "tf_lite_mtp_drafter"}}),
            "3 signatures; not used: mtp_drafter");
}

TEST_F(Loading, RefusesDamagedAndForeignFiles) {
  std::filesystem::copy_file("tests/models/tiny-llama/tokenizer.json", folder_ / "tokenizer.json");
  const std::string whole = bytes_of(tiny_int8);
  for (const std::size_t size : {whole.size() - 1, whole.size() / 2, std::size_t{100}}) {
    const std::string path = write("cut.tflite", whole.substr(0, size));
    refused(path, ErrorCode::bad_model, path);
  }
  const std::string bundle = bytes_of(tiny_bundle);
  const std::string cut = write("cut.litertlm", bundle.substr(0, bundle.size() / 2));
  refused(cut, ErrorCode::bad_model, cut);
  refused("tests/models/tiny-llama/tiny-llama-q4_0.gguf", ErrorCode::bad_model,
          "is not a TensorFlow Lite model; it looks like GGUF");
  refused(folder_ / "missing.tflite", ErrorCode::not_found, "missing.tflite");
  refused(write("m.task", "PK\x03\x04"), ErrorCode::bad_model, "damaged as a ZIP archive");
}

/// The model with its first operator of a written code turned into one that no runtime knows: table
/// Model, field operator_codes (1), table OperatorCode, field builtin_code (3).
std::string with_unknown_operator(std::string model) {
  const auto number = [&]<typename T>(T, std::size_t at) {
    T value;
    std::memcpy(&value, model.data() + at, sizeof value);
    return value;
  };
  const auto target = [&](std::size_t at) { return at + number(std::uint32_t{}, at); };
  const auto field = [&](std::size_t table, std::size_t index) -> std::size_t {
    const std::size_t list = table - static_cast<std::size_t>(number(std::int32_t{}, table));
    if (4 + 2 * index >= number(std::uint16_t{}, list)) return 0;
    const std::uint16_t offset = number(std::uint16_t{}, list + 4 + 2 * index);
    return offset == 0 ? 0 : table + offset;
  };
  const std::int32_t unknown = 30000;
  for (std::size_t entry = target(field(target(0), 1)) + 4;; entry += 4) {
    if (const std::size_t code = field(target(entry), 3); code != 0) {
      std::memcpy(model.data() + code, &unknown, sizeof unknown);
      return model;
    }
  }
}

TEST_F(Loading, RefusesAnUnknownOperator) {
  std::filesystem::copy_file("tests/models/tiny-llama/tokenizer.json", folder_ / "tokenizer.json");
  const std::string path = write("model.tflite", with_unknown_operator(bytes_of(tiny_int8)));
  refused(path, ErrorCode::unsupported, path);
}

TEST(TfliteCheck, NamesWhatLiesOutsideTheFile) {
  const std::string whole = *read_file(tiny_int8, 64 << 20);
  EXPECT_TRUE(check_tflite(whole, "m.tflite").ok());
  for (std::size_t size = 0; size < whole.size(); size += 1 + size / 50) {
    const auto checked = check_tflite(std::string_view(whole).substr(0, size), "m.tflite");
    ASSERT_FALSE(checked.ok()) << size;
    EXPECT_EQ(checked.error().code, ErrorCode::bad_model);
    EXPECT_THAT(checked.error().message, HasSubstr("m.tflite is damaged or incomplete"));
  }
}

#ifdef TENFOLD_SANITIZED
constexpr std::size_t bytes_apart = 97;  // a check takes long there, and the fuzzers make more
#else
constexpr std::size_t bytes_apart = 7;
#endif

TEST(TfliteCheck, SurvivesAnyBytes) {
  std::string changed = *read_file(tiny_int8, 64 << 20);
  for (std::size_t at = 0; at < 4096; at += bytes_apart) {
    const char before = changed[at];
    for (const char value : {'\0', '\x7f', '\xff'}) {
      changed[at] = value;
      const auto checked = check_tflite(changed, "m.tflite");
      EXPECT_TRUE(checked.ok() || !checked.error().message.empty());
    }
    changed[at] = before;
  }
}

TEST_F(Loading, ChecksOptions) {
  LoadOptions options;
  options.context_size = 1025;
  refused(tiny_f32, ErrorCode::invalid_argument, "context_size is 1025", options);
  options = {};
  options.memory_limit = 8 << 20;
  refused(tiny_f32, ErrorCode::out_of_memory, "for the KV cache", options);
}

TEST_F(Loading, KeepsPackedWeights) {
  LoadOptions options;
  options.engine_options["weight_cache"] = (folder_ / "a cache").string();
  const std::vector<TokenId> tokens{1, 4, 316, 276};
  const auto plain = open(tiny_int8);
  const auto expected = logits(*plain, tokens);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(logits(*open(tiny_int8, options), tokens), expected);
  const std::filesystem::directory_iterator files(folder_ / "a cache");
  ASSERT_NE(files, std::filesystem::directory_iterator());
  EXPECT_THAT(files->path().filename().string(), HasSubstr(".xnnpack-"));
  EXPECT_GT(files->file_size(), 100'000U);
  EXPECT_EQ(std::distance(files, std::filesystem::directory_iterator()), 1);
  options.engine_options["weight_cache"] = (folder_ / "\"").string();
  refused(tiny_int8, ErrorCode::invalid_argument, "option weight_cache", options);
}

TEST_F(Loading, AnInterruptionEndsALongEvaluation) {
  const auto model = open(tiny_f32);
  const std::vector<TokenId> tokens(1000, 300);
  std::jthread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    model->interrupt(true);
  });
  const Chunk chunk{0, tokens, true};
  const auto rows = model->evaluate({&chunk, 1});
  other.join();
  ASSERT_FALSE(rows.ok());
  EXPECT_EQ(rows.error().code, ErrorCode::cancelled);
  EXPECT_FALSE(model->evaluate({&chunk, 1}).ok()) << "it is not for the model to take it back";
  model->interrupt(false);
  EXPECT_EQ(*model->rewind(0, 0), 0);
  EXPECT_FALSE(logits(*model, std::span(tokens).first(5)).empty());
}

}  // namespace
}  // namespace tenfold::litert
