#include "apps/settings.h"

#include <algorithm>

#include "state/memory_limit.h"

namespace catwalk::apps {
namespace {

void RegisterKafka(Config* config, streams::KafkaOptions* kafka) {
  config->Add("kafka.bootstrap", &kafka->bootstrap,
              "Brokers to start from, HOST:PORT[,HOST:PORT...]; empty: the embedded log");
  config->Add("kafka.app", &kafka->app, "Prefix of group and transactional ids");
  config->Add("kafka.transaction_timeout_ms", &kafka->transaction_timeout_ms,
              "Milliseconds after which the broker aborts a transaction left open", {.min = 1000, .max = {}});
  config->Add("kafka.session_timeout_ms", &kafka->session_timeout_ms,
              "Milliseconds without a heartbeat after which a member is given up", {.min = 1000, .max = {}});
  config->Add("kafka.heartbeat_interval_ms", &kafka->heartbeat_interval_ms, "Milliseconds between heartbeats",
              {.min = 1, .max = {}});
  config->Add("kafka.revocation_timeout_ms", &kafka->revocation_timeout_ms,
              "Milliseconds to commit what is pending when tasks are given up, before it is aborted", {.min = 0, .max = {}});
  config->Add("kafka.group_protocol", &kafka->group_protocol,
              "classic (static members) or consumer (KIP-848)", {"classic", "consumer"});
  config->Add("kafka.request_timeout_ms", &kafka->request_timeout_ms,
              "Milliseconds to wait for the broker before a call fails, or a silent connection is given up", {.min = 100, .max = {}});
  config->Add("kafka.fetch_buffer_bytes", &kafka->fetch_buffer_bytes,
              "Bytes fetched ahead per worker", {.min = 1 << 16, .max = {}});
  config->Add("kafka.replication_factor", &kafka->replication_factor,
              "Replicas of topics it makes; -1: the broker's default", {.min = -1, .max = {}});
  config->Add("kafka.properties.*", &kafka->properties,
              "Anything else for librdkafka, as it is: security.protocol, sasl.*, ssl.*");
}

void RegisterState(Config* config, Settings* settings) {
  config->Add("state.dir", &settings->state_dir, "The folder of the state, and of the embedded log");
  config->Add("state.memory_bytes", &settings->state_memory_bytes,
              "Bytes of state RocksDB keeps in memory; 0: a quarter of run.memory_bytes, at most 512 MiB");
  config->Add("embedded.cleanup_interval_ms", &settings->embedded.cleanup_interval_ms,
              "Milliseconds between runs of retention and compaction; 0: never", {.min = 0, .max = {}});
  config->Add("embedded.max_backlog_bytes", &settings->embedded.max_backlog_bytes,
              "Bytes appended but not yet processed above which events are refused", {.min = 1, .max = {}});
}

void RegisterTopics(Config* config, Settings* settings) {
  config->Add("topics.partitions", &settings->partitions, "Partitions of user- and design-keyed topics it makes",
              {.min = 1, .max = 10'000});
  for (const schemas::TopicSpec& spec : schemas::AllTopics()) {
    std::string key = "topics." + std::string(spec.default_name);
    std::ranges::replace(key, '-', '_');
    config->Add(key, &settings->topic_names[static_cast<size_t>(spec.topic)],
                "Name of the topic: " + std::string(spec.purpose));
  }
}

}  // namespace

Settings::Settings() {
  for (const schemas::TopicSpec& spec : schemas::AllTopics())
    topic_names[static_cast<size_t>(spec.topic)] = spec.default_name;
}

uint64_t Settings::MemoryCeiling() const { return memory_bytes != 0 ? memory_bytes : state::MemoryLimit(); }

Result<schemas::TopicNames> Settings::Names() const {
  schemas::TopicNames names;
  const auto name_of = [this](const schemas::TopicSpec& spec) { return topic_names[static_cast<size_t>(spec.topic)]; };
  // Out of each other's way first, so that two topics may swap their names.
  for (const schemas::TopicSpec& spec : schemas::AllTopics())
    if (name_of(spec) != spec.default_name)
      RETURN_IF_ERROR(names.Rename(spec.topic, std::string(spec.default_name) + ".being-renamed"));
  for (const schemas::TopicSpec& spec : schemas::AllTopics())
    if (name_of(spec) != spec.default_name) RETURN_IF_ERROR(names.Rename(spec.topic, name_of(spec)));
  return names;
}

void RegisterSettings(Config* config, Settings* settings) {
  RegisterKafka(config, &settings->kafka);
  RegisterState(config, settings);
  RegisterTopics(config, settings);
  RegisterPipelineSettings(config, &settings->pipeline);
  config->Add("run.memory_bytes", &settings->memory_bytes,
              "Ceiling for the memory of the process, kept by caches that give way; 0: what its cgroup, or else the machine, allows");
  config->Add("log.level", &settings->logging.level,
              "Least level of messages: trace, debug, info, warning, error, critical, off");
  config->Add("log.format", &settings->logging.format, "text or json", {"text", "json"});
}

}  // namespace catwalk::apps
