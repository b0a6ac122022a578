// A .task of MediaPipe: runs as the .tflite in it does.
#include "base/files.h"
#include "formats/onnx_builder.h"
#include "formats/zip_builder.h"
#include "testing/model_fixture.h"
#include "text/chat_template.h"

namespace tenfold::litert {
namespace {

using testing::HasSubstr;

class Task : public ModelFixture {
 protected:
  /// `before`: what lies in front of the model, by which its place in the file may be an odd one.
  std::string write_task(const std::string& metadata, const std::string& before = "",
                         ZipForm form = ZipForm::aligned) {
    const std::filesystem::path path = folder_ / "m.task";
    EXPECT_TRUE(write_file_atomically(path, build_zip({{"NOTE", before},
                                                       {"TF_LITE_PREFILL_DECODE", model_},
                                                       {"TOKENIZER_MODEL", pieces_},
                                                       {"METADATA", metadata}},
                                                      form))
                    .ok());
    return path;
  }

  /// Its chat template, at work.
  std::string rendered(const ProtobufBuilder& metadata) {
    const auto model = resolve_file(write_task(metadata.bytes()));
    EXPECT_TRUE(model.ok()) << model.error().message;
    if (!model.ok()) return {};
    const auto compiled = ChatTemplate::create(model->text.chat_template);
    EXPECT_TRUE(compiled.ok()) << compiled.error().message;
    if (!compiled.ok()) return {};
    const std::vector<Message> messages{
        {"system", "S"}, {"user", "A"}, {"assistant", "B"}, {"user", "C"}};
    const auto text = compiled->render(messages, {.bos_token = "<bos>", .eos_token = ""});
    return text.ok() ? *text : text.error().message;
  }

  const std::string model_ = *read_file(tiny_int8, 64 << 20);
  const std::string pieces_ = *read_file("src/text/testdata/reference/llama.model", 1 << 20);
};

TEST_F(Task, AnswersAsTheModelInIt) {
  ASSERT_TRUE(write_file_atomically(folder_ / "plain/model.tflite", model_).ok());
  ASSERT_TRUE(write_file_atomically(folder_ / "plain/tokenizer.model", pieces_).ok());
  const auto plain = open(folder_ / "plain");
  ASSERT_NE(plain, nullptr);
  const auto prompt = plain->tokenizer().encode("hello you", true, true);
  ASSERT_TRUE(prompt.ok());
  const auto expected = logits(*plain, *prompt);
  for (const char* before : {"", "?", "??"}) {
    const auto task = open(write_task(ProtobufBuilder().text(6, "<s>").text(5, "</s>").bytes(),
                                      before, ZipForm::plain));
    ASSERT_NE(task, nullptr);
    EXPECT_EQ(task->info().format, "task");
    EXPECT_EQ(task->info().vocabulary_size, 512);
    EXPECT_EQ(task->info().weight_bytes, model_.size());
    EXPECT_EQ(*task->tokenizer().encode("hello you", true, true), *prompt);
    EXPECT_EQ(task->tokenizer().bos_text(), "<s>");
    EXPECT_TRUE(task->tokenizer().is_end_of_generation(2));
    EXPECT_EQ(logits(*task, *prompt), expected);
  }
}

TEST_F(Task, PutsMessagesBetweenPrefixAndSuffix) {
  const auto turn = ProtobufBuilder().text(2, "<u>").text(3, "<end>\n<m>");
  EXPECT_EQ(rendered(ProtobufBuilder().text(5, "</s>").text(5, "<end>").message(8, turn)),
            "<bos><u>S\n\nA<end>\n<m>B<end>\n<u>C<end>\n<m>");
  const auto session = ProtobufBuilder().text(1, "Be kind.").text(2, "[").text(3, "]");
  EXPECT_EQ(rendered(ProtobufBuilder().message(8, session).text(5, "</s>")),
            "<bos>Be kind.[S\n\nA]B</s>[C]")
      << "no end of a user's turn is a stop token";
}

TEST_F(Task, PutsMessagesBetweenThoseOfTheirRoles) {
  const auto role = [](const char* prefix) {
    return ProtobufBuilder().text(2, prefix).text(3, "|");
  };
  ProtobufBuilder roles;
  roles.message(1, role("u:")).message(2, role("m:"));
  EXPECT_EQ(rendered(ProtobufBuilder().message(17, roles)), "<bos>u:S\n\nA|m:B|u:C|m:");
  roles.message(3, role("s:"));
  EXPECT_EQ(rendered(ProtobufBuilder().message(17, roles)), "<bos>s:S|u:A|m:B|u:C|m:");
  ProtobufBuilder gemma;
  gemma.message(1, ProtobufBuilder().text(2, "<u>").text(3, "<end>\n"));
  gemma.message(2, ProtobufBuilder().text(2, "<m>"));
  const auto session = ProtobufBuilder().text(1, "Be kind.");
  EXPECT_EQ(rendered(ProtobufBuilder().text(5, "<end>").message(8, session).message(17, gemma)),
            "<bos>Be kind.<u>S\n\nA<end>\n<m>B<end>\n<u>C<end>\n<m>")
      << "as the bundler writes a system prompt";
}

TEST_F(Task, RefusesAnotherVocabulary) {
  const auto model = try_open(write_task(""));
  ASSERT_TRUE(model.ok()) << model.error().message;
  ASSERT_TRUE(
      write_file_atomically(
          folder_ / "m.task",
          build_zip(
              {{"TF_LITE_PREFILL_DECODE", model_},
               {"TOKENIZER_MODEL",
                pieces_ +
                    ProtobufBuilder().message(1, ProtobufBuilder().text(1, "one more")).bytes()},
               {"METADATA", ""}}))
          .ok());
  const auto larger = try_open(folder_ / "m.task");
  ASSERT_FALSE(larger.ok());
  EXPECT_THAT(larger.error().message, HasSubstr("has 513 tokens, but the model knows 512"));
}

}  // namespace
}  // namespace tenfold::litert
