#include "tests/chaos/broker_proxy.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <sstream>
#include <string_view>
#include <thread>
#include <tuple>
#include <vector>

namespace catwalk::chaos {
namespace {

namespace asio = boost::asio;
using asio::use_awaitable;
using asio::ip::tcp;
using std::chrono::steady_clock;

/// A frame is its length in four bytes and so many bytes more; a request's begin with the number of its kind.
constexpr size_t kLengthBytes = 4;

uint32_t BigEndian(std::string_view bytes) {
  uint32_t number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<uint8_t>(byte);
  return number;
}

Api ApiOf(std::string_view request) { return static_cast<Api>(BigEndian(request.substr(kLengthBytes, 2))); }

/// An address as it stands in answers: the host, and its port in four bytes.
std::string OnWire(const tcp::endpoint& address) {
  std::string text = address.address().to_string();
  for (int shift = 24; shift >= 0; shift -= 8) text.push_back(static_cast<char>(static_cast<uint32_t>(address.port()) >> shift));
  return text;
}

bool NamesBrokers(Api api) { return api == Api::kMetadata || api == Api::kFindCoordinator; }

/// Of the same length, so that the frame's stays right.
void ReplaceAll(const std::string& from, const std::string& to, std::string* text) {
  for (size_t at = 0; (at = text->find(from, at)) != std::string::npos; at += to.size()) text->replace(at, from.size(), to);
}

std::string_view NameOf(Api api) {
  switch (api) {
    case Api::kProduce: return "Produce";
    case Api::kFetch: return "Fetch";
    case Api::kListOffsets: return "ListOffsets";
    case Api::kMetadata: return "Metadata";
    case Api::kOffsetFetch: return "OffsetFetch";
    case Api::kFindCoordinator: return "FindCoordinator";
    case Api::kJoinGroup: return "JoinGroup";
    case Api::kHeartbeat: return "Heartbeat";
    case Api::kSyncGroup: return "SyncGroup";
    case Api::kInitProducerId: return "InitProducerId";
    case Api::kAddPartitionsToTxn: return "AddPartitionsToTxn";
    case Api::kAddOffsetsToTxn: return "AddOffsetsToTxn";
    case Api::kEndTxn: return "EndTxn";
    case Api::kWriteTxnMarkers: return "WriteTxnMarkers";
    case Api::kConsumerGroupHeartbeat: return "ConsumerGroupHeartbeat";
    case Api::kTxnOffsetCommit: return "TxnOffsetCommit";
  }
  return "?";
}

std::string_view NameOf(Moment moment) {
  constexpr std::array<std::string_view, 5> kNames = {"before a request", "in mid request", "before an answer", "in mid answer",
                                                      "after an answer"};
  return kNames.at(static_cast<size_t>(moment));
}

std::string_view NameOf(Effect effect) {
  constexpr std::array<std::string_view, 5> kNames = {"cut", "silent", "held", "held alone", "turned away"};
  return kNames.at(static_cast<size_t>(effect));
}

/// To close it would not do: a process that the test has started since holds it too.
void End(tcp::socket* socket) {
  boost::system::error_code ignored;
  socket->shutdown(tcp::socket::shutdown_both, ignored);
  socket->close(ignored);
}

/// A client's connection and the one to the broker that goes with it.
struct Link {
  tcp::socket client, broker;
  std::deque<Api> asked;  // what the broker has still to answer, in this order
  bool silent = false;
  steady_clock::time_point held_until;

  void Cut() {
    End(&client);
    End(&broker);
  }
};
using LinkPtr = std::shared_ptr<Link>;

asio::awaitable<std::string> ReadFrame(tcp::socket& from) {
  std::string frame(kLengthBytes, '\0');
  co_await asio::async_read(from, asio::buffer(frame), use_awaitable);
  frame.resize(kLengthBytes + BigEndian(frame));
  co_await asio::async_read(from, asio::buffer(frame.data() + kLengthBytes, frame.size() - kLengthBytes), use_awaitable);
  co_return frame;
}

}  // namespace

std::string Describe(const Fault& fault) {
  std::string text(NameOf(fault.effect));
  text.append(" ").append(NameOf(fault.moment)).append(", ").append(NameOf(fault.api));
  if (fault.lasting.count() > 0) text.append(", for ").append(std::to_string(fault.lasting.count())).append(" ms");
  return text;
}

class BrokerProxy::Impl {
 public:
  Impl(const std::string& broker, uint64_t seed)
      : broker_(asio::ip::address_v4::loopback(), static_cast<uint16_t>(std::stoi(broker.substr(broker.find(':') + 1)))),
        acceptor_(io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
        address_(acceptor_.local_endpoint()),
        random_(seed) {
    asio::co_spawn(io_, Accept(), asio::detached);
    thread_ = std::jthread([this] { io_.run(); });
  }
  ~Impl() {
    io_.stop();
    thread_.join();
  }

  const tcp::endpoint& address() const { return address_; }

  void Plan(const Fault& fault) {
    const std::scoped_lock lock(mutex_);
    planned_.push_back(fault);
  }
  int Fired(const Fault& fault) const {
    const std::scoped_lock lock(mutex_);
    const auto found = fired_.find({fault.effect, fault.moment, fault.api});
    return found == fired_.end() ? 0 : found->second;
  }
  int TurnedAway() const {
    const std::scoped_lock lock(mutex_);
    return turned_away_;
  }
  std::string Table() const;

 private:
  using Kind = std::tuple<Effect, Moment, Api>;

  asio::awaitable<void> Accept();
  void Serve(tcp::socket client);
  asio::awaitable<void> ForwardRequests(LinkPtr link);
  asio::awaitable<void> ForwardAnswers(LinkPtr link);
  asio::awaitable<void> Meet(Moment moment, Api api, LinkPtr link);
  std::optional<Fault> Take(Moment moment, Api api);
  void Strike(const Fault& fault, const LinkPtr& link);
  std::set<LinkPtr> LinkOrAll(const LinkPtr& link) { return random_() % 2 == 0 ? std::set{link} : links_; }
  steady_clock::time_point QuietUntil(const Link& link) const;
  bool TurnsAway();
  size_t PartOf(const std::string& frame) { return 1 + random_() % (frame.size() - 1); }

  const tcp::endpoint broker_;
  asio::io_context io_{1};
  tcp::acceptor acceptor_;
  const tcp::endpoint address_;
  std::mt19937_64 random_;
  std::set<LinkPtr> links_;
  steady_clock::time_point held_until_, away_until_;

  mutable std::mutex mutex_;  // guards what follows
  std::deque<Fault> planned_;
  std::map<Kind, int> fired_;
  int turned_away_ = 0;

  std::jthread thread_;  // runs io_, and alone uses what is not guarded
};

asio::awaitable<void> BrokerProxy::Impl::Accept() {
  for (;;) {
    tcp::socket client = co_await acceptor_.async_accept(use_awaitable);
    if (TurnsAway()) End(&client);
    else Serve(std::move(client));
  }
}

bool BrokerProxy::Impl::TurnsAway() {
  if (steady_clock::now() >= away_until_) return false;
  const std::scoped_lock lock(mutex_);
  ++turned_away_;
  return true;
}

void BrokerProxy::Impl::Serve(tcp::socket client) {
  const auto link = std::make_shared<Link>(std::move(client), tcp::socket(io_));
  boost::system::error_code refused;
  link->broker.connect(broker_, refused);
  if (refused) return link->Cut();
  for (auto* const socket : {&link->client, &link->broker}) socket->set_option(tcp::no_delay(true));
  links_.insert(link);
  const auto end = [this, link](const std::exception_ptr& /*disconnected*/) {
    link->Cut();
    links_.erase(link);
  };
  asio::co_spawn(io_, ForwardRequests(link), end);
  asio::co_spawn(io_, ForwardAnswers(link), end);
}

// To write on a connection that has been cut ends both directions by an exception.
asio::awaitable<void> BrokerProxy::Impl::ForwardRequests(LinkPtr link) {
  for (;;) {
    const std::string request = co_await ReadFrame(link->client);
    const Api api = ApiOf(request);
    const size_t part = PartOf(request);
    link->asked.push_back(api);
    co_await Meet(Moment::kBeforeRequest, api, link);
    co_await asio::async_write(link->broker, asio::buffer(request.data(), part), use_awaitable);
    co_await Meet(Moment::kMidRequest, api, link);
    co_await asio::async_write(link->broker, asio::buffer(request.data() + part, request.size() - part), use_awaitable);
  }
}

asio::awaitable<void> BrokerProxy::Impl::ForwardAnswers(LinkPtr link) {
  for (;;) {
    std::string answer = co_await ReadFrame(link->broker);
    const Api api = link->asked.front();
    const size_t part = PartOf(answer);
    link->asked.pop_front();
    if (NamesBrokers(api)) ReplaceAll(OnWire(broker_), OnWire(address_), &answer);
    co_await Meet(Moment::kBeforeAnswer, api, link);
    co_await asio::async_write(link->client, asio::buffer(answer.data(), part), use_awaitable);
    co_await Meet(Moment::kMidAnswer, api, link);
    co_await asio::async_write(link->client, asio::buffer(answer.data() + part, answer.size() - part), use_awaitable);
    co_await Meet(Moment::kAfterAnswer, api, link);
  }
}

/// Lets a planned fault strike; then waits while nothing moves.
asio::awaitable<void> BrokerProxy::Impl::Meet(Moment moment, Api api, LinkPtr link) {
  if (const auto fault = Take(moment, api)) Strike(*fault, link);
  asio::steady_timer timer(io_);
  while (steady_clock::now() < QuietUntil(*link)) {
    timer.expires_at(QuietUntil(*link));
    co_await timer.async_wait(use_awaitable);
  }
}

std::optional<Fault> BrokerProxy::Impl::Take(Moment moment, Api api) {
  const std::scoped_lock lock(mutex_);
  const auto due = std::ranges::find_if(planned_, [&](const Fault& fault) { return fault.moment == moment && fault.api == api; });
  if (due == planned_.end()) return std::nullopt;
  const Fault fault = *due;
  planned_.erase(due);
  ++fired_[{fault.effect, moment, api}];
  return fault;
}

void BrokerProxy::Impl::Strike(const Fault& fault, const LinkPtr& link) {
  const auto until = steady_clock::now() + fault.lasting;
  switch (fault.effect) {
    case Effect::kCut:
      for (const auto& any : LinkOrAll(link)) any->Cut();
      return;
    case Effect::kSilence:
      for (const auto& any : LinkOrAll(link)) any->silent = true;
      return;
    case Effect::kHold: held_until_ = until; return;
    case Effect::kHoldOne: link->held_until = until; return;
    case Effect::kTurnAway:
      away_until_ = until;
      for (const auto& any : links_) any->Cut();
  }
}

steady_clock::time_point BrokerProxy::Impl::QuietUntil(const Link& link) const {
  return link.silent ? steady_clock::time_point::max() : std::max(held_until_, link.held_until);
}

std::string BrokerProxy::Impl::Table() const {
  const std::scoped_lock lock(mutex_);
  std::ostringstream out;
  std::optional<std::pair<Effect, Moment>> line;
  for (const auto& [kind, times] : fired_) {
    const auto& [effect, moment, api] = kind;
    if (line != std::pair(effect, moment)) out << (line ? "\n  " : "  ") << NameOf(effect) << " " << NameOf(moment) << ":";
    line = {effect, moment};
    out << " " << NameOf(api) << " " << times;
  }
  out << "\n";
  if (turned_away_ > 0) out << "  connections turned away: " << turned_away_ << "\n";
  return out.str();
}

BrokerProxy::BrokerProxy(const std::string& broker, uint64_t seed) : impl_(std::make_unique<Impl>(broker, seed)) {}

BrokerProxy::~BrokerProxy() = default;

std::string BrokerProxy::Bootstrap() const {
  return impl_->address().address().to_string() + ":" + std::to_string(impl_->address().port());
}

void BrokerProxy::Plan(const Fault& fault) { impl_->Plan(fault); }

int BrokerProxy::Fired(const Fault& fault) const { return impl_->Fired(fault); }

int BrokerProxy::TurnedAway() const { return impl_->TurnedAway(); }

std::string BrokerProxy::Table() const { return impl_->Table(); }

}  // namespace catwalk::chaos
