// SentencePiece models and tiktoken files, beside what the reference libraries make of the same
// texts (tools/tokenizers/make.py).
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <random>

#include "base/files.h"
#include "text/file_tokenizer.h"

namespace tenfold {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string folder = "src/text/testdata/reference/";

std::string content(const std::string& path) {
  const auto bytes = read_file(path, 1 << 22);
  EXPECT_TRUE(bytes.ok()) << path;
  return bytes.ok() ? *bytes : std::string();
}

/// Settings by which a tiktoken file of so many ranks is one of Llama 3.
ModelText of_llama3(int ranks) {
  ModelText text;
  text.token_settings = fmt::format(
      R"({{"added_tokens_decoder": {{"{}": {{"content": "<|begin_of_text|>"}}}}}})", ranks);
  return text;
}

/// What is beside a file of the reference folder.
ModelText settings_of(const std::string& name) {
  return name == "llama3.tiktoken" ? of_llama3(700) : ModelText();
}

const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The small file with as many ranks as Llama 3 has: tokens that no text is made of.
std::string whole_llama3() {
  std::string lines = content(folder + "llama3.tiktoken");
  for (std::size_t rank = 700; rank < 128'000; ++rank) {
    lines += fmt::format("/{}{}{} {}\n", digits[rank >> 12U], digits[(rank >> 6U) % 64],
                         digits[rank % 64], rank);
  }
  return lines;
}

std::string base64(const std::string& bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t three = 0;
    for (std::size_t j = i; j < i + 3; ++j) {
      three = three << 8U | (j < bytes.size() ? static_cast<unsigned char>(bytes[j]) : 0U);
    }
    for (unsigned shift : {18U, 12U, 6U, 0U}) text += digits[(three >> shift) % 64];
  }
  const std::size_t filled = (3 - bytes.size() % 3) % 3;
  return text.replace(text.size() - filled, filled, filled, '=');
}

std::string varint(std::size_t number) {
  std::string bytes;
  for (; number >= 0x80; number >>= 7U) bytes += static_cast<char>(number | 0x80U);
  return bytes + static_cast<char>(number);
}

/// A field of a protobuf message that is a text or a message.
std::string field(unsigned number, const std::string& bytes) {
  return varint(number << 3U | 2U) + varint(bytes.size()) + bytes;
}

/// Where the pieces of a SentencePiece model end.
std::size_t end_of_pieces(const std::string& model) {
  std::size_t at = 0;
  while (model.at(at) == '\x0a') {
    at += 2 + static_cast<unsigned char>(model.at(at + 1));  // all are shorter than 128 bytes
  }
  return at;
}

std::string refusal(TokenizerForm form, const std::string& bytes, const ModelText& text = {}) {
  const auto opened = open_tokenizer(form, bytes, text, "tokenizer.model");
  return opened.ok() ? std::string() : opened.error().message;
}

std::shared_ptr<const Tokenizer> open(const std::string& name, ModelText text = {}) {
  text.tokenizer = folder + name;
  auto opened = open_tokenizer(text);
  EXPECT_TRUE(opened.ok()) << (opened.ok() ? "" : opened.error().message);
  return opened.ok() ? *opened : nullptr;
}

std::vector<TokenId> ids(const Tokenizer& tokenizer, std::string_view text,
                         bool add_special = false, bool parse_special = true) {
  auto encoded = tokenizer.encode(text, add_special, parse_special);
  EXPECT_TRUE(encoded.ok()) << (encoded.ok() ? "" : encoded.error().message);
  return encoded.ok() ? *encoded : std::vector<TokenId>();
}

std::string joined(const Tokenizer& tokenizer, const std::vector<TokenId>& tokens) {
  std::string text;
  for (const TokenId token : tokens) text += tokenizer.token_bytes(token);
  return text;
}

std::vector<std::string> difficult_texts() {
  std::vector<std::string> texts;
  const auto reference = nlohmann::json::parse(content("tests/models/reference.json"));
  for (const auto& entry : reference.at("tokenization")) texts.push_back(entry.at("text"));
  return texts;
}

/// Lines of the words of the difficult texts, drawn as tools/tokenizers/make.py draws them.
class Lines {
 public:
  Lines() {
    for (const std::string& text : difficult_texts()) {
      for (std::size_t begin = 0; begin != std::string::npos;) {
        const std::size_t end = text.find(' ', begin);
        words_.push_back(text.substr(begin, end - begin));
        begin = end == std::string::npos ? end : end + 1;
      }
    }
  }

  std::string next() {
    std::string line;
    for (std::size_t count = 1 + draw(12); count > 0; --count) {
      line += words_[draw(words_.size())];
      line += joints_[draw(joints_.size())];
    }
    return line;
  }

 private:
  std::size_t draw(std::size_t count) {
    state_ = state_ * 1664525U + 1013904223U;
    return (state_ >> 16U) % count;
  }

  std::vector<std::string> words_;
  const std::vector<std::string> joints_ = {" ", "", "  ", "\n", "\t", " ▁"};
  std::uint32_t state_ = 1;
};

/// FNV-1a over numbers of 32 bits in little-endian order.
class Hash {
 public:
  void add(std::uint32_t number) {
    for (int byte = 0; byte < 4; ++byte, number >>= 8U) {
      value_ = (value_ ^ (number & 0xffU)) * 0x100000001b3U;
    }
  }
  [[nodiscard]] std::string text() const { return fmt::format("{:016x}", value_); }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325U;
};

class TokenForms : public testing::TestWithParam<const char*> {
 protected:
  [[nodiscard]] static bool is_tiktoken() { return std::string(GetParam()).ends_with(".tiktoken"); }
};

TEST_P(TokenForms, GivesTheReferencesIds) {
  const auto tokenizer = open(GetParam(), settings_of(GetParam()));
  const auto reference = nlohmann::json::parse(content(folder + GetParam() + ".json"));
  const auto texts = difficult_texts();
  ASSERT_EQ(reference.at("texts").size(), texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    EXPECT_EQ(ids(*tokenizer, texts[i], false, is_tiktoken()),
              reference.at("texts")[i].get<std::vector<TokenId>>())
        << texts[i];
  }
  Hash hash;
  Lines lines;
  for (int line = 0; line < 10'000; ++line) {
    for (const TokenId id : ids(*tokenizer, lines.next(), false, is_tiktoken())) {
      hash.add(static_cast<std::uint32_t>(id));
    }
    hash.add(0xffffffffU);
  }
  EXPECT_EQ(hash.text(), reference.at("lines").get<std::string>());
}

TEST_P(TokenForms, ADamagedFileIsReadOrRefused) {
  const std::string whole = content(folder + GetParam());
  const auto form = tokenizer_form(whole, GetParam());
  std::mt19937 random(1);
  int refused = 0;
  for (int sample = 0; sample < 150; ++sample) {
    std::string bytes = whole;
    for (std::size_t changes = 1 + random() % 8; changes > 0; --changes) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    if (sample % 3 == 0) bytes.resize(random() % bytes.size());
    const auto tokenizer = open_tokenizer(form, bytes, settings_of(GetParam()), "damaged");
    if (tokenizer.ok()) {
      // Whatever it says, a text has its ids.
      for (const TokenId id :
           ids(**tokenizer, "a \xef\xac\x81 \xc2\xbd Straße <|end|> 🙂", true)) {
        EXPECT_LT(id, (*tokenizer)->vocabulary_size());
      }
      continue;
    }
    ++refused;
    // A changed number of ranks or algorithm is of no known kind.
    EXPECT_THAT(tokenizer.error().code,
                testing::AnyOf(ErrorCode::bad_model, ErrorCode::unsupported));
    EXPECT_THAT(tokenizer.error().message, HasSubstr("damaged is not a usable "));
    EXPECT_THAT(tokenizer.error().message, testing::Not(HasSubstr("library failed")));
  }
  EXPECT_GT(refused, 30);
}

INSTANTIATE_TEST_SUITE_P(Files, TokenForms,
                         testing::Values("llama.model", "gemma.model", "unigram.model",
                                         "unigram_bytes.model", "bpe_rules.model",
                                         "llama3.tiktoken"),
                         [](const auto& info) {
                           std::string name = info.param;
                           return name.substr(0, name.find('.'));
                         });

TEST(SentencePiece, KnowsItsBeginItsEndAndItsBytes) {
  const auto tokenizer = open("llama.model");
  EXPECT_EQ(tokenizer->vocabulary_size(), 512);
  EXPECT_EQ(tokenizer->bos_text(), "<s>");
  EXPECT_EQ(tokenizer->eos_text(), "</s>");
  EXPECT_TRUE(tokenizer->is_end_of_generation(2));
  EXPECT_TRUE(tokenizer->is_special(0));
  EXPECT_FALSE(tokenizer->is_special(3));
  EXPECT_EQ(tokenizer->token_bytes(3), std::string(1, '\0'));
  EXPECT_EQ(tokenizer->token_bytes(512), "");
  for (const std::string& text : difficult_texts()) {
    EXPECT_EQ(joined(*tokenizer, ids(*tokenizer, text, false, false)),
              text.empty() ? "" : " " + text);
  }
}

TEST(SentencePiece, MarksStandForThemselvesOnlyWhenAsked) {
  const auto tokenizer = open("llama.model");
  const auto hello = ids(*tokenizer, "hello");
  const auto answer = ids(*tokenizer, "answer");
  auto both = hello;
  both.insert(both.begin(), 1);
  both.push_back(2);
  both.insert(both.end(), answer.begin(), answer.end());
  EXPECT_EQ(ids(*tokenizer, "<s>hello</s>answer"), both) << "each part by itself";
  EXPECT_EQ(ids(*tokenizer, "hello</s>answer", true), both);
  for (const TokenId id : ids(*tokenizer, "<s>hello</s><unk>", false, false)) {
    EXPECT_FALSE(tokenizer->is_special(id));
  }
  const auto unknown = ids(*tokenizer, "<unk>");
  EXPECT_GT(unknown.size(), 1U) << "nobody means the unknown piece by its name";
}

TEST(SentencePiece, UserDefinedPiecesEndATurnWhereTheModelSaysSo) {
  ModelText text;
  text.end_texts = {"<end_of_turn>", "<table", "he"};
  const auto tokenizer = open("gemma.model", text);
  const auto ends = ids(*tokenizer, "<end_of_turn>", false, false);
  ASSERT_EQ(ends.size(), 1U);
  EXPECT_TRUE(tokenizer->is_end_of_generation(ends.front()));
  EXPECT_TRUE(tokenizer->is_end_of_generation(1)) << "the file's own end";
  const auto table = ids(*tokenizer, "<table>", false, false);
  ASSERT_EQ(table.size(), 1U);
  EXPECT_FALSE(tokenizer->is_end_of_generation(table.front()));
  EXPECT_FALSE(tokenizer->is_special(table.front()));
  EXPECT_EQ(tokenizer->bos_text(), "<s>");
  EXPECT_EQ(ids(*tokenizer, "", true), std::vector<TokenId>{2})
      << "the file's begin, wherever it is";
}

TEST(SentencePiece, TakesTheTokensThatItsConfigurationAdds) {
  ModelText text;
  text.token_settings = R"({"add_bos_token": false, "added_tokens_decoder": {
      "512": {"content": "<|user|>", "special": true, "rstrip": true},
      "514": {"content": "<think>", "special": false, "lstrip": true},
      "1": {"content": "<s>", "special": true}}})";
  const auto tokenizer = open("llama.model", text);
  EXPECT_EQ(tokenizer->vocabulary_size(), 515);
  EXPECT_EQ(tokenizer->token_bytes(512), "<|user|>");
  EXPECT_EQ(tokenizer->token_bytes(513), "");
  EXPECT_TRUE(tokenizer->is_special(512));
  EXPECT_FALSE(tokenizer->is_special(514));
  const auto hello = ids(*tokenizer, "hello");
  std::vector<TokenId> expected{512};
  expected.insert(expected.end(), hello.begin(), hello.end());
  expected.push_back(514);
  EXPECT_EQ(ids(*tokenizer, "<|user|> \nhello  <think>", true), expected);
  EXPECT_EQ(ids(*tokenizer, "<think>", true, false), std::vector<TokenId>{514});
  EXPECT_GT(ids(*tokenizer, "<|user|>", true, false).size(), 1U);
}

TEST(SentencePiece, RefusesTwoTokensOfOneText) {
  const auto refused = [](const std::string& added) {
    ModelText text;
    text.token_settings = R"({"added_tokens_decoder": {)" + added + "}}";
    return refusal(TokenizerForm::sentencepiece, content(folder + "llama.model"), text);
  };
  EXPECT_THAT(refused(R"("400": {"content": "</s>", "special": true})"),
              HasSubstr("its tokens 2 and 400 have the same text"));
  EXPECT_THAT(refused(R"("600": {"content": "<x>"}, "601": {"content": "<x>"})"),
              HasSubstr("its tokens 600 and 601 have the same text"));
  EXPECT_THAT(refused(R"("600": {"content": "<x>"}, "0600": {"content": "<y>"})"),
              HasSubstr("its configuration adds the token 600 twice"));
  EXPECT_EQ(refused(R"("2": {"content": "</s>"}, "600": {"content": ""}, "601": {"content": ""})"),
            "");
}

TEST(SentencePiece, RefusesAFileThatEndsBeforeItsSettings) {
  const std::string whole = content(folder + "llama.model");
  const std::size_t pieces = end_of_pieces(whole);
  ASSERT_EQ(whole.at(pieces), '\x12');
  const std::string trainer = field(2, "");
  const auto refused = [](const std::string& bytes) {
    return refusal(TokenizerForm::sentencepiece, bytes);
  };
  EXPECT_THAT(refused(whole.substr(0, pieces)), HasSubstr("it ends before its settings"));
  EXPECT_THAT(refused(whole.substr(0, pieces) + trainer),
              HasSubstr("it ends before its settings: the file is incomplete"));
  EXPECT_THAT(refused(whole.substr(0, pieces) + trainer + field(3, "")),
              HasSubstr("it has pieces for bytes, which its settings do not allow"));
  std::string ordinary = whole;
  // Its kind, behind its text and its score.
  char& kind = ordinary.at(ordinary.find("<0x41>") + 12);
  ASSERT_EQ(kind, '\x06');
  kind = '\x01';
  EXPECT_THAT(refused(ordinary), HasSubstr("it has pieces for 255 of the 256 bytes"));
}

TEST(SentencePiece, RefusesAnAlgorithmThatItDoesNotKnow) {
  const std::string words = content(folder + "llama.model") + field(2, "\x18\x03");
  const auto opened = open_tokenizer(TokenizerForm::sentencepiece, words, {}, "words");
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::unsupported);
  EXPECT_THAT(opened.error().message, HasSubstr("it splits by the algorithm WORD"));
}

TEST(SentencePiece, ReadsNoPieceThatMakesPromptsSlow) {
  const std::string whole = content(folder + "llama.model");
  const auto with = [&](std::size_t length) {
    return refusal(TokenizerForm::sentencepiece,
                   whole + field(1, field(1, std::string(length, 'a'))));
  };
  EXPECT_EQ(with(1024), "");
  EXPECT_THAT(with(1025), HasSubstr("its piece 512 has 1025 bytes; at most 1024 are read"));
  ModelText text;
  text.token_settings =
      R"({"added_tokens_decoder": {"512": {"content": ")" + std::string(1025, 'a') + R"("}}})";
  EXPECT_THAT(refusal(TokenizerForm::sentencepiece, whole, text),
              HasSubstr("the added token 512 of its configuration has 1025 bytes"));
}

TEST(SentencePiece, AMapThatLeadsInACircleIsLeft) {
  // The unit of 'a' leads back to itself, and no rule ever ends.
  std::string map = std::string("\0\4\0\0", 4) + std::string(1024, '\0') + '\0';
  const std::uint32_t unit = std::uint32_t{'a'} << 10U | 'a';
  for (std::size_t byte = 0; byte < 4; ++byte) {
    map[4 + 4 * std::size_t{'a'} + byte] = static_cast<char>(unit >> (8 * byte));
  }
  const auto opened =
      open_tokenizer(TokenizerForm::sentencepiece,
                     content(folder + "llama.model") + field(3, field(2, map)), {}, "circle");
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(ids(**opened, std::string(100'000, 'a')).empty());
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST(SentencePiece, RefusesDamagedSettings) {
  for (const char* settings : {"{", R"({"added_tokens_decoder": {"x": {"content": "a"}}})",
                               R"({"added_tokens_decoder": {"5": {}}})",
                               R"({"added_tokens_decoder": {"4000000000": {"content": "a"}}})"}) {
    ModelText text;
    text.token_settings = settings;
    text.tokenizer = folder + "llama.model";
    const auto opened = open_tokenizer(text);
    ASSERT_FALSE(opened.ok()) << settings;
    EXPECT_EQ(opened.error().code, ErrorCode::bad_model);
  }
}

TEST(Tiktoken, HasTheSpecialTokensOfLlama3) {
  const auto opened = open_tokenizer(TokenizerForm::tiktoken, whole_llama3(), {}, "whole");
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  const auto tokenizer = *opened;
  EXPECT_EQ(tokenizer->vocabulary_size(), 128'000 + 256);
  EXPECT_THAT(ids(*tokenizer, "<|eot_id|><|start_header_id|><|reserved_special_token_246|>", true),
              ElementsAre(128'000, 128'009, 128'006, 128'255));
  EXPECT_TRUE(tokenizer->is_special(128'000));
  EXPECT_TRUE(tokenizer->is_end_of_generation(128'009));
  EXPECT_TRUE(tokenizer->is_end_of_generation(128'001));
  EXPECT_FALSE(tokenizer->is_end_of_generation(128'000));
  for (const std::string& text : difficult_texts()) {
    EXPECT_EQ(joined(*tokenizer, ids(*tokenizer, text, false, false)), text);
  }
  EXPECT_THAT(ids(*tokenizer, ""), IsEmpty());
}

TEST(Tiktoken, ItsConfigurationsTokensComeInPlaceOfTheFamilys) {
  ModelText text;
  text.token_settings = R"({"added_tokens_decoder": {
      "700": {"content": "<|begin_of_text|>", "special": true},
      "703": {"content": "<|im_end|>", "special": true}}})";
  const auto tokenizer = open("llama3.tiktoken", text);
  EXPECT_EQ(tokenizer->vocabulary_size(), 704);
  EXPECT_THAT(ids(*tokenizer, "<|im_end|>", true), ElementsAre(700, 703));
  EXPECT_TRUE(tokenizer->is_end_of_generation(703));
  text.token_settings = R"({"added_tokens_decoder": {
      "700": {"content": "<|begin_of_text|>"}, "5": {"content": "<pad>"}}})";
  text.tokenizer = folder + "llama3.tiktoken";
  EXPECT_THAT(open_tokenizer(text).error().message,
              HasSubstr("the token 5 that is added is one of its own"));
}

TEST(Tiktoken, SaysWhatIsWrong) {
  const auto refused = [](const std::string& bytes, int ranks) {
    return refusal(TokenizerForm::tiktoken, bytes, of_llama3(ranks));
  };
  const std::string whole = content(folder + "llama3.tiktoken");
  EXPECT_THAT(refused("AA== 0\n!!!! 1\n", 2), HasSubstr("its line 2 is not base64 and a rank"));
  EXPECT_THAT(refused("AA== 0\nAA== 1\n", 2), HasSubstr("its line 2 has a token that is empty or"));
  EXPECT_THAT(refused("AA== 0\nAQ== 5\n", 2), HasSubstr("its ranks do not follow each other"));
  EXPECT_THAT(refused("AA== 0\nAQ== 1\n", 2), HasSubstr("it has no token for the byte 2"));
  EXPECT_THAT(refused("", 0), HasSubstr("is not a usable tiktoken file"));
  EXPECT_EQ(refused(whole + "\r\n\n", 700), "");
  EXPECT_EQ(refused(whole + base64(std::string(256, 'a')) + " 700", 701), "");
  EXPECT_THAT(refused(whole + base64(std::string(257, 'a')) + " 700", 701),
              HasSubstr("its line 701 has a token of 257 bytes; at most 256 are read"));
}

TEST(Tiktoken, RefusesAFamilyThatItDoesNotKnow) {
  const auto opened =
      open_tokenizer(TokenizerForm::tiktoken, content(folder + "llama3.tiktoken"), {}, "t");
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::unsupported);
  EXPECT_THAT(opened.error().message, HasSubstr("its 700 ranks are of no known family (Llama 3"));
  EXPECT_THAT(opened.error().hint, HasSubstr("tokenizer.json"));
  EXPECT_THAT(refusal(TokenizerForm::tiktoken, content(folder + "llama3.tiktoken"), of_llama3(701)),
              HasSubstr("its 700 ranks are of no known family"));
}

TEST(Tiktoken, RefusesTokensThatAreMadeByTooManyMerges) {
  std::string lines;
  int rank = 0;
  for (; rank < 256; ++rank) {
    lines += base64(std::string(1, static_cast<char>(rank))) + fmt::format(" {}\n", rank);
  }
  // Each can be split anywhere.
  for (std::size_t length = 2; length <= 150; ++length) {
    for (std::size_t first = 0; first <= length; ++first, ++rank) {
      lines += base64(std::string(first, 'a') + std::string(length - first, 'b'));
      lines += fmt::format(" {}\n", rank);
    }
  }
  EXPECT_THAT(refusal(TokenizerForm::tiktoken, lines, of_llama3(rank)),
              HasSubstr("its tokens are made by more than 1000000 merges"));
}

TEST(TokenizerForm, IsToldByTheNameOrTheContent) {
  EXPECT_EQ(tokenizer_form("AA== 0\n", "tokenizer.json"), TokenizerForm::json);
  EXPECT_EQ(tokenizer_form("AA== 0\r\nAQ== 1", "tokenizer.model"), TokenizerForm::tiktoken);
  EXPECT_EQ(tokenizer_form("AA==", "tokenizer.model"), TokenizerForm::sentencepiece);
  EXPECT_EQ(tokenizer_form("\n\x0e\n\x05<unk>", "tokenizer.model"), TokenizerForm::sentencepiece);
  EXPECT_EQ(tokenizer_form("", "x"), TokenizerForm::sentencepiece);
}

}  // namespace
}  // namespace tenfold
