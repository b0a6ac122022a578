// One loaded graph: tensors over memory of ours, bound by name, and runs that can be interrupted.
#pragma once

#include <string>
#include <vector>

#include "formats/onnx.h"
#include "library.h"
#include "options.h"

namespace tenfold::onnxruntime {

class Session {
 public:
  /// Loads the graph. bad_model, unsupported or out_of_memory with ONNX Runtime's words.
  static Result<Session> create(const std::string& graph, int threads, const Options& options);

  /// Binds `memory`, which outlives the binding, as a tensor. `memory` has room for `shape`.
  Result<void> bind_input(const std::string& name, void* memory, OnnxType type,
                          const std::vector<std::int64_t>& shape);
  Result<void> bind_output(const std::string& name, void* memory, OnnxType type,
                           const std::vector<std::int64_t>& shape);

  /// Runs the graph on what is bound. internal, or cancelled: see interrupt().
  Result<void> run();

  /// While `wanted`, runs end early. Thread-safe.
  void interrupt(bool wanted);

 private:
  Session() = default;

  // The order matters: a session goes before its environment.
  Handle<OrtEnv> environment_;
  Handle<OrtSession> session_;
  Handle<OrtIoBinding> binding_;
  Handle<OrtRunOptions> run_options_;
  Handle<OrtMemoryInfo> memory_;
};

}  // namespace tenfold::onnxruntime
