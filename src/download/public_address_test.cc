#include "download/public_address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

namespace tenfold {
namespace {

bool is_public(const char* text) {
  sockaddr_in6 ipv6{};
  ipv6.sin6_family = AF_INET6;
  if (::inet_pton(AF_INET6, text, &ipv6.sin6_addr) == 1) {
    return is_public_address(reinterpret_cast<const sockaddr&>(ipv6));
  }
  sockaddr_in ipv4{};
  ipv4.sin_family = AF_INET;
  EXPECT_EQ(::inet_pton(AF_INET, text, &ipv4.sin_addr), 1) << text;
  return is_public_address(reinterpret_cast<const sockaddr&>(ipv4));
}

TEST(PublicAddress, RefusesSpecialOnes) {
  for (const char* text : {"0.0.0.0",
                           "10.1.2.3",
                           "100.64.0.1",
                           "127.0.0.1",
                           "127.255.255.254",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.0.0.8",
                           "192.0.2.1",
                           "192.168.1.1",
                           "198.18.0.1",
                           "198.19.255.255",
                           "198.51.100.7",
                           "203.0.113.9",
                           "224.0.0.1",
                           "239.1.1.1",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "::ffff:127.0.0.1",
                           "::ffff:10.0.0.1",
                           "::127.0.0.1",
                           "64:ff9b::7f00:1",
                           "64:ff9b::10.0.0.1",
                           "fe80::1",
                           "fc00::1",
                           "fd12:3456::1",
                           "fec0::1",
                           "ff02::1",
                           "2001::1",
                           "2001:db8::1",
                           "2002:7f00:1::1",
                           "3fff::1"}) {
    EXPECT_FALSE(is_public(text)) << text;
  }
}

TEST(PublicAddress, LetsTheInternetPass) {
  for (const char* text :
       {"1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "126.255.255.255", "128.0.0.1",
        "172.15.255.255", "172.32.0.1", "192.167.255.255", "198.17.255.255", "198.20.0.1",
        "223.255.255.255", "2606:4700:4700::1111", "2a00:1450:4001:82a::200e", "2001:4860::8888",
        "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"}) {
    EXPECT_TRUE(is_public(text)) << text;
  }
}

TEST(PublicAddress, RefusesOtherFamilies) {
  sockaddr local{};
  local.sa_family = AF_UNIX;
  EXPECT_FALSE(is_public_address(local));
}

}  // namespace
}  // namespace tenfold
