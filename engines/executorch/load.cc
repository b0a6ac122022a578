// Opening a model: our own checks first, then ExecuTorch.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string_view>

#include "base/barrier.h"
#include "base/machine.h"
#include "executorch_model.h"
#include "formats/mapped_file.h"
#include "formats/pte_header.h"
#include "formats/pte_program.h"
#include "framework.h"
#include "generation/load_checks.h"
#include "llm_ops/operators.h"
#include "log_capture.h"
#include "options.h"
#include "text/file_tokenizer.h"
#include "text/program_tokenizer.h"
#include "threads.h"

namespace tenfold::executorch {
namespace {

using ::executorch::extension::Module;
using ::executorch::runtime::Program;
using ::executorch::runtime::Error::Ok;

/// What the program's method needs besides its weights.
struct Needs {
  std::uint64_t planned = 0;          ///< bytes of KV cache and activations
  std::vector<std::string> backends;  ///< that it is delegated to
};

Result<Needs> needs_of(Module& module, const std::string& file) {
  const auto forward = module.method_meta("forward");
  if (!forward.ok()) return framework_error("read forward of " + file, forward.error());
  Needs needs;
  for (std::size_t i = 0; i < forward->num_memory_planned_buffers(); ++i) {
    const auto size = forward->memory_planned_buffer_size(i);
    if (size.ok()) needs.planned += static_cast<std::uint64_t>(*size);
  }
  for (std::size_t i = 0; i < forward->num_backends(); ++i) {
    const auto name = forward->get_backend_name(i);
    if (!name.ok()) return framework_error("read the backends of " + file, name.error());
    if (std::ranges::find(needs.backends, *name) == needs.backends.end()) {
      needs.backends.emplace_back(*name);
    }
  }
  return needs;
}

}  // namespace

Result<std::unique_ptr<TokenModel>> ExecutorchModel::open(const ResolvedModel& wanted,
                                                          const LoadOptions& options,
                                                          const OnProgress& on_progress) {
  const std::string path = wanted.path;
  const auto start = std::chrono::steady_clock::now();
  const std::string file = wanted.file;
  const MappedFile mapped = TRY(MappedFile::open(file));
  const auto source = make_memory_source(mapped.bytes());
  const PteHeader header = TRY(read_pte_header(*source, file));

  std::unique_ptr<ExecutorchModel> model(new ExecutorchModel);
  model->signature_ = TRY(read_pte_signature(mapped.bytes().substr(0, header.program), file));
  ModelInfo& info = model->info_;
  info.path = path;
  info.format = "pte";
  info.weight_bytes = source->size();
  info.threads = options.threads > 0 ? options.threads : usable_cores();
  capture_log();
  TRY(barrier("ExecuTorch", [&] { return model->load(wanted, options, on_progress); }));
  info.load_seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return std::unique_ptr<TokenModel>(std::move(model));
}

Result<void> ExecutorchModel::load(const ResolvedModel& wanted, const LoadOptions& options,
                                   const OnProgress& on_progress) {
  const std::string file = wanted.file;
  const auto report = [&](double share) -> Result<void> {
    if (!on_progress || on_progress(share)) return {};
    return fail(ErrorCode::cancelled, fmt::format("loading {} was cancelled", file));
  };
  const Options chosen = read_options(options);
  TRY(report(0));
  TRY(register_llm_operators());
  module_ = std::make_unique<Module>(file, chosen.load_mode);
  clear_log();
  if (const auto error = module_->load(Program::Verification::InternalConsistency); error != Ok) {
    return framework_error("open " + file, error);
  }
  const Needs needs = TRY(needs_of(*module_, file));
  info_.vocabulary_size = signature_.vocabulary_size;
  info_.trained_context_size = signature_.context_size;
  info_.context_size = TRY(choose_context_size(file, options, signature_.context_size));
  sequence_.start(info_.vocabulary_size, info_.context_size);
  prefill_chunk_ = std::min(chosen.prefill_chunk, signature_.longest_input);

  const auto tokenizer = TRY(open_tokenizer(wanted.text));
  TRY(check_vocabulary(file, *tokenizer, info_.vocabulary_size));
  tokenizer_ = std::make_unique<ProgramTokenizer>(tokenizer, signature_.ends, signature_.begin);
  info_.chat_template = wanted.text.chat_template;
  info_.architecture = wanted.architecture.empty() ? "unknown" : wanted.architecture;
  info_.description =
      fmt::format("{} for {}", info_.architecture,
                  needs.backends.empty() ? "portable operators"
                                         : fmt::format("{}", fmt::join(needs.backends, ", ")));

  // A delegate rearranges its weights into memory of its own, so they cannot be paged.
  MemoryNeed need;
  need.weights = info_.weight_bytes;
  need.cache = needs.planned;
  need.mapped_weights = needs.backends.empty() && chosen.load_mode == Module::LoadMode::Mmap;
  TRY(check_memory(file, need, options));

  threads_ = TRY(hold_threads(info_.threads));
  TRY(report(0.1));
  clear_log();
  if (const auto error = module_->load_forward(); error != Ok) {
    return framework_error("load " + file, error);
  }
  TRY(report(0.9));
  const TokenId token = std::max(signature_.begin, 0);
  TRY(forward({&token, 1}));
  return report(1);
}

}  // namespace tenfold::executorch
