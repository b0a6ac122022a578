// Which network addresses are the public internet.
#pragma once

struct sockaddr;

namespace tenfold {

/// False for loopback, private, link-local, shared, multicast, documentation and other special
/// addresses (IANA special-purpose registries, RFC 6890), for an IPv6 address that carries such an
/// IPv4 one (mapped, NAT64), for 6to4 and Teredo, and for any other address family.
bool is_public_address(const sockaddr& address);

}  // namespace tenfold
