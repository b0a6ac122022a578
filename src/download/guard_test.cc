// The guard against private addresses when a public server leads to one. Here 127.0.0.1 counts as
// public and nothing else does: this file's is_public_address() stands in for the real one.
#include <arpa/inet.h>
#include <gmock/gmock.h>

#include "download/public_address.h"
#include "download/testing/fixture.h"

namespace tenfold {

bool is_public_address(const sockaddr& address) {
  if (address.sa_family != AF_INET) return false;
  sockaddr_in ipv4;
  std::memcpy(&ipv4, &address, sizeof ipv4);
  return ntohl(ipv4.sin_addr.s_addr) == INADDR_LOOPBACK;
}

namespace testing {
namespace {

using ::testing::HasSubstr;

class GuardTest : public DownloadTest {
 protected:
  Result<Downloaded> guarded(const std::string& url) {
    DownloadRequest wanted = request(url);
    wanted.public_hosts_only = true;
    return download(wanted);
  }
};

TEST_F(GuardTest, APublicServerIsReached) {
  const auto file = random_file(1000);
  HttpPeer peer([&](const PeerRequest& asked) { return serve(asked, file); });
  const Result<Downloaded> got = guarded(peer.url("/model.gguf"));
  ASSERT_TRUE(got.ok()) << got.error().message;
  EXPECT_EQ(content_of(target_), *file);
}

TEST_F(GuardTest, ARedirectToAPrivateAddressIsRefusedBeforeItConnects) {
  for (const char* to : {"http://127.0.0.2:1/x", "http://[::1]:1/x", "http://10.0.0.1/x",
                         "http://169.254.169.254/latest/meta-data"}) {
    HttpPeer peer([&](const PeerRequest&) {
      PeerReply reply;
      reply.status = 302;
      reply.headers["Location"] = to;
      return reply;
    });
    const Result<Downloaded> got = guarded(peer.url("/model.gguf"));
    ASSERT_FALSE(got.ok()) << to;
    EXPECT_EQ(got.error().code, ErrorCode::permission_denied) << to << got.error().message;
    EXPECT_THAT(got.error().message, HasSubstr("not on the public internet"));
    EXPECT_EQ(peer.requests().size(), 1U);
    EXPECT_TRUE(files().empty());
  }
}

TEST_F(GuardTest, ARedirectToAPublicAddressIsFollowed) {
  const auto file = random_file(1000);
  HttpPeer storage([&](const PeerRequest& asked) { return serve(asked, file); });
  HttpPeer peer([&](const PeerRequest&) {
    PeerReply reply;
    reply.status = 302;
    reply.headers["Location"] = storage.url("/x");
    return reply;
  });
  EXPECT_TRUE(guarded(peer.url("/model.gguf")).ok());
}

}  // namespace
}  // namespace testing
}  // namespace tenfold
