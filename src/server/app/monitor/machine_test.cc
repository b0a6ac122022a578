#include "server/app/monitor/machine.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <fstream>

namespace tenfold::server::monitor {
namespace {

class MachineTest : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::remove_all(root_); }
  void TearDown() override { std::filesystem::remove_all(root_); }

  void write(const std::string& path, const std::string& text) {
    std::filesystem::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }

  std::filesystem::path root_ = std::filesystem::path(testing::TempDir()) /
                                ("tenfold-machine-test-" + std::to_string(::getpid()));
};

TEST_F(MachineTest, UseIsTheDifferenceOfTwoLooks) {
  write("proc/stat", "cpu  100 0 100 800 0 0 0 0 0 0\ncpu0 1 1 1 1\n");
  Machine machine(root_);
  EXPECT_EQ(machine.look()["cpu_percent"], Json());
  write("proc/stat", "cpu  130 0 120 840 10 0 0 0 0 0\n");
  EXPECT_NEAR(machine.look()["cpu_percent"].get<double>(), 50, 0.01);
}

TEST_F(MachineTest, TheHottestZoneCounts) {
  write("sys/class/thermal/thermal_zone0/temp", "41000\n");
  write("sys/class/thermal/thermal_zone1/temp", "63500\n");
  write("sys/class/thermal/thermal_zone2/temp", "-274000\n");
  write("sys/class/thermal/cooling_device0/temp", "90000\n");
  EXPECT_EQ(Machine(root_).look()["temperature_celsius"], 63.5);
}

TEST_F(MachineTest, TheBatteryIsFoundAmongSupplies) {
  write("sys/class/power_supply/AC/type", "Mains\n");
  write("sys/class/power_supply/BAT0/type", "Battery\n");
  write("sys/class/power_supply/BAT0/capacity", "73\n");
  write("sys/class/power_supply/BAT0/status", "Discharging\n");
  EXPECT_EQ(Machine(root_).look()["battery"], Json({{"percent", 73}, {"charging", false}}));
}

TEST_F(MachineTest, ThrottlesOfAllProcessorsAreCounted) {
  EXPECT_FALSE(Machine(root_).throttles().has_value());
  write("sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count", "3\n");
  write("sys/devices/system/cpu/cpu1/thermal_throttle/core_throttle_count", "4\n");
  EXPECT_EQ(Machine(root_).throttles(), 7U);
}

TEST_F(MachineTest, WhatIsAbsentHasAReason) {
  const Json status = Machine(root_).look();
  EXPECT_EQ(status["temperature_celsius"], Json());
  EXPECT_NE(status["temperature_reason"], Json());
  EXPECT_EQ(status["battery"], Json());
  EXPECT_NE(status["battery_reason"], Json());
  EXPECT_GT(status["cores"], 0);
}

TEST(ReadTicks, OtherTextsAreNone) {
  EXPECT_FALSE(read_ticks("").has_value());
  EXPECT_FALSE(read_ticks("cpu 1 2 3").has_value());
  EXPECT_FALSE(read_ticks("intr 1 2 3 4 5 6 7 8").has_value());
}

}  // namespace
}  // namespace tenfold::server::monitor
