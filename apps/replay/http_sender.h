#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "apps/replay/record_sender.h"
#include "base/clock.h"
#include "schemas/topics.h"
#include "serve/http_client.h"

namespace catwalk::apps {

/// Posts records as JSON lines to /v1/events/{topic} of a running Catwalk, which answers when they are durable. The
/// records of one Send go topic by topic, in the order the topics first appear. `clock` must outlive it.
class HttpSender final : public RecordSender {
 public:
  /// `url` is "http://HOST:PORT". kInvalidArgument, kUnavailable.
  static Result<std::unique_ptr<RecordSender>> Open(const std::string& url, const schemas::TopicNames& names,
                                                    const Clock& clock, std::stop_token stop);
  Status Send(std::vector<schemas::OutgoingRecord> records) override;
  Status Finish() override { return Status::Ok(); }

 private:
  HttpSender(std::unique_ptr<serve::HttpClient> client, const schemas::TopicNames& names, const Clock& clock,
             std::stop_token stop);
  Status Post(const std::string& topic, const std::string& lines);

  std::unique_ptr<serve::HttpClient> client_;
  schemas::TopicNames names_;
  const Clock& clock_;
  std::stop_token stop_;
};

}  // namespace catwalk::apps
