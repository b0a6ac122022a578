// Whatever is changed in a file, the answer comes at once and takes little memory.
#include <gtest/gtest.h>
#include <malloc.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <fstream>
#include <functional>
#include <new>
#include <random>

#include "base/files.h"
#include "formats/describe.h"
#include "formats/zip_builder.h"

namespace {

std::atomic<std::size_t> live_bytes = 0;
std::atomic<std::size_t> peak_bytes = 0;

}  // namespace

// The other forms of new and delete end in these. Inlined, GCC would see free() after new.
[[gnu::noinline]] void* operator new(std::size_t size) {
  void* block = std::malloc(std::max<std::size_t>(size, 1));
  if (block == nullptr) throw std::bad_alloc();
  const std::size_t live = live_bytes += ::malloc_usable_size(block);
  if (live > peak_bytes) peak_bytes = live;
  return block;
}

[[gnu::noinline]] void operator delete(void* block) noexcept {
  live_bytes -= ::malloc_usable_size(block);
  std::free(block);
}
void operator delete(void* block, std::size_t /*size*/) noexcept { operator delete(block); }

namespace tenfold {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_memory = 64 << 20;
#ifdef TENFOLD_SANITIZED
constexpr int samples = 60;  // the fuzzers read more under the same sanitizers
constexpr double most_seconds = 2.0;
#else
constexpr int samples = 300;
constexpr double most_seconds = 0.1;
#endif

const fs::path tiny = "tests/models/tiny-llama";

/// Of this thread's processor time: other programs do not count.
double seconds_used() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

void write(const fs::path& path, const std::string& bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

/// Without emptying the file first, which makes some file systems wait for the disk.
void overwrite(const fs::path& path, const std::string& bytes) {
  std::fstream(path, std::ios::binary | std::ios::in | std::ios::out) << bytes;
  fs::resize_file(path, bytes.size());
}

std::string sample_file(const fs::path& path) { return *read_file(tiny / path, 8 << 20); }

/// A model, and its file that is changed.
struct Target {
  const char* name;
  fs::path model;  ///< to describe, below the test's folder
  fs::path file;   ///< to change, below the test's folder
  int least_refused;
  std::function<void(const fs::path& folder)> make;
};

Target in_folder(const char* name, const char* folder, const char* file,
                 int least_refused = samples / 6) {
  return {name, folder, fs::path(folder) / file, least_refused, [=](const fs::path& home) {
            fs::copy(tiny / folder, home / folder, fs::copy_options::recursive);
          }};
}

Target alone(const char* name, const char* file, const std::function<std::string()>& content,
             int least_refused = samples / 6) {
  return {name, file, file, least_refused,
          [=](const fs::path& home) { write(home / file, content()); }};
}

std::string task() {
  return build_zip(
      {{"TF_LITE_PREFILL_DECODE", sample_file("litert-int8/model.tflite")},
       {"TOKENIZER_MODEL", *read_file("src/text/testdata/reference/llama.model", 1 << 20)},
       {"METADATA", std::string("\x32\3<s>\x2a\4</s>\x42\6\x12\1u\x1a\1m")}});
}

std::string bundle(const char* form) {
  return *read_file(fs::path("tests/models/litert-forms") / form / "model.litertlm", 8 << 20);
}

void compiled(const fs::path& home) {
  const std::string program = R"(program(1.3)
[buildInfo = dict<string, string>({{"coremlc-version", "3505.4.1"}})]
{
    func main<ios18>(tensor<int32, [1, ?]> ids, state<tensor<fp16, [2, 8]>> kv) {
        fp16 one = const()[name = string("one"), val = fp16(0x1p+0)];
        tensor<int4, [3]> few = const()[name = string("few"), val = tensor<int4, [3]>([1, -8, 7])];
        tensor<fp16, [2, 8]> r = read_state(input = kv)[name = string("r")];
        tensor<fp16, [2, 8]> w = add(x = r, y = one)[name = string("w")];
        write_state(data = w, input = kv)[name = string("s")];
    } -> (w);
})";
  write(home / "m.mlmodelc/model.mil", program);
  write(home / "m.mlmodelc/metadata.json",
        R"json([{"specificationVersion": 9, "userDefinedMetadata": {"a": "b"},
                 "inputSchema": [{"name": "ids", "shape": "[1, 64]",
                                  "shapeRange": "[[1, 1], [1, 64]]"}]}])json");
}

std::string random_bytes() {
  std::mt19937 random(1);
  std::string bytes(100'000, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  bytes[0] = '\x01';
  return bytes;
}

const std::vector<Target>& targets() {
  static const std::vector<Target> all{
      alone("gguf", "m.gguf", [] { return sample_file("tiny-llama-q4_0.gguf"); }),
      in_folder("safetensors", "mlx-4bit", "model.safetensors"),
      in_folder("safetensors_config", "mlx-4bit", "config.json"),
      in_folder("safetensors_index", "mlx-4bit", "model.safetensors.index.json"),
      in_folder("safetensors_tokenizer", "mlx-4bit", "tokenizer.json"),
      in_folder("onnx", "onnx-int4", "onnx/model_q4.onnx"),
      {"sentencepiece", "m", "m/tokenizer.model", samples / 6,
       [](const fs::path& home) {
         write(home / "m/model.pte", sample_file("executorch-8da4w/model.pte"));
         write(home / "m/tokenizer.model",
               *read_file("src/text/testdata/reference/llama.model", 1 << 20));
       }},
      in_folder("genai", "genai-int4", "model.onnx"),
      in_folder("genai_config", "genai-int4", "genai_config.json"),
      in_folder("pte", "executorch-8da4w", "model.pte"),
      in_folder("tflite", "litert-int8", "model.tflite"),
      in_folder("litertlm", "litertlm-int8", "tiny-llama.litertlm"),
      alone("litertlm_weights", "m.litertlm", [] { return bundle("weights"); }),
      alone("litertlm_embedders", "m.litertlm", [] { return bundle("per-layer"); }),
      alone("task", "m.task", task),
      in_folder("mlpackage", "coreml-stateful-int4",
                "model.mlpackage/Data/com.apple.CoreML/model.mlmodel"),
      in_folder("mlpackage_manifest", "coreml-stateful-int4", "model.mlpackage/Manifest.json"),
      {"mlmodelc", "m.mlmodelc", "m.mlmodelc/model.mil", samples / 6, compiled},
      {"mlmodelc_metadata", "m.mlmodelc", "m.mlmodelc/metadata.json", samples / 6, compiled},
      in_folder("mlc", "mlc-q4f32_1", "mlc-chat-config.json"),
      in_folder("mlc_cache", "mlc-q4f32_1", "tensor-cache.json"),
      // Any bytes may be one.
      alone("pllm", "m.pllm", random_bytes, 0),
      alone("tokenizer", "tokenizer.json", [] { return sample_file("tokenizer.json"); }),
      alone(
          "web_page", "m.gguf",
          [] {
            return "<!DOCTYPE html><html><body>" + std::string(20'000, 'x') + "</body></html>";
          },
          samples),
      alone(
          "lfs_pointer", "m.onnx",
          [] {
            return "version https://git-lfs.github.com/spec/v1\noid sha256:" +
                   std::string(64, 'a') + "\nsize 123456\n";
          },
          samples),
      alone(
          "archive", "m.pte",
          [] {
            return build_zip({{"a", std::string(9000, 'a')}, {"b", std::string(9, 'b')}});
          },
          samples),
      alone(
          "cut_download", "m.gguf",
          [] { return sample_file("tiny-llama-q4_0.gguf").substr(0, 300'000); }, samples),
  };
  return all;
}

/// Random bytes, numbers that are lengths and offsets no file has, and cuts. Most of a file is
/// weights, so every other change is near its beginning.
std::string changed(std::string bytes, int round, std::mt19937& random) {
  constexpr std::uint64_t numbers[] = {0,          1,          0x7f,
                                       0xff,       0xffff,     0x7fffffff,
                                       0x80000000, 0xffffffff, 0x7fffffffffffffff,
                                       ~0ULL,      1ULL << 62, 1ULL << 26};
  const std::size_t reach =
      round % 2 == 0 ? std::min<std::size_t>(bytes.size(), 8192) : bytes.size();
  if (round % 4 == 3) bytes.resize(random() % reach);
  for (int change = 0; !bytes.empty() && change < 1 + round % 8; ++change) {
    const std::size_t at = random() % std::min(reach, bytes.size());
    if (round % 3 == 0) {
      const std::size_t size = std::min<std::size_t>(bytes.size() - at, random() % 2 == 0 ? 4 : 8);
      std::memcpy(&bytes[at], &numbers[random() % std::size(numbers)], size);
    } else {
      bytes[at] = static_cast<char>(random());
    }
  }
  return bytes;
}

class Mutation : public testing::TestWithParam<Target> {
 protected:
  ~Mutation() override { fs::remove_all(folder_); }

  fs::path folder_ = fs::temp_directory_path() / ("tenfold-mutation-" + std::to_string(::getpid()));
};

TEST_P(Mutation, GetsAnAnswerAtOnceInLittleMemory) {
  const Target& target = GetParam();
  fs::remove_all(folder_);
  fs::create_directories(folder_);
  target.make(folder_);
  const std::string whole = *read_file(folder_ / target.file, 8 << 20);
  std::mt19937 random(20261124);
  int refused = 0;
  double slowest = 0;
  std::size_t most = 0;
  for (int round = 0; round < samples; ++round) {
    overwrite(folder_ / target.file, changed(whole, round, random));
    const std::size_t before = peak_bytes = live_bytes.load();
    const double begin = seconds_used();
    const auto model = describe_model(folder_ / target.model);
    slowest = std::max(slowest, seconds_used() - begin);
    most = std::max(most, peak_bytes - before);
    if (model.ok()) continue;
    ++refused;
    EXPECT_FALSE(model.error().message.empty());
    EXPECT_NE(model.error().code, ErrorCode::internal);
  }
  EXPECT_GE(refused, target.least_refused);
  EXPECT_LT(slowest, most_seconds);
  EXPECT_LT(most, most_memory);
  EXPECT_GT(most, 0U) << "memory is not counted";
  RecordProperty("refused", refused);
  RecordProperty("slowest_us", static_cast<int>(slowest * 1e6));
  RecordProperty("most_kib", static_cast<int>(most >> 10));
}

INSTANTIATE_TEST_SUITE_P(Every, Mutation, testing::ValuesIn(targets()),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace tenfold
