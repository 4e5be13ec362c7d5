#include "serve/http_session.h"

#include <algorithm>
#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/verb.hpp>
#include <chrono>
#include <exception>
#include <string_view>
#include <utility>

#include "base/logging.h"

namespace catwalk::serve {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

/// How much is read at once.
constexpr size_t kReadBytes = 16 << 10;

/// How long a client that is refused may go on sending what nobody reads: closing earlier would reset the connection
/// under the refusal.
constexpr std::chrono::seconds kDrainTimeout{1};

/// Brings the first response, whoever has it, to the session that waits for it.
class PendingAnswer {
 public:
  explicit PendingAnswer(std::shared_ptr<HttpSession> session) : session_(std::move(session)) {}
  PendingAnswer(const PendingAnswer&) = delete;
  PendingAnswer& operator=(const PendingAnswer&) = delete;
  ~PendingAnswer() {
    if (!answered_) Give(ErrorResponse(500, "the request was dropped; send it again"));
  }

  void Give(Response response) {
    if (!answered_.exchange(true)) session_->Resume(std::move(response));
  }

 private:
  const std::shared_ptr<HttpSession> session_;
  std::atomic<bool> answered_ = false;
};

void Call(const Route& route, const Request& request, const Answer& answer) {
  try {
    route.handler(request, answer);
  } catch (const std::exception& error) {
    Log("serve")->error("{}: {}", route.pattern, error.what());
    answer(ErrorResponse(500, "an unexpected error; the log says more"));
  }
}

Method MethodOf(http::verb verb) {
  switch (verb) {
    case http::verb::get:
    case http::verb::head: return Method::kGet;
    case http::verb::post: return Method::kPost;
    default: return Method::kOther;
  }
}

/// The bytes of a response. Header values come from us or from a target the parser has let through: no line ends.
std::string ToBytes(const Response& response, unsigned version, bool keep_alive, bool head_only) {
  const auto reason = http::obsolete_reason(static_cast<http::status>(response.status));
  std::string bytes = version == 10 ? "HTTP/1.0 " : "HTTP/1.1 ";
  bytes.append(std::to_string(response.status)).append(" ").append(reason.data(), reason.size()).append("\r\n");
  const auto add = [&bytes](std::string_view name, std::string_view value) {
    bytes.append(name).append(": ").append(value).append("\r\n");
  };
  add("Content-Type", response.content_type);
  add("Content-Length", std::to_string(response.body.size()));
  for (const auto& [name, value] : response.headers) add(name, value);
  if (keep_alive != (version == 11)) add("Connection", keep_alive ? "keep-alive" : "close");
  bytes += "\r\n";
  if (!head_only) bytes += response.body;
  return bytes;
}

/// The response to a request that cannot be parsed.
Response RefusalOf(const beast::error_code& error, const HttpServerOptions& options) {
  if (error == http::error::body_limit) {
    return ErrorResponse(413, "the body is larger than " + std::to_string(options.max_body_bytes) +
                                  " bytes; send the events in several requests");
  }
  if (error == http::error::header_limit) {
    const std::string limit = std::to_string(options.max_header_bytes);
    return ErrorResponse(431, "the head is larger than " + limit + " bytes; shorten it");
  }
  return ErrorResponse(400, "not an HTTP/1.1 request: " + error.message());
}

}  // namespace

HttpSession::HttpSession(asio::ip::tcp::socket socket, HttpSessionContext* context)
    : stream_(std::move(socket)), context_(*context) {}

void HttpSession::Start() {
  context_.sessions.insert(this);
  context_.probe.connections().Increment();
  BeginRequest();
}

void HttpSession::StopReading() {
  if (phase_ != Phase::kAnswer) stream_.cancel();
}

void HttpSession::BeginRequest() {
  if (context_.stopping) return End();
  phase_ = Phase::kHead;
  parser_.emplace();
  parser_->header_limit(context_.options.max_header_bytes);
  parser_->body_limit(context_.options.max_body_bytes);
  stream_.expires_after(context_.options.idle_timeout);
  Parse();
}

void HttpSession::Receive() {
  stream_.async_read_some(buffer_.prepare(kReadBytes), [self = shared_from_this()](ErrorCode error, size_t bytes) {
    self->OnReceived(error, bytes);
  });
}

void HttpSession::OnReceived(ErrorCode error, size_t bytes) {
  if (error) return End();  // the client has gone, stands still, or we stop
  if (phase_ == Phase::kDrain) {
    left_to_drain_ -= std::min<uint64_t>(left_to_drain_, bytes);
    return left_to_drain_ > 0 ? Receive() : End();
  }
  buffer_.commit(bytes);
  Parse();
}

void HttpSession::Parse() {
  ErrorCode error;
  while (!error && !parser_->is_done() && buffer_.size() > 0) {
    buffer_.consume(parser_->put(buffer_.cdata(), error));
    if (!error && phase_ == Phase::kHead && parser_->is_header_done()) return BeginBody();
  }
  if (error && error != http::error::need_more) return Refuse(error);
  if (parser_->is_done()) return AnswerRequest();
  Receive();
}

void HttpSession::BeginBody() {
  phase_ = Phase::kBody;
  stream_.expires_after(context_.options.read_timeout);
  const bool waits = beast::iequals(parser_->get()[http::field::expect], "100-continue");
  if (waits && !parser_->is_done()) return Send("HTTP/1.1 100 Continue\r\n\r\n");
  Parse();
}

void HttpSession::Refuse(ErrorCode error) {
  route_ = nullptr;
  begin_us_ = context_.clock.SteadyUs();
  version_ = 11;
  head_only_ = keep_alive_ = false;
  phase_ = Phase::kAnswer;
  OnResponse(RefusalOf(error, context_.options));
}

void HttpSession::AnswerRequest() {
  phase_ = Phase::kAnswer;
  begin_us_ = context_.clock.SteadyUs();
  auto received = parser_->release();
  version_ = received.version();
  keep_alive_ = received.keep_alive();
  head_only_ = received.method() == http::verb::head;
  Request request;
  request.method = MethodOf(received.method());
  request.target = std::string(received.target());
  request.body = std::move(received.body());
  Router::Match match = context_.router.Find(&request);
  route_ = match.route;
  if (route_ == nullptr) return OnResponse(match.refusal);
  Ask(*route_, std::move(request));
}

void HttpSession::Ask(const Route& route, Request request) {
  auto pending = std::make_shared<PendingAnswer>(shared_from_this());
  Answer answer = [pending](Response response) { pending->Give(std::move(response)); };
  if (route.runs == Runs::kOnNetworkThread) return Call(route, request, answer);
  asio::post(context_.workers, [&route, request = std::move(request), answer = std::move(answer)] {
    Call(route, request, answer);
  });
}

void HttpSession::Resume(Response response) {
  asio::post(stream_.get_executor(), [self = shared_from_this(), response = std::move(response)] {
    self->OnResponse(response);
  });
}

void HttpSession::OnResponse(const Response& response) {
  const double seconds = static_cast<double>(context_.clock.SteadyUs() - begin_us_) * 1e-6;
  context_.probe.CountRequest(route_, response.status, seconds);
  keep_alive_ = keep_alive_ && !context_.stopping;
  stream_.expires_after(context_.options.write_timeout);
  Send(ToBytes(response, version_, keep_alive_, head_only_));
}

void HttpSession::Send(std::string bytes) {
  outgoing_ = std::move(bytes);
  asio::async_write(stream_, asio::buffer(outgoing_),
                    [self = shared_from_this()](ErrorCode error, size_t) { self->OnSent(error); });
}

void HttpSession::OnSent(ErrorCode error) {
  if (error) return End();
  if (phase_ == Phase::kBody) return Parse();  // that was 100 Continue
  keep_alive_ ? BeginRequest() : BeginDrain();
}

void HttpSession::BeginDrain() {
  phase_ = Phase::kDrain;
  if (context_.stopping) return End();
  ErrorCode ignored;
  stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  stream_.expires_after(kDrainTimeout);
  left_to_drain_ = 4 * context_.options.max_body_bytes;
  buffer_.clear();
  Receive();
}

void HttpSession::End() {
  if (context_.sessions.erase(this) == 0) return;
  stream_.close();
  context_.probe.connections().Decrement();
  if (context_.sessions.empty() && context_.on_last_session) context_.on_last_session();
}

}  // namespace catwalk::serve
