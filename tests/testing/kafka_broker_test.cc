#include "tests/testing/kafka_broker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include <array>
#include <memory>
#include <string>

#include "tests/testing/kafka_environment.h"
#include "tests/testing/matchers.h"

namespace catwalk::tests {
namespace {

constexpr int kTimeoutMs = 20'000;

auto* const kafka = new KafkaEnvironment;  // GoogleTest owns it
[[maybe_unused]] auto* const registered = ::testing::AddGlobalTestEnvironment(kafka);

using Client = std::unique_ptr<rd_kafka_t, decltype(&rd_kafka_destroy)>;

Client Connect(const std::string& bootstrap) {
  std::array<char, 256> error{};
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", bootstrap.c_str(), error.data(), error.size());
  rd_kafka_conf_set(conf, "log_level", "0", error.data(), error.size());
  return {rd_kafka_new(RD_KAFKA_PRODUCER, conf, error.data(), error.size()), &rd_kafka_destroy};
}

/// The error of asking for the metadata of all topics, and the partitions of `topic` in it.
struct Seen {
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  int brokers = 0;
  int partitions = 0;
};

Seen LookFor(const std::string& bootstrap, const std::string& topic, int timeout_ms) {
  const Client client = Connect(bootstrap);
  const rd_kafka_metadata_t* metadata = nullptr;
  Seen seen;
  seen.error = rd_kafka_metadata(client.get(), 1, nullptr, &metadata, timeout_ms);
  if (seen.error != RD_KAFKA_RESP_ERR_NO_ERROR) return seen;
  seen.brokers = metadata->broker_cnt;
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    if (topic == metadata->topics[i].topic) seen.partitions = metadata->topics[i].partition_cnt;
  }
  rd_kafka_metadata_destroy(metadata);
  return seen;
}

/// The topic's error after asking the broker to make it.
rd_kafka_resp_err_t CreateTopic(const std::string& bootstrap, const std::string& topic, int partitions) {
  const Client client = Connect(bootstrap);
  rd_kafka_queue_t* queue = rd_kafka_queue_new(client.get());
  rd_kafka_NewTopic_t* wanted = rd_kafka_NewTopic_new(topic.c_str(), partitions, 1, nullptr, 0);
  rd_kafka_CreateTopics(client.get(), &wanted, 1, nullptr, queue);
  rd_kafka_event_t* event = rd_kafka_queue_poll(queue, kTimeoutMs);
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR__TIMED_OUT;
  size_t count = 0;
  if (const auto* result = event == nullptr ? nullptr : rd_kafka_event_CreateTopics_result(event)) {
    const auto* topics = rd_kafka_CreateTopics_result_topics(result, &count);
    error = count == 1 ? rd_kafka_topic_result_error(topics[0]) : rd_kafka_event_error(event);
  }
  rd_kafka_event_destroy(event);
  rd_kafka_NewTopic_destroy(wanted);
  rd_kafka_queue_destroy(queue);
  return error;
}

TEST(KafkaBroker, KeepsTopicsAndAddressWhenKilledAndRestarted) {
  Result<std::unique_ptr<KafkaBroker>> started = KafkaBroker::Start();
  ASSERT_THAT(started, IsOk());
  KafkaBroker& broker = **started;
  const std::string address = broker.Bootstrap();
  ASSERT_EQ(CreateTopic(address, "kept", 3), RD_KAFKA_RESP_ERR_NO_ERROR);

  broker.Kill();
  EXPECT_NE(LookFor(address, "kept", 500).error, RD_KAFKA_RESP_ERR_NO_ERROR);

  ASSERT_THAT(broker.Restart(), IsOk());
  EXPECT_EQ(broker.Bootstrap(), address);
  const Seen seen = LookFor(address, "kept", kTimeoutMs);
  EXPECT_EQ(seen.error, RD_KAFKA_RESP_ERR_NO_ERROR);
  EXPECT_EQ(seen.brokers, 1);
  EXPECT_EQ(seen.partitions, 3);
}

TEST(KafkaEnvironment, SharesOneBroker) {
  const Result<std::string> first = kafka->Bootstrap();
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(kafka->Bootstrap(), IsOkAndHolds(*first));
  EXPECT_EQ(LookFor(*first, "", kTimeoutMs).brokers, 1);
}

TEST(KafkaEnvironment, NeverMakesATopicInPassing) {
  const Result<std::string> bootstrap = kafka->Bootstrap();
  ASSERT_THAT(bootstrap, IsOk());
  const Client client = Connect(*bootstrap);
  std::unique_ptr<rd_kafka_topic_t, decltype(&rd_kafka_topic_destroy)> topic(
      rd_kafka_topic_new(client.get(), "nobody-made-this", nullptr), &rd_kafka_topic_destroy);
  const rd_kafka_metadata_t* metadata = nullptr;
  ASSERT_EQ(rd_kafka_metadata(client.get(), 0, topic.get(), &metadata, kTimeoutMs), RD_KAFKA_RESP_ERR_NO_ERROR);
  ASSERT_EQ(metadata->topic_cnt, 1);
  EXPECT_EQ(metadata->topics[0].err, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  rd_kafka_metadata_destroy(metadata);
}

}  // namespace
}  // namespace catwalk::tests
