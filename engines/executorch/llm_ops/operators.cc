#include "llm_ops/operators.h"

#include <executorch/runtime/kernel/kernel_runtime_context.h>
#include <executorch/runtime/kernel/operator_registry.h>
#include <executorch/runtime/platform/log.h>

#include <new>

namespace tenfold::executorch {
namespace {

using ::executorch::runtime::Kernel;
using ::executorch::runtime::KernelRuntimeContext;

/// Runs an operator, and tells the framework what is wrong, whose error names no more than a code.
template <Result<void> (*Operator)(const Arguments&)>
void run(KernelRuntimeContext& context, Stack stack) {
  try {
    const auto done = Operator(Arguments(stack));
    if (done.ok()) return;
    ET_LOG(Error, "%s", done.error().message.c_str());
    context.fail(::executorch::runtime::Error::InvalidArgument);
  } catch (const std::bad_alloc&) {
    context.fail(::executorch::runtime::Error::MemoryAllocationFailed);
  }
}

}  // namespace

Result<void> register_llm_operators() {
  static const Kernel llm_operators[] = {
      Kernel("llama::update_cache.out", run<update_cache>),
      Kernel("llama::update_cache_with_indices.out", run<update_cache_with_indices>),
      Kernel("llama::custom_sdpa.out", run<custom_sdpa>),
      Kernel("llama::sdpa_with_kv_cache.out", run<sdpa_with_kv_cache>),
      Kernel("llama::custom_quantized_sdpa.out", run<custom_quantized_sdpa>),
      Kernel("llama::fast_hadamard_transform.out", run<fast_hadamard_transform>),
      Kernel("llama::gated_delta_rule.out", run<gated_delta_rule>),
      Kernel("llama::channelwise_gated_delta_rule.out", run<gated_delta_rule>),
  };
  static const auto registered = ::executorch::runtime::register_kernels(
      {llm_operators, sizeof(llm_operators) / sizeof(*llm_operators)});
  if (registered == ::executorch::runtime::Error::Ok) return {};
  return fail(ErrorCode::internal, "ExecuTorch refuses the operators for language models");
}

}  // namespace tenfold::executorch
