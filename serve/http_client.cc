#include "serve/http_client.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <optional>
#include <utility>

namespace catwalk::serve {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Request = http::request<http::span_body<const char>>;

constexpr std::string_view kScheme = "http://";
constexpr int kHttp11 = 11;

struct Address {
  std::string host, port;
};

std::optional<Address> ParseUrl(std::string_view url) {
  if (!url.starts_with(kScheme)) return std::nullopt;
  url.remove_prefix(kScheme.size());
  if (url.ends_with('/')) url.remove_suffix(1);
  if (url.empty() || url.find_first_of("/?#@") != std::string_view::npos) return std::nullopt;
  const size_t colon = url.rfind(':');
  const bool bare_ipv6 = url.back() == ']';
  std::string_view host = colon == std::string_view::npos || bare_ipv6 ? url : url.substr(0, colon);
  const std::string port(host.size() == url.size() ? "80" : url.substr(colon + 1));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty() || port.empty() || port.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  return Address{std::string(host), port};
}

bool ClosedByServer(const beast::error_code& error) {
  return error == http::error::end_of_stream || error == asio::error::connection_reset ||
         error == asio::error::broken_pipe || error == asio::error::eof;
}

}  // namespace

struct HttpClient::Connection {
  asio::io_context io;
  beast::tcp_stream stream{io};
  beast::flat_buffer buffer;

  // Runs one asynchronous step to its end, since only those can time out.
  template <class Start>
  beast::error_code Step(std::chrono::milliseconds timeout, Start start) {
    beast::error_code result;
    stream.expires_after(timeout);
    start([&result](beast::error_code error, auto&&...) { result = error; });
    io.restart();
    io.run();
    return result;
  }

  beast::error_code Exchange(std::chrono::milliseconds timeout, Request& request,
                             http::response<http::string_body>& response) {
    const auto error = Step(timeout, [&](auto done) { http::async_write(stream, request, std::move(done)); });
    if (error) return error;
    return Step(timeout, [&](auto done) { http::async_read(stream, buffer, response, std::move(done)); });
  }
};

Result<std::unique_ptr<HttpClient>> HttpClient::Connect(const std::string& url, std::chrono::milliseconds timeout) {
  const auto address = ParseUrl(url);
  if (!address)
    return Status(Code::kInvalidArgument, "\"" + url + "\" is no address to send to; write http://HOST:PORT");
  std::unique_ptr<HttpClient> client(new HttpClient(address->host, address->port, timeout));
  RETURN_IF_ERROR(client->Open());
  return client;
}

HttpClient::HttpClient(std::string host, std::string port, std::chrono::milliseconds timeout)
    : host_(std::move(host)), port_(std::move(port)), timeout_(timeout) {}

HttpClient::~HttpClient() = default;

Status HttpClient::Failed(const std::string& step, const std::string& why, bool timed_out) const {
  return {timed_out ? Code::kTimeout : Code::kUnavailable,
          step + " http://" + host_ + ":" + port_ + " failed (" + why + "); is catwalk run at work there?",
          Recovery::kRetryable};
}

Status HttpClient::Open() {
  auto connection = std::make_unique<Connection>();
  beast::error_code error;
  asio::ip::tcp::resolver resolver(connection->io);
  const auto endpoints = resolver.resolve(host_, port_, error);
  if (error) return Failed("finding", error.message(), false);
  error = connection->Step(timeout_, [&](auto done) { connection->stream.async_connect(endpoints, std::move(done)); });
  if (error) return Failed("connecting to", error.message(), error == beast::error::timeout);
  connection_ = std::move(connection);
  return Status::Ok();
}

Result<HttpResponse> HttpClient::Post(const std::string& target, const std::string& content_type,
                                      std::string_view body) {
  Request request(http::verb::post, target, kHttp11);
  request.set(http::field::host, host_ + ":" + port_);
  request.set(http::field::user_agent, "catwalk");
  request.set(http::field::content_type, content_type);
  request.body() = {body.data(), body.size()};
  request.prepare_payload();
  for (bool last_try = false;; last_try = true) {
    if (connection_ == nullptr) RETURN_IF_ERROR(Open());
    http::response<http::string_body> response;
    const auto error = connection_->Exchange(timeout_, request, response);
    if (error || !response.keep_alive()) connection_.reset();
    if (!error) return HttpResponse{static_cast<int>(response.result_int()), std::move(response.body())};
    if (last_try || !ClosedByServer(error)) return Failed("posting to", error.message(), error == beast::error::timeout);
  }
}

}  // namespace catwalk::serve
