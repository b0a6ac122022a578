// libonnxruntime.so, opened at run time: its C API and owning handles for its objects.
#pragma once

#include <ort_c_api.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tenfold/result.h"

namespace tenfold::onnxruntime {

struct Library {
  const OrtApi* api = nullptr;
  std::string version;
  std::vector<std::string> providers;  ///< execution providers, lower-case and short: "cpu"
};

/// Opens the library once per process; it stays open. unavailable with the loader's words.
Result<const Library*> open_library();

/// The C API. Only after open_library() succeeded.
const OrtApi& ort();

/// Takes the status over. internal, saying that ONNX Runtime cannot do `what`, and why.
Result<void> check(OrtStatus* status, std::string_view what);

struct Releaser {
  void operator()(OrtEnv* object) const { ort().ReleaseEnv(object); }
  void operator()(OrtSessionOptions* object) const { ort().ReleaseSessionOptions(object); }
  void operator()(OrtSession* object) const { ort().ReleaseSession(object); }
  void operator()(OrtRunOptions* object) const { ort().ReleaseRunOptions(object); }
  void operator()(OrtIoBinding* object) const { ort().ReleaseIoBinding(object); }
  void operator()(OrtMemoryInfo* object) const { ort().ReleaseMemoryInfo(object); }
  void operator()(OrtValue* object) const { ort().ReleaseValue(object); }
  void operator()(OrtStatus* object) const { ort().ReleaseStatus(object); }
};
template <typename T>
using Handle = std::unique_ptr<T, Releaser>;

}  // namespace tenfold::onnxruntime
