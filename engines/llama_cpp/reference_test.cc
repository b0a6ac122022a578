// One answer: our engine against a plain llama.cpp loop on the same file. The default model's cases
// are skipped, by name, where it has not been pulled.
#include <gtest/gtest.h>
#include <llama.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "llama_cpp_engine.h"
#include "models/store.h"

namespace tenfold::llama_cpp {
namespace {

constexpr int answer_tokens = 64;

const std::vector<std::string> prompts{
    "The capital of France is",
    "Once upon a time, in a small village by the sea,",
    "def fibonacci(n):\n",
    "The three primary colors are",
    "Water boils at",
    "<|im_start|>user\nWhat is the capital of France?<|im_end|>\n<|im_start|>assistant\n",
    "1, 2, 3, 4,",
    "Il était une fois",
    "Dear Sir or Madam,",
    "今日は",
};

/// llama.cpp alone, as its own simple example drives it: whole prompt, then one token at a time,
/// greedy.
class Plain {
 public:
  explicit Plain(const std::string& path) {
    llama_log_set([](ggml_log_level, const char*, void*) {}, nullptr);
    model_.reset(llama_model_load_from_file(path.c_str(), llama_model_default_params()));
  }
  [[nodiscard]] bool loaded() const { return model_ != nullptr; }

  [[nodiscard]] std::vector<llama_token> tokenize(const std::string& text, bool add_special) const {
    std::vector<llama_token> tokens(text.size() + 8);
    const int count =
        llama_tokenize(vocabulary(), text.data(), static_cast<int>(text.size()), tokens.data(),
                       static_cast<int>(tokens.size()), add_special, true);
    tokens.resize(static_cast<std::size_t>(std::max(count, 0)));
    return tokens;
  }

  [[nodiscard]] std::vector<llama_token> continue_greedily(std::vector<llama_token> prompt) const {
    llama_context_params params = llama_context_default_params();
    params.n_ctx = 1024;
    params.n_threads = params.n_threads_batch = 1;
    const std::unique_ptr<llama_context, decltype(&llama_free)> context(
        llama_init_from_model(model_.get(), params), llama_free);
    const std::unique_ptr<llama_sampler, decltype(&llama_sampler_free)> greedy(
        llama_sampler_init_greedy(), llama_sampler_free);
    std::vector<llama_token> answer;
    llama_batch batch = llama_batch_get_one(prompt.data(), static_cast<int>(prompt.size()));
    while (answer.size() < answer_tokens && llama_decode(context.get(), batch) == 0) {
      answer.push_back(llama_sampler_sample(greedy.get(), context.get(), -1));
      batch = llama_batch_get_one(&answer.back(), 1);
    }
    return answer;
  }

 private:
  [[nodiscard]] const llama_vocab* vocabulary() const {
    return llama_model_get_vocab(model_.get());
  }
  std::unique_ptr<llama_model, decltype(&llama_model_free)> model_{nullptr, llama_model_free};
};

class Reference : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    ModelStore store;
    const auto path = find_model(store, GetParam());
    if (!path) GTEST_SKIP() << GetParam() << " is not here: " << path.error().message;
    path_ = path->string();
    engine_ = make_llama_cpp_engine();
    LoadOptions options;
    options.context_size = 1024;
    options.threads = 1;
    const auto loaded = engine_->initialize({.path = path_}, options, {});
    ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  }
  std::string path_;
  std::unique_ptr<Engine> engine_;
};

TEST_P(Reference, GreedyIdsEqualLlamaCpp) {
  const Plain plain(path_);
  ASSERT_TRUE(plain.loaded());
  for (const std::string& prompt : prompts) {
    Request request;
    request.prompt = prompt;
    request.sampling.temperature = 0;
    request.max_tokens = answer_tokens;
    request.ignore_end = true;
    const auto answer = engine_->generate(request);
    ASSERT_TRUE(answer.ok()) << answer.error().message;
    EXPECT_EQ(answer->tokens, plain.continue_greedily(plain.tokenize(prompt, true))) << prompt;
    EXPECT_EQ(answer->tokens.size(), answer_tokens);
  }
}

TEST_P(Reference, TokenizationEqualsLlamaCpp) {
  const Plain plain(path_);
  ASSERT_TRUE(plain.loaded());
  std::ifstream text("tests/models/tokenization.txt");
  int lines = 0;
  for (std::string line; std::getline(text, line); ++lines) {
    const auto prepared = engine_->prepare(line);
    ASSERT_TRUE(prepared.ok()) << line;
    EXPECT_EQ(prepared->tokens, plain.tokenize(line, true)) << line;
  }
  EXPECT_EQ(lines, 200);
}

INSTANTIATE_TEST_SUITE_P(, Reference,
                         ::testing::Values("smollm2-135m-instruct",
                                           "tests/models/tiny-llama/tiny-llama-f32.gguf"),
                         [](const auto& test) {
                           return std::string(test.index == 0 ? "smollm2" : "tiny");
                         });

}  // namespace
}  // namespace tenfold::llama_cpp
