#include "serve/http_server.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <future>
#include <mutex>
#include <thread>
#include <utility>

#include "base/logging.h"
#include "serve/http_probe.h"
#include "serve/http_session.h"

namespace catwalk::serve {

namespace asio = boost::asio;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;

namespace {

/// How long to wait after a failed accept (usually: no file descriptors left).
constexpr std::chrono::milliseconds kAcceptPause{100};

Status CannotListen(const ListenAddress& address, const ErrorCode& error) {
  const std::string where = address.ToString();
  if (error == asio::error::address_in_use) {
    return {Code::kAddressInUse,
            where + " is taken; stop the other process or choose another port, 0 picks a free one"};
  }
  if (error == asio::error::access_denied) {
    return {Code::kInvalidArgument, "no permission to listen on " + where + "; choose a port above 1023"};
  }
  return {Code::kInvalidArgument,
          "cannot listen on " + where + " (" + error.message() +
              "); give an address of this machine, as in 127.0.0.1:8080"};
}

ErrorCode Listen(const ListenAddress& address, tcp::acceptor* acceptor) {
  ErrorCode error;
  tcp::resolver resolver(acceptor->get_executor());
  const auto found = resolver.resolve(address.host, std::to_string(address.port), tcp::resolver::passive, error);
  if (error) return error;
  const tcp::endpoint endpoint = *found.begin();
  acceptor->open(endpoint.protocol(), error);
  if (!error) acceptor->set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor->bind(endpoint, error);
  if (!error) acceptor->listen(asio::socket_base::max_listen_connections, error);
  return error;
}

/// Says 503 as far as that goes without waiting, and closes.
void TurnAway(tcp::socket socket) {
  const std::string body = ErrorResponse(503, "too many connections are open; try again later").body;
  const std::string response =
      "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\nContent-Type: application/json\r\n"
      "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  ErrorCode ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(response), ignored);
  socket.shutdown(tcp::socket::shutdown_send, ignored);
}

}  // namespace

class HttpServer::Impl {
 public:
  Impl(const HttpServerOptions& options, Router router, prometheus::Registry* registry, const Clock& clock)
      : options_(options),
        router_(std::move(router)),
        probe_(router_.routes(), registry),
        context_{options_, router_, workers_, probe_, clock},
        workers_(static_cast<size_t>(options.workers)),
        acceptor_(io_),
        pause_(io_) {}
  ~Impl() { Stop(); }

  Status Start();
  void Stop();
  const ListenAddress& address() const { return address_; }

 private:
  void Accept();
  void PauseAccepting(const ErrorCode& error);
  void Take(tcp::socket socket);
  void Run();
  void BeginStop();
  void CloseAll();

  const HttpServerOptions options_;
  Router router_;
  HttpProbe probe_;
  HttpSessionContext context_;
  asio::io_context io_{1};
  asio::thread_pool workers_;
  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  asio::executor_work_guard<asio::io_context::executor_type> work_ = asio::make_work_guard(io_);
  ListenAddress address_;
  std::promise<void> drained_;
  std::mutex stop_mutex_;
  bool stopped_ = false;  // guarded by stop_mutex_
  std::jthread thread_;
};

Status HttpServer::Impl::Start() {
  if (const ErrorCode error = Listen(options_.listen, &acceptor_)) return CannotListen(options_.listen, error);
  ErrorCode error;
  const tcp::endpoint endpoint = acceptor_.local_endpoint(error);
  if (error) return CannotListen(options_.listen, error);
  address_ = {endpoint.address().to_string(), endpoint.port()};
  Accept();
  thread_ = std::jthread([this] { Run(); });
  return Status::Ok();
}

void HttpServer::Impl::Run() {
  while (true) {
    try {
      io_.run();
      return;
    } catch (const std::exception& error) {  // of one connection: the others go on
      Log("serve")->error("network thread: {}", error.what());
    }
  }
}

void HttpServer::Impl::Accept() {
  acceptor_.async_accept([this](const ErrorCode& error, tcp::socket socket) {
    if (!acceptor_.is_open()) return;
    if (error) return PauseAccepting(error);
    Take(std::move(socket));
    Accept();
  });
}

void HttpServer::Impl::PauseAccepting(const ErrorCode& error) {
  Log("serve")->warn("cannot accept connections: {}", error.message());
  pause_.expires_after(kAcceptPause);
  pause_.async_wait([this](const ErrorCode&) {
    if (acceptor_.is_open()) Accept();
  });
}

void HttpServer::Impl::Take(tcp::socket socket) {
  if (context_.sessions.size() >= options_.max_connections) {
    probe_.refused_connections().Increment();
    return TurnAway(std::move(socket));
  }
  ErrorCode ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  std::make_shared<HttpSession>(std::move(socket), &context_)->Start();
}

void HttpServer::Impl::BeginStop() {
  context_.stopping = true;
  ErrorCode ignored;
  acceptor_.close(ignored);
  if (context_.sessions.empty()) return drained_.set_value();
  context_.on_last_session = [this] { drained_.set_value(); };
  for (HttpSession* session : context_.sessions) session->StopReading();
}

void HttpServer::Impl::CloseAll() {
  ErrorCode ignored;
  acceptor_.close(ignored);
  context_.on_last_session = nullptr;
  while (!context_.sessions.empty()) (*context_.sessions.begin())->End();
}

void HttpServer::Impl::Stop() {
  const std::lock_guard lock(stop_mutex_);
  if (std::exchange(stopped_, true) || !thread_.joinable()) return;
  asio::post(io_, [this] { BeginStop(); });
  drained_.get_future().wait_for(options_.stop_grace);
  work_.reset();
  io_.stop();
  thread_.join();
  CloseAll();
  workers_.stop();
  workers_.join();
  router_ = Router();  // ends what handlers have running; answers still go to io_, which nobody runs any more
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;

Result<std::unique_ptr<HttpServer>> HttpServer::Start(const HttpServerOptions& options, Router router,
                                                      prometheus::Registry* registry, const Clock& clock) {
  auto impl = std::make_unique<Impl>(options, std::move(router), registry, clock);
  RETURN_IF_ERROR(impl->Start());
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

const ListenAddress& HttpServer::address() const { return impl_->address(); }

void HttpServer::Stop() { impl_->Stop(); }

}  // namespace catwalk::serve
