// Opening a model: our own checks first, then TVM.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "formats/bounded_json.h"
#include "formats/mlc_library.h"
#include "generation/load_checks.h"
#include "mlc_model.h"
#include "options.h"
#include "text/file_tokenizer.h"

namespace tenfold::mlc {
namespace {

constexpr std::uint64_t program_bytes = std::uint64_t{32} << 20;

/// What a piece of a prompt needs while it runs: the numbers of some layers, and logits. The
/// library plans for its largest piece.
std::uint64_t run_bytes(const nlohmann::json& model, std::int64_t vocabulary,
                        const Metadata& metadata, std::size_t rows) {
  const auto numbers = static_cast<std::uint64_t>(
      metadata.prefill_chunk *
      (6 * positive(model, "hidden_size") + 4 * positive(model, "intermediate_size")));
  return sizeof(float) * (numbers + rows * static_cast<std::uint64_t>(vocabulary));
}

}  // namespace

Result<std::unique_ptr<TokenModel>> MlcModel::open(const ResolvedModel& wanted,
                                                   const LoadOptions& options,
                                                   const OnProgress& on_progress) {
  const auto start = std::chrono::steady_clock::now();
  std::unique_ptr<MlcModel> model(new MlcModel);
  TRY(model->load(wanted, options, on_progress));
  model->info_.load_seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return std::unique_ptr<TokenModel>(std::move(model));
}

Result<void> MlcModel::load(const ResolvedModel& wanted, const LoadOptions& options,
                            const OnProgress& on_progress) {
  const std::string path = wanted.path;
  const auto go_on = [&](double share) -> Result<void> {
    if (!on_progress || on_progress(share)) return {};
    return fail(ErrorCode::cancelled, fmt::format("loading {} was cancelled", path));
  };
  const Options chosen = read_options(options);
  const auto config = TRY(read_json_object(wanted.path / "mlc-chat-config.json"));
  const std::int64_t vocabulary = positive(config, "vocab_size");
  if (vocabulary == 0) {
    return fail(ErrorCode::bad_model,
                fmt::format("{}/mlc-chat-config.json has no vocab_size", path),
                "download the model again");
  }
  tokenizer_ = TRY(open_tokenizer(wanted.text));
  TRY(check_vocabulary(path, *tokenizer_, static_cast<int>(vocabulary)));
  const std::filesystem::path library =
      chosen.library.empty() ? TRY(find_mlc_library(wanted.path)) : chosen.library;
  TRY(check_mlc_library(library));
  network_ = TRY(Network::load(library));
  const Metadata& metadata = network_->metadata();
  weights_.emplace(TRY(Weights::open(wanted.path, metadata)));

  info_.path = path;
  info_.format = "mlc";
  info_.architecture = metadata.model_type;
  info_.parameters = wanted.parameters;
  info_.weight_bytes = weights_->bytes();
  info_.description = fmt::format("{} {:.{}f}M {}", metadata.model_type,
                                  static_cast<double>(info_.parameters) / 1e6,
                                  info_.parameters < 10'000'000 ? 1 : 0, metadata.quantization);
  info_.vocabulary_size = static_cast<int>(vocabulary);
  info_.trained_context_size = static_cast<int>(metadata.context);
  info_.context_size = TRY(choose_context_size(path, options, metadata.context));
  info_.chat_template = wanted.text.chat_template;

  most_tokens_ = static_cast<std::size_t>(std::min(chosen.prefill_chunk, metadata.prefill_chunk));
  most_rows_ = std::min(most_tokens_, static_cast<std::size_t>(network_->most_rows(vocabulary)));
  most_sequences_ = static_cast<std::size_t>(metadata.batch);
  const int sequences = std::max(options.sequences, 1);
  MemoryNeed need;
  need.weights = weights_->bytes();
  need.cache = Cache::bytes(metadata, sequences, info_.context_size) + weights_->own_bytes();
  need.mapped_weights = true;
  need.buffers =
      run_bytes(part(config, "model_config"), vocabulary, metadata, most_rows_) + program_bytes;
  TRY(check_memory(path, need, options));

  TRY(use_threads(options.threads));
  TRY(guarded([&]() -> Result<void> {
    network_->use_weights(TRY(weights_->tensors(go_on)));
    network_->make_cache(sequences, info_.context_size);
    return {};
  }));
  TRY(warm_up());
  return go_on(1);
}

/// Runs a token, whose logits tell whether the library has the model's vocabulary.
Result<void> MlcModel::warm_up() {
  const Run run{{0}, {{0, 1}}, Rows::last};
  const auto rows = TRY(compute(run));
  if (rows.size() != static_cast<std::size_t>(info_.vocabulary_size)) {
    return fail(ErrorCode::bad_model,
                fmt::format("{} has a vocabulary of {} tokens, but its library one of {}",
                            info_.path, info_.vocabulary_size, rows.size()),
                "use a library made for this model: `tenfold compile FOLDER`");
  }
  TRY(rewind(0, 0));
  return {};
}

}  // namespace tenfold::mlc
