// Conversations that templates refuse as they are.
#include "text/folding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "text/chat_template.h"

namespace tenfold {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Folding, NeighboursOfOneRoleAreOneMessage) {
  EXPECT_THAT(fold_neighbours({{"user", "a"},
                               {"user", "b"},
                               {"assistant", "", "t", {{"1", "f", "{}"}}},
                               {"assistant", "c", "u", {{"2", "g", "{}"}}},
                               {"tool", "x", "", {}, "1"},
                               {"tool", "y", "", {}, "2"}}),
              ElementsAre(Message{"user", "a\n\nb"},
                          Message{"assistant", "c", "t\n\nu", {{"1", "f", "{}"}, {"2", "g", "{}"}}},
                          Message{"tool", "x", "", {}, "1"}, Message{"tool", "y", "", {}, "2"}));
}

TEST(Folding, SystemMessagesBeginTheNextOfTheUser) {
  EXPECT_THAT(fold_system({{"system", "a"}, {"system", "b"}, {"user", "c"}, {"assistant", "d"}}),
              ElementsAre(Message{"user", "a\n\nb\n\nc"}, Message{"assistant", "d"}));
  EXPECT_THAT(fold_system({{"user", "a"}, {"system", "b"}}),
              ElementsAre(Message{"user", "a"}, Message{"user", "b"}));
}

TEST(Folding, CallsAndTheirResultsMayFollowEachOther) {
  const std::vector<ToolCall> calls{{"1", "f", "{}"}, {"2", "g", "{}"}};
  EXPECT_THAT(
      one_call_each({{"user", "a"},
                     {"assistant", "b", "", calls},
                     {"tool", "y", "", {}, "2"},
                     {"tool", "x", "", {}, "1"},
                     {"user", "c"}}),
      ElementsAre(Message{"user", "a"}, Message{"assistant", "b", "", {calls[0]}},
                  Message{"tool", "x", "", {}, "1"}, Message{"assistant", "", "", {calls[1]}},
                  Message{"tool", "y", "", {}, "2"}, Message{"user", "c"}));
  EXPECT_THAT(one_call_each({{"assistant", "", "", calls}, {"user", "c"}}),
              ElementsAre(Message{"assistant", "", "", calls}, Message{"user", "c"}));
}

Result<std::string> render(const std::string& source, const std::vector<Message>& messages) {
  return ChatTemplate::create(source)->render(messages, {"", "", true});
}

/// The rules of Gemma 2's template.
const std::string alternating =
    "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}"
    "{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('roles must alternate') }}{% endif %}[{{ m.role }}]{{ m.content }}"
    "{% endfor %}";

TEST(Folding, ATemplateGetsWhatItTakes) {
  EXPECT_EQ(*render(alternating, {{"system", "s"}, {"user", "u"}}), "[user]s\n\nu");
  EXPECT_EQ(*render(alternating, {{"user", "a"}, {"user", "b"}}), "[user]a\n\nb");
  EXPECT_EQ(*render(alternating, {{"system", "s"}, {"user", "a"}, {"user", "b"}}),
            "[user]s\n\na\n\nb");
  EXPECT_THAT(render(alternating, {{"assistant", "a"}, {"user", "b"}}).error().message,
              HasSubstr("roles must alternate"));
}

TEST(Folding, ATemplateForOneCallGetsOneAfterTheOther) {
  const std::string single =
      "{{ tools | tojson }}{# <tool_call>\"arguments #}{% for m in messages %}"
      "{% if m.tool_calls | length > 1 %}{{ raise_exception('one call at once') }}{% endif %}"
      "[{{ m.role }}]{% for c in m.tool_calls %}{{ c.function.name }}{% endfor %}{{ m.content }}"
      "{% endfor %}";
  const ChatPrompt chat({{"user", "u"},
                         {"assistant", "", "", {{"1", "f", "{}"}, {"2", "g", "{}"}}},
                         {"tool", "x", "", {}, "1", "f"},
                         {"tool", "y", "", {}, "2", "g"}},
                        {{"f"}, {"g"}});
  const auto text = ChatTemplate::create(single)->render(chat, {"", "", true});
  ASSERT_TRUE(text.ok()) << text.error().message;
  EXPECT_THAT(*text, HasSubstr("[user]u[assistant]f[tool]x[assistant]g[tool]y"));
}

}  // namespace
}  // namespace tenfold
