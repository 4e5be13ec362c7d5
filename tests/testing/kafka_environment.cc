#include "tests/testing/kafka_environment.h"

#include <cstdlib>

namespace catwalk::tests {

Result<std::string> KafkaEnvironment::Bootstrap() {
  if (const char* given = std::getenv("CATWALK_TEST_KAFKA"); given != nullptr && *given != '\0') return std::string(given);
  if (!broker_) {
    ASSIGN_OR_RETURN(broker_, KafkaBroker::Start());
  }
  return broker_->Bootstrap();
}

}  // namespace catwalk::tests
