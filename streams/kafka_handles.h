#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>

namespace catwalk::streams {

/// Calls a librdkafka function of type void(T*) to end what a pointer owns.
template <auto Destroy>
struct Destroyer {
  template <class T>
  void operator()(T* owned) const {
    Destroy(owned);
  }
};

/// Ends a client without leaving its group, which is whoever joined it to do. Comes back after a second at most: librdkafka 2.15.1 may wait
/// for good for what it has lost count of, and then has the client to itself until the process ends.
struct ClientEnd {
  void operator()(rd_kafka_t* client) const;
};

/// The objects of librdkafka's C API, each owned by one pointer. None may outlive the client it was made with.
using ClientPtr = std::unique_ptr<rd_kafka_t, ClientEnd>;
using ConfigPtr = std::unique_ptr<rd_kafka_conf_t, Destroyer<rd_kafka_conf_destroy>>;
using QueuePtr = std::unique_ptr<rd_kafka_queue_t, Destroyer<rd_kafka_queue_destroy>>;
using EventPtr = std::unique_ptr<rd_kafka_event_t, Destroyer<rd_kafka_event_destroy>>;
using ErrorPtr = std::unique_ptr<rd_kafka_error_t, Destroyer<rd_kafka_error_destroy>>;
using TopicPtr = std::unique_ptr<rd_kafka_topic_t, Destroyer<rd_kafka_topic_destroy>>;
using HeadersPtr = std::unique_ptr<rd_kafka_headers_t, Destroyer<rd_kafka_headers_destroy>>;
using PartitionsPtr =
    std::unique_ptr<rd_kafka_topic_partition_list_t, Destroyer<rd_kafka_topic_partition_list_destroy>>;
using GroupMetadataPtr =
    std::unique_ptr<rd_kafka_consumer_group_metadata_t, Destroyer<rd_kafka_consumer_group_metadata_destroy>>;
using AdminOptionsPtr = std::unique_ptr<rd_kafka_AdminOptions_t, Destroyer<rd_kafka_AdminOptions_destroy>>;
using NewTopicPtr = std::unique_ptr<rd_kafka_NewTopic_t, Destroyer<rd_kafka_NewTopic_destroy>>;
using GroupOffsetsRequestPtr =
    std::unique_ptr<rd_kafka_ListConsumerGroupOffsets_t, Destroyer<rd_kafka_ListConsumerGroupOffsets_destroy>>;
using MetadataPtr = std::unique_ptr<const rd_kafka_metadata_t, Destroyer<rd_kafka_metadata_destroy>>;

}  // namespace catwalk::streams
