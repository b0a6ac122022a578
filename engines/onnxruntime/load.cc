// Opening a model: checks by our own parser first, then ONNX Runtime.
#include <fmt/format.h>

#include <algorithm>

#include "base/machine.h"
#include "formats/onnx_names.h"
#include "generation/load_checks.h"
#include "onnx_decoder.h"
#include "text/file_tokenizer.h"

namespace tenfold::onnxruntime {
namespace {

constexpr std::size_t most_tokens = 512;
constexpr std::size_t least_rows = 16;
constexpr std::size_t logits_bytes = std::size_t{64} << 20;
constexpr std::uint64_t program_bytes = std::uint64_t{64} << 20;

/// Matrices are repacked one after the other and the originals dropped, except those that another
/// operator reads too. Seen on CPU, in MB: 50 matrices of float32, 200 of weights, grew the process
/// by 214 to 222 (external or not); Gemma 3 270M with its tied embedding of 671, 1140 of weights,
/// by 1693. Matrices of float16 become float32, as the processor multiplies those: 24 of them, 48
/// of weights, grew it by 123.
std::uint64_t loaded_bytes(const OnnxModel& model) {
  const std::uint64_t weights = model.inline_bytes + model.external_bytes;
  if (model.weight_type == OnnxType::float16) return weights / 5 * 13 + 2 * model.shared_bytes;
  return weights + weights / 10 + model.shared_bytes;
}

std::size_t row_bytes(const DecoderGraph& graph) {
  return static_cast<std::size_t>(graph.vocabulary) *
         static_cast<std::size_t>(element_bits(graph.logits.type)) / 8;
}

/// The file of a pair that reads prompts, where it is part of the model.
std::string prompt_file(const ResolvedModel& model) {
  const auto path = model.file.parent_path() / prompt_decoder(model.file.filename().string());
  const auto found = std::ranges::find(model.files, path);
  return found == model.files.end() ? std::string() : found->string();
}

constexpr std::int64_t longest_context = 1 << 30;

Result<std::int64_t> trained_context(const ResolvedModel& model, const LoadOptions& options) {
  if (model.sizes.context > 0) return std::min(model.sizes.context, longest_context);
  if (options.context_size > 0) return options.context_size;
  return fail(ErrorCode::bad_model,
              fmt::format("nothing beside {} says how long its context is", model.file.string()),
              "put its config.json or genai_config.json into the same folder, or choose a context "
              "(on the command line: --ctx)");
}

}  // namespace

Result<std::unique_ptr<TokenModel>> OnnxDecoder::open(const ResolvedModel& wanted,
                                                      const LoadOptions& load,
                                                      const OnProgress& on_progress) {
  const std::string path = wanted.path;
  TRY(open_library());
  const Options options = read_options(load);
  const std::string graph_file = wanted.file;
  const OnnxModel file = TRY(open_onnx_model(graph_file));
  std::unique_ptr<OnnxDecoder> model(new OnnxDecoder);
  DecoderGraph graph = TRY(describe_decoder(file, wanted.sizes, graph_file));
  ModelInfo& info = model->info_;
  info.weight_bytes = file.inline_bytes + file.external_bytes;
  MemoryNeed need;
  need.weights = loaded_bytes(file);
  const std::string prompts = prompt_file(wanted);
  std::optional<DecoderGraph> prompt_graph;
  if (!prompts.empty()) {
    const OnnxModel part = TRY(open_onnx_model(prompts));
    prompt_graph = TRY(describe_prompt_decoder(part, graph, prompts));
    need.weights += loaded_bytes(part);
    info.weight_bytes += part.inline_bytes + part.external_bytes;
    // What the one graph makes has to lie as the other takes it.
    for (CacheTensor& tensor : graph.cache) tensor.in_place = false;
  }
  model->tokenizer_ = TRY(open_tokenizer(wanted.text));

  info.path = path;
  info.format = "onnx";
  info.architecture = wanted.architecture.empty() ? "decoder" : wanted.architecture;
  info.parameters = file.parameters;
  info.description = fmt::format("{} {} {}", info.architecture, parameters_text(file.parameters),
                                 wanted.quantization);
  info.vocabulary_size = graph.vocabulary;
  TRY(check_vocabulary(path, *model->tokenizer_, info.vocabulary_size));
  const std::int64_t trained = TRY(trained_context(wanted, load));
  info.trained_context_size = static_cast<int>(trained);
  info.context_size = TRY(choose_context_size(path, load, trained));
  info.threads = load.threads > 0 ? load.threads : usable_cores();
  info.chat_template = wanted.text.chat_template;

  model->choose_run_sizes(graph, options);
  const std::int64_t capacity = std::max<std::int64_t>(info.context_size, graph.least_capacity);
  need.cache = KvCache::bytes(graph.cache, capacity);
  need.buffers = model->most_rows_ * row_bytes(graph) + program_bytes;
  TRY(check_memory(path, need, load));

  const auto cancelled = [&](double share) { return on_progress && !on_progress(share); };
  const Error stop = fail(ErrorCode::cancelled, fmt::format("loading {} was cancelled", path));
  if (cancelled(0)) return stop;
  if (prompt_graph) {
    Session session = TRY(Session::create(prompts, info.threads, options));
    model->prompts_.emplace(Part{*std::move(prompt_graph), std::move(session)});
    if (cancelled(0.5)) return stop;
  }
  Session session = TRY(Session::create(graph_file, info.threads, options));
  model->whole_.emplace(Part{std::move(graph), std::move(session)});
  TRY(model->start(capacity));
  if (cancelled(1)) return stop;
  return std::unique_ptr<TokenModel>(std::move(model));
}

void OnnxDecoder::choose_run_sizes(const DecoderGraph& graph, const Options& options) {
  const std::size_t affordable =
      std::clamp(logits_bytes / row_bytes(graph), least_rows, most_tokens);
  const bool row_per_token = !graph.logits_to_keep && !graph.last_logits_only;
  most_tokens_ = options.prefill_chunk > 0 ? static_cast<std::size_t>(options.prefill_chunk)
                 : row_per_token           ? affordable
                                           : most_tokens;
  most_rows_ = row_per_token ? most_tokens_ : std::min(affordable, most_tokens_);
  if (graph.last_logits_only) most_rows_ = 1;
  most_after_some_ = most_tokens_;
}

Result<void> OnnxDecoder::start(std::int64_t capacity) {
  const DecoderGraph& graph = whole_->graph;
  cache_ = TRY(KvCache::create(graph.cache, capacity));
  TRY(cache_->bind_fixed(whole_->session));
  const auto context = static_cast<std::size_t>(info_.context_size);
  tokens_ = Integers(graph.tokens.type, most_tokens_);
  if (graph.mask) {
    mask_ = Integers(graph.mask->type, context);
    for (std::size_t i = 0; i < context; ++i) mask_.set(i, 1);
    const auto border = static_cast<std::size_t>(graph.border.tokens);
    if (border > 0 && border < context) long_mask_ = Integers(graph.mask->type, border + 1);
  }
  if (graph.positions) {
    positions_ = Integers(graph.positions->type, context);
    for (std::size_t i = 0; i < context; ++i) positions_.set(i, static_cast<std::int64_t>(i));
  }
  if (graph.logits_to_keep) logits_to_keep_ = Integers(graph.logits_to_keep->type, 1);
  logits_ = Logits(graph.logits.type, most_rows_, static_cast<std::size_t>(graph.vocabulary));
  sequence_.start(graph.vocabulary, info_.context_size,
                  static_cast<std::size_t>(graph.border.tokens));
  if ((prompts_ || graph.with_cache) && !TRY(takes_several_after_some())) most_after_some_ = 1;
  const TokenId first = 0;
  TRY(run(0, {&first, 1}, false));
  return {};
}

}  // namespace tenfold::onnxruntime
