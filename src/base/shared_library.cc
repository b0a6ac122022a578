#include "base/shared_library.h"

#include <dlfcn.h>

#include <filesystem>

namespace tenfold {

Result<SharedLibrary> SharedLibrary::open(const std::string& folder, const std::string& file,
                                          const std::string& hint) {
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto beside = program.parent_path() / folder / file;
  const std::string name = std::filesystem::exists(beside, error) ? beside.string() : file;
  void* handle = ::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle != nullptr) return SharedLibrary(handle, name);
  return fail(ErrorCode::unavailable, std::string("cannot open a library: ") + ::dlerror(), hint);
}

Result<void*> SharedLibrary::symbol(const char* name) const {
  void* found = ::dlsym(handle_, name);
  if (found != nullptr) return found;
  return fail(
      ErrorCode::unavailable, name_ + " has no function " + name,
      "put the version of the library in its place that belongs to this version of Tenfold");
}

}  // namespace tenfold
