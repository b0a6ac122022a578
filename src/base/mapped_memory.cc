#include "base/mapped_memory.h"

#include <sys/mman.h>

namespace tenfold {

void Unmap::operator()(std::byte* memory) const { ::munmap(memory, bytes); }

MappedMemory map_memory(std::size_t bytes) {
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return {memory == MAP_FAILED ? nullptr : static_cast<std::byte*>(memory), Unmap{bytes}};
}

}  // namespace tenfold
