// Held to what the dialogs of PyPI picollm 2.1.4 wrote for the same conversation.
#include "dialogs.h"

#include <gtest/gtest.h>

#include "text/chat_template.h"

namespace tenfold::picollm {
namespace {

Result<std::string> rendered(const std::string& model, const std::vector<Message>& messages) {
  const auto dialog = ChatTemplate::create(chat_template(model));
  EXPECT_TRUE(dialog.ok()) << model << ": " << dialog.error().message;
  return dialog->render(ChatPrompt(messages), {"", "", true});
}

const std::vector<Message> conversation{
    {"user", " Hi "}, {"assistant", " Hello. "}, {"user", "And?"}};

std::vector<Message> with_system() {
  std::vector<Message> messages = conversation;
  messages.insert(messages.begin(), {"system", " Be brief. "});
  return messages;
}

TEST(Dialogs, WriteWhatThePackageWrites) {
  const std::string llama3 =
      "<|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|><|start_header_id|>assistant"
      "<|end_header_id|>\n\nHello.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nAnd?"
      "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n";
  const std::string phi3 =
      "<|user|>\nHi<|end|>\n<|assistant|>\nHello.<|end|>\n<|user|>\nAnd?<|end|>\n<|assistant|>\n";
  const std::string qwen2 =
      "<|im_start|>user\n Hi <|im_end|>\n<|im_start|>assistant\n Hello. <|im_end|>\n"
      "<|im_start|>user\nAnd?<|im_end|>\n<|im_start|>assistant\n";
  const struct {
    std::vector<std::string> models;
    std::string plain;
    std::string with_system;  ///< empty: the package takes none
  } families[] = {
      {{"gemma-2b-it", "gemma-7b-it", "gemma-3-270m-it"},
       "<start_of_turn>user\n Hi <end_of_turn>\n<start_of_turn>model\n Hello. <end_of_turn>\n"
       "<start_of_turn>user\nAnd?<end_of_turn>\n<start_of_turn>model",
       ""},
      {{"llama-2-7b-chat", "llama-2-13b-chat", "llama-2-70b-chat"},
       "<s>[INST] Hi [/INST] Hello. </s><s>[INST] And? [/INST]",
       "<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHi [/INST] Hello. </s><s>[INST] And? [/INST]"},
      {{"llama-3-8b-instruct", "llama-3-70b-instruct", "llama-3.2-1b-instruct",
        "llama-3.2-3b-instruct"},
       "<|begin_of_text|>" + llama3,
       "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>" +
           llama3},
      {{"mistral-7b-instruct-v0.1", "mistral-7b-instruct-v0.2", "mixtral-8x7b-instruct-v0.1"},
       "[INST]  Hi  [/INST]  Hello. </s>[INST] And? [/INST]",
       ""},
      {{"phi2"}, "Instruct:  Hi \nOutput:  Hello. \nInstruct: And?\nOutput:", ""},
      {{"phi3", "phi3.5"}, phi3, "<|system|>\nBe brief.<|end|>\n" + phi3},
      {{"qwen-2.5-500m-instruct"}, qwen2, "<|im_start|>system\nBe brief.<|im_end|>\n" + qwen2},
  };
  for (const auto& family : families) {
    for (const std::string& model : family.models) {
      SCOPED_TRACE(model);
      EXPECT_EQ(*rendered(model, conversation), family.plain);
      // Where the package leaves it out without a word, it begins the first question.
      std::vector<Message> folded = conversation;
      folded[0].content = " Be brief. \n\n Hi ";
      EXPECT_EQ(*rendered(model, with_system()),
                family.with_system.empty() ? *rendered(model, folded) : family.with_system);
    }
  }
}

TEST(Dialogs, AreFoundByTheFirstWordOfAName) {
  EXPECT_EQ(chat_template("Gemma-2b-it 476M"), chat_template("gemma-2b-it"));
  EXPECT_FALSE(chat_template("phi3.5").empty());
  for (const char* other : {"", " ", "gemma-2b", "phi", "embeddinggemma-300m"}) {
    EXPECT_EQ(chat_template(other), "") << other;
  }
}

TEST(Dialogs, LeaveALastAnswerOpen) {
  EXPECT_EQ(*rendered("phi3", {{"user", "Hi"}, {"assistant", "Hel"}}),
            "<|user|>\nHi<|end|>\n<|assistant|>\nHel");
}

}  // namespace
}  // namespace tenfold::picollm
