#include "apps/bindings.h"

#include <cmath>
#include <numeric>
#include <optional>

#include "apps/owner_directory.h"
#include "base/hash.h"
#include "operators/deduplicate.h"
#include "operators/emit_recommendations.h"
#include "operators/give_sizes.h"
#include "operators/user_query.h"

namespace catwalk::apps {
namespace {

class StateQueries final : public serve::Queries {
 public:
  /// `users`: the number of the store; none if the user sub-topology does not run in this process.
  StateQueries(const streams::Runner& runner, const state::Database& database, const Clock& clock,
               std::optional<uint32_t> users, int32_t partitions, std::unique_ptr<OwnerDirectory> owners,
               const operators::UserOptions& options)
      : runner_(runner), database_(database), clock_(clock), users_(users), partitions_(partitions),
        owners_(std::move(owners)), options_(options) {}

  Result<schemas::Recommendation> Recommend(std::string_view user_id, int count, bool contributions) override {
    ASSIGN_OR_RETURN(const operators::UserState user, Find(user_id));
    const auto tables = runner_.tables();
    const int64_t now_ms = clock_.NowMs();
    operators::UserQuery query(options_, tables->k());
    const operators::UserQuery::Question question{*tables, user, now_ms, count};
    const auto answer = query.Ask(question);
    schemas::Recommendation recommendation;
    recommendation.set_user_id(user_id.data(), user_id.size());
    recommendation.set_generated_at_ms(now_ms);
    operators::FillList(*tables, answer.list, query.Reasons(question, answer),
                        operators::SizesFor(*tables, user, answer.list), &recommendation);
    if (contributions) operators::FillContributions(query.Contributions(question, answer), &recommendation);
    return recommendation;
  }

  Result<serve::DesignView> Design(std::string_view design_id) override {
    const auto tables = runner_.tables();
    const int row = tables->RowOf(models::KeyOf(design_id));
    if (row < 0) {
      return Status(Code::kNotFound, "no event and no catalogue entry has named design " + std::string(design_id));
    }
    serve::DesignView view;
    view.id = tables->IdOf(row);
    if (const auto* entry = tables->Catalogue(row)) view.catalogue = *entry;
    if (std::isfinite(tables->LogPopularity(row))) view.log_popularity = tables->LogPopularity(row);
    view.has_factor = tables->HasFactor(row);
    if (view.has_factor) view.weight = tables->Weight(row);
    const float* factor = tables->Factor(row);
    view.factor_norm = std::sqrt(std::inner_product(factor, factor + tables->k(), factor, 0.0));
    return view;
  }

  std::optional<std::string> OwnerOf(std::string_view user_id) override {
    const int32_t partition = PartitionForKey(user_id, partitions_);
    if (Owns(partition)) return std::nullopt;
    const auto owner = owners_->AddressOf(partition);
    return owner == runner_.address() ? std::nullopt : owner;  // ours in a moment: whoever asks must not go in circles
  }

 private:
  bool Owns(int32_t partition) const { return users_ && runner_.Owns("users", partition); }

  /// The committed state; an empty one for a user never seen.
  Result<operators::UserState> Find(std::string_view user_id) const {
    const int32_t partition = PartitionForKey(user_id, partitions_);
    if (!Owns(partition)) {
      return Status(Code::kUnavailable, "the task of this user (partition " + std::to_string(partition) +
                                            ") does not run in this process, and no other says that it has it; try again soon",
                    Recovery::kRetryable);
    }
    return operators::ReadUser(database_.Store(*users_), partition, user_id);
  }

  const streams::Runner& runner_;
  const state::Database& database_;
  const Clock& clock_;
  std::optional<uint32_t> users_;
  int32_t partitions_;
  std::unique_ptr<OwnerDirectory> owners_;
  operators::UserOptions options_;
};

class RunnerHealth final : public serve::Health {
 public:
  explicit RunnerHealth(const streams::Runner& runner) : runner_(runner) {}
  serve::Readiness Ready() override {
    const auto readiness = runner_.Ready();
    return {readiness.ready, readiness.reason};
  }

 private:
  const streams::Runner& runner_;
};

class LogSink final : public serve::EventSink {
 public:
  explicit LogSink(std::unique_ptr<streams::LogWriter> writer) : writer_(std::move(writer)) {}
  Status Append(std::vector<schemas::OutgoingRecord> records) override { return writer_->Append(std::move(records)); }
  Status Sync(std::chrono::milliseconds timeout) override { return writer_->Sync(timeout); }

 private:
  std::unique_ptr<streams::LogWriter> writer_;
};

}  // namespace

std::unique_ptr<serve::Queries> MakeQueries(const streams::Runner& runner, const state::Database& database,
                                            streams::Log& log, const Clock& clock, const streams::Topology& topology,
                                            const operators::UserOptions& options) {
  const auto number = runner.StoreNumber("users", std::string(operators::kUsersStore));
  const std::optional<uint32_t> users = number.ok() ? std::optional(*number) : std::nullopt;
  const std::string& topic = topology.names().Of(schemas::Topic::kClicks);
  const auto clicks = runner.topics().find(topic);
  const int32_t partitions = clicks == runner.topics().end() ? 1 : clicks->second.partitions;
  auto owners = std::make_unique<OwnerDirectory>(log, topology.GroupOf("users"), topic, clock);
  return std::make_unique<StateQueries>(runner, database, clock, users, partitions, std::move(owners), options);
}

std::unique_ptr<serve::Health> MakeHealth(const streams::Runner& runner) { return std::make_unique<RunnerHealth>(runner); }

Result<std::unique_ptr<serve::EventSink>> MakeEventSink(streams::Log& log) {
  ASSIGN_OR_RETURN(auto writer, log.OpenWriter());
  return std::unique_ptr<serve::EventSink>(new LogSink(std::move(writer)));
}

}  // namespace catwalk::apps
