// Opening a model: its programs, what they mean, and what they need.
#include <fmt/format.h>

#include <chrono>

#include "base/barrier.h"
#include "base/machine.h"
#include "coreml_model.h"
#include "formats/anemll_folder.h"
#include "generation/load_checks.h"
#include "options.h"
#include "text/file_tokenizer.h"

namespace tenfold::coreml {
namespace {

/// The programs themselves, and what their operators need while they run.
constexpr std::uint64_t program_bytes = std::uint64_t{32} << 20;

std::string describe(const ResolvedModel& wanted, const Decoder& decoder) {
  const std::string kind = wanted.architecture.empty() ? "ML program" : wanted.architecture;
  return fmt::format("{}, {}{}", kind, decoder.keeps() ? "stateful" : "stateless",
                     wanted.quantization.empty() || wanted.quantization == "none"
                         ? ""
                         : ", " + wanted.quantization);
}

}  // namespace

Result<std::unique_ptr<TokenModel>> CoremlModel::open(const ResolvedModel& wanted,
                                                      const LoadOptions& options,
                                                      const OnProgress& on_progress) {
  const auto start = std::chrono::steady_clock::now();
  std::unique_ptr<CoremlModel> model(new CoremlModel);
  TRY(barrier("Core ML", [&] { return model->load(wanted, options, on_progress); }));
  model->info_.load_seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return std::unique_ptr<TokenModel>(std::move(model));
}

Result<void> CoremlModel::load(const ResolvedModel& wanted, const LoadOptions& options,
                               const OnProgress& on_progress) {
  info_.path = wanted.path;
  const auto go_on = [&](double share) -> Result<void> {
    if (!on_progress || on_progress(share)) return {};
    return fail(ErrorCode::cancelled, fmt::format("loading {} was cancelled", info_.path));
  };
  const Options chosen = read_options(options);
  TRY(go_on(0));
  std::vector<std::filesystem::path> models{wanted.path};
  if (wanted.format == "anemll") models = TRY(read_anemll_folder(wanted.path)).models();
  decoder_ = TRY(Decoder::open(models, chosen.function, chosen.precision));
  TRY(go_on(0.8));
  tokenizer_ = TRY(open_tokenizer(wanted.text));

  info_.format = wanted.format;
  info_.architecture = wanted.architecture;
  info_.weight_bytes = wanted.weight_bytes;
  info_.parameters = wanted.parameters;
  info_.description = describe(wanted, *decoder_);
  info_.trained_context_size = static_cast<int>(decoder_->context());
  info_.context_size = TRY(choose_context_size(info_.path, options, decoder_->context()));
  info_.threads = options.threads > 0 ? options.threads : usable_cores();
  info_.chat_template = wanted.text.chat_template;
  most_tokens_ =
      decoder_->keeps() ? chosen.prefill_chunk : static_cast<std::size_t>(decoder_->context());
  MemoryNeed need;
  need.mapped_weights = true;
  need.weights = info_.weight_bytes + decoder_->constant_bytes();
  need.cache = decoder_->cache_bytes();
  need.buffers = program_bytes;
  TRY(check_memory(info_.path, need, options));
  TRY(decoder_->use_threads(info_.threads));
  decoder_->start();
  const TokenId first = 0;
  const auto rows = TRY(decoder_->run(0, {&first, 1}, true, 0, interrupted_));
  info_.vocabulary_size = static_cast<int>(rows.width);
  TRY(check_vocabulary(info_.path, *tokenizer_, info_.vocabulary_size));
  sequence_.start(info_.vocabulary_size, info_.context_size);
  return go_on(1);
}

}  // namespace tenfold::coreml
