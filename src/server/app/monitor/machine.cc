#include "server/app/monitor/machine.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>

#include "base/files.h"
#include "base/machine.h"

namespace tenfold::server::monitor {
namespace {

namespace fs = std::filesystem;

/// The file's first word; empty if it cannot be read.
std::string word_in(const fs::path& path) {
  constexpr std::size_t most_bytes = 4096;
  const auto text = read_file(path, most_bytes);
  return text.ok() ? text->substr(0, text->find_first_of(" \n")) : std::string();
}

std::optional<double> number_in(const fs::path& path) {
  const std::string text = word_in(path);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::vector<fs::path> entries(const fs::path& folder) {
  std::vector<fs::path> paths;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    paths.push_back(entry->path());
  }
  std::ranges::sort(paths);
  return paths;
}

/// Zones tell thousandths of a degree; some are stuck at values no machine has.
std::optional<double> hottest(const fs::path& root) {
  constexpr double coldest = 1;
  constexpr double hottest = 150;
  std::optional<double> degrees;
  for (const fs::path& zone : entries(root / "sys/class/thermal")) {
    if (!zone.filename().string().starts_with("thermal_zone")) continue;
    const auto thousandths = number_in(zone / "temp");
    if (!thousandths) continue;
    const double here = *thousandths / 1000;
    if (here >= coldest && here <= hottest) degrees = std::max(degrees.value_or(here), here);
  }
  return degrees;
}

Json battery(const fs::path& root) {
  for (const fs::path& supply : entries(root / "sys/class/power_supply")) {
    if (word_in(supply / "type") != "Battery") continue;
    const auto percent = number_in(supply / "capacity");
    if (!percent) continue;
    const std::string status = word_in(supply / "status");
    return {{"percent", *percent}, {"charging", status == "Charging" || status == "Full"}};
  }
  return nullptr;
}

}  // namespace

std::optional<ProcessorTicks> read_ticks(const std::string& stat) {
  constexpr std::size_t idle = 3;
  constexpr std::size_t waiting = 4;
  constexpr std::size_t guest = 8;  // guests are counted in user time already
  std::istringstream line(stat.substr(0, stat.find('\n')));
  std::string name;
  if (!(line >> name) || name != "cpu") return std::nullopt;
  ProcessorTicks ticks;
  std::uint64_t value = 0;
  std::size_t count = 0;
  for (; count < guest && line >> value; ++count) {
    ticks.all += value;
    if (count != idle && count != waiting) ticks.busy += value;
  }
  if (count <= waiting) return std::nullopt;
  return ticks;
}

Json Machine::look() {
  constexpr std::size_t most_bytes = 1 << 20;
  const auto stat = read_file(root_ / "proc/stat", most_bytes);
  const auto ticks = stat.ok() ? read_ticks(*stat) : std::nullopt;
  if (ticks && last_ && ticks->all > last_->all) {
    percent_ = 100.0 * static_cast<double>(ticks->busy - std::min(ticks->busy, last_->busy)) /
               static_cast<double>(ticks->all - last_->all);
  }
  last_ = ticks;
  const auto degrees = hottest(root_);
  const Json power = battery(root_);
  return {
      {"cpu_percent", percent_ ? Json(*percent_) : Json()},
      {"cores", usable_cores(root_)},
      {"memory_total_bytes", total_memory(root_)},
      {"memory_available_bytes", available_memory(root_)},
      {"temperature_celsius", degrees ? Json(*degrees) : Json()},
      {"temperature_reason", degrees ? Json() : Json("this machine does not tell its temperature")},
      {"battery", power},
      {"battery_reason", power.is_null() ? Json("this machine has no battery") : Json()}};
}

std::optional<std::uint64_t> Machine::throttles() const {
  std::optional<std::uint64_t> sum;
  for (const fs::path& processor : entries(root_ / "sys/devices/system/cpu")) {
    const auto count = number_in(processor / "thermal_throttle/core_throttle_count");
    if (count) sum = sum.value_or(0) + static_cast<std::uint64_t>(*count);
  }
  return sum;
}

}  // namespace tenfold::server::monitor
