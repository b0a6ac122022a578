#include <gmock/gmock.h>
#include <zlib.h>

#include "server/app/page/gzip.h"
#include "server/app/page/reply.h"
#include "server/testing/server_fixture.h"

namespace tenfold::server {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;
using ::testing::StartsWith;

constexpr std::string_view script = "let a = 1; let b = 1; let c = 1; let d = 1; let e = 1;";
constexpr page::PageFile files[] = {{"index.html", "<!doctype html><p>Hi</p>"},
                                    {"assets/a-1.js", script},
                                    {"assets/f.woff2", "\x01\x02"}};

TEST(PageReply, FilesHaveTheirTypesAndAPolicy) {
  const auto index = page::file_reply(files, "index.html", {});
  ASSERT_TRUE(index.ok());
  EXPECT_EQ(index->content_type, "text/html; charset=utf-8");
  EXPECT_THAT(index->headers,
              Contains(Pair("Content-Security-Policy",
                            AllOf(HasSubstr("default-src 'self'"), Not(HasSubstr("unsafe")),
                                  HasSubstr("frame-ancestors 'none'")))));
  EXPECT_THAT(index->headers, Contains(Pair("Cache-Control", "no-cache")));
  EXPECT_THAT(index->headers, Contains(Pair("Referrer-Policy", "no-referrer")));
  const auto asset = page::file_reply(files, "assets/f.woff2", {});
  EXPECT_EQ(asset->content_type, "font/woff2");
  EXPECT_THAT(asset->headers, Contains(Pair("Cache-Control", HasSubstr("immutable"))));
  EXPECT_EQ(page::content_type("x.js"), "text/javascript; charset=utf-8");
  EXPECT_EQ(page::content_type("x.unknown"), "application/octet-stream");
}

TEST(PageReply, IsZippedForThoseWhoTakeIt) {
  HttpRequest request;
  const auto plain = page::file_reply(files, "assets/a-1.js", request);
  EXPECT_EQ(plain->body, script);
  request.accept_encoding = "br, gzip;q=0.8";
  const auto zipped = page::file_reply(files, "assets/a-1.js", request);
  EXPECT_THAT(zipped->headers, Contains(Pair("Content-Encoding", "gzip")));
  EXPECT_LT(zipped->body.size(), script.size() + 20);
  std::string out(script.size(), '\0');
  z_stream stream{};
  ASSERT_EQ(inflateInit2(&stream, MAX_WBITS + 16), Z_OK);
  std::string in = zipped->body;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  inflateEnd(&stream);
  EXPECT_EQ(out, script);
  request.accept_encoding = "gzip;q=0, identity";
  EXPECT_EQ(page::file_reply(files, "assets/a-1.js", request)->body, script);
}

TEST(PageReply, WhoHasItIsNotSentIt) {
  HttpRequest request;
  const auto first = page::file_reply(files, "index.html", request);
  for (const auto& [name, value] : first->headers) {
    if (name == "ETag") request.if_none_match = value;
  }
  const auto again = page::file_reply(files, "index.html", request);
  EXPECT_EQ(again->status, 304);
  EXPECT_EQ(again->body, "");
  EXPECT_EQ(page::file_reply(files, "assets/a-1.js", request)->status, 200);
}

TEST(PageReply, ThereIsNothingButItsFiles) {
  for (const char* path : {"assets/../index.html", "assets//a-1.js", "../index.html", "assets/",
                           "assets/a-1.js/", "/etc/passwd"}) {
    EXPECT_EQ(page::file_reply(files, path, {}).error().code, ErrorCode::not_found) << path;
  }
}

TEST(PageReply, BrowsersWantThePage) {
  EXPECT_TRUE(page::wants_page("text/html,application/xhtml+xml,*/*;q=0.8"));
  EXPECT_TRUE(page::wants_page("application/xml, text/html;q=0.9"));
  EXPECT_FALSE(page::wants_page("*/*"));
  EXPECT_FALSE(page::wants_page(""));
}

using PageTest = ServerTest;

TEST_F(PageTest, OthersAreGreeted) {
  start();
  Client client = connect();
  client.get("/");
  EXPECT_THAT(client.reply(), HasSubstr("Tenfold is running"));
  client.get("/", "Accept: */*\r\n");
  EXPECT_THAT(client.reply(), HasSubstr("Tenfold is running"));
}

TEST_F(PageTest, ThePageLoadsWithoutAKey) {
  if (page::page_files().empty()) GTEST_SKIP() << "it was built without web/dist";
  options_.keys = {{"me", "0123456789abcdef", {Right::manage}}};
  start();
  Client client = connect();
  client.get("/", "Accept: text/html\r\n");
  EXPECT_THAT(client.reply(), AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("<!doctype html>"),
                                    HasSubstr("X-Content-Type-Options: nosniff"),
                                    HasSubstr("Cache-Control: no-cache")));
  client.get("/api/v1/status");
  EXPECT_THAT(client.rest(), StartsWith("HTTP/1.1 401"));
}

TEST_F(PageTest, NoPathLeadsOutOfIt) {
  start();
  for (const char* path :
       {"/assets/../openapi.json", "/assets/%2e%2e/index.html", "/assets/..%2f..%2fetc/passwd"}) {
    Client client = connect();
    client.get(path);
    EXPECT_THAT(client.reply(), StartsWith("HTTP/1.1 404")) << path;
  }
}

}  // namespace
}  // namespace tenfold::server
