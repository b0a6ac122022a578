// Conversation templates of MLC-LLM (formats/mlc_template.h), as they write conversations: what
// mlc_llm's Conversation.as_prompt() writes.
#include "formats/mlc_template.h"

#include <gtest/gtest.h>

#include "text/chat_template.h"

namespace tenfold {
namespace {

using nlohmann::json;

std::string rendered(const json& conversation, const std::vector<Message>& messages) {
  const auto compiled = ChatTemplate::create(mlc_template(conversation));
  EXPECT_TRUE(compiled.ok()) << (compiled.ok() ? "" : compiled.error().message);
  if (!compiled.ok()) return {};
  const auto text = compiled->render(messages, {"<bos>", "<eos>", true});
  return text.ok() ? *text : text.error().message;
}

const std::vector<Message> turns{{"user", "A"}, {"assistant", "B"}, {"user", "C"}};
const std::vector<Message> told{{"system", "S"}, {"user", "A"}, {"assistant", "B"}, {"user", "C"}};

TEST(MlcTemplate, WritesChatML) {
  const json chatml{
      {"name", "chatml"},
      {"system_template", "<|im_start|>system\n{system_message}<|im_end|>\n"},
      {"system_message", "Help."},
      {"roles", {{"user", "<|im_start|>user"}, {"assistant", "<|im_start|>assistant"}}},
      {"role_templates", {{"user", "{user_message}"}, {"assistant", "{assistant_message}"}}},
      {"seps", {"<|im_end|>\n"}},
      {"role_content_sep", "\n"},
      {"role_empty_sep", "\n"}};
  const std::string rest =
      "<|im_start|>user\nA<|im_end|>\n<|im_start|>assistant\nB<|im_end|>\n"
      "<|im_start|>user\nC<|im_end|>\n<|im_start|>assistant\n";
  EXPECT_EQ(rendered(chatml, turns), "<|im_start|>system\nHelp.<|im_end|>\n" + rest);
  EXPECT_EQ(rendered(chatml, told), "<|im_start|>system\nS<|im_end|>\n" + rest);
}

TEST(MlcTemplate, WritesLlama2WhoseFirstTurnFollowsTheSystemMessage) {
  const json llama2{{"name", "llama-2"},
                    {"system_template", "[INST] <<SYS>>\n{system_message}\n<</SYS>>\n\n"},
                    {"system_message", "Help."},
                    {"system_prefix_token_ids", {1}},
                    {"add_role_after_system_message", false},
                    {"roles", {{"user", "<s>[INST]"}, {"assistant", "[/INST]"}}},
                    {"seps", {" ", " </s>"}},
                    {"role_content_sep", " "},
                    {"role_empty_sep", " "}};
  EXPECT_EQ(rendered(llama2, turns),
            "<bos>[INST] <<SYS>>\nHelp.\n<</SYS>>\n\nA [/INST] B </s><s>[INST] C [/INST] ");
}

TEST(MlcTemplate, WritesMistralWithoutASystemMessage) {
  const json mistral{{"name", "mistral_default"},
                     {"system_template", "[INST] {system_message}"},
                     {"system_message", ""},
                     {"system_prefix_token_ids", {1}},
                     {"add_role_after_system_message", false},
                     {"roles", {{"user", "[INST]"}, {"assistant", "[/INST]"}}},
                     {"role_templates", {{"user", "{user_message}"}}},
                     {"seps", {" "}},
                     {"role_content_sep", " "},
                     {"role_empty_sep", ""}};
  EXPECT_EQ(rendered(mistral, told), "<bos>[INST] SA [/INST] B [INST] C [/INST]");
}

TEST(MlcTemplate, WritesGemmaWithoutAPlaceForSystemMessages) {
  const json gemma{
      {"name", "gemma_instruction"},
      {"system_template", "{system_message}"},
      {"system_message", ""},
      {"system_prefix_token_ids", {2}},
      {"roles", {{"user", "<start_of_turn>user"}, {"assistant", "<start_of_turn>model"}}},
      {"seps", {"<end_of_turn>\n"}},
      {"role_content_sep", "\n"},
      {"role_empty_sep", "\n"}};
  EXPECT_EQ(rendered(gemma, turns),
            "<bos><start_of_turn>user\nA<end_of_turn>\n<start_of_turn>model\nB<end_of_turn>\n"
            "<start_of_turn>user\nC<end_of_turn>\n<start_of_turn>model\n");
}

}  // namespace
}  // namespace tenfold
