#include "library.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/shared_library.h"

namespace tenfold::onnxruntime {
namespace {

const OrtApi* loaded_api = nullptr;

/// "CPUExecutionProvider" is called "cpu".
std::string short_name(std::string_view provider) {
  constexpr std::string_view suffix = "ExecutionProvider";
  if (provider.ends_with(suffix)) provider.remove_suffix(suffix.size());
  std::string name(provider);
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
  return name;
}

Result<std::vector<std::string>> list_providers(const OrtApi& api) {
  char** names = nullptr;
  int count = 0;
  TRY(check(api.GetAvailableProviders(&names, &count), "list its execution providers"));
  std::vector<std::string> providers;
  for (int i = 0; i < count; ++i) providers.push_back(short_name(names[i]));
  TRY(check(api.ReleaseAvailableProviders(names, count), "list its execution providers"));
  std::ranges::sort(providers);
  return providers;
}

Result<Library> open() {
  const std::string hint = "./tenfold engines add onnxruntime";
  const auto file = TRY(SharedLibrary::open("onnxruntime", "libonnxruntime.so.1", hint));
  const OrtApiBase* base = (*TRY(file.function<const OrtApiBase*()>("OrtGetApiBase")))();
  Library library;
  library.api = base->GetApi(ort_api_version);
  library.version = base->GetVersionString();
  if (library.api == nullptr) {
    return fail(ErrorCode::unavailable,
                fmt::format("ONNX Runtime {} is too old: it has no C API {}", library.version,
                            ort_api_version));
  }
  loaded_api = library.api;
  library.providers = TRY(list_providers(*library.api));
  return library;
}

}  // namespace

Result<const Library*> open_library() {
  static const Result<Library> library = open();
  if (!library.ok()) return library.error();
  return &library.value();
}

const OrtApi& ort() { return *loaded_api; }

Result<void> check(OrtStatus* status, std::string_view what) {
  if (status == nullptr) return {};
  const Handle<OrtStatus> owned(status);
  return fail(ErrorCode::internal,
              fmt::format("ONNX Runtime cannot {}: {}", what, ort().GetErrorMessage(status)));
}

}  // namespace tenfold::onnxruntime
