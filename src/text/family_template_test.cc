// The templates of the families (formats/family_template.h), as they write conversations.
#include "formats/family_template.h"

#include <gtest/gtest.h>

#include "text/chat_template.h"

namespace tenfold {
namespace {

/// A .pte with its tokenizer alone beside it.
ModelDescription model(const std::string& path, const std::string& turn_mark) {
  ModelDescription model;
  model.format = "pte";
  model.file = path;
  model.text.tokenizer = "tokenizer.model";
  model.turn_mark = turn_mark;
  add_family_template(model);
  return model;
}

std::string rendered(const ModelDescription& model) {
  const auto compiled = ChatTemplate::create(model.text.chat_template);
  EXPECT_TRUE(compiled.ok()) << (compiled.ok() ? "" : compiled.error().message);
  if (!compiled.ok()) return {};
  const std::vector<Message> messages{
      {"system", "S"}, {"user", "A"}, {"assistant", "B"}, {"user", "C"}};
  const auto text = compiled->render(messages, {"<bos>", "<eos>", true});
  return text.ok() ? *text : text.error().message;
}

TEST(FamilyTemplate, IsToldByTheTokensOfTurns) {
  const ModelDescription gemma = model("m.pte", "<start_of_turn>");
  EXPECT_EQ(gemma.text.template_family, "Gemma");
  EXPECT_EQ(rendered(gemma),
            "<bos><start_of_turn>user\nS\n\nA<end_of_turn>\n<start_of_turn>model\nB<end_of_turn>\n"
            "<start_of_turn>user\nC<end_of_turn>\n<start_of_turn>model\n");
  const ModelDescription llama3 = model("m.pte", "<|start_header_id|>");
  EXPECT_EQ(llama3.text.template_family, "Llama 3");
  EXPECT_EQ(rendered(llama3),
            "<bos><|start_header_id|>system<|end_header_id|>\n\nS<|eot_id|>"
            "<|start_header_id|>user<|end_header_id|>\n\nA<|eot_id|>"
            "<|start_header_id|>assistant<|end_header_id|>\n\nB<|eot_id|>"
            "<|start_header_id|>user<|end_header_id|>\n\nC<|eot_id|>"
            "<|start_header_id|>assistant<|end_header_id|>\n\n");
  const ModelDescription chatml = model("m.pte", "<|im_start|>");
  EXPECT_EQ(chatml.text.template_family, "ChatML");
  EXPECT_EQ(rendered(chatml),
            "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nA<|im_end|>\n"
            "<|im_start|>assistant\nB<|im_end|>\n<|im_start|>user\nC<|im_end|>\n"
            "<|im_start|>assistant\n");
}

TEST(FamilyTemplate, IsToldByTheNameOfAChatModel) {
  const ModelDescription llama2 = model("/x/Llama-2-7b-chat.pte", "");
  EXPECT_EQ(llama2.text.template_family, "Llama 2");
  EXPECT_EQ(rendered(llama2),
            "<bos>[INST] <<SYS>>\nS\n<</SYS>>\n\nA [/INST] B <eos><bos>[INST] C [/INST]");
  const ModelDescription mistral = model("/x/Mistral-7B-Instruct-v0.2/model.pte", "");
  EXPECT_EQ(mistral.text.template_family, "Mistral");
  EXPECT_EQ(rendered(mistral), "<bos>[INST] S\n\nA [/INST] B<eos>[INST] C [/INST]");
  const ModelDescription phi3 = model("/x/Phi-3-mini-4k-instruct.pte", "");
  EXPECT_EQ(phi3.text.template_family, "Phi-3");
  EXPECT_EQ(rendered(phi3),
            "<bos><|system|>\nS<|end|>\n<|user|>\nA<|end|>\n<|assistant|>\nB<|end|>\n"
            "<|user|>\nC<|end|>\n<|assistant|>\n");
  for (const char* base : {"/x/Llama-2-7b.pte", "/x/Mistral-7B-v0.1/model.pte", "/chat/x/m.pte"}) {
    EXPECT_EQ(model(base, "").text.chat_template, "") << base;
  }
}

TEST(FamilyTemplate, IsNotForFilesThatSpeakForThemselves) {
  ModelDescription own;
  own.format = "litertlm";
  own.architecture = "gemma3";
  own.text.chat_template = "{{ messages }}";
  add_family_template(own);
  EXPECT_EQ(own.text.chat_template, "{{ messages }}");
  EXPECT_EQ(own.text.template_family, "");
  own.text.chat_template.clear();
  add_family_template(own);
  EXPECT_EQ(own.text.template_family, "Gemma") << "a bundle names its family";

  ModelDescription base;
  base.format = "onnx";
  base.file = "/x/m.onnx";
  base.text.tokenizer = "tokenizer.model";
  base.turn_mark = "<start_of_turn>";
  base.files = {"/x/tokenizer_config.json"};
  add_family_template(base);
  EXPECT_EQ(base.text.chat_template, "") << "its configuration has no template";
  base.files.clear();
  base.format = "gguf";
  add_family_template(base);
  EXPECT_EQ(base.text.chat_template, "") << "its header would have it";
}

}  // namespace
}  // namespace tenfold
