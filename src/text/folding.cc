#include "text/folding.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

namespace tenfold {
namespace {

void add_joined(std::string& text, const std::string& more) {
  if (!text.empty() && !more.empty()) text += "\n\n";
  text += more;
}

}  // namespace

std::vector<Message> fold_neighbours(std::vector<Message> messages) {
  std::vector<Message> out;
  for (Message& message : messages) {
    const bool follows = !out.empty() && out.back().role == message.role && message.role != "tool";
    if (!follows) {
      out.push_back(std::move(message));
      continue;
    }
    Message& before = out.back();
    add_joined(before.content, message.content);
    add_joined(before.reasoning, message.reasoning);
    std::ranges::move(message.tool_calls, std::back_inserter(before.tool_calls));
  }
  return out;
}

std::vector<Message> fold_system(std::vector<Message> messages) {
  std::vector<Message> out;
  std::string waiting;
  for (Message& message : messages) {
    if (message.role == "system") {
      add_joined(waiting, message.content);
      continue;
    }
    if (message.role == "user") {
      std::string folded = std::exchange(waiting, {});
      add_joined(folded, message.content);
      message.content = std::move(folded);
    } else if (!waiting.empty()) {
      out.push_back({"user", std::exchange(waiting, {})});
    }
    out.push_back(std::move(message));
  }
  if (!waiting.empty()) out.push_back({"user", std::move(waiting)});
  return out;
}

std::vector<Message> one_call_each(std::vector<Message> messages) {
  std::vector<Message> out;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const std::vector<ToolCall> calls = std::exchange(messages[i].tool_calls, {});
    if (calls.size() < 2) {
      messages[i].tool_calls = calls;
      out.push_back(std::move(messages[i]));
      continue;
    }
    const auto begin = messages.begin() + static_cast<std::ptrdiff_t>(i) + 1;
    const auto end = std::find_if(begin, messages.end(),
                                  [](const Message& message) { return message.role != "tool"; });
    std::vector<Message> results(std::make_move_iterator(begin), std::make_move_iterator(end));
    out.push_back(std::move(messages[i]));
    for (const ToolCall& call : calls) {
      const auto result = std::ranges::find(results, call.id, &Message::tool_call_id);
      if (out.back().role == "tool") out.push_back({"assistant", ""});
      out.back().tool_calls.push_back(call);
      if (result == results.end()) continue;
      out.push_back(std::move(*result));
      results.erase(result);
    }
    std::ranges::move(results, std::back_inserter(out));
    i += static_cast<std::size_t>(std::distance(begin, end));
  }
  return out;
}

}  // namespace tenfold
