#pragma once

#include <cstdint>
#include <string>

#include "base/config.h"
#include "operators/design_options.h"
#include "operators/model_options.h"
#include "operators/user_options.h"
#include "streams/runner.h"
#include "streams/topology.h"

namespace catwalk::apps {

/// What can be configured about the pipeline itself, with its defaults. A value.
struct PipelineSettings {
  /// Length of user vectors and design factors.
  int k = 32;
  /// Half-lives in days of event time.
  double history_half_life_days = 720;
  double factor_half_life_days = 720;
  double popularity_half_life_days = 14;
  double neighbour_half_life_days = 1500;

  operators::UserOptions users;
  operators::DesignOptions designs;
  operators::ModelOptions model;
  std::string lists = "blend";
  double diversity = 0;
  double exploration = 0.1;
  std::string output_encoding = "protobuf";
  int user_workers = 1;
  streams::CommitOptions user_commit{.interval_ms = 10};
  streams::CommitOptions design_commit{.interval_ms = 100};
  streams::CommitOptions model_commit{.interval_ms = 1'000};
  int64_t source_buffer_bytes = 4LL << 20;
  streams::RejectionLimit rejections;

  /// Those that run in this process; the others run elsewhere.
  std::string sub_topologies = "users,designs,model";
  std::string instance;
  std::string advertise;
  bool keep_membership = false;
  int64_t ready_lag_ms = 10'000;
  int standby = 0;
  int64_t replica_publish_interval_ms = 5;
};

/// Makes every pipeline setting a key of `config`. `settings` must outlive it.
void RegisterPipelineSettings(Config* config, PipelineSettings* settings);

/// The topology these settings make: users, designs, model.
streams::Topology MakeTopology(const std::string& app, const schemas::TopicNames& names, const PipelineSettings& settings);

/// The replica's options for these settings.
streams::Replica::Options ReplicaOptions(const PipelineSettings& settings);

/// The user sub-topology as the settings have it, for queries too.
operators::UserOptions UserOptionsOf(const PipelineSettings& settings);

}  // namespace catwalk::apps
