// Any bytes as a .task bundle.
//   zip_fuzz -max_total_time=600 fuzz/corpus/zip
#include <cstdlib>

#include "formats/task_bundle.h"
#include "formats/zip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto entries = read_zip(bytes, "fuzz.task");
  if (!entries.ok()) return 0;
  for (const ZipEntry& entry : *entries) {
    if (entry.begin > size || entry.size > size - entry.begin) std::abort();
  }
  const auto bundle = read_task(bytes, "fuzz.task");
  if (!bundle.ok() && bundle.error().message.empty()) std::abort();
  return 0;
}
