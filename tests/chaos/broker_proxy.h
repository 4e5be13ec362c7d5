#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace catwalk::chaos {

/// What a request asks for, by Kafka's number.
enum class Api : int16_t {
  kProduce = 0,
  kFetch = 1,
  kListOffsets = 2,
  kMetadata = 3,
  kOffsetFetch = 9,
  kFindCoordinator = 10,
  kJoinGroup = 11,
  kHeartbeat = 12,
  kSyncGroup = 14,
  kInitProducerId = 22,
  kAddPartitionsToTxn = 24,
  kAddOffsetsToTxn = 25,
  kEndTxn = 26,
  kWriteTxnMarkers = 27,   // from broker to broker
  kTxnOffsetCommit = 28,
  kConsumerGroupHeartbeat = 68,
};

/// How far a request, or its answer, has come.
enum class Moment {
  kBeforeRequest,  // the broker has nothing of it
  kMidRequest,     // the broker has a part of it, of a length drawn from the seed
  kBeforeAnswer,   // the broker has done it, and nobody has heard of that
  kMidAnswer,
  kAfterAnswer,    // between two requests
};

enum class Effect {
  kCut,       // the connection ends, by the seed with all others or alone
  kSilence,   // it stays and nothing moves on it any more, by the seed on all others or on it alone
  kHold,      // nothing moves on any connection for a time; then everything goes on
  kHoldOne,   // the same, on it alone: who asks there is kept waiting while all others are served
  kTurnAway,  // all connections end, and for a time who connects is turned away
};

/// Meets the next request of its kind.
struct Fault {
  Effect effect;
  Moment moment;
  Api api;
  std::chrono::milliseconds lasting{0};  // of kHold, kHoldOne and kTurnAway
};

/// What a fault does, and to what; for people.
std::string Describe(const Fault& fault);

/// A TCP proxy on loopback, before one broker, where the network fails as planned. It gives its own address wherever the broker
/// names its own, so that who comes by it stays with it; others may go straight to the broker meanwhile. Has a thread of its own;
/// may be called from any.
class BrokerProxy {
 public:
  /// `broker`: "127.0.0.1:PORT". Throws if there is no port to listen on.
  BrokerProxy(const std::string& broker, uint64_t seed);
  /// Cuts all connections.
  ~BrokerProxy();

  /// Where it listens, "127.0.0.1:PORT".
  std::string Bootstrap() const;
  void Plan(const Fault& fault);

  /// Faults of this effect, moment and kind of request that have met a request.
  int Fired(const Fault& fault) const;
  /// Connections that have been turned away.
  int TurnedAway() const;
  /// What has fired how often, a line for each effect and moment.
  std::string Table() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace catwalk::chaos
