#include "apps/pipeline_settings.h"

#include "operators/design_pipeline.h"
#include "operators/model_pipeline.h"
#include "operators/user_pipeline.h"

namespace catwalk::apps {
namespace {

using schemas::Topic;

int64_t Milliseconds(double days) { return static_cast<int64_t>(days * 86'400'000); }

void RegisterCommit(Config* config, const std::string& section, streams::CommitOptions* commit) {
  config->Add(section + ".commit_interval_ms", &commit->interval_ms, "Milliseconds from the first uncommitted record to its commit",
              {.min = 0, .max = 60'000});
  config->Add(section + ".commit_backlog_interval_ms", &commit->backlog_interval_ms, "The same while more input waits: larger transactions",
              {.min = 0, .max = 60'000});
  config->Add(section + ".commit_records", &commit->records, "Uncommitted records that make a commit due", {.min = 1, .max = {}});
  config->Add(section + ".commit_state_bytes", &commit->state_bytes, "Bytes of uncommitted state that make a commit due",
              {.min = 1 << 10, .max = {}});
}

void RegisterUsers(Config* config, PipelineSettings* settings) {
  auto& users = settings->users;
  config->Add("users.workers", &settings->user_workers, "Threads of the user sub-topology", {.min = 1, .max = 256});
  RegisterCommit(config, "users", &settings->user_commit);
  config->Add("users.history_limit", &users.history_limit, "Interactions kept per user", {.min = 1, .max = 10'000});
  config->Add("users.seen_limit", &users.seen_limit, "Event ids remembered per user against duplicates", {.min = 1, .max = 100'000});
  config->Add("users.bought_limit", &users.bought_limit, "Bought designs remembered beyond the history", {.min = 0, .max = 100'000});
  config->Add("users.list_size", &users.list_size, "Entries of a list", {.min = 1, .max = 1'000});
  config->Add("users.recent_limit", &users.recent_limit, "Designs touched before that a design is told of", {.min = 0, .max = 1'000});
  config->Add("users.design_updates", &users.design_updates, "Whether designs learn from events; no: their factors come from elsewhere");
  config->Add("users.negatives", &users.negatives, "Designs not chosen that the blend learns from beside each choice; 99: all that ranked high",
              {.min = 1, .max = 99});
  config->Add("users.lists", &settings->lists, "What lists are made by: all signals, factorisation alone, or the latest of the history, for benchmarks",
              {"blend", "plain", "latest"});
  config->Add("users.diversity", &settings->diversity, "Share of a design's worth that lies in being unlike those above it in the list", {.min = 0, .max = 1});
  config->Add("users.exploration", &settings->exploration, "Standard deviations of what is not sure of a design that are added to its worth", {.min = 0, .max = 10});
  config->Add("users.reasons", &users.reasons, "Whether lists say why");
  config->Add("users.cache_entries", &users.cache_entries, "User states kept decoded per task", {.min = 0, .max = {}});
  config->Add("users.cache_bytes", &users.cache_bytes, "The same in bytes", {.min = 0, .max = {}});
  config->Add("users.output_encoding", &settings->output_encoding, "Of recommendations", {"protobuf", "confluent", "json"});
  config->Add("users.schema_id", &users.schema_id, "Schema id for output_encoding confluent", {.min = 0, .max = {}});
}

void RegisterModel(Config* config, PipelineSettings* settings) {
  config->Add("model.k", &settings->k, "Length of user vectors and design factors", {.min = 1, .max = 256});
  config->Add("model.history_half_life_days", &settings->history_half_life_days, "Half-life of an interaction in a user's vector; 0: for ever",
              {.min = 0, .max = 36'500});
  config->Add("model.factor_half_life_days", &settings->factor_half_life_days, "Half-life of an interaction in a design's factor",
              {.min = 0.001, .max = 36'500});
  config->Add("model.popularity_half_life_days", &settings->popularity_half_life_days, "Half-life of popularity",
              {.min = 0.001, .max = 36'500});
  config->Add("model.neighbour_half_life_days", &settings->neighbour_half_life_days, "Half-life of a co-visit",
              {.min = 0.001, .max = 36'500});
  RegisterCommit(config, "model", &settings->model_commit);
}

streams::SubTopology Users(const schemas::TopicNames& names, const PipelineSettings& settings) {
  streams::SubTopology sub;
  sub.name = "users";
  sub.sources = {Topic::kProfiles, Topic::kClicks, Topic::kPurchases, Topic::kActivity, Topic::kFeedback};
  sub.changelog = Topic::kUsersChangelog;
  sub.sinks = {Topic::kRecommendations};
  if (settings.users.design_updates) sub.sinks.push_back(Topic::kDesignUpdates);
  if (settings.users.design_updates && settings.lists == "blend") sub.sinks.push_back(Topic::kModelUpdates);
  sub.make_pipeline = [names, options = UserOptionsOf(settings)] { return operators::MakeUserPipeline(names, options); };
  sub.commit = settings.user_commit;
  sub.workers = settings.user_workers;
  return sub;
}

streams::SubTopology Designs(const PipelineSettings& settings) {
  auto options = settings.designs;
  options.solve.k = settings.k;
  options.solve.half_life_ms = Milliseconds(settings.factor_half_life_days);
  options.solve.popularity_half_life_ms = Milliseconds(settings.popularity_half_life_days);
  options.neighbours.half_life_ms = Milliseconds(settings.neighbour_half_life_days);
  streams::SubTopology sub;
  sub.name = "designs";
  sub.sources = {Topic::kDesignUpdates};
  sub.changelog = Topic::kDesignsChangelog;
  sub.sinks = {Topic::kDesignFactors, Topic::kModelUpdates};
  sub.event_time_field = 2;
  sub.make_pipeline = [options] { return operators::MakeDesignPipeline(options); };
  sub.commit = settings.design_commit;
  return sub;
}

streams::SubTopology Model(const PipelineSettings& settings) {
  streams::SubTopology sub;
  sub.name = "model";
  sub.sources = {Topic::kModelUpdates};
  sub.changelog = Topic::kModelChangelog;
  sub.sinks = {Topic::kTrends, Topic::kModel};
  sub.event_time_field = 0;
  sub.make_pipeline = [options = settings.model] { return operators::MakeModelPipeline(options); };
  sub.commit = settings.model_commit;
  return sub;
}

/// Whether `name` is one of the words between commas.
bool Contains(const std::string& words, const std::string& name) {
  return ("," + words + ",").find("," + name + ",") != std::string::npos;
}

}  // namespace

void RegisterPipelineSettings(Config* config, PipelineSettings* settings) {
  RegisterUsers(config, settings);
  RegisterCommit(config, "designs", &settings->design_commit);
  RegisterModel(config, settings);
  config->Add("run.source_buffer_bytes", &settings->source_buffer_bytes, "Bytes buffered per source before it is paused",
              {.min = 1 << 16, .max = {}});
  config->Add("run.max_rejected_share", &settings->rejections.share,
              "Share of records going to dead-letters above which a worker stops for a while; 1: never", {.min = 0.001, .max = 1});
  config->Add("run.rejection_window", &settings->rejections.records, "Records judged together for that", {.min = 1, .max = {}});
  config->Add("run.rejection_pause_ms", &settings->rejections.pause_ms, "How long it stops", {.min = 1, .max = 3'600'000});
  config->Add("run.sub_topologies", &settings->sub_topologies, "Those that run in this process, separated by commas");
  config->Add("run.instance", &settings->instance, "Names this process across restarts (a pod's name); empty: made once and kept in the state folder");
  config->Add("run.advertise", &settings->advertise, "HOST:PORT where other processes reach this one's HTTP; empty: where it listens");
  config->Add("run.keep_membership", &settings->keep_membership, "Leave tasks to a quick restart instead of handing them over");
  config->Add("run.ready_lag_ms", &settings->ready_lag_ms, "Readiness: at most this far behind", {.min = 0, .max = {}});
  config->Add("run.standby", &settings->standby,
              "Other processes that keep the state of each task at hand: those it goes to if one dies (2: or two at once), on Kafka; 0: none",
              {.min = 0, .max = 2});
  config->Add("run.replica_publish_interval_ms", &settings->replica_publish_interval_ms,
              "Milliseconds between two versions of the global tables", {.min = 0, .max = 60'000});
}

operators::UserOptions UserOptionsOf(const PipelineSettings& settings) {
  operators::UserOptions options = settings.users;
  options.ranking.diversity = static_cast<float>(settings.diversity);
  options.ranking.exploration = static_cast<float>(settings.exploration);
  options.fold_in.half_life_ms = Milliseconds(settings.history_half_life_days);
  if (settings.lists == "plain") options.list_maker = operators::ListMaker::kPlain;
  if (settings.lists == "latest") options.list_maker = operators::ListMaker::kLatest;
  if (settings.output_encoding == "confluent") options.encoding = schemas::Encoding::kConfluent;
  if (settings.output_encoding == "json") options.encoding = schemas::Encoding::kJson;
  return options;
}

streams::Topology MakeTopology(const std::string& app, const schemas::TopicNames& names, const PipelineSettings& settings) {
  std::vector<streams::SubTopology> subs = {Users(names, settings), Designs(settings), Model(settings)};
  std::erase_if(subs, [&](const auto& sub) { return !Contains(settings.sub_topologies, sub.name); });
  for (auto& sub : subs) {
    sub.source_buffer_bytes = settings.source_buffer_bytes;
    sub.rejections = settings.rejections;
  }
  return {app, names, std::move(subs)};
}

streams::Replica::Options ReplicaOptions(const PipelineSettings& settings) {
  streams::Replica::Options options;
  options.tables.k = settings.k;
  options.tables.popularity_half_life_ms = Milliseconds(settings.popularity_half_life_days);
  options.tables.neighbour_half_life_ms = Milliseconds(settings.neighbour_half_life_days);
  options.publish_interval_ms = settings.replica_publish_interval_ms;
  return options;
}

}  // namespace catwalk::apps
