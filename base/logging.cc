#include "base/logging.h"

#include <spdlog/formatter.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <iterator>
#include <optional>

namespace catwalk {
namespace {

constexpr std::string_view kTextPattern = "%Y-%m-%dT%H:%M:%S.%eZ %^%-8l%$ [%n] %v";

std::string Quoted(spdlog::string_view_t text) {
  return boost::json::serialize(boost::json::string_view(text.data(), text.size()));
}

/// One JSON object per message, one message per line.
class JsonFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const auto since_epoch = std::chrono::duration_cast<std::chrono::milliseconds>(message.time.time_since_epoch());
    const std::time_t seconds = since_epoch.count() / 1000;
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    char time[32];
    time[std::strftime(time, sizeof time, "%Y-%m-%dT%H:%M:%S", &utc)] = '\0';
    const char* level = spdlog::level::to_string_view(message.level).data();
    fmt::format_to(std::back_inserter(out),
                   R"({{"time":"{}.{:03}Z","level":"{}","logger":{},"thread":{},"message":{}}})" "\n", time,
                   since_epoch.count() % 1000, level, Quoted(message.logger_name), message.thread_id,
                   Quoted(message.payload));
  }
  std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<JsonFormatter>(); }
};

std::optional<spdlog::level::level_enum> LevelOf(const std::string& name) {
  const auto level = spdlog::level::from_str(name);  // an unknown name gives off, too
  if (level == spdlog::level::off && name != "off") return std::nullopt;
  return level;
}

spdlog::sink_ptr TextSink() {
  const auto colours = std::getenv("NO_COLOR") != nullptr ? spdlog::color_mode::never : spdlog::color_mode::automatic;
  auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>(colours);
  sink->set_formatter(
      std::make_unique<spdlog::pattern_formatter>(std::string(kTextPattern), spdlog::pattern_time_type::utc));
  return sink;
}

spdlog::sink_ptr JsonSink() {
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  sink->set_formatter(std::make_unique<JsonFormatter>());
  return sink;
}

/// The sink and level that SetUpLogging chose are those of spdlog's default logger, once it has our name.
constexpr const char* kDefaultLogger = "catwalk";

std::shared_ptr<spdlog::logger> MakeLogger(const std::string& name) {
  const auto chosen = spdlog::get(kDefaultLogger);
  auto logger = std::make_shared<spdlog::logger>(name, chosen ? chosen->sinks().front() : TextSink());
  logger->set_level(chosen ? chosen->level() : spdlog::level::info);
  return logger;
}

}  // namespace

Status SetUpLogging(const LoggingOptions& options) {
  const auto level = LevelOf(options.level);
  if (!level) {
    return {Code::kInvalidConfig, "no log level \"" + options.level +
                                      "\"; use trace, debug, info, warning, error, critical or off"};
  }
  if (options.format != "text" && options.format != "json") {
    return {Code::kInvalidConfig, "no log format \"" + options.format + "\"; use text or json"};
  }
  auto logger =
      std::make_shared<spdlog::logger>(kDefaultLogger, options.format == "json" ? JsonSink() : TextSink());
  logger->set_level(*level);
  spdlog::drop_all();
  spdlog::set_default_logger(std::move(logger));
  return Status::Ok();
}

std::shared_ptr<spdlog::logger> Log(std::string_view folder) {
  const std::string name(folder);
  if (auto known = spdlog::get(name)) return known;
  auto made = MakeLogger(name);
  try {
    spdlog::register_logger(made);
  } catch (const spdlog::spdlog_ex&) {  // another thread was faster
    if (auto known = spdlog::get(name)) return known;
  }
  return made;
}

}  // namespace catwalk
