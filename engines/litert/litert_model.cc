// Loading, and evaluation by the best moves.
#include "litert_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/files.h"
#include "base/machine.h"
#include "embedder_files.h"
#include "engine/options.h"
#include "generation/load_checks.h"
#include "moves.h"
#include "weight_cache.h"

namespace tenfold::litert {
namespace {

/// The library itself and what it allocates besides weights and cache.
constexpr std::uint64_t overhead = 32 << 20;

std::uint64_t element_bytes(Element element) {
  switch (element) {
    case Element::float32:
    case Element::int32:
      return 4;
    case Element::float16:
      return 2;
    default:
      return 1;
  }
}

std::uint64_t tensor_bytes(const Tensor& tensor) {
  return static_cast<std::uint64_t>(tensor.elements()) * element_bytes(tensor.element);
}

/// XNNPACK keeps its own arrangement of the weights, in memory (where it takes up to half as much
/// again while it is made) or mapped from the cache file. Gemma 3 270M int8, 286 MB, 1024 tokens:
/// peak resident 796 MB without and 357 MB with a cache file; estimated 784 and 355. Tables that
/// embedders look rows up in (`tables`, bytes) are read where they are mapped.
MemoryNeed memory_need(const Graph& graph, std::uint64_t weights, std::uint64_t tables,
                       bool cached_weights) {
  MemoryNeed need;
  need.weights = (cached_weights ? weights : weights * 5 / 2) + tables;
  need.mapped_weights = cached_weights;
  for (const Tensor& state : graph.states) need.cache += tensor_bytes(state);
  need.buffers = overhead;
  std::vector<const Step*> steps{&graph.decode};
  for (const Step& step : graph.prefills) steps.push_back(&step);
  for (const Step* step : steps) {
    for (const auto* slots : {&step->inputs, &step->outputs}) {
      for (const Slot& slot : *slots) {
        if (slot.role != Role::state) need.buffers += tensor_bytes(slot.tensor);
      }
    }
  }
  return need;
}

std::string default_weight_cache() { return default_option_folder("litert").string(); }

/// The default folder is used where it can be made and has room for the weights.
Result<WeightCache> weight_cache(const LoadOptions& options, const ModelRange& model) {
  const auto given = options.engine_options.find("weight_cache");
  if (given == options.engine_options.end()) {
    const std::string folder = default_weight_cache();
    std::error_code error;
    if (!make_folder(folder).ok()) return WeightCache();
    const auto space = std::filesystem::space(folder, error);
    if (error || space.available / 2 < model.bytes()) return WeightCache();
    return WeightCache::in(folder, model.path);
  }
  const std::string& folder = std::get<std::string>(given->second);
  if (folder.empty()) return WeightCache();
  return WeightCache::in(folder, model.path);
}

Result<Runtime> make_runtime(ModelFile file, const Graph& graph,
                             const CompiledModel::Settings& settings, EmbedderFiles embedders) {
  return Runtime::create(TRY(CompiledModel::compile(std::move(file), settings)), graph,
                         TRY(std::move(embedders).compile()));
}

Error with_path(Error error, const std::string& path) {
  error.message = fmt::format("{}: {}", path, error.message);
  error.hint = "the model may need operators or memory that LiteRT does not have here";
  return error;
}

}  // namespace

std::vector<OptionSpec> option_specs() {
  return {{"weight_cache",
           default_weight_cache(),
           "Folder that keeps XNNPACK's arrangement of the weights, as large as these, so that "
           "loads are faster and take less than half of the memory; what nobody used for a month "
           "is removed. Empty: none.",
           {},
           0,
           0,
           OptionKind::folder}};
}

Result<std::unique_ptr<TokenModel>> LitertModel::open(const ResolvedModel& wanted,
                                                      const LoadOptions& options,
                                                      const OnProgress& on_progress) {
  const std::string path = wanted.path;
  const ModelSource source = TRY(open_model_source(wanted));
  std::unique_ptr<LitertModel> model(new LitertModel);
  ModelInfo& info = model->info_;
  info.path = path;
  info.format = wanted.format;
  info.architecture = wanted.architecture.empty() ? wanted.format : wanted.architecture;
  info.chat_template = wanted.text.chat_template;
  TRY(model->load(source, options, on_progress));
  return std::unique_ptr<TokenModel>(std::move(model));
}

Result<void> LitertModel::load(const ModelSource& source, const LoadOptions& options,
                               const OnProgress& on_progress) {
  const auto go_on = [&](double share) -> Result<void> {
    if (!on_progress || on_progress(share)) return {};
    return fail(ErrorCode::cancelled, fmt::format("loading {} was cancelled", info_.path));
  };
  TRY(go_on(0));
  ModelFile file = TRY(ModelFile::open(source.range));
  graph_ = TRY(read_graph(TRY(file.signatures()), options.context_size, info_.path));
  EmbedderFiles embedders = TRY(EmbedderFiles::open(source, graph_, info_.path));
  tokenizer_ = source.tokenizer;
  TRY(check_vocabulary(info_.path, *tokenizer_, graph_.vocabulary));
  info_.vocabulary_size = graph_.vocabulary;
  info_.trained_context_size = graph_.largest_context;
  info_.context_size = TRY(choose_context_size(info_.path, options, graph_.largest_context));
  info_.threads = options.threads > 0 ? options.threads : usable_cores();
  info_.weight_bytes = source.range.bytes() + embedders.bytes();
  info_.parameters = file.parameters() + embedders.parameters();
  info_.description =
      fmt::format("{} {}{}", info_.architecture, parameters_text(info_.parameters), source.unused);
  WeightCache cache = TRY(weight_cache(options, source.range));
  TRY(check_memory(
      info_.path,
      memory_need(graph_, source.range.bytes(), embedders.bytes(), !cache.file().empty()),
      options));
  TRY(go_on(0.1));
  auto runtime =
      make_runtime(std::move(file), graph_, {info_.threads, cache.file()}, std::move(embedders));
  if (!runtime) return with_path(std::move(runtime).error(), info_.path);
  runtime_.emplace(std::move(runtime).value());
  TRY(go_on(0.9));
  const TokenId token = 0;
  TRY(runtime_->run(graph_.decode, {&token, 1}, 0));  // the first prompt finds all in place
  cache.keep();
  sequence_.start(info_.vocabulary_size, info_.context_size);
  return go_on(1);
}

Result<std::span<const float>> LitertModel::evaluate(std::span<const Chunk> chunks) {
  return sequence_.evaluate(
      chunks, {}, [&](std::span<const TokenId> tokens, bool all) -> Result<SingleSequence::Run> {
        const Move move =
            next_move(graph_, sequence_.length(), static_cast<int>(tokens.size()), all);
        const auto count = static_cast<std::size_t>(move.tokens);
        TRY(runtime_->run(*move.step, tokens.first(count), sequence_.length()));
        rows_.clear();
        if (move.rows > 0) {
          const int first = move.step->logit_rows == 1 ? 0 : move.tokens - move.rows;
          TRY(runtime_->append_logits(*move.step, first, move.rows, rows_));
        }
        return SingleSequence::Run{count, rows_};
      });
}

}  // namespace tenfold::litert
