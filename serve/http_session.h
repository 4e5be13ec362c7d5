#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "base/clock.h"
#include "serve/http_probe.h"
#include "serve/http_server.h"
#include "serve/router.h"

namespace catwalk::serve {

class HttpSession;

/// What the sessions of a server share. Used on the network thread only.
struct HttpSessionContext {
  const HttpServerOptions& options;
  const Router& router;
  boost::asio::thread_pool& workers;
  HttpProbe& probe;
  const Clock& clock;
  std::set<HttpSession*> sessions{};        // those that have not ended
  bool stopping = false;                    // set before StopReading: no request is begun any more
  std::function<void()> on_last_session{};  // called when a session ends and none is left
};

/// One connection: reads a request, has it answered, writes the response, and so on until either side has enough.
/// Requests that come before the answer wait in the buffer and the kernel. Network thread; what it waits for keeps it
/// alive (hence shared_ptr) until the connection ends or the io_context goes.
class HttpSession : public std::enable_shared_from_this<HttpSession> {
 public:
  HttpSession(boost::asio::ip::tcp::socket socket, HttpSessionContext* context);
  void Start();
  /// Closes the connection unless a request is being answered, which then is the last one.
  void StopReading();
  /// Ends the session at once, unless it has ended.
  void End();
  /// Goes on with the response to the request at hand. From any thread, once a request.
  void Resume(Response response);

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  using ErrorCode = boost::beast::error_code;
  enum class Phase { kHead, kBody, kAnswer, kDrain };

  void BeginRequest();
  void Receive();
  void OnReceived(ErrorCode error, size_t bytes);
  void Parse();
  void BeginBody();
  void Refuse(ErrorCode error);
  void AnswerRequest();
  void Ask(const Route& route, Request request);
  void OnResponse(const Response& response);
  void Send(std::string bytes);
  void OnSent(ErrorCode error);
  void BeginDrain();

  boost::beast::tcp_stream stream_;
  HttpSessionContext& context_;
  boost::beast::flat_buffer buffer_;  // received, not parsed yet
  std::string outgoing_;

  // Of the request at hand.
  Phase phase_ = Phase::kHead;
  std::optional<Parser> parser_;
  const Route* route_ = nullptr;
  int64_t begin_us_ = 0;
  unsigned version_ = 11;  // of HTTP, as Beast has it
  bool head_only_ = false;
  bool keep_alive_ = false;
  uint64_t left_to_drain_ = 0;  // bytes
};

}  // namespace catwalk::serve
