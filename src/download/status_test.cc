// Answers other than the file: what the user is told, and what is tried again.
#include <gmock/gmock.h>

#include "download/testing/fixture.h"

namespace tenfold::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

PeerReply status_reply(int status) {
  PeerReply reply;
  reply.status = status;
  reply.body = std::make_shared<const std::string>("no");
  return reply;
}

PeerReply redirect(const std::string& to) {
  PeerReply reply = status_reply(302);
  reply.headers["Location"] = to;
  return reply;
}

TEST_F(DownloadTest, StatusesBecomeErrorsThatSayWhatToDo) {
  struct Case {
    int status;
    ErrorCode code;
    const char* hint;
  };
  for (const Case& expected :
       {Case{401, ErrorCode::permission_denied, "set HF_TOKEN"},
        Case{403, ErrorCode::permission_denied, "set HF_TOKEN"},
        Case{404, ErrorCode::not_found, "check the name"},
        Case{410, ErrorCode::not_found, "check the name"},
        Case{418, ErrorCode::io, "check the URL"}, Case{501, ErrorCode::io, "check the URL"}}) {
    HttpPeer peer([&](const PeerRequest&) { return status_reply(expected.status); });
    const Result<Downloaded> got = download(request(peer.url("/model.gguf?secret=1")));
    ASSERT_FALSE(got.ok()) << expected.status;
    EXPECT_EQ(got.error().code, expected.code) << expected.status;
    EXPECT_THAT(got.error().message, HasSubstr(std::to_string(expected.status)));
    EXPECT_THAT(got.error().message, HasSubstr("/model.gguf"));
    EXPECT_THAT(got.error().message, Not(HasSubstr("secret")));
    EXPECT_THAT(got.error().hint, HasSubstr(expected.hint));
    EXPECT_EQ(peer.requests().size(), 1U) << expected.status;
    EXPECT_TRUE(files().empty());
  }
}

TEST_F(DownloadTest, ARefusedTokenIsToldFromAMissingOne) {
  HttpPeer peer([&](const PeerRequest&) { return status_reply(403); });
  DownloadRequest wanted = request(peer.url("/model.gguf"));
  wanted.bearer_token = "hf_secret";
  const Result<Downloaded> got = download(wanted);
  ASSERT_FALSE(got.ok());
  EXPECT_THAT(got.error().message, HasSubstr("refused the token"));
  EXPECT_THAT(got.error().message + got.error().hint, Not(HasSubstr("hf_secret")));
  EXPECT_EQ(peer.requests().at(0).headers.at("authorization"), "Bearer hf_secret");
}

TEST_F(DownloadTest, BusyServersAreTriedAgain) {
  const auto file = random_file(1000);
  for (const int status : {429, 500, 502, 503, 504}) {
    HttpPeer peer([&](const PeerRequest& asked) {
      return asked.number < 3 ? status_reply(status) : serve(asked, file);
    });
    std::filesystem::remove(target_);
    const Result<Downloaded> got = download(request(peer.url("/model.gguf")));
    ASSERT_TRUE(got.ok()) << got.error().message;
    EXPECT_EQ(peer.requests().size(), 4U);
  }
}

TEST_F(DownloadTest, AServerThatStaysBusyIsAnErrorAfterAllTries) {
  HttpPeer peer([&](const PeerRequest&) { return status_reply(503); });
  DownloadRequest wanted = request(peer.url("/model.gguf"));
  wanted.patience.tries = 3;
  const Result<Downloaded> got = download(wanted);
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().code, ErrorCode::network);
  EXPECT_THAT(got.error().message, HasSubstr("503"));
  EXPECT_EQ(peer.requests().size(), 3U);
}

TEST_F(DownloadTest, RetryAfterIsHonouredUpToALimit) {
  const auto file = random_file(1000);
  std::string seconds = "1";
  HttpPeer peer([&](const PeerRequest& asked) {
    if (asked.number % 2 == 1) return serve(asked, file);
    PeerReply reply = status_reply(429);
    reply.headers["Retry-After"] = seconds;
    return reply;
  });
  const auto started = std::chrono::steady_clock::now();
  ASSERT_TRUE(download(request(peer.url("/model.gguf"))).ok());
  EXPECT_GE(std::chrono::steady_clock::now() - started, std::chrono::seconds(1));
  seconds = "3600";
  std::filesystem::remove(target_);
  const Result<Downloaded> got = download(request(peer.url("/model.gguf")));
  ASSERT_FALSE(got.ok());
  EXPECT_THAT(got.error().message, HasSubstr("asked to wait 3600 s"));
  EXPECT_EQ(got.error().retry_after, std::chrono::hours(1));
}

TEST_F(DownloadTest, APageInPlaceOfAModelIsAnError) {
  HttpPeer peer([&](const PeerRequest&) {
    PeerReply reply = status_reply(200);
    reply.headers["Content-Type"] = "Text/HTML; charset=utf-8";
    return reply;
  });
  const Result<Downloaded> got = download(request(peer.url("/model.gguf")));
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().code, ErrorCode::bad_model);
  EXPECT_THAT(got.error().message, HasSubstr("HTML page"));
  EXPECT_TRUE(files().empty());
}

TEST_F(DownloadTest, AnEncodingNobodyAskedForIsAnError) {
  HttpPeer peer([&](const PeerRequest&) {
    PeerReply reply = status_reply(200);
    reply.headers["Content-Encoding"] = "gzip";
    return reply;
  });
  const Result<Downloaded> got = download(request(peer.url("/model.gguf")));
  ASSERT_FALSE(got.ok());
  EXPECT_THAT(got.error().message, HasSubstr("gzip"));
}

TEST_F(DownloadTest, RedirectsKeepTheTokenAtHome) {
  const auto file = random_file(1000);
  HttpPeer store([&](const PeerRequest& asked) { return serve(asked, file); });
  HttpPeer hub([&](const PeerRequest&) { return redirect(store.url("/blob?signature=1")); });
  DownloadRequest wanted = request(hub.url("/model.gguf"));
  wanted.bearer_token = "hf_secret";
  ASSERT_TRUE(download(wanted).ok());
  EXPECT_TRUE(hub.requests().at(0).headers.contains("authorization"));
  EXPECT_FALSE(store.requests().at(0).headers.contains("authorization"));
}

TEST_F(DownloadTest, CirclesOfRedirectsEnd) {
  HttpPeer peer(
      [&](const PeerRequest& asked) { return redirect(asked.target == "/a" ? "/b" : "/a"); });
  const Result<Downloaded> got = download(request(peer.url("/a")));
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().code, ErrorCode::io);
  EXPECT_THAT(got.error().hint, HasSubstr("circle"));
  EXPECT_LE(peer.requests().size(), 11U);
}

TEST_F(DownloadTest, RedirectsToOtherSchemesAreRefused) {
  for (const char* to : {"file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1/x"}) {
    HttpPeer peer([&](const PeerRequest&) { return redirect(to); });
    const Result<Downloaded> got = download(request(peer.url("/a")));
    ASSERT_FALSE(got.ok()) << to;
    EXPECT_EQ(got.error().code, ErrorCode::permission_denied) << got.error().message;
  }
}

TEST_F(DownloadTest, PrivateHostsAreRefusedWhenAsked) {
  HttpPeer peer([&](const PeerRequest& asked) { return serve(asked, random_file(10)); });
  for (const char* host :
       {"127.0.0.1", "localhost", "2130706433", "0x7f.1", "0", "[::ffff:127.0.0.1]"}) {
    DownloadRequest wanted = request(peer.url("/x", host));
    wanted.public_hosts_only = true;
    const Result<Downloaded> got = download(wanted);
    ASSERT_FALSE(got.ok()) << host;
    EXPECT_EQ(got.error().code, ErrorCode::permission_denied) << host << got.error().message;
    EXPECT_THAT(got.error().message, HasSubstr("not on the public internet"));
  }
  const Result<std::string> text =
      fetch_text({.url = peer.url("/x"), .public_hosts_only = true}, {});
  ASSERT_FALSE(text.ok());
  EXPECT_EQ(text.error().code, ErrorCode::permission_denied);
  EXPECT_TRUE(peer.requests().empty());
}

TEST_F(DownloadTest, TheProxyOfTheEnvironmentIsUsedButNotForPublicHostsOnly) {
  const auto file = random_file(1000);
  HttpPeer proxy([&](const PeerRequest& asked) { return serve(asked, file); });
  ::setenv("http_proxy", proxy.url("").c_str(), 1);
  const Result<Downloaded> got = download(request("http://model.invalid/x"));
  DownloadRequest guarded = request("http://127.0.0.1:9/y");
  guarded.public_hosts_only = true;
  guarded.target = folder_ / "other";
  const Result<Downloaded> refused = download(guarded);
  ::unsetenv("http_proxy");
  ASSERT_TRUE(got.ok()) << got.error().message;
  EXPECT_EQ(proxy.requests().at(0).target, "http://model.invalid/x");
  EXPECT_FALSE(refused.ok());
  EXPECT_EQ(proxy.requests().size(), 1U);
}

TEST_F(DownloadTest, AnUnknownHostIsNamed) {
  DownloadRequest wanted = request("http://model.invalid/x");
  wanted.patience.tries = 2;
  const Result<Downloaded> got = download(wanted);
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().code, ErrorCode::network);
  EXPECT_THAT(got.error().message, HasSubstr("model.invalid"));
  EXPECT_THAT(got.error().hint, HasSubstr("network"));
  const Result<std::string> text =
      fetch_text({.url = "http://model.invalid/x", .patience = wanted.patience}, {});
  ASSERT_FALSE(text.ok());
  EXPECT_EQ(text.error().code, ErrorCode::network);
}

TEST_F(DownloadTest, AHostThatRefusesConnectionsIsAFaultOfTheNetwork) {
  std::string url;
  {
    url = HttpPeer([](const PeerRequest&) { return PeerReply(); }).url("/x");
  }
  DownloadRequest wanted = request(url);
  wanted.patience.tries = 1;
  const Result<Downloaded> got = download(wanted);
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().code, ErrorCode::network) << got.error().message;
  EXPECT_THAT(got.error().hint, HasSubstr("check the network"));
}

TEST(FetchText, BringsSmallDocumentsUnderTheSameRules) {
  HttpPeer peer([&](const PeerRequest& asked) {
    if (asked.target == "/missing") return status_reply(404);
    if (asked.number == 0) return status_reply(503);
    PeerReply reply;
    reply.body = std::make_shared<const std::string>("{\"siblings\":[]}");
    return reply;
  });
  TextRequest wanted{peer.url("/api")};
  wanted.patience.first_delay = std::chrono::milliseconds(10);
  const Result<std::string> text = fetch_text(wanted, {});
  ASSERT_TRUE(text.ok()) << text.error().message;
  EXPECT_EQ(*text, "{\"siblings\":[]}");
  wanted.limit = 3;
  const Result<std::string> longer = fetch_text(wanted, {});
  ASSERT_FALSE(longer.ok());
  EXPECT_THAT(longer.error().message, HasSubstr("longer than 3 bytes"));
  const Result<std::string> missing = fetch_text({peer.url("/missing")}, {});
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, ErrorCode::not_found);
  const Result<std::string> cancelled = fetch_text({peer.url("/api")}, [] { return true; });
  ASSERT_FALSE(cancelled.ok());
  EXPECT_EQ(cancelled.error().code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace tenfold::testing
