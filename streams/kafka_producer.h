#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/status.h"
#include "schemas/record.h"
#include "streams/kafka_config.h"
#include "streams/kafka_handles.h"
#include "streams/kafka_log.h"

namespace catwalk::streams {

/// Hands records to a producing client, by cached topic handles. A topic that does not exist is an error here, where
/// the client alone would have the broker make it. One thread at a time; `clock` must outlive it.
class KafkaProducer {
 public:
  static Result<std::unique_ptr<KafkaProducer>> Open(const KafkaOptions& options, const KafkaSettings& settings,
                                                     const KafkaCallbacks& callbacks, const Clock& clock);
  /// Forgets what has not been sent.
  ~KafkaProducer();

  /// Queues a copy of the record; its delivery report carries `tag`. kBackpressure if the queue is full, kNotFound for
  /// an unknown topic or partition, kInvalidArgument for a record that is too large.
  Status Produce(const schemas::OutgoingRecord& record, void* tag);

  rd_kafka_t* client() const { return client_.get(); }

 private:
  KafkaProducer(const Clock& clock, int timeout_ms) : clock_(clock), timeout_ms_(timeout_ms) {}
  Result<rd_kafka_topic_t*> Handle(const std::string& topic);
  Status LookUp(const std::string& topic);

  const Clock& clock_;
  const int timeout_ms_;
  ClientPtr client_;
  std::unordered_map<std::string, TopicPtr> topics_;
  std::string_view last_name_;  // of the topic used last, within topics_
  rd_kafka_topic_t* last_ = nullptr;
};

}  // namespace catwalk::streams
