// Owning handles for llama.cpp's C objects.
#pragma once

#include <llama.h>

#include <memory>

namespace tenfold::llama_cpp {

struct ModelDeleter {
  void operator()(llama_model* model) const { llama_model_free(model); }
};
struct ContextDeleter {
  void operator()(llama_context* context) const { llama_free(context); }
};
struct ThreadPoolDeleter {
  void operator()(ggml_threadpool* pool) const { ggml_threadpool_free(pool); }
};

using ModelHandle = std::unique_ptr<llama_model, ModelDeleter>;
using ContextHandle = std::unique_ptr<llama_context, ContextDeleter>;
using ThreadPoolHandle = std::unique_ptr<ggml_threadpool, ThreadPoolDeleter>;

}  // namespace tenfold::llama_cpp
