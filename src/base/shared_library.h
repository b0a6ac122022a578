// Libraries that are opened while the program runs.
#pragma once

#include <string>

#include "tenfold/result.h"

namespace tenfold {

/// A handle on a library of a framework. The library stays open for the life of the process: what
/// it started does not survive its going.
class SharedLibrary {
 public:
  /// Opens `file` from the folder `folder` beside this program, where a build and an installation
  /// alike have it; if it is not there, by its name, from where the system's loader looks. Its
  /// symbols meet nobody else's. unavailable, with the loader's words and `hint`.
  static Result<SharedLibrary> open(const std::string& folder, const std::string& file,
                                    const std::string& hint);

  /// The function of that name; unavailable, naming both, if the library has none.
  template <typename Function>
  Result<Function*> function(const char* name) const {
    return reinterpret_cast<Function*>(TRY(symbol(name)));
  }

 private:
  SharedLibrary(void* handle, std::string name) : handle_(handle), name_(std::move(name)) {}
  [[nodiscard]] Result<void*> symbol(const char* name) const;

  void* handle_;
  std::string name_;
};

}  // namespace tenfold
