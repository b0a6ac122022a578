#include "download/public_address.h"

#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>

namespace tenfold {
namespace {

struct Network {
  std::uint32_t address;
  int bits;
};

constexpr auto special_networks = std::to_array<Network>({
    {0x00000000, 8},   // this host
    {0x0A000000, 8},   // private
    {0x64400000, 10},  // shared between carriers
    {0x7F000000, 8},   // loopback
    {0xA9FE0000, 16},  // link-local, cloud metadata
    {0xAC100000, 12},  // private
    {0xC0000000, 24},  // protocol assignments
    {0xC0000200, 24},  // documentation
    {0xC0586300, 24},  // 6to4 relays
    {0xC0A80000, 16},  // private
    {0xC6120000, 15},  // benchmarks
    {0xC6336400, 24},  // documentation
    {0xCB007100, 24},  // documentation
    {0xE0000000, 3},   // multicast, reserved, broadcast
});

bool is_public_ipv4(std::uint32_t address) {
  return std::none_of(special_networks.begin(), special_networks.end(), [&](const Network& net) {
    return (address ^ net.address) >> (32 - net.bits) == 0;
  });
}

std::uint32_t word(std::span<const std::uint8_t, 16> bytes, std::size_t at) {
  return std::uint32_t{bytes[at]} << 24 | std::uint32_t{bytes[at + 1]} << 16 |
         std::uint32_t{bytes[at + 2]} << 8 | std::uint32_t{bytes[at + 3]};
}

bool is_public_ipv6(std::span<const std::uint8_t, 16> bytes) {
  const std::uint32_t first = word(bytes, 0);
  const bool middle_empty = word(bytes, 4) == 0 && word(bytes, 8) == 0;
  if (first == 0x0064FF9B && middle_empty) return is_public_ipv4(word(bytes, 12));  // NAT64
  if (first == 0 && word(bytes, 4) == 0 && word(bytes, 8) == 0xFFFF) {
    return is_public_ipv4(word(bytes, 12));  // mapped
  }
  return first >> 29 == 1                     // 2000::/3, global unicast, without:
         && first >> 9 != 0x20010000 >> 9     // 2001::/23: protocol assignments, Teredo
         && first != 0x20010DB8               // documentation
         && first >> 16 != 0x2002             // 6to4
         && first >> 12 != 0x3FFF0000 >> 12;  // documentation
}

}  // namespace

bool is_public_address(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in ipv4;
    std::memcpy(&ipv4, &address, sizeof ipv4);
    return is_public_ipv4(ntohl(ipv4.sin_addr.s_addr));
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 ipv6;
    std::memcpy(&ipv6, &address, sizeof ipv6);
    return is_public_ipv6(std::span<const std::uint8_t, 16>(ipv6.sin6_addr.s6_addr));
  }
  return false;
}

}  // namespace tenfold
