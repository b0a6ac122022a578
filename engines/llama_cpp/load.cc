// Opening a model: checks by our own parser first, then llama.cpp.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "base/barrier.h"
#include "base/machine.h"
#include "formats/detect.h"
#include "formats/estimate.h"
#include "formats/gguf_architectures.h"
#include "formats/gguf_model.h"
#include "formats/gguf_shape.h"
#include "formats/named_templates.h"
#include "generation/load_checks.h"
#include "llama_model.h"
#include "log_capture.h"
#include "rpc_hosts.h"

namespace tenfold::llama_cpp {
namespace {

/// llama.cpp counts the tokens of all sequences in 32 bits.
Result<void> check_cache(const LoadOptions& options) {
  constexpr int most = 1 << 28;
  if (options.context_size <= most / options.sequences) return {};
  return fail(ErrorCode::invalid_argument,
              fmt::format("context_size is {}; with {} sequences it can be at most {}",
                          options.context_size, options.sequences, most / options.sequences));
}

/// A rope option stretches the context beyond what the model was trained for.
Result<int> choose_context(const std::string& path, const LoadOptions& load, const Options& options,
                           std::int64_t trained) {
  if (load.context_size > trained && !options.stretches_context) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("context_size is {}, but {} was trained for {} tokens",
                            load.context_size, path, trained),
                "choose a smaller context, or set rope_scaling, rope_freq_base or rope_freq_scale");
  }
  return choose_context_size(path, load, std::max<std::int64_t>(trained, load.context_size));
}

MemoryNeed memory_need(const MemoryEstimate& estimate, const Options& options) {
  return {estimate.weights, estimate.cache, estimate.total() - estimate.weights - estimate.cache,
          options.model.load_mode == LLAMA_LOAD_MODE_MMAP};
}

Error load_error(const std::string& path) {
  const std::string reason = last_log_lines();
  const auto contains = [&](std::string_view text) { return reason.find(text) != reason.npos; };
  if (contains("unknown pre-tokenizer") || contains("unknown tokenizer")) {
    return fail(ErrorCode::unsupported, fmt::format("llama.cpp cannot run {}: {}", path, reason),
                "the model may need a newer llama.cpp");
  }
  if (contains("allocate")) {
    return fail(ErrorCode::out_of_memory, fmt::format("cannot load {}: {}", path, reason),
                "choose a smaller model or context");
  }
  return fail(ErrorCode::bad_model, fmt::format("llama.cpp refuses {}: {}", path, reason),
              "download the file again, or convert the model again");
}

/// "llama 135M Q4_1": llama.cpp's own text guesses the size from the layer count.
std::string describe(const ModelInfo& info, std::string_view encoding) {
  const double millions = static_cast<double>(info.parameters) / 1e6;
  const std::string size = millions < 10      ? fmt::format("{:.1f}M", millions)
                           : millions < 10000 ? fmt::format("{:.0f}M", millions)
                                              : fmt::format("{:.0f}B", millions / 1000);
  return fmt::format("{} {} {}", info.architecture, size, encoding);
}

std::string names_of(const std::vector<HostPort>& hosts) {
  std::string names;
  for (const HostPort& host : hosts) names += (names.empty() ? "" : ", ") + host.text();
  return names;
}

}  // namespace

Result<std::unique_ptr<TokenModel>> LlamaModel::open(const ResolvedModel& wanted,
                                                     const LoadOptions& load,
                                                     const OnProgress& on_progress) {
  const std::string path = wanted.path;
  const auto start = std::chrono::steady_clock::now();
  TRY(check_cache(load));
  Options options = TRY(read_options(load));
  const GgufModel file = TRY(open_gguf_model(path));
  TRY(check_gguf_architecture(file.architecture, path));
  const ModelShape shape = TRY(read_shape(file));

  std::unique_ptr<LlamaModel> model(new LlamaModel);
  ModelInfo& info = model->info_;
  info.path = path;
  info.format = "gguf";
  info.architecture = file.architecture;
  info.trained_context_size =
      static_cast<int>(std::min<std::int64_t>(shape.trained_context, 1 << 30));
  info.context_size = TRY(choose_context(path, load, options, shape.trained_context));
  info.threads = load.threads > 0 ? load.threads : usable_cores();
  info.chat_template = chat_template_of(file.header);
  const CacheSettings cache{info.context_size, load.sequences,
                            static_cast<int>(options.context.n_ubatch), options.key_type,
                            options.value_type};
  MemoryEstimate estimate = estimate_memory(file.tensor_bytes, shape, cache);
  if (!options.rpc_hosts.empty()) {
    estimate = local_part(estimate, shape, options.model.n_gpu_layers);
  }
  TRY(check_memory(path, memory_need(estimate, options), load));

  llama_context_params& context = options.context;
  context.n_ctx = static_cast<std::uint32_t>(info.context_size * load.sequences);
  context.n_seq_max = static_cast<std::uint32_t>(load.sequences);
  context.n_threads = context.n_threads_batch = info.threads;
  model->lengths_.assign(static_cast<std::size_t>(load.sequences), 0);

  start_library();
  TRY(barrier("llama.cpp", [&] { return model->load(path, options, on_progress); }));
  info.load_seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return std::unique_ptr<TokenModel>(std::move(model));
}

Result<void> LlamaModel::load(const std::string& path, Options& options,
                              const OnProgress& on_progress) {
  bool stopped = false;
  auto progress = [&](float share) {
    stopped = stopped || (on_progress && !on_progress(static_cast<double>(share)));
    return !stopped;
  };
  options.model.progress_callback = [](float share, void* data) {
    return (*static_cast<decltype(progress)*>(data))(share);
  };
  options.model.progress_callback_user_data = &progress;
  std::vector<ggml_backend_dev_t> devices;
  if (!options.rpc_hosts.empty()) {
    devices = TRY(connect_rpc_hosts(options.rpc_hosts));
    options.model.devices = devices.data();
    say_on_abort("layers were held by " + names_of(options.rpc_hosts));
  }
  clear_log();
  model_.reset(llama_model_load_from_file(path.c_str(), options.model));
  if (stopped) return fail(ErrorCode::cancelled, fmt::format("loading {} was cancelled", path));
  if (model_ == nullptr) return load_error(path);
  vocabulary_ = std::make_unique<Vocabulary>(llama_model_get_vocab(model_.get()));
  info_.vocabulary_size = vocabulary_->vocabulary_size();
  info_.parameters = llama_model_n_params(model_.get());
  info_.weight_bytes = llama_model_size(model_.get());
  info_.description = describe(info_, llama_ftype_name(llama_model_ftype(model_.get())));
  recurrent_ = llama_model_is_recurrent(model_.get()) || llama_model_is_hybrid(model_.get());

  poll_ = options.poll;
  context_params_ = options.context;
  TRY(start_threads(info_.threads));
  context_params_.abort_callback = [](void* flag) {
    return static_cast<std::atomic<bool>*>(flag)->load(std::memory_order_relaxed);
  };
  context_params_.abort_callback_data = &interrupted_;
  TRY(load_adapters(path, options.lora));
  context_ = TRY(make_context(context_params_));
  batch_ = std::make_unique<Batch>(static_cast<int>(llama_n_batch(context_.get())));
  generates_ = llama_get_memory(context_.get()) != nullptr && vocabulary_->vocabulary_size() > 0 &&
               !llama_model_is_diffusion(model_.get());
  return generates_ ? warm_up() : Result<void>();
}

Result<void> LlamaModel::load_adapters(const std::string& path,
                                       const std::vector<LoraFile>& files) {
  for (const LoraFile& file : files) {
    const auto source = TRY(open_file_source(file.path));
    TRY(require_format(*source, file.path, "gguf"));
    const GgufFile header = TRY(read_gguf(*source, file.path));
    const std::string* type = header.text("general.type");
    if (type == nullptr || *type != "adapter") {
      return fail(ErrorCode::bad_model, fmt::format("{} is not a LoRA adapter", file.path));
    }
    clear_log();
    llama_adapter_lora* adapter = llama_adapter_lora_init(model_.get(), file.path.c_str());
    if (adapter == nullptr) {
      return fail(ErrorCode::bad_model, fmt::format("the LoRA adapter {} does not fit {}: {}",
                                                    file.path, path, last_log_lines()));
    }
    adapters_.push_back(adapter);
    adapter_scales_.push_back(file.scale);
  }
  return {};
}

Result<void> LlamaModel::start_threads(int count) {
  ThreadPoolHandle& pool = pools_[count];
  if (pool == nullptr) {
    ggml_threadpool_params params = ggml_threadpool_params_default(count);
    params.poll = poll_;
    pool.reset(ggml_threadpool_new(&params));
  }
  if (pool == nullptr) return fail(ErrorCode::io, fmt::format("cannot start {} threads", count));
  for (llama_context* context : {context_.get(), embedder_.get()}) {
    if (context == nullptr) continue;
    llama_attach_threadpool(context, pool.get(), pool.get());
    llama_set_n_threads(context, count, count);
  }
  context_params_.n_threads = context_params_.n_threads_batch = info_.threads = count;
  return {};
}

Result<void> LlamaModel::adjust(const Adjustment& adjustment) {
  if (!adjustment.threads) return {};
  return start_threads(*adjustment.threads > 0 ? *adjustment.threads : usable_cores());
}

Result<ContextHandle> LlamaModel::make_context(const llama_context_params& params) {
  clear_log();
  ContextHandle context(llama_init_from_model(model_.get(), params));
  if (context == nullptr) {
    const std::string reason = last_log_lines();
    const bool memory =
        reason.find("alloc") != std::string::npos || reason.find("reserve") != std::string::npos;
    return fail(
        memory ? ErrorCode::out_of_memory : ErrorCode::unsupported,
        fmt::format("llama.cpp cannot make a context of {} tokens: {}", params.n_ctx, reason),
        memory ? "choose a smaller context_size" : "choose other cache or attention options");
  }
  ggml_threadpool* pool = pools_.at(info_.threads).get();
  llama_attach_threadpool(context.get(), pool, pool);
  if (!adapters_.empty() &&
      llama_set_adapters_lora(context.get(), adapters_.data(), adapters_.size(),
                              adapter_scales_.data()) != 0) {
    return fail(ErrorCode::bad_model, "llama.cpp cannot apply the LoRA adapters");
  }
  return context;
}

/// Touches weights and buffers once, as llama.cpp's own tools do.
Result<void> LlamaModel::warm_up() {
  const TokenId token = std::max(0, llama_vocab_bos(llama_model_get_vocab(model_.get())));
  batch_->add(token, 0, 0, true);
  TRY(decode(batch_->get()));
  llama_synchronize(context_.get());
  llama_memory_clear(llama_get_memory(context_.get()), true);
  batch_->clear();
  return {};
}

}  // namespace tenfold::llama_cpp
