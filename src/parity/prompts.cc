#include "parity/prompts.h"

namespace tenfold {
namespace {

using Messages = std::vector<Message>;

std::vector<ParityPrompt> make_prompts() {
  return {
      {"chat 1", Messages{{"user", "What is the capital of France?"}}},
      {"chat 2", Messages{{"system", "You are a helpful assistant. Answer in one sentence."},
                          {"user", "Why is the sky blue?"}}},
      {"chat 3", Messages{{"user", "My name is Ada."},
                          {"assistant", "Hello, Ada! How can I help you?"},
                          {"user", "What is my name?"}}},
      {"chat 4", Messages{{"user", "Give me a JSON object with the keys \"name\" and \"age\"."}}},
      {"text 1", "Once upon a time, in a small village by the sea,"},
      {"text 2", "The three primary colors are"},
      {"text 3", "1, 2, 3, 4, 5,"},
      {"code 1", "def fibonacci(n):\n    \"\"\"Return the n-th Fibonacci number.\"\"\"\n"},
      {"code 2", "#include <stdio.h>\n\nint main(void) {\n\tprintf("},
      {"unicode 1", "Il était une fois, à l'orée d'une forêt,"},
      {"unicode 2", "東京は日本の首都です。大阪は"},
      {"unicode 3",
       "🙂👨‍👩‍👧 naïve café — ½ × 3² ≠ 5\u00a0€ привет مرحبا"},
  };
}

}  // namespace

std::span<const ParityPrompt> parity_prompts() {
  static const std::vector<ParityPrompt> prompts = make_prompts();
  return prompts;
}

}  // namespace tenfold
