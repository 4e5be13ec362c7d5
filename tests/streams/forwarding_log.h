#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "streams/log.h"

namespace catwalk::streams {

/// A log that does what another one does, for tests to change something about it.
class ForwardingLog : public Log {
 public:
  explicit ForwardingLog(Log& log) : log_(log) {}

  std::string Describe() const override { return log_.Describe(); }
  bool needs_changelog() const override { return log_.needs_changelog(); }
  Result<std::unique_ptr<Transport>> OpenTransport(const TransportOptions& options) override { return log_.OpenTransport(options); }
  Result<std::unique_ptr<LogReader>> OpenReader() override { return log_.OpenReader(); }
  Result<std::unique_ptr<LogWriter>> OpenWriter() override { return log_.OpenWriter(); }
  Result<std::map<std::string, TopicState>> ListTopics() override { return log_.ListTopics(); }
  Status CreateTopic(const std::string& name, const schemas::TopicSpec& spec, int32_t partitions) override {
    return log_.CreateTopic(name, spec, partitions);
  }
  Result<Offsets> EndOffsets(const std::vector<std::string>& topics, Isolation isolation) override {
    return log_.EndOffsets(topics, isolation);
  }
  Result<Offsets> BeginOffsets(const std::vector<std::string>& topics) override { return log_.BeginOffsets(topics); }
  Result<Offsets> CommittedOffsets(const std::string& group, const std::vector<std::string>& topics) override {
    return log_.CommittedOffsets(group, topics);
  }

 private:
  Log& log_;
};

}  // namespace catwalk::streams
