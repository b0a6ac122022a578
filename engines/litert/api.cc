// dlopen, so that nothing of the library meets the rest of the program.
#include "api.h"

#include <fmt/format.h>

#include "base/shared_library.h"

namespace tenfold::litert {
namespace {

Result<Api> open_library() {
  const auto library =
      TRY(SharedLibrary::open("litert", "libLiteRt.so", "run ./tenfold engines add litert"));
  Api api;
#define TENFOLD_LITERT_FIND(name, ...) \
  api.name = TRY(library.function<std::remove_pointer_t<decltype(api.name)>>("LiteRt" #name));
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
