#include "base/host_port.h"

#include <gtest/gtest.h>

namespace tenfold {
namespace {

TEST(HostPort, IsReadInParts) {
  const auto all = read_host_ports("--rpc", "box:50052,10.0.0.2:1");
  ASSERT_TRUE(all.ok());
  EXPECT_EQ(*all, (std::vector<HostPort>{{"box", 50052}, {"10.0.0.2", 1}}));
  EXPECT_EQ((*all)[1].text(), "10.0.0.2:1");
}

TEST(HostPort, RefusesWhatIsNone) {
  for (const char* text : {"", "box", "box:", ":5", "box:0", "box:65536", "box:5x", "::1:5", "a:1,",
                           ",a:1", "a:1,,b:2"}) {
    const auto read = read_host_ports("--rpc", text);
    ASSERT_FALSE(read.ok()) << text;
    EXPECT_EQ(read.error().message.substr(0, 5), "--rpc") << text;
  }
  EXPECT_EQ(read_host_ports("--rpc", "a:1,b:2,a:1").error().message, "--rpc names a:1 twice");
}

}  // namespace
}  // namespace tenfold
