// dlopen, so that nothing of the library meets the rest of the program.
#include "api.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <filesystem>

namespace tenfold::litert {
namespace {

std::string library_path() {
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto installed = program.parent_path() / "litert" / "libLiteRt.so";
  return std::filesystem::exists(installed, error) ? installed.string() : TENFOLD_LITERT_LIBRARY;
}

Result<Api> open_library() {
  const std::string path = library_path();
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    return fail(ErrorCode::unavailable, fmt::format("cannot load LiteRT: {}", ::dlerror()),
                "run ./tenfold engines add litert");
  }
  Api api;
  const auto find = [&](const char* name, auto& function) -> Result<void> {
    function =
        reinterpret_cast<std::remove_reference_t<decltype(function)>>(::dlsym(library, name));
    if (function != nullptr) return {};
    return fail(ErrorCode::unavailable, fmt::format("{} has no function {}", path, name),
                "use libLiteRt.so of ai-edge-litert 2.3.0");
  };
#define TENFOLD_LITERT_FIND(name, ...) TRY(find("LiteRt" #name, api.name));
  TENFOLD_LITERT_FUNCTIONS(TENFOLD_LITERT_FIND)
  TENFOLD_LITERT_DESTRUCTORS(TENFOLD_LITERT_FIND)
#undef TENFOLD_LITERT_FIND
  return api;
}

/// The names of LiteRtStatus that a user may meet.
std::string describe(Status status) {
  switch (status) {
    case 1:
      return "invalid argument";
    case memory_status:
      return "memory allocation failure";
    case 3:
      return "runtime failure";
    case unsupported_status:
      return "unsupported";
    case 500:
      return "file error";
    case 501:
      return "invalid flatbuffer";
    case 504:
      return "compilation error";
    default:
      return fmt::format("status {}", status);
  }
}

}  // namespace

Result<const Api*> load_api() {
  static const Result<Api> api = open_library();
  if (!api.ok()) return api.error();
  return &api.value();
}

Error library_error(std::string_view action, Status status, ErrorCode otherwise) {
  const ErrorCode code = status == memory_status        ? ErrorCode::out_of_memory
                         : status == unsupported_status ? ErrorCode::unsupported
                                                        : otherwise;
  return fail(code, fmt::format("LiteRT cannot {}: {}", action, describe(status)));
}

}  // namespace tenfold::litert
