// Owning handles for LiteRT's C objects.
#pragma once

#include <memory>

#include "api.h"

namespace tenfold::litert {

/// Calls one of the library's destructors.
template <typename T>
struct Destroy {
  void (*destroy)(T*) = nullptr;
  void operator()(T* object) const { destroy(object); }
};
template <typename T>
using Handle = std::unique_ptr<T, Destroy<T>>;

/// The object that `create` (a call taking T**) makes; an error saying `action` if it fails.
template <typename T, typename Create>
Result<Handle<T>> make_handle(void (*destroy)(T*), const Create& create, std::string_view action,
                              ErrorCode otherwise = ErrorCode::internal) {
  T* object = nullptr;
  if (const Status status = create(&object); status != ok_status) {
    return library_error(action, status, otherwise);
  }
  return Handle<T>(object, Destroy<T>{destroy});
}

}  // namespace tenfold::litert
