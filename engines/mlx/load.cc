// Opening a model: our own checks first, then MLX.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/barrier.h"
#include "base/machine.h"
#include "formats/bounded_json.h"
#include "formats/decoder_memory.h"
#include "generation/load_checks.h"
#include "mlx_model.h"
#include "options.h"
#include "text/file_tokenizer.h"

namespace tenfold::mlx {
namespace {

constexpr std::size_t least_rows = 16;
constexpr std::size_t logits_bytes = std::size_t{8} << 20;

std::size_t row_bytes(const DecoderSpec& spec) {
  return static_cast<std::size_t>(spec.vocabulary) * sizeof(float);
}

}  // namespace

Result<std::unique_ptr<TokenModel>> MlxModel::open(const ResolvedModel& wanted,
                                                   const LoadOptions& options,
                                                   const OnProgress& on_progress) {
  const auto start = std::chrono::steady_clock::now();
  std::unique_ptr<MlxModel> model(new MlxModel);
  TRY(barrier("MLX", [&] { return model->load(wanted, options, on_progress); }));
  model->info_.load_seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return std::unique_ptr<TokenModel>(std::move(model));
}

Result<void> MlxModel::load(const ResolvedModel& wanted, const LoadOptions& options,
                            const OnProgress& on_progress) {
  const std::string path = wanted.path;
  const auto go_on = [&](double share) -> Result<void> {
    if (!on_progress || on_progress(share)) return {};
    return fail(ErrorCode::cancelled, fmt::format("loading {} was cancelled", path));
  };
  const Options chosen = read_options(options);
  const std::string config = wanted.path / "config.json";
  const DecoderSpec spec = TRY(read_decoder_spec(TRY(read_json_object(config)), config));
  weights_.emplace(TRY(Weights::open(wanted.path)));
  const DecoderTensors tensors = TRY(find_tensors(*weights_, spec));
  pooling_ = read_pooling(wanted.path);
  if (!pooling_.ok() && pooling_.error().code != ErrorCode::unsupported) return pooling_.error();
  tokenizer_ = TRY(open_tokenizer(wanted.text));
  TRY(check_vocabulary(path, *tokenizer_, spec.vocabulary));

  info_.path = path;
  info_.format = "safetensors";
  info_.architecture = spec.architecture;
  info_.parameters = weights_->parameters();
  info_.weight_bytes = weights_->bytes();
  info_.description = fmt::format("{} {} {}", spec.architecture, parameters_text(info_.parameters),
                                  wanted.quantization);
  info_.vocabulary_size = spec.vocabulary;
  info_.trained_context_size = static_cast<int>(spec.context);
  info_.context_size = TRY(choose_context_size(path, options, spec.context));
  info_.threads = options.threads > 0 ? options.threads : usable_cores();
  info_.chat_template = wanted.text.chat_template;

  most_tokens_ = chosen.prefill_chunk;
  most_rows_ = std::min(most_tokens_, std::max(logits_bytes / row_bytes(spec), least_rows));
  const bool is_stock = chosen.kernels == Kernels::stock;
  for (const Matrix* matrix : tensors.matrices()) {
    if (!is_stock) TRY(kernels::check(view_of(*matrix), path));
  }
  const MemoryEstimate estimate =
      estimate_decoder(weights_->bytes(), info_.parameters, shape_of(spec),
                       decoder_load(options, info_.context_size));
  const MemoryNeed need{estimate.weights, estimate.cache, estimate.compute + estimate.overhead,
                        !is_stock};
  TRY(check_memory(path, need, options));

  stream_.use();
  if (!is_stock) {
    own_ = std::make_unique<OwnKernels>(chosen.kernels == Kernels::own ? kernels::Precision::fast
                                                                       : kernels::Precision::exact);
    TRY(own_->use_threads(info_.threads));
  }
  decoder_ = TRY(Decoder::make(tensors, spec, info_.context_size, own_.get(), go_on));
  if (is_stock) weights_.reset();
  sequence_.start(spec.vocabulary, info_.context_size,
                  static_cast<std::size_t>(spec.rotary.border));
  const TokenId first = 0;
  TRY(run({&first, 1}, false));
  return go_on(1);
}

}  // namespace tenfold::mlx
