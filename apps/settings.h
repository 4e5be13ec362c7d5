#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "apps/pipeline_settings.h"
#include "base/config.h"
#include "base/crash_plan.h"
#include "base/logging.h"
#include "base/status.h"
#include "schemas/topics.h"
#include "streams/embedded_log.h"
#include "streams/kafka_log.h"

namespace catwalk::apps {

/// What can be configured about where the topics live, with its defaults. A value.
struct Settings {
  Settings();

  /// `kafka.bootstrap` empty: the embedded log in `state_dir`.
  streams::KafkaOptions kafka;
  streams::EmbeddedLogOptions embedded;
  /// Of the whole process; 0: what its cgroup, or else the machine, allows.
  uint64_t memory_bytes = 0;
  std::string state_dir = "catwalk-state";
  uint64_t state_memory_bytes = 0;
  /// Of topics keyed by user or by design, where they are made.
  int partitions = 4;
  std::array<std::string, 17> topic_names;
  LoggingOptions logging;
  PipelineSettings pipeline;
  /// Not a setting: `run --crash-at` alone makes one. Outlives the pipeline; null: none.
  CrashPlan* crash_plan = nullptr;

  /// Bytes of memory the process may use.
  uint64_t MemoryCeiling() const;
  bool on_kafka() const { return !kafka.bootstrap.empty(); }
  /// kInvalidConfig if two topics share a name or one is not legal.
  Result<schemas::TopicNames> Names() const;
};

/// Makes every setting a key of `config`. `settings` must outlive it.
void RegisterSettings(Config* config, Settings* settings);

}  // namespace catwalk::apps
