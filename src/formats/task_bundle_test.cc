// What is read from a .task, and what is refused and how.
#include "formats/task_bundle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/files.h"
#include "formats/describe.h"
#include "formats/litertlm.h"
#include "formats/onnx_builder.h"
#include "formats/zip_builder.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

using Files = std::vector<std::pair<std::string, std::string>>;

std::string tiny_model() {
  return *read_file("tests/models/tiny-llama/litert-int8/model.tflite", 1 << 22);
}

std::string pieces(const char* name) {
  return *read_file(fs::path("src/text/testdata/reference") / name, 1 << 20);
}

/// LlmParameters as MediaPipe's bundler writes it for Gemma.
std::string gemma_metadata() {
  return ProtobufBuilder()
      .text(6, "<bos>")
      .text(5, "<eos>")
      .text(5, "<end_of_turn>")
      .message(8, ProtobufBuilder()
                      .text(2, "<start_of_turn>user\n")
                      .text(3, "<end_of_turn>\n<start_of_turn>model\n"))
      .bytes();
}

Files small() {
  return {{"TF_LITE_PREFILL_DECODE", "model"},
          {"TOKENIZER_MODEL", "pieces"},
          {"METADATA", gemma_metadata()}};
}

Error refused(const std::string& bytes) {
  const auto bundle = read_task(bytes, "m.task");
  EXPECT_FALSE(bundle.ok());
  return bundle.ok() ? Error() : bundle.error();
}

TEST(TaskBundle, ReadsItsEntries) {
  const std::string bytes = build_zip(small());
  const auto bundle = read_task(bytes, "m.task");
  ASSERT_TRUE(bundle.ok()) << bundle.error().message;
  EXPECT_EQ(bytes.substr(bundle->models.main.offset, bundle->models.main.size), "model");
  EXPECT_EQ(bundle->tokenizer, "pieces");
  EXPECT_EQ(bundle->metadata.start_text, "<bos>");
  EXPECT_EQ(bundle->metadata.start_id, -1);
  EXPECT_THAT(bundle->metadata.stop_texts, ElementsAre("<eos>", "<end_of_turn>"));
}

TEST(TaskBundle, ReadsAStartTokenById) {
  Files files = small();
  files[2].second = ProtobufBuilder().number(2, 512).number(4, 7).text(5, "</s>").bytes();
  const std::string bytes = build_zip(files);
  const auto bundle = read_task(bytes, "m.task");
  ASSERT_TRUE(bundle.ok()) << bundle.error().message;
  EXPECT_EQ(bundle->metadata.start_id, 7);
  EXPECT_EQ(bundle->metadata.chat_template, "") << "that of the family, if any";
}

TEST(TaskBundle, NamesTheEntryThatIsMissing) {
  for (std::size_t i = 0; i < 3; ++i) {
    Files files = small();
    const std::string name = files[i].first;
    files.erase(files.begin() + static_cast<std::ptrdiff_t>(i));
    const Error error = refused(build_zip(files));
    EXPECT_EQ(error.code, ErrorCode::unsupported);
    EXPECT_THAT(error.message, HasSubstr("m.task has no entry " + name));
  }
}

TEST(TaskBundle, NamesTheEntryThatIsCompressed) {
  std::string bytes = build_zip(small());
  const std::size_t contents = bytes.find("PK\1\2", bytes.find("PK\1\2") + 1);
  bytes[contents + 10] = 8;  // deflate
  const Error error = refused(bytes);
  EXPECT_EQ(error.code, ErrorCode::unsupported);
  EXPECT_THAT(error.message, HasSubstr("entry TOKENIZER_MODEL compressed"));
  EXPECT_THAT(error.hint, HasSubstr("zip -0"));
}

TEST(TaskBundle, NamesMetadataThatCannotBeUsed) {
  Files files = small();
  files[2].second.pop_back();
  EXPECT_THAT(refused(build_zip(files)).message, HasSubstr("m.task (METADATA) is damaged"));
  files[2].second = ProtobufBuilder().number(7, 1).bytes();
  const Error error = refused(build_zip(files));
  EXPECT_EQ(error.code, ErrorCode::unsupported);
  EXPECT_THAT(error.message, HasSubstr("BYTES_TO_UNICODE"));
}

class DescribeTask : public testing::Test {
 protected:
  ~DescribeTask() override { fs::remove_all(folder_); }

  Result<ModelDescription> describe(const std::string& bytes) {
    fs::create_directories(folder_);
    EXPECT_TRUE(write_file_atomically(folder_ / "m.task", bytes).ok());
    return describe_model(folder_ / "m.task");
  }
  Error refused(const std::string& bytes) {
    const auto model = describe(bytes);
    EXPECT_FALSE(model.ok());
    return model.ok() ? Error() : model.error();
  }

  fs::path folder_ = fs::temp_directory_path() / ("tenfold-task-" + std::to_string(::getpid()));
};

TEST_F(DescribeTask, TellsModelAndTextAndWhatIsNotUsed) {
  const auto model = describe(build_zip({{"TF_LITE_MTP_DRAFTER", "x"},
                                         {"TF_LITE_PREFILL_DECODE", tiny_model()},
                                         {"\x1b[2J", "x"},
                                         {"TOKENIZER_MODEL", pieces("gemma.model")},
                                         {"METADATA", gemma_metadata()}},
                                        ZipForm::aligned));
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_EQ(model->format, "task");
  EXPECT_EQ(model->quantization, "int8");
  EXPECT_EQ(model->sizes.context, 512);
  EXPECT_EQ(model->tokenizer, "SentencePiece");
  EXPECT_EQ(model->text.begin_token, "<bos>");
  EXPECT_THAT(model->text.end_texts, ElementsAre("<eos>", "<end_of_turn>"));
  EXPECT_EQ(model->text.template_source, folder_ / "m.task");
  EXPECT_THAT(model->details, testing::EndsWith("; not used: mtp_drafter"));
}

TEST_F(DescribeTask, TakesTheTemplateOfTheFamilyWhereThereIsNone) {
  const auto model =
      describe(build_zip({{"TF_LITE_PREFILL_DECODE", tiny_model()},
                          {"TOKENIZER_MODEL", pieces("gemma.model")},
                          {"METADATA", ProtobufBuilder().text(5, "<eos>").bytes()}}));
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_EQ(model->text.template_family, "Gemma");
}

TEST_F(DescribeTask, NamesWhatIsDamaged) {
  const std::string whole = build_zip(small());
  EXPECT_THAT(refused(whole.substr(0, whole.size() / 2)).message, HasSubstr("truncated"));
  EXPECT_THAT(refused(build_zip({{"face_landmarks_detector.tflite", "x"}})).message,
              HasSubstr("m.task has no entry TF_LITE_PREFILL_DECODE"));
  Files files = small();
  files[0].second = tiny_model();
  EXPECT_THAT(refused(build_zip(files)).message, HasSubstr("m.task (TOKENIZER_MODEL) is damaged"));
  EXPECT_THAT(refused("<!DOCTYPE html><html>").hint, HasSubstr("web page"));
}

TEST_F(DescribeTask, TakesTheEmbeddersBesideTheModel) {
  const std::string bundle =
      *read_file("tests/models/litert-forms/per-layer/model.litertlm", 1 << 20);
  const BundledModels models = read_litertlm_header(*make_memory_source(bundle), "m")->models;
  const auto part = [&](const BundledModel& model) {
    return bundle.substr(model.offset, model.size);
  };
  Files files = small();
  files[0].second = part(models.main);
  files[1].second = pieces("gemma.model");
  const auto without = describe(build_zip(files));
  ASSERT_TRUE(without.ok() && without->refusal);
  EXPECT_EQ(without->refusal->code, ErrorCode::unsupported);
  EXPECT_THAT(without->refusal->message, HasSubstr("(tf_lite_embedder), but there is none"));
  files.emplace_back("TF_LITE_EMBEDDER", part(*models.embedder));
  files.emplace_back("TF_LITE_PER_LAYER_EMBEDDER", part(*models.per_layer_embedder));
  const auto with = describe(build_zip(files));
  ASSERT_TRUE(with.ok()) << with.error().message;
  EXPECT_FALSE(with->refusal) << with->refusal->message;
  EXPECT_EQ(with->details, "2 signatures");
  EXPECT_GT(with->parameters, without->parameters);
}

}  // namespace
}  // namespace tenfold
