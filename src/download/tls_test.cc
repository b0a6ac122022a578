// Downloads over TLS, from a server whose certificate the test makes.
#include <gmock/gmock.h>
#include <sys/socket.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <cstdlib>

#include "download/testing/fixture.h"

namespace tenfold::testing {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using ::testing::HasSubstr;

/// Answers each connection with the whole file.
class TlsPeer {
 public:
  TlsPeer(const std::filesystem::path& folder, std::string file)
      : file_(std::move(file)),
        acceptor_(context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
    tls_.use_certificate_chain_file(folder / "certificate.pem");
    tls_.use_private_key_file(folder / "key.pem", asio::ssl::context::pem);
    accepter_ = std::jthread([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) talk();
    });
  }
  ~TlsPeer() {
    accepter_.request_stop();
    ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
  }
  [[nodiscard]] std::string url(const std::string& host) const {
    return "https://" + host + ":" + std::to_string(acceptor_.local_endpoint().port()) + "/m.gguf";
  }
  [[nodiscard]] int answers() const { return answers_; }

 private:
  void talk() {
    boost::system::error_code error;
    tcp::socket socket(context_);
    acceptor_.accept(socket, error);
    if (error) return;
    asio::ssl::stream<tcp::socket> stream(std::move(socket), tls_);
    stream.handshake(asio::ssl::stream_base::server, error);
    boost::beast::flat_buffer buffer;
    http::request<http::empty_body> request;
    if (!error) http::read(stream, buffer, request, error);
    if (error) return;
    ++answers_;
    const std::string head =
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + std::to_string(file_.size()) +
        "\r\n\r\n";
    asio::write(stream, asio::buffer(head + file_), error);
    stream.shutdown(error);
  }

  const std::string file_;
  asio::io_context context_;
  asio::ssl::context tls_{asio::ssl::context::tls_server};
  tcp::acceptor acceptor_;
  std::atomic<int> answers_ = 0;
  std::jthread accepter_;
};

class TlsTest : public DownloadTest {
 protected:
  void SetUp() override {
    DownloadTest::SetUp();
    for (const char* name : settings_) ::unsetenv(name);
    keys_ = folder_ / "keys";
    std::filesystem::create_directory(keys_);
    const std::string make =
        "cd '" + keys_.string() +
        "' && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
        "-subj /CN=test -addext subjectAltName=IP:127.0.0.1 -keyout key.pem -out certificate.pem "
        "2>errors";
    ASSERT_EQ(std::system(make.c_str()), 0) << content_of(keys_ / "errors");
    peer_ = std::make_unique<TlsPeer>(keys_, *file_);
  }
  void TearDown() override {
    for (const char* name : settings_) ::unsetenv(name);
    peer_.reset();
    DownloadTest::TearDown();
  }

  static constexpr const char* settings_[] = {"SSL_CERT_FILE", "CURL_CA_BUNDLE", "SSL_CERT_DIR"};
  std::filesystem::path keys_;
  std::shared_ptr<const std::string> file_ = random_file(100'000);
  std::unique_ptr<TlsPeer> peer_;
};

TEST_F(TlsTest, ACertificateThatNobodyVouchesForIsRefused) {
  const Result<Downloaded> got = download(request(peer_->url("127.0.0.1")));
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().code, ErrorCode::network);
  EXPECT_THAT(got.error().message, HasSubstr("certificate"));
  EXPECT_THAT(got.error().hint, HasSubstr("SSL_CERT_FILE"));
  EXPECT_EQ(peer_->answers(), 0);
  EXPECT_FALSE(std::filesystem::exists(target_));
}

TEST_F(TlsTest, TheEnvironmentNamesFurtherAuthorities) {
  for (const char* name : {"SSL_CERT_FILE", "CURL_CA_BUNDLE"}) {
    ::setenv(name, (keys_ / "certificate.pem").c_str(), 1);
    const Result<Downloaded> got = download(request(peer_->url("127.0.0.1")));
    ::unsetenv(name);
    ASSERT_TRUE(got.ok()) << name << ": " << got.error().message;
    EXPECT_EQ(content_of(target_), *file_);
    std::filesystem::remove(target_);
  }
  EXPECT_EQ(peer_->answers(), 2);
}

TEST_F(TlsTest, ACertificateForAnotherNameIsRefused) {
  ::setenv("SSL_CERT_FILE", (keys_ / "certificate.pem").c_str(), 1);
  const Result<Downloaded> got = download(request(peer_->url("localhost")));
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(peer_->answers(), 0);
}

}  // namespace
}  // namespace tenfold::testing
