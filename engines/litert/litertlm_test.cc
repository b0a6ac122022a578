// The container: what is read from it, and that no bytes do harm.
#include "formats/litertlm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "base/files.h"
#include "testing/litertlm_builder.h"
#include "text/chat_template.h"

namespace tenfold::litert {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string bundle = "tests/models/tiny-llama/litertlm-int8/tiny-llama.litertlm";

std::string bytes_of(const std::string& path) { return *read_file(path, 64 << 20); }

Result<Litertlm> read(const std::string& bytes) {
  return read_litertlm(*make_memory_source(bytes), "m.litertlm");
}

std::string packed(const std::string& text) {
  uLongf size = ::compressBound(text.size());
  std::string bytes(size, '\0');
  EXPECT_EQ(::compress(reinterpret_cast<Bytef*>(bytes.data()), &size,
                       reinterpret_cast<const Bytef*>(text.data()), text.size()),
            Z_OK);
  bytes.resize(size);
  return raw(std::uint64_t{text.size()}) + bytes;
}

TEST(Litertlm, ReadsTheExportersBundle) {
  const std::string bytes = bytes_of(bundle);
  const auto read_back = read(bytes);
  ASSERT_TRUE(read_back.ok()) << read_back.error().message;
  const std::string model =
      bytes.substr(read_back->models.main.offset, read_back->models.main.size);
  EXPECT_EQ(model, bytes_of("tests/models/tiny-llama/litert-int8/model.tflite"));
  EXPECT_EQ(read_back->tokenizer.front(), '{');
  EXPECT_THAT(read_back->tokenizer, HasSubstr("<|assistant|>"));
  EXPECT_THAT(read_back->metadata.chat_template, HasSubstr("add_generation_prompt"));
  EXPECT_THAT(read_back->metadata.stop_ids, ElementsAre(2));
  EXPECT_EQ(read_back->metadata.architecture, "generic");
}

TEST(Litertlm, ReadsStartStopAndFamily) {
  const std::string metadata =
      proto_bytes(1, proto_bytes(2, "<s>")) + proto_bytes(2, proto_bytes(2, "</s>")) +
      proto_bytes(2, proto_bytes(1, proto_bytes(1, "\x96\x01\x07"))) +
      proto_bytes(2, proto_bytes(1, "\x08\x05")) + proto_bytes(6, proto_bytes(4, "")) +
      proto_bytes(7, "{{ messages }}");
  const auto read_back = read(make_litertlm({{3, "model"}, {5, metadata}, {6, packed("{}")}}));
  ASSERT_TRUE(read_back.ok()) << read_back.error().message;
  EXPECT_EQ(read_back->metadata.start_text, "<s>");
  EXPECT_THAT(read_back->metadata.stop_texts, ElementsAre("</s>"));
  EXPECT_THAT(read_back->metadata.stop_ids, ElementsAre(150, 5)) << "packed and single";
  EXPECT_EQ(read_back->metadata.architecture, "gemma3");
  EXPECT_EQ(read_back->metadata.chat_template, "{{ messages }}");
  EXPECT_EQ(read_back->tokenizer, "{}");
  EXPECT_EQ(read_back->models.main.size, 5U);
}

TEST(Litertlm, MakesATemplateOfPrefixesAndSuffixes) {
  const auto affixes = [](int role, std::string_view prefix, std::string_view suffix) {
    return proto_bytes(role, proto_bytes(1, prefix) + proto_bytes(2, suffix));
  };
  const std::string metadata = proto_bytes(
      3, affixes(1, "<u>\n", "</u>") + affixes(2, "<m>\"", "</m>") + affixes(3, "<s>", "</s>"));
  const auto read_back = read(make_litertlm({{3, "model"}, {5, metadata}, {6, packed("{}")}}));
  ASSERT_TRUE(read_back.ok()) << read_back.error().message;
  const auto compiled = ChatTemplate::create(read_back->metadata.chat_template);
  ASSERT_TRUE(compiled.ok()) << compiled.error().message;
  const std::vector<Message> messages{
      {"system", "a"}, {"user", "b"}, {"assistant", "c"}, {"user", "d"}};
  EXPECT_EQ(*compiled->render(messages, {.bos_token = "<bos>", .eos_token = ""}),
            "<bos><s>a</s><u>\nb</u><m>\"c</m><u>\nd</u><m>\"");
}

TEST(Litertlm, TakesTheTokenizerOfEitherKind) {
  const auto sentencepiece = read(make_litertlm({{3, "model"}, {4, "pieces"}}));
  ASSERT_TRUE(sentencepiece.ok()) << sentencepiece.error().message;
  EXPECT_EQ(sentencepiece->form, TokenizerForm::sentencepiece);
  EXPECT_EQ(sentencepiece->tokenizer, "pieces");
  const auto both = read(make_litertlm({{4, "pieces"}, {3, "model"}, {6, packed("{}")}}));
  ASSERT_TRUE(both.ok()) << both.error().message;
  EXPECT_EQ(both->form, TokenizerForm::json);
  EXPECT_EQ(both->tokenizer, "{}");
}

TEST(Litertlm, NamesTheModelsThatAreNotUsed) {
  const auto read_back = read(make_litertlm({{3, "x", "tf_lite_mtp_drafter"},
                                             {3, "model", "tf_lite_prefill_decode"},
                                             {4, "pieces"},
                                             {3, "y", "tf_lite_vision_encoder"}}));
  ASSERT_TRUE(read_back.ok()) << read_back.error().message;
  EXPECT_EQ(read_back->models.main.size, 5U);
  EXPECT_THAT(read_back->other_models,
              ElementsAre("tf_lite_mtp_drafter", "tf_lite_vision_encoder"));
  EXPECT_EQ(unused_parts(read_back->other_models), "; not used: mtp_drafter, vision_encoder");
  EXPECT_EQ(unused_parts(std::vector<std::string>{"\x1b[2J", ""}), "");
}

TEST(Litertlm, FindsTheEmbeddersAndTheWeightsOfEach) {
  const std::string bytes = make_litertlm({{7, "weights", "tf_lite_embedder"},
                                           {3, "per layer", "tf_lite_per_layer_embedder"},
                                           {3, "embedder", "tf_lite_embedder"},
                                           {4, "pieces"},
                                           {7, "others", "tf_lite_vision_encoder"},
                                           {3, "model", "tf_lite_prefill_decode"}});
  const auto read_back = read(bytes);
  ASSERT_TRUE(read_back.ok()) << read_back.error().message;
  const BundledModels& models = read_back->models;
  ASSERT_TRUE(models.embedder && models.per_layer_embedder);
  EXPECT_EQ(bytes.substr(models.main.offset, models.main.size), "model");
  EXPECT_EQ(models.main.weights_size, 0U);
  EXPECT_EQ(bytes.substr(models.embedder->offset, models.embedder->size), "embedder");
  EXPECT_EQ(bytes.substr(models.embedder->weights_offset, models.embedder->weights_size),
            "weights");
  const BundledModel& per_layer = *models.per_layer_embedder;
  EXPECT_EQ(bytes.substr(per_layer.offset, per_layer.size), "per layer");
  EXPECT_EQ(per_layer.weights_size, 0U);
  EXPECT_TRUE(read_back->other_models.empty());
}

TEST(Litertlm, RefusesWhatItCannotUse) {
  const auto refused = [](const std::string& bytes) {
    const auto result = read(bytes);
    EXPECT_FALSE(result.ok());
    return result.ok() ? Error() : result.error();
  };
  const std::string tokenizer = packed("{}");
  EXPECT_THAT(refused(make_litertlm({{3, "model"}})).message, HasSubstr("no tokenizer"));
  EXPECT_THAT(refused(make_litertlm({{6, tokenizer}})).message,
              HasSubstr("no model of type tf_lite_prefill_decode"));
  EXPECT_EQ(refused(make_litertlm({{3, "model"}, {6, tokenizer}}, 2)).code, ErrorCode::unsupported);
  const Error huge = refused(make_litertlm({{3, "m"}, {6, raw(std::uint64_t{1} << 40) + "x"}}));
  EXPECT_THAT(huge.message, HasSubstr("impossible size"));
  EXPECT_EQ(huge.code, ErrorCode::bad_model);
  EXPECT_THAT(refused(make_litertlm({{3, "m"}, {6, raw(std::uint64_t{9}) + "damaged"}})).message,
              HasSubstr("decompressed"));
}

TEST(Litertlm, NamesATruncatedFile) {
  const std::string whole = make_litertlm({{3, std::string(50, 'm')}, {6, packed("{}")}});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto result = read(whole.substr(0, size));
    ASSERT_FALSE(result.ok()) << size;
    EXPECT_EQ(result.error().code, ErrorCode::bad_model) << size;
    EXPECT_THAT(result.error().message, HasSubstr("m.litertlm"));
  }
}

TEST(Litertlm, SurvivesAnyHeader) {
  const std::string whole = bytes_of(bundle);
  for (std::size_t at = 0; at < 1024; ++at) {
    for (const char value : {'\0', '\1', '\x7f', '\xff'}) {
      std::string changed = whole.substr(0, 128 << 10);
      changed[at] = value;
      const auto result = read(changed);
      EXPECT_TRUE(result.ok() || !result.error().message.empty());
    }
  }
}

}  // namespace
}  // namespace tenfold::litert
