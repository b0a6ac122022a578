// Templates in the manner of five model families, against what Jinja itself made of them
// (testdata/make_templates.py).
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "text/chat_template.h"
#include "text/folding.h"

namespace tenfold {
namespace {

const std::string folder = "src/text/testdata/templates/";

TEST(ChatTemplateModels, RenderAsJinjaDoes) {
  const auto text = read_file(folder + "cases.json", 1 << 20);
  ASSERT_TRUE(text.ok()) << text.error().message;
  std::map<std::string, ChatTemplate> templates;
  int rendered = 0;
  for (const auto& test : nlohmann::json::parse(*text)) {
    const auto name = test["template"].get<std::string>();
    if (!templates.contains(name)) {
      const auto source = read_file(folder + name, 1 << 20);
      ASSERT_TRUE(source.ok()) << source.error().message;
      auto compiled = ChatTemplate::create(*source);
      ASSERT_TRUE(compiled.ok()) << name << ": " << compiled.error().message;
      templates.emplace(name, *compiled);
    }
    std::vector<Message> messages;
    for (const auto& message : test["messages"]) {
      messages.push_back({message["role"], message["content"]});
    }
    const TemplateContext context = {"<bos>", "<eos>", test["add_generation_prompt"]};
    const auto result = templates.at(name).render(messages, context);
    SCOPED_TRACE(name + " with " + test["messages"].dump());
    if (test.contains("refusal") && result.ok()) {
      // It takes another form of the conversation, which it renders as ever.
      const auto folded = fold_neighbours(fold_system(messages));
      EXPECT_NE(folded, messages);
      EXPECT_EQ(*result, *templates.at(name).render(folded, context));
    } else if (test.contains("refusal")) {
      ASSERT_FALSE(result.ok());
      EXPECT_EQ(result.error().code, ErrorCode::invalid_argument);
      EXPECT_TRUE(result.error().message.ends_with(test["refusal"].get<std::string>()))
          << result.error().message;
    } else {
      ASSERT_TRUE(result.ok()) << result.error().message;
      EXPECT_EQ(*result, test["text"].get<std::string>());
      ++rendered;
    }
  }
  EXPECT_EQ(templates.size(), 6U);
  EXPECT_GT(rendered, 80);
}

}  // namespace
}  // namespace tenfold
