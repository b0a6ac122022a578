#include "base/machine.h"

#include <libproc.h>
#include <mach/mach.h>
#include <malloc/malloc.h>
#include <sys/resource.h>
#include <sys/sysctl.h>

#include <algorithm>

namespace tenfold {
namespace {

template <typename T>
T system_value(const char* name) {
  T value{};
  std::size_t size = sizeof(value);
  return ::sysctlbyname(name, &value, &size, nullptr, 0) == 0 ? value : T{};
}

}  // namespace

int usable_cores(const std::filesystem::path& /*root*/) {
  return std::max(1, system_value<int>("hw.physicalcpu"));
}

std::uint64_t total_memory(const std::filesystem::path& /*root*/) {
  return system_value<std::uint64_t>("hw.memsize");
}

std::uint64_t available_memory(const std::filesystem::path& /*root*/) {
  vm_statistics64_data_t pages{};
  mach_msg_type_number_t count = HOST_VM_INFO64_COUNT;
  if (::host_statistics64(::mach_host_self(), HOST_VM_INFO64,
                          reinterpret_cast<host_info64_t>(&pages), &count) != KERN_SUCCESS) {
    return 0;
  }
  return (std::uint64_t{pages.free_count} + pages.inactive_count) * vm_kernel_page_size;
}

std::uint64_t peak_memory_bytes() {
  rusage usage{};
  return ::getrusage(RUSAGE_SELF, &usage) == 0 ? static_cast<std::uint64_t>(usage.ru_maxrss) : 0;
}

void give_back_freed_memory() { ::malloc_zone_pressure_relief(nullptr, 0); }

std::uint64_t process_memory(pid_t process) {
  rusage_info_v2 usage{};
  const int result =
      ::proc_pid_rusage(process, RUSAGE_INFO_V2, reinterpret_cast<rusage_info_t*>(&usage));
  return result == 0 ? usage.ri_phys_footprint : 0;
}

}  // namespace tenfold
