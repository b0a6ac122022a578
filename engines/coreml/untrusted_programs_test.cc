// Programs that no exporter writes: an error, or a run that stays within its memory and time.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <atomic>
#include <ctime>
#include <filesystem>

#include "base/barrier.h"
#include "base/files.h"
#include "decoder.h"

namespace tenfold::coreml {
namespace {

namespace fs = std::filesystem;
using testing::Each;
using testing::HasSubstr;

/// A compiled model of `functions`, described by `metadata`.
class Programs : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  Result<std::unique_ptr<Decoder>> open(const std::string& functions,
                                        const std::string& metadata = R"([{}])") {
    EXPECT_TRUE(
        write_file_atomically(folder_ / "model.mil", "program(1.3)\n{\n" + functions + "}\n").ok());
    EXPECT_TRUE(write_file_atomically(folder_ / "metadata.json", metadata).ok());
    return barrier("a load",
                   [&] { return Decoder::open({folder_}, "", kernels::Precision::exact); });
  }

  /// Token by token; the logits of the last.
  static Result<std::vector<float>> run(Decoder& decoder, int tokens) {
    decoder.start();
    const std::vector<TokenId> token{7};
    const std::atomic<bool> interrupted = false;
    Decoder::Rows rows;
    for (int past = 0; past < tokens; ++past) {
      rows = TRY(barrier("a run", [&] { return decoder.run(past, token, false, 0, interrupted); }));
    }
    return std::vector<float>(rows.logits.begin(), rows.logits.end());
  }

 private:
  const fs::path folder_ =
      fs::temp_directory_path() / fmt::format("tenfold-programs-{}.mlmodelc", ::getpid());
};

/// `kcache` grows along its first side.
constexpr const char* growing = R"([{"inputSchema": [
    {"name": "kcache", "shape": "[1, 4, 1]", "shapeRange": "[[0, 16], [4, 4], [1, 1]]"}]}])";

constexpr const char* logits_of_ones = R"(
    tensor<int32, [3]> sh = const()[name = string("sh"), val = tensor<int32, [3]>([1, 1, 8])];
    tensor<fp32, []> z = const()[name = string("z"), val = tensor<fp32, []>(0x1p+0)];
    tensor<fp32, [1, 1, 8]> logits = fill(shape = sh, value = z)[name = string("logits")];
)";

/// Packed weights are no matrix of the places that the text has.
TEST_F(Programs, ACacheThatIsAPackedConstantIsCutLikeAnyOther) {
  const std::vector<int> indices(8192, 170);
  const auto decoder = open(fmt::format(R"(
  func main<ios16>(tensor<int32, [1, 1]> input_ids, tensor<fp32, [?, 4, 1]> kcache) {{
    tensor<fp32, [16384, 4, 1]> kout = constexpr_lut_to_dense()[
      indices = tensor<uint8, [8192]>([{}]), lut = tensor<fp32, [2]>([0x1p+0, 0x1.8p+1]),
      name = string("kout"), shape = tensor<uint32, [3]>([16384, 4, 1])];
    tensor<int32, [3]> ax = const()[name = string("ax"), val = tensor<int32, [3]>([0, 1, 2])];
    tensor<bool, []> kd = const()[name = string("kd"), val = tensor<bool, []>(false)];
    tensor<fp32, []> s = reduce_sum(axes = ax, keep_dims = kd, x = kcache)[name = string("s")];
    tensor<int32, [3]> sh = const()[name = string("sh"), val = tensor<int32, [3]>([1, 1, 8])];
    tensor<fp32, [1, 1, 8]> logits = fill(shape = sh, value = s)[name = string("logits")];
  }} -> (logits, kout);
)",
                                        fmt::join(indices, ", ")),
                            growing);
  ASSERT_TRUE(decoder.ok()) << decoder.error().message;
  const auto logits = run(**decoder, 3);
  ASSERT_TRUE(logits.ok()) << logits.error().message;
  EXPECT_THAT(*logits, Each(16.0F));  // two places of 1, 3, 1, 3
}

TEST_F(Programs, AFunctionThatCarriesMoreThanTheChosenOneIsLeftOut) {
  const std::string one = fmt::format(R"(
  func main<ios18>(tensor<int32, [1, 1]> input_ids, state<tensor<fp16, [1, 64]>> st) {{{}
  }} -> (logits);
)",
                                      logits_of_ones);
  const std::string more = fmt::format(R"(
  func more<ios18>(tensor<int32, [1, 8]> input_ids, state<tensor<fp16, [1, 64]>> st,
                   tensor<fp32, [?, 4, 1]> kcache) {{{}
    tensor<fp32, [?, 4, 1]> kout = add(x = kcache, y = z)[name = string("kout")];
  }} -> (logits, kout);
)",
                                       logits_of_ones);
  const auto decoder = open(one + more, R"([{"functions": [{"name": "main"}, {"name": "more",
      "inputSchema": [{"name": "kcache", "shape": "[1, 4, 1]",
                       "shapeRange": "[[0, 16], [4, 4], [1, 1]]"}]}]}])");
  ASSERT_TRUE(decoder.ok()) << decoder.error().message;
  (*decoder)->start();
  const std::vector<TokenId> tokens(8, 7);
  const std::atomic<bool> interrupted = false;
  const auto rows = (*decoder)->run(0, tokens, false, 7, interrupted);
  ASSERT_TRUE(rows.ok()) << rows.error().message;
  EXPECT_EQ(rows->tokens, 1U);
}

TEST_F(Programs, ACacheBeyondAllMemoryIsRefused) {
  const auto decoder = open(fmt::format(R"(
  func main<ios16>(tensor<int32, [1, 1]> input_ids, tensor<fp32, [1, 1, 1, 64]> causal_mask,
                   tensor<fp32, [4294967296, 4294967296, 4294967296]> kcache) {{{}
  }} -> (logits, kcache);
)",
                                        logits_of_ones));
  ASSERT_FALSE(decoder.ok());
  EXPECT_EQ(decoder.error().code, ErrorCode::unsupported);
  EXPECT_THAT(decoder.error().message, HasSubstr("the input kcache: a tensor of the shape"));
}

/// Descriptions have shapes of their own, beside those of the program.
TEST_F(Programs, DescribedSizesBeyondAnyTextAreRefused) {
  const std::string program = fmt::format(R"(
  func main<ios16>(tensor<int32, [1, ?]> input_ids, tensor<fp32, [1, 1, ?, ?]> causal_mask) {{{}
  }} -> (logits);
)",
                                          logits_of_ones);
  for (const char* sizes :
       {R"("input_ids", "shape": "[1, 1]", "enumeratedShapes": "[[1, 4611686018427387904]]")",
        R"("causal_mask", "shape": "[1, 1, 1, 1]", "shapeRange": )"
        R"("[[1, 1], [1, 1], [1, 1], [4611686018427387904, 4611686018427387904]]")"}) {
    const auto decoder =
        open(program, fmt::format(R"([{{"inputSchema": [{{"name": {}}}]}}])", sizes));
    ASSERT_FALSE(decoder.ok()) << sizes;
    EXPECT_EQ(decoder.error().code, ErrorCode::unsupported);
    EXPECT_THAT(decoder.error().message, HasSubstr("4611686018427387904")) << sizes;
  }
}

/// Large constants by small declarations, which the function gives, or nobody takes.
TEST_F(Programs, OnlySoMuchIsFolded) {
  std::string fills, given;
  for (int i = 0; i < 80; ++i) {
    fills += fmt::format(
        "tensor<fp32, [1]> u{} = fill(shape = big, value = z)[name = string(\"u\")];\n", i);
    given += fmt::format(", u{}", i);
  }
  constexpr std::uint64_t most = std::uint64_t{260} << 20;
  for (const bool gives : {false, true}) {
    const auto decoder = open(fmt::format(R"(
  func main<ios16>(tensor<int32, [1, 1]> input_ids) {{{}
    tensor<int32, [2]> big = const()[name = string("big"), val = tensor<int32, [2]>([1024, 1024])];
    {}
  }} -> (logits{});
)",
                                          logits_of_ones, fills, gives ? given : ""));
    ASSERT_TRUE(decoder.ok()) << decoder.error().message;
    EXPECT_LE((*decoder)->constant_bytes(), gives ? most : std::uint64_t{1} << 20);
  }
}

TEST_F(Programs, ALongRowOfUpdatesOfAStateLoadsSoon) {
  constexpr int updates = 1000;
  std::string row;
  for (int i = 0; i < updates; ++i) {
    row += fmt::format(
        "tensor<fp16, [1, 64]> u{} = slice_update(x = u{}, update = w, begin = b, end = e)[name = "
        "string(\"u\")];\n",
        i + 1, i);
  }
  const std::clock_t begin = std::clock();
  const auto decoder = open(fmt::format(R"(
  func main<ios18>(tensor<int32, [1, 1]> input_ids, state<tensor<fp16, [1, 64]>> st) {{{}
    tensor<int32, [2]> b = const()[name = string("b"), val = tensor<int32, [2]>([0, 0])];
    tensor<int32, [2]> e = const()[name = string("e"), val = tensor<int32, [2]>([1, 1])];
    tensor<fp16, [1, 1]> w = const()[name = string("w"), val = tensor<fp16, [1, 1]>([[0x1p+0]])];
    tensor<fp16, [1, 64]> u0 = read_state(input = st)[name = string("u0")];
    {}
    write_state(data = u{}, input = st)[name = string("ws")];
  }} -> (logits);
)",
                                        logits_of_ones, row, updates));
  ASSERT_TRUE(decoder.ok()) << decoder.error().message;
  EXPECT_LT(std::clock() - begin, 10 * CLOCKS_PER_SEC) << "of processor time";
  const auto logits = run(**decoder, 2);
  ASSERT_TRUE(logits.ok()) << logits.error().message;
  EXPECT_THAT(*logits, Each(1.0F));
}

/// What came out of a step stays as it was when the state goes on: here the cache is the state
/// before, and logits are the sum of it and twice the new one.
TEST_F(Programs, AStateThatIsGivenOutIsKept) {
  const auto decoder = open(R"(
  func main<ios18>(tensor<int32, [1, 1]> input_ids, state<tensor<fp32, [16, 4, 1]>> st,
                   tensor<fp32, [16, 4, 1]> kcache) {
    tensor<fp32, []> one = const()[name = string("one"), val = tensor<fp32, []>(0x1p+0)];
    tensor<fp32, [16, 4, 1]> old = read_state(input = st)[name = string("old")];
    tensor<fp32, [16, 4, 1]> new = add(x = old, y = one)[name = string("new")];
    write_state(data = new, input = st)[name = string("ws")];
    tensor<fp32, [16, 4, 1]> more = add(x = new, y = new)[name = string("more")];
    tensor<fp32, [16, 4, 1]> both = add(x = more, y = kcache)[name = string("both")];
    tensor<int32, [3]> ax = const()[name = string("ax"), val = tensor<int32, [3]>([0, 1, 2])];
    tensor<bool, []> kd = const()[name = string("kd"), val = tensor<bool, []>(false)];
    tensor<fp32, []> s = reduce_sum(axes = ax, keep_dims = kd, x = both)[name = string("s")];
    tensor<int32, [3]> sh = const()[name = string("sh"), val = tensor<int32, [3]>([1, 1, 8])];
    tensor<fp32, [1, 1, 8]> logits = fill(shape = sh, value = s)[name = string("logits")];
  } -> (logits, st);
)");
  ASSERT_TRUE(decoder.ok()) << decoder.error().message;
  const auto logits = run(**decoder, 3);
  ASSERT_TRUE(logits.ok()) << logits.error().message;
  EXPECT_THAT(*logits, Each(64.0F * (2 * 3 + 2)));
}

TEST(Integers, OfAViewOfTooManyAreRefused) {
  std::int32_t number = 1;
  Tensor view;
  view.element = Element::i32;
  view.data = reinterpret_cast<std::byte*>(&number);
  view.shape = {(1 << 24) + 1};
  view.strides = {0};
  EXPECT_THROW(integers_of(view), std::bad_alloc);
  view.shape = {3};
  EXPECT_THAT(integers_of(view), Each(1));
}

}  // namespace
}  // namespace tenfold::coreml
