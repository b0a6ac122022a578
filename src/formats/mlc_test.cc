// Folders of MLC-LLM: the list of weights, the compiled library and the conversation template.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

#include "base/files.h"
#include "base/processor.h"
#include "formats/bounded_json.h"
#include "formats/mlc_folder.h"
#include "formats/mlc_library.h"
#include "formats/mlc_template.h"
#include "formats/mlc_weights.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

const fs::path tiny = "tests/models/tiny-llama/mlc-q4f32_1";
constexpr const char* library_name = "tiny-llama-q4f32_1-cpu.so";

json tensor(const char* name, json shape, const char* type, const char* format, int bytes,
            int offset) {
  return {{"name", name},     {"shape", std::move(shape)}, {"dtype", type},
          {"format", format}, {"nbytes", bytes},           {"byteOffset", offset}};
}

/// As it is when it was read.
json list_of(json tensors, int bytes = 64) {
  const json list{{"records",
                   {{{"dataPath", "a.bin"},
                     {"format", "raw-shard"},
                     {"nbytes", bytes},
                     {"records", std::move(tensors)}}}}};
  return json::parse(list.dump());
}

std::string refused(const json& list) {
  const auto read = read_mlc_weights(list, "list.json");
  EXPECT_FALSE(read.ok()) << list;
  return read.ok() ? std::string() : read.error().message;
}

TEST(MlcWeights, ListsTensorsWithTheirPlaces) {
  const auto weights =
      read_mlc_weights(list_of({tensor("a", {2, 3}, "float32", "raw", 24, 0),
                                tensor("b", {4}, "float32", "f32-to-bf16", 8, 24),
                                tensor("c", {4}, "uint32", "f32-to-bf16", 16, 32)}),
                       "list.json");
  ASSERT_TRUE(weights.ok()) << weights.error().message;
  ASSERT_EQ(weights->tensors.size(), 3U);
  EXPECT_EQ(weights->tensors[0].elements, 6U);
  EXPECT_FALSE(weights->tensors[0].is_cut_to_bf16);
  EXPECT_TRUE(weights->tensors[1].is_cut_to_bf16);
  EXPECT_FALSE(weights->tensors[2].is_cut_to_bf16) << "only numbers are cut";
}

TEST(MlcWeights, NamesWhatIsWrong) {
  const json good = tensor("a", {4}, "float32", "raw", 16, 0);
  const auto with = [&](const char* key, json value) {
    json changed = good;
    changed[key] = std::move(value);
    return refused(list_of(json::array({changed})));
  };
  EXPECT_THAT(with("dtype", "float31"), HasSubstr("a is of no known type"));
  EXPECT_THAT(with("shape", {4, -1}), HasSubstr("a has an absurd shape"));
  EXPECT_THAT(with("shape", {1LL << 40, 1LL << 40}), HasSubstr("absurd"));
  EXPECT_THAT(with("nbytes", 15), HasSubstr("a has 15 bytes, but its shape 16"));
  EXPECT_THAT(with("nbytes", 8), HasSubstr("a has 8 bytes")) << "it is not cut";
  EXPECT_THAT(with("byteOffset", 49), HasSubstr("a lies beyond the end of its shard"));
  EXPECT_THAT(with("byteOffset", ~0ULL), HasSubstr("beyond"));
  EXPECT_THAT(refused(list_of({good, good})), HasSubstr("the same name"));
  EXPECT_THAT(refused(list_of(json::array())), HasSubstr("it names none"));
  EXPECT_THAT(refused(json::object()), HasSubstr("it names none"));
  json elsewhere = list_of(json::array({good}));
  elsewhere["records"][0]["dataPath"] = "../a.bin";
  EXPECT_THAT(refused(elsewhere), HasSubstr("no file beside it"));
}

class MlcLibrary : public testing::Test {
 protected:
  MlcLibrary() {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    for (const auto& file : fs::directory_iterator(tiny)) {
      fs::create_symlink(fs::absolute(file.path()), folder_ / file.path().filename());
    }
    ::setenv("TENFOLD_HOME", (folder_ / "home").c_str(), 1);
  }
  ~MlcLibrary() override {
    ::unsetenv("TENFOLD_HOME");
    fs::remove_all(folder_);
  }

  void write(const fs::path& path, const std::string& content) {
    EXPECT_TRUE(write_file_atomically(path, content).ok());
  }
  std::string refused(const std::string& content) {
    write(folder_ / "changed.so", content);
    const auto can = check_mlc_library(folder_ / "changed.so");
    return can.ok() ? std::string() : can.error().message;
  }

  const fs::path folder_ =
      fs::temp_directory_path() / ("tenfold-mlc-" + std::to_string(::getpid()));
};

TEST_F(MlcLibrary, TheOneMadeForThisProcessorComesFirst) {
  EXPECT_EQ(find_mlc_library(folder_).value(), folder_ / library_name);
  const fs::path least = compiled_mlc_library(folder_, processor_levels().back()).value();
  const fs::path most = compiled_mlc_library(folder_, processor_levels().front()).value();
  write(compiled_mlc_library(folder_, "x86-64-v9").value(), "x");
  EXPECT_EQ(find_mlc_library(folder_).value(), folder_ / library_name);
  write(least, "x");
  EXPECT_EQ(find_mlc_library(folder_).value(), least);
  write(most, "x");
  EXPECT_EQ(find_mlc_library(folder_).value(), most);
  fs::remove(folder_ / "mlc-chat-config.json");
  write(folder_ / "mlc-chat-config.json", "{}");
  EXPECT_EQ(find_mlc_library(folder_).value(), folder_ / library_name) << "of another model";
}

TEST_F(MlcLibrary, ThatIsMissingIsAskedForWithTheCommandsThatMakeIt) {
  fs::remove(folder_ / library_name);
  const auto none = find_mlc_library(folder_);
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code, ErrorCode::not_found);
  EXPECT_THAT(none.error().message, HasSubstr("no compiled library for " + folder_.string()));
  EXPECT_THAT(none.error().hint,
              AllOf(HasSubstr("engines add mlc --compiler"), HasSubstr("tenfold compile")));
  const auto described = describe_mlc_folder(folder_);
  ASSERT_TRUE(described.ok()) << "it may be kept";
  ASSERT_TRUE(described->unready.has_value());
  EXPECT_EQ(described->unready->message, none.error().message);
}

TEST_F(MlcLibrary, OneOfSeveralIsChosenByItsNameOrNotAtAll) {
  write(folder_ / "model-cuda.so", "x");
  EXPECT_EQ(find_mlc_library(folder_).value(), folder_ / library_name);
  write(folder_ / "other-cpu.so", "x");
  EXPECT_EQ(find_mlc_library(folder_).error().code, ErrorCode::invalid_argument);
}

TEST_F(MlcLibrary, ThatCannotBeLoadedIsKnownByItsFile) {
  const std::string whole = *read_file(tiny / library_name, 1 << 20);
  EXPECT_EQ(refused(whole), "");
  EXPECT_THAT(refused("dex\n035"), HasSubstr("is no library of this system"));
  std::string other = whole;
  other[18] = 8;  // MIPS
  EXPECT_THAT(refused(other), HasSubstr("for another kind of processor"));
  EXPECT_THAT(refused(whole.substr(0, whole.size() / 2)), HasSubstr("damaged as a library"));
  const std::string name = "__tvm_ffi__library_bin";
  std::string old = whole;
  old.replace(old.find(name), name.size(), std::string("__tvm_dev_mblob").append(7, '\0'));
  EXPECT_THAT(refused(old), HasSubstr("by an older version of TVM"));
  old.replace(old.find("__tvm_dev_mblob"), 5, "_____");
  EXPECT_THAT(refused(old), HasSubstr("no model library"));
}

TEST_F(MlcLibrary, ThatIsDamagedGetsAnAnswer) {
  const std::string whole = *read_file(tiny / library_name, 1 << 20);
  for (std::size_t at = 16; at < 64; ++at) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 0x55);
    refused(changed);
  }
}

/// What the template says for a turn is tried in src/text; here, which field goes where.
TEST(MlcTemplate, IsThatOfAConversation) {
  EXPECT_EQ(mlc_template(json::object()), "");
  EXPECT_EQ(mlc_template({{"name", "LM"}, {"roles", {{"user", "u"}, {"assistant", "a"}}}}), "");
  const std::string source = mlc_template(
      {{"name", "chatml"},
       {"system_template", "<|im_start|>system\n{system_message}<|im_end|>\n"},
       {"system_message", "Be \"kind\"."},
       {"roles", {{"user", "<|im_start|>user"}, {"assistant", "<|im_start|>assistant"}}},
       {"role_content_sep", "\n"},
       {"role_empty_sep", "\n"},
       {"seps", {"<|im_end|>\n"}},
       {"system_prefix_token_ids", {1}}});
  EXPECT_THAT(source, HasSubstr(R"(system="Be \"kind\".")"));
  EXPECT_THAT(source, HasSubstr(R"({{ bos_token }})"));
  EXPECT_THAT(source, HasSubstr(R"({{ "<|im_start|>assistant\n" }}{% endif %})"));
}

TEST(MlcTemplate, TellsBeginAndEnds) {
  ModelText text;
  add_mlc_ends({{"bos_token_id", 1},
                {"eos_token_id", {2, 7}},
                {"conv_template", {{"stop_token_ids", {9}}, {"stop_str", {"<|eot_id|>", ""}}}}},
               text);
  EXPECT_EQ(text.begin, 1);
  EXPECT_THAT(text.ends, ElementsAre(2, 7, 9));
  EXPECT_THAT(text.end_texts, ElementsAre("<|eot_id|>"));
}

TEST(Processor, HasTheLevelsBelowItsOwn) {
  const auto levels = processor_levels();
  ASSERT_FALSE(levels.empty());
#ifdef __x86_64__
  EXPECT_EQ(levels.back(), "x86-64");
#else
  EXPECT_THAT(levels, ElementsAre("aarch64"));
#endif
}

}  // namespace
}  // namespace tenfold
