// Any bytes through what reads a .pte file's header before ExecuTorch sees it.
//   pte_fuzz -max_total_time=60 corpus
#include <cstdlib>

#include "formats/pte_header.h"
#include "formats/pte_program.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto source = tenfold::make_memory_source({reinterpret_cast<const char*>(data), size});
  const auto header = tenfold::read_pte_header(*source, "fuzz.pte");
  if (header.ok() ? header->program > size || header->segments > size - header->program
                  : header.error().message.empty()) {
    std::abort();
  }
  if (!header.ok()) return 0;
  tenfold::ModelDescription description;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto added = add_pte_program(bytes.substr(0, header->program), "fuzz.pte", description);
  if (!added.ok() && added.error().message.empty()) std::abort();
  return 0;
}
