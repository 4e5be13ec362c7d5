#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/status.h"
#include "tests/testing/kafka_broker.h"

namespace catwalk::tests {

/// The broker the tests of one binary share, so each uses topics, groups and ids of names of its own. It is the one that
/// CATWALK_TEST_KAFKA (HOST:PORT) names, as scripts/test sets it for a whole run; else one is started when
/// first asked for and ended after the last test. In a test's source:
///
///   auto* const kafka = new KafkaEnvironment;   // GoogleTest owns it
///   [[maybe_unused]] auto* const registered = ::testing::AddGlobalTestEnvironment(kafka);
///
/// Used from the thread that runs the tests.
class KafkaEnvironment final : public ::testing::Environment {
 public:
  /// "HOST:PORT", or why there is no broker.
  Result<std::string> Bootstrap();
  void TearDown() override { broker_.reset(); }

 private:
  std::unique_ptr<KafkaBroker> broker_;
};

}  // namespace catwalk::tests
