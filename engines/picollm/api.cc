// dlopen, so that nothing of the library meets the rest of the program.
#include "api.h"

#include <type_traits>

#include "base/shared_library.h"

namespace tenfold::picollm {
namespace {

Result<Api> open_library() {
  const auto library =
      TRY(SharedLibrary::open("picollm", "libpv_picollm.so", "run ./tenfold engines add picollm"));
  Api api;
#define TENFOLD_PICOLLM_FIND(result, name, ...) \
  api.name = TRY(library.function<std::remove_pointer_t<decltype(api.name)>>("pv_" #name));
  TENFOLD_PICOLLM_FUNCTIONS(TENFOLD_PICOLLM_FIND)
#undef TENFOLD_PICOLLM_FIND
  return api;
}

}  // namespace

Result<const Api*> load_api() {
  static const Result<Api> api = open_library();
  if (!api.ok()) return api.error();
  return &api.value();
}

}  // namespace tenfold::picollm
