// Session options, error kinds, and the IoBinding.
#include "session.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace tenfold::onnxruntime {
namespace {

constexpr const char* log_name = "tenfold";

/// Calls an ORT constructor into an owning handle.
template <typename T, typename Create>
Result<Handle<T>> make(std::string_view what, const Create& create) {
  T* object = nullptr;
  TRY(check(create(&object), what));
  return Handle<T>(object);
}

bool contains_any(std::string_view text, std::initializer_list<std::string_view> parts) {
  return std::ranges::any_of(
      parts, [&](std::string_view part) { return text.find(part) != std::string_view::npos; });
}

Error load_error(const std::string& graph, OrtStatus* raw) {
  const Handle<OrtStatus> status(raw);
  const OrtErrorCode code = ort().GetErrorCode(raw);
  const std::string reason = ort().GetErrorMessage(raw);
  if (code == ORT_NOT_IMPLEMENTED ||
      contains_any(reason, {"not a registered function/op", "No Op registered", "opset",
                            "IR version", "NOT_IMPLEMENTED", "Failed to find kernel"})) {
    return fail(ErrorCode::unsupported,
                fmt::format("ONNX Runtime cannot run {}: {}", graph, reason),
                "take another form of the model: onnx/model.onnx, model_q4.onnx or "
                "model_quantized.onnx, or the publisher's folder for the processor");
  }
  if (contains_any(reason, {"bad_alloc", "Failed to allocate"})) {
    return fail(ErrorCode::out_of_memory, fmt::format("cannot load {}: {}", graph, reason),
                "choose a smaller model");
  }
  return fail(ErrorCode::bad_model, fmt::format("ONNX Runtime refuses {}: {}", graph, reason),
              "download the file again, or export the model again");
}

Result<Handle<OrtSessionOptions>> session_options(int threads, const Options& options) {
  constexpr std::string_view what = "take its session options";
  const OrtApi& api = ort();
  auto made = TRY(make<OrtSessionOptions>(what, api.CreateSessionOptions));
  OrtSessionOptions* session = made.get();
  TRY(check(api.SetIntraOpNumThreads(session, threads), what));
  TRY(check(api.SetInterOpNumThreads(session, 1), what));
  TRY(check(api.SetSessionGraphOptimizationLevel(session, options.optimization), what));
  // A pattern is kept for every input shape, and the attention mask grows with every token.
  TRY(check(api.DisableMemPattern(session), what));
  TRY(check(api.AddSessionConfigEntry(session, "session.intra_op.allow_spinning",
                                      options.spinning ? "1" : "0"),
            what));
  if (options.provider != "cpu") {
    std::string name = options.provider;
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::toupper(c); });
    TRY(check(api.SessionOptionsAppendExecutionProvider(session, name.c_str(), nullptr, nullptr, 0),
              fmt::format("use the execution provider {}", options.provider)));
  }
  return made;
}

std::size_t byte_count(OnnxType type, const std::vector<std::int64_t>& shape) {
  std::size_t bytes = static_cast<std::size_t>(element_bits(type)) / 8;
  for (const std::int64_t size : shape) bytes *= static_cast<std::size_t>(size);
  return bytes;
}

Result<Handle<OrtValue>> tensor(const OrtMemoryInfo* info, void* memory, OnnxType type,
                                const std::vector<std::int64_t>& shape) {
  return make<OrtValue>("make a tensor", [&](OrtValue** value) {
    return ort().CreateTensorWithDataAsOrtValue(
        info, memory, byte_count(type, shape), shape.data(), shape.size(),
        static_cast<ONNXTensorElementDataType>(type), value);
  });
}

}  // namespace

Result<Session> Session::create(const std::string& graph, int threads, const Options& options) {
  const OrtApi& api = ort();
  const auto settings = TRY(session_options(threads, options));
  Session session;
  // Failures come back as a status; writing them to the log too would say everything twice.
  session.environment_ = TRY(make<OrtEnv>("start", [&](OrtEnv** out) {
    return api.CreateEnv(ORT_LOGGING_LEVEL_FATAL, log_name, out);
  }));
  OrtSession* raw = nullptr;
  OrtStatus* status =
      api.CreateSession(session.environment_.get(), graph.c_str(), settings.get(), &raw);
  if (status != nullptr) return load_error(graph, status);
  session.session_.reset(raw);
  session.binding_ = TRY(make<OrtIoBinding>(
      "bind tensors", [&](OrtIoBinding** out) { return api.CreateIoBinding(raw, out); }));
  session.run_options_ = TRY(make<OrtRunOptions>("take its run options", api.CreateRunOptions));
  session.memory_ = TRY(make<OrtMemoryInfo>("describe memory", [&](OrtMemoryInfo** out) {
    return api.CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, out);
  }));
  return session;
}

Result<void> Session::bind_input(const std::string& name, void* memory, OnnxType type,
                                 const std::vector<std::int64_t>& shape) {
  const auto value = TRY(tensor(memory_.get(), memory, type, shape));
  return check(ort().BindInput(binding_.get(), name.c_str(), value.get()), "bind " + name);
}

Result<void> Session::bind_output(const std::string& name, void* memory, OnnxType type,
                                  const std::vector<std::int64_t>& shape) {
  const auto value = TRY(tensor(memory_.get(), memory, type, shape));
  return check(ort().BindOutput(binding_.get(), name.c_str(), value.get()), "bind " + name);
}

Result<void> Session::run() {
  OrtStatus* raw = ort().RunWithBinding(session_.get(), run_options_.get(), binding_.get());
  if (raw == nullptr) return {};
  if (contains_any(ort().GetErrorMessage(raw), {"terminate flag"})) {
    const Handle<OrtStatus> status(raw);
    return fail(ErrorCode::cancelled, "the evaluation was interrupted");
  }
  return check(raw, "evaluate the model");
}

// Both only write a flag and cannot fail; the status is there because every function has one.
void Session::interrupt(bool wanted) {
  const auto set = wanted ? ort().RunOptionsSetTerminate : ort().RunOptionsUnsetTerminate;
  (void)check(set(run_options_.get()), "stop");
}

}  // namespace tenfold::onnxruntime
