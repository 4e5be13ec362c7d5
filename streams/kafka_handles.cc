#include "streams/kafka_handles.h"

#include <spdlog/logger.h>

#include <chrono>
#include <future>
#include <string>
#include <thread>

#include "base/logging.h"

namespace catwalk::streams {
namespace {

constexpr std::chrono::seconds kPatience{1};

}  // namespace

/// One that hangs has lost a question to a group's coordinator, and with it a reference to a broker whose thread then never ends:
/// rd_kafka_coord_req_handle_FindCoordinator takes a question for asked again that rd_kafka_buf_retry has given up.
void ClientEnd::operator()(rd_kafka_t* client) const {
  const std::string name = rd_kafka_name(client);
  std::packaged_task<void()> end([client] { rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE); });
  const std::future<void> ended = end.get_future();
  std::thread(std::move(end)).detach();
  if (ended.wait_for(kPatience) == std::future_status::ready) return;
  catwalk::Log("kafka")->warn("{}: has not ended within a second, and is left alone", name);
}

}  // namespace catwalk::streams
