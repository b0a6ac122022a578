#include "model.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

namespace tenfold::picollm {
namespace {

Error malformed(std::string_view what) {
  return fail(ErrorCode::internal, fmt::format("picoLLM returned {}", what),
              "try again; if it stays so, run ./tenfold engines add picollm for the library that "
              "belongs to this version");
}

/// What the library allocated, given back by its own function.
template <typename Free>
class Owned {
 public:
  explicit Owned(Free free) : free_(std::move(free)) {}
  ~Owned() { free_(); }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;

 private:
  Free free_;
};

Result<TokenLogprob> read_token(const ScoredToken& token) {
  if (token.text == nullptr || std::isnan(token.log_probability)) {
    return malformed("a token without its text or probability");
  }
  return TokenLogprob{no_token, token.text, token.log_probability, {}};
}

Result<std::vector<TokenLogprob>> read_tokens(const CompletionToken* tokens, std::int32_t count) {
  if (count < 0 || (count > 0 && tokens == nullptr)) return malformed("a list without its tokens");
  std::vector<TokenLogprob> read;
  for (std::int32_t i = 0; i < count; ++i) {
    const CompletionToken& from = tokens[i];
    TokenLogprob token = TRY(read_token(from.token));
    if (from.choice_count < 0 || (from.choice_count > 0 && from.choices == nullptr)) {
      return malformed("a token without its choices");
    }
    for (std::int32_t j = 0; j < from.choice_count; ++j) {
      token.top.push_back(TRY(read_token(from.choices[j])));
    }
    read.push_back(std::move(token));
  }
  return read;
}

/// A list of numbers that the library allocated, copied and given back.
template <typename T>
Result<std::vector<T>> take(T* values, std::int32_t count, void (*free)(T*)) {
  if (values == nullptr || count < 0) return malformed("a list without its values");
  std::vector<T> taken(values, values + count);
  free(values);
  return taken;
}

}  // namespace

Result<std::unique_ptr<Model>> Model::open(const ModelSettings& settings) {
  const Api& api = *TRY(load_api());
  Object* object = nullptr;
  const Status status =
      api.picollm_init(settings.access_key.c_str(), settings.path.c_str(), settings.device.c_str(),
                       settings.context_caching, &object);
  std::unique_ptr<Model> model(new Model(api, object, settings.access_key));
  model->when_ = {Action::load, settings.path, settings.device, {}};
  if (status != Status::success) {
    model->object_ = nullptr;  // an error leaves it as it was, and may leave it half made
    TRY(model->check(status, Action::load));
  }
  if (object == nullptr) return malformed("no model");
  TRY(model->read_properties());
  if (!settings.context.empty()) TRY(model->load_context(settings.context));
  return model;
}

Model::~Model() {
  if (object_ != nullptr) api_.picollm_delete(object_);
}

Result<void> Model::read_properties() {
  const char* name = nullptr;
  std::int32_t length = 0;
  TRY(check(api_.picollm_model(object_, &name), Action::load));
  TRY(check(api_.picollm_context_length(object_, &length), Action::load));
  if (name == nullptr || *name == '\0' || length < 1) {
    return malformed("a model without its name or context length");
  }
  when_.model = name;
  context_size_ = length;
  return {};
}

Result<void> Model::check(Status status, Action action, const std::string& file) const {
  if (status == Status::success) return {};
  Circumstance when = when_;
  when.action = action;
  if (!file.empty()) when.model = file;
  const std::string words = last_words(api_, access_key_);
  if (action == Action::load) when.devices = list_devices(api_);
  const char* name = api_.status_to_string(status);
  const std::string shown =
      name == nullptr ? fmt::format("status {}", static_cast<int>(status)) : std::string(name);
  return explain(status, shown, words, when);
}

Result<std::vector<TokenId>> Model::tokenize(const std::string& text) const {
  std::int32_t count = 0;
  TokenId* tokens = nullptr;
  TRY(check(api_.picollm_tokenize(object_, text.c_str(), true, false, &count, &tokens),
            Action::evaluate));
  return take(tokens, count, api_.picollm_delete_tokens);
}

Result<Completion> Model::generate(const CompletionRequest& request, const OnPiece& on_piece) {
  std::vector<const char*> stop;
  for (const std::string& phrase : request.stop) stop.push_back(phrase.c_str());
  const StreamCallback stream = [](const char* text, void* context) {
    if (text != nullptr) (*static_cast<const OnPiece*>(context))(text);
  };
  Completion completion;
  CompletionToken* tokens = nullptr;
  std::int32_t token_count = 0;
  char* text = nullptr;
  const Status status = api_.picollm_generate(
      object_, request.prompt.c_str(), request.limit, stop.empty() ? nullptr : stop.data(),
      static_cast<std::int32_t>(stop.size()), request.seed,
      static_cast<float>(request.presence_penalty), static_cast<float>(request.frequency_penalty),
      static_cast<float>(request.temperature), static_cast<float>(request.top_p),
      request.top_choices, stream, const_cast<OnPiece*>(&on_piece), &completion.counts,
      &completion.endpoint, &tokens, &token_count, &text);
  TRY(check(status, Action::answer));
  const Owned owned([&] {
    if (tokens != nullptr) api_.picollm_delete_completion_tokens(tokens, token_count);
    if (text != nullptr) api_.picollm_delete_completion(text);
  });
  if (text == nullptr) return malformed("an answer without its text");
  if (completion.counts.prompt < 0 || completion.counts.completion < 0) {
    return malformed("a negative number of tokens");
  }
  const auto endpoint = static_cast<std::int32_t>(completion.endpoint);
  if (endpoint < 0 || endpoint > static_cast<std::int32_t>(Endpoint::interrupted)) {
    return malformed(fmt::format("an answer that ended in an unknown way ({})", endpoint));
  }
  completion.text = text;
  completion.tokens = TRY(read_tokens(tokens, token_count));
  return completion;
}

void Model::interrupt() {
  // It can only say that there is no model.
  (void)api_.picollm_interrupt(object_);
}

Result<std::vector<float>> Model::embed(const std::string& text) {
  std::int32_t count = 0;
  float* values = nullptr;
  TRY(check(api_.picollm_generate_embeddings(object_, text.c_str(), &count, &values),
            Action::embed));
  return take(values, count, api_.picollm_delete_embeddings);
}

Result<void> Model::load_context(const std::string& file) {
  return check(api_.picollm_context_load(object_, file.c_str()), Action::load_context, file);
}

Result<void> Model::save_context(const std::string& file) {
  return check(api_.picollm_context_save(object_, file.c_str()), Action::save_context, file);
}

Result<void> Model::reset() { return check(api_.picollm_reset(object_), Action::evaluate); }

Result<std::vector<float>> Model::forward(TokenId token) {
  std::int32_t count = 0;
  float* logits = nullptr;
  TRY(check(api_.picollm_forward(object_, token, &count, &logits), Action::evaluate));
  return take(logits, count, api_.picollm_delete_logits);
}

}  // namespace tenfold::picollm
