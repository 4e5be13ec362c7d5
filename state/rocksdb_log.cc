#include "state/rocksdb_log.h"

#include <spdlog/logger.h>

#include <array>
#include <cstdarg>
#include <cstdio>
#include <utility>

#include "base/logging.h"

namespace catwalk::state {
namespace {

class DebugLog final : public rocksdb::Logger {
 public:
  explicit DebugLog(std::shared_ptr<spdlog::logger> log) : log_(std::move(log)) {}

  using rocksdb::Logger::Logv;
  void Logv(const char* format, va_list arguments) override {
    if (!log_->should_log(spdlog::level::debug)) return;
    std::array<char, 1000> line;  // longer ones are cut
    std::vsnprintf(line.data(), line.size(), format, arguments);
    log_->debug("rocksdb: {}", line.data());
  }

 private:
  const std::shared_ptr<spdlog::logger> log_;  // spdlog keeps it as well
};

}  // namespace

std::shared_ptr<rocksdb::Logger> RocksDbLog() { return std::make_shared<DebugLog>(Log("state")); }

}  // namespace catwalk::state
