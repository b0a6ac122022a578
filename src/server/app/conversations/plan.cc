#include "server/app/conversations/plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "chat/parameters.h"
#include "engine/sampling.h"
#include "server/apis/models.h"
#include "server/app/conversations/shelf.h"
#include "server/app/settings/served.h"

namespace tenfold::server::conversations {
namespace {

using Branch = std::vector<ChatMessage>;

Error being_written() {
  return fail(ErrorCode::busy, "that answer is still being written",
              "wait for its end, or stop it");
}

Result<const ChatMessage*> message_of(const Conversation& conversation, std::int64_t id) {
  const auto found = std::ranges::find(conversation.messages, id, &ChatMessage::id);
  if (found != conversation.messages.end()) return &*found;
  return fail(ErrorCode::invalid_argument,
              fmt::format("there is no message {} in this conversation", id));
}

Result<Branch> branch_to(const Conversation& conversation, std::optional<std::int64_t> leaf) {
  Branch branch;
  if (!leaf) return branch;
  TRY(message_of(conversation, *leaf));
  for (const ChatMessage* message : branch_of(conversation, leaf)) branch.push_back(*message);
  return branch;
}

/// New messages after the branch.
std::vector<ChatMessage> new_messages(const Ask& ask) {
  if (!ask.tool_results.empty()) return ask.tool_results;
  if (!ask.content) return {};
  ChatMessage question{"user", *ask.content};
  question.attachments = ask.attachments;
  return {std::move(question)};
}

/// What is answered: the branch with the new messages at its end.
Result<Branch> asked_branch(const Conversation& conversation, const Ask& ask, Plan& plan) {
  std::optional<std::int64_t> leaf = ask.parent.value_or(conversation.head);
  if (ask.regenerate) leaf = ask.regenerate;
  if (ask.continued) leaf = ask.continued;
  Branch branch = TRY(branch_to(conversation, leaf));
  if (!branch.empty() && branch.back().state == MessageState::running) return being_written();
  if (ask.regenerate && branch.back().role == "assistant") {
    return fail(ErrorCode::invalid_argument, "regenerate must be a question, not an answer",
                "give the parent of that answer");
  }
  if (ask.continued && branch.back().role != "assistant") {
    return fail(ErrorCode::invalid_argument, "continue must be an answer");
  }
  plan.before = new_messages(ask);
  if (!plan.before.empty()) plan.before.front().parent = leaf;
  plan.answer.role = "assistant";
  plan.answer.parent = leaf;
  if (ask.continued) plan.answer = branch.back();
  branch.insert(branch.end(), plan.before.begin(), plan.before.end());
  return branch;
}

/// An engine goes with its model.
void choose_model(const Conversation& conversation, const Ask& ask, ModelUse& use) {
  use.model = ask.model.value_or(conversation.model);
  if (ask.engine) {
    use.engine = *ask.engine;
  } else if (!ask.model) {
    use.engine = conversation.engine;
  }
}

Result<std::string> system_for(App& app, const Conversation& conversation, const ModelUse& use) {
  if (conversation.system) return *conversation.system;
  const auto model = stored_model(app.store, use.model);
  return model.ok() ? model->system : std::string();  // else a path, by the server's owner
}

}  // namespace

Result<Look> plan_look(App& app, std::int64_t id, const Ask& ask) {
  const Conversation conversation =
      TRY(app.shelf.with([&](ChatStore& store) { return store.load(id); }));
  if (conversation.deleted) {
    return fail(ErrorCode::not_found, "this conversation is deleted", "restore it first");
  }
  Look look;
  Plan& plan = look.plan;
  plan.conversation = id;
  look.branch = TRY(asked_branch(conversation, ask, plan));
  choose_model(conversation, ask, plan.use);
  TRY(settle_model(app, plan.use, {}));
  const Json settings = merge_settings(
      merge_settings(app.settings.generation(), conversation.settings), ask.settings);
  ChatParameters generation = TRY(read_generation(settings));
  if (generation.context_size > 0) plan.use.context_size = generation.context_size;
  look.system = TRY(system_for(app, conversation, plan.use));
  std::vector<const ChatMessage*> branch;
  for (const ChatMessage& message : look.branch) branch.push_back(&message);
  plan.request = std::move(generation.request);
  fill_sampling(plan.request.sampling, app.settings.preset(plan.use.model));
  plan.request.prompt =
      ChatPrompt(prompt_messages(look.system, branch), std::move(generation.tools));
  return look;
}

Result<Plan> plan_answer(App& app, std::int64_t conversation, const Ask& ask) {
  Plan plan = std::move(TRY(plan_look(app, conversation, ask)).plan);
  if (std::get<ChatPrompt>(plan.request.prompt).messages.empty()) {
    return fail(ErrorCode::invalid_argument, "there is nothing to answer", "give content");
  }
  ChatMessage& answer = plan.answer;
  answer.state = MessageState::running;
  answer.model = plan.use.model;
  answer.engine = plan.use.engine;
  answer.error.reset();
  answer.finish_reason.clear();
  return plan;
}

}  // namespace tenfold::server::conversations
