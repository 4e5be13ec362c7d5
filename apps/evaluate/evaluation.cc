#include "apps/evaluate/evaluation.h"

#include <time.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "base/hash.h"
#include "operators/track_fit.h"

namespace catwalk::apps {
namespace {

double ThreadCpuSeconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// A number in [0, below) that depends on what is given alone.
size_t Draw(uint64_t seed, int64_t event, int draw, size_t below) {
  const uint64_t numbers[] = {seed, static_cast<uint64_t>(event), static_cast<uint64_t>(draw)};
  return Hash64({reinterpret_cast<const char*>(numbers), sizeof(numbers)}) % below;
}

/// Share of `others` that score below `chosen`, ties by half.
float Auc(float chosen, std::span<const float> others) {
  if (others.empty()) return 0.5F;
  float below = 0;
  for (const float other : others) below += other < chosen ? 1.0F : other == chosen ? 0.5F : 0.0F;
  return below / static_cast<float>(others.size());
}

int RankIn(std::span<const int32_t> list, int32_t design) {
  const auto found = std::find(list.begin(), list.end(), design);
  return found == list.end() ? -1 : static_cast<int>(found - list.begin());
}

}  // namespace

Evaluation::Evaluation(const EvaluationOptions& options, const Timeline& timeline, std::vector<EvaluatedPipeline> pipelines)
    : options_(options), timeline_(timeline), pipelines_(std::move(pipelines)) {
  const auto designs = static_cast<size_t>(timeline.designs.size());
  seen_.resize(static_cast<size_t>(timeline.users.size()));
  counts_.resize(designs);
  design_keys_.resize(designs);
  scores_.resize(designs);
  for (const auto& entry : timeline.entries) {
    if (!entry.is_choice) continue;
    const models::DesignKey key = models::KeyOf(entry.design_id);
    design_keys_[static_cast<size_t>(entry.design)] = key;
    design_of_.emplace(key, entry.design);
  }
  result_.options = options;
  result_.choices = timeline.choices;
  result_.warmup = static_cast<int64_t>(static_cast<double>(timeline.choices) * options.warmup);
  for (const auto& pipeline : pipelines_) {
    const auto kind = result_.recommenders.empty() ? RecommenderKind::kCatwalk : RecommenderKind::kAblation;
    result_.recommenders.emplace_back(kind, pipeline.name, options.k);
  }
  result_.fit.predictors.push_back({"catwalk", {}});
  for (const auto name : evaluate::FitBaselines::kNames) result_.fit.predictors.push_back({std::string(name), {}});
  if (options.baselines) baselines_ = evaluate::MakeBaselines(options.seed);
  for (const auto& baseline : baselines_)
    result_.recommenders.emplace_back(RecommenderKind::kBaseline, std::string(baseline->Name()), options.k);
}

Result<EvaluationResult> Evaluation::Run(const std::stop_token& stop, const std::function<void(int64_t)>& progress) {
  int64_t done = 0;
  for (const auto& entry : timeline_.entries) {
    if (stop.stop_requested()) break;
    RETURN_IF_ERROR(Play(entry));
    progress(++done);
  }
  result_.interrupted = stop.stop_requested();
  result_.candidates = static_cast<int64_t>(candidates_.size());
  return std::move(result_);
}

Status Evaluation::Play(const TimelineEntry& entry) {
  RETURN_IF_ERROR(Take(entry.before, entry.at_ms));
  if (IsTested(entry)) RETURN_IF_ERROR(Test(entry));
  const auto& said = entry.said_fit;
  if (said && choices_seen_ >= result_.warmup) RETURN_IF_ERROR(TestFit(entry));
  RETURN_IF_ERROR(Take(entry.rest, entry.at_ms));
  if (said) fit_baselines_.Learn(said->user, said->design, static_cast<size_t>(said->fit));
  if (entry.is_choice) Learn(entry);
  return Status::Ok();
}

/// Of a size taken in the same line, or of an earlier purchase; without either nothing is predicted.
Status Evaluation::TestFit(const TimelineEntry& entry) {
  const SaidFit& said = *entry.said_fit;
  const OfflinePipeline& pipeline = *pipelines_.front().pipeline;
  const auto tables = pipeline.tables();
  ASSIGN_OR_RETURN(const auto user, pipeline.FindUser(said.user_id));
  const auto score = operators::ScoreOfSize(*tables, user, {said.design_id, said.about_event_id}, entry.size_taken);
  if (!score) return Status::Ok();
  evaluate::FitShares shares;
  std::ranges::transform(models::ProbabilitiesOf(*score), shares.begin(), [](double share) { return static_cast<float>(share); });
  FitResult& result = result_.fit;
  result.said.users.push_back(said.user);
  result.said.fits.push_back(static_cast<uint8_t>(said.fit));
  result.predictors.front().shares.push_back(shares);
  const auto baselines = fit_baselines_.Predict(said.user, said.design);
  for (size_t i = 0; i < baselines.size(); ++i) result.predictors[i + 1].shares.push_back(baselines[i]);
  return Status::Ok();
}

Status Evaluation::Take(const std::vector<schemas::OutgoingRecord>& records, int64_t at_ms) {
  for (size_t which = 0; which < pipelines_.size(); ++which) {
    const double began = ThreadCpuSeconds();
    RETURN_IF_ERROR(pipelines_[which].pipeline->Take(records, at_ms));
    if (which == 0) result_.pipeline_cpu_s += ThreadCpuSeconds() - began;
  }
  return Status::Ok();
}

bool Evaluation::IsTested(const TimelineEntry& entry) const {
  if (!entry.is_choice || choices_seen_ < result_.warmup) return false;
  if (!options_.only_kinds.empty() && !options_.only_kinds.contains(entry.kind)) return false;
  return !options_.exclude_seen || !SeenBy(entry.user).contains(entry.design);
}

Status Evaluation::Test(const TimelineEntry& entry) {
  result_.tested_at_ms.push_back(entry.at_ms);
  DrawCandidates(entry);
  for (size_t i = 0; i < pipelines_.size(); ++i) RETURN_IF_ERROR(TestPipeline(entry, i));
  for (size_t i = 0; i < baselines_.size(); ++i)
    TestBaseline(entry, baselines_[i].get(), &result_.recommenders[pipelines_.size() + i]);
  return Status::Ok();
}

Status Evaluation::TestPipeline(const TimelineEntry& entry, size_t which) {
  const double began = ThreadCpuSeconds();
  OfflinePipeline& pipeline = *pipelines_[which].pipeline;
  const auto tables = pipeline.tables();
  ASSIGN_OR_RETURN(const auto user, pipeline.FindUser(entry.user_id));
  const operators::UserQuery::Question question{*tables, user, entry.at_ms, options_.k, options_.exclude_seen};
  const auto answer = pipeline.query().Ask(question);
  if (which == 0) result_.pipeline_cpu_s += ThreadCpuSeconds() - began;

  std::vector<int32_t> list;
  for (const auto& scored : answer.list) {
    const auto design = design_of_.find(tables->KeyOfRow(scored.row));
    list.push_back(design == design_of_.end() ? -1 : design->second);
  }
  AskScores(entry, question, &pipeline.query());
  Judge(entry, list, [this](int32_t design) { return scores_[static_cast<size_t>(design)]; }, &result_.recommenders[which]);
  return Status::Ok();
}

/// Of the designs that AUC compares.
void Evaluation::AskScores(const TimelineEntry& entry, const operators::UserQuery::Question& question,
                           operators::UserQuery* query) {
  std::vector<int32_t> designs, rows;
  const auto ask = [&](int32_t design) {
    const auto at = static_cast<size_t>(design);
    scores_[at] = -INFINITY;
    const int row = question.tables.RowOf(design_keys_[at]);
    if (row < 0) return;
    designs.push_back(design);
    rows.push_back(row);
  };
  for (const int32_t design : drawn_) ask(design);
  ask(entry.design);
  const std::vector<float> scores = query->Scores(question, rows);
  for (size_t i = 0; i < designs.size(); ++i) scores_[static_cast<size_t>(designs[i])] = scores[i];
}

void Evaluation::TestBaseline(const TimelineEntry& entry, evaluate::Baseline* baseline, RecommenderResult* result) {
  baseline->Score(ChoiceOf(entry), scores_);
  std::vector<Candidate> best;
  const auto better = [](const Candidate& a, const Candidate& b) {
    return a.score != b.score ? a.score > b.score : a.design < b.design;
  };
  const auto& seen = SeenBy(entry.user);
  for (const int32_t design : candidates_) {
    const Candidate candidate{design, scores_[static_cast<size_t>(design)]};
    if (best.size() == static_cast<size_t>(options_.k) && !better(candidate, best.back())) continue;
    if (candidate.score == -INFINITY || (options_.exclude_seen && seen.contains(design))) continue;
    best.insert(std::upper_bound(best.begin(), best.end(), candidate, better), candidate);
    if (best.size() > static_cast<size_t>(options_.k)) best.pop_back();
  }
  std::vector<int32_t> list;
  for (const auto& candidate : best) list.push_back(candidate.design);
  Judge(entry, list, [&](int32_t design) { return scores_[static_cast<size_t>(design)]; }, result);
}

void Evaluation::DrawCandidates(const TimelineEntry& entry) {
  drawn_.clear();
  if (candidates_.empty()) return;
  for (int i = 0; i < kAucDraws; ++i) {
    const int32_t design = candidates_[Draw(options_.seed, choices_seen_, i, candidates_.size())];
    if (design != entry.design) drawn_.push_back(design);
  }
}

void Evaluation::Judge(const TimelineEntry& entry, std::span<const int32_t> list,
                       const std::function<float(int32_t)>& score, RecommenderResult* result) const {
  evaluate::Outcome outcome;
  outcome.user = entry.user;
  outcome.warm = !SeenBy(entry.user).empty();
  outcome.new_design = counts_[static_cast<size_t>(entry.design)] == 0;
  outcome.auc = 0;
  if (IsCandidate(entry)) {
    std::vector<float> others;
    for (const int32_t design : drawn_) others.push_back(score(design));
    outcome.auc = Auc(score(entry.design), others);
    outcome.rank = RankIn(list, entry.design);
  }
  // A design of the catalogue that no event has named yet has no number; it counts as shown to nobody.
  std::vector<int32_t> known(list.begin(), list.end());
  std::erase(known, -1);
  outcome.novelty = Novelty(known);
  outcome.diversity = Diversity(known);
  result->sums.Add(outcome, known);
  result->hits.push_back(outcome.rank >= 0 ? 1 : 0);
}

float Evaluation::Novelty(std::span<const int32_t> list) const {
  double sum = 0;
  for (const int32_t design : list) {
    const double share = (static_cast<double>(counts_[static_cast<size_t>(design)]) + 1) / (static_cast<double>(choices_seen_) + 1);
    sum -= std::log2(share);
  }
  return list.empty() ? 0 : static_cast<float>(sum / static_cast<double>(list.size()));
}

float Evaluation::Diversity(std::span<const int32_t> list) const {
  const auto tables = pipelines_.front().pipeline->tables();
  std::vector<const float*> factors;
  std::vector<float> lengths;
  for (const int32_t design : list) {
    const int row = tables->RowOf(design_keys_[static_cast<size_t>(design)]);
    if (row < 0 || !tables->HasFactor(row)) continue;
    factors.push_back(tables->Factor(row));
    lengths.push_back(std::sqrt(models::DotProduct(factors.back(), factors.back(), tables->stride())));
  }
  double sum = 0;
  int pairs = 0;
  for (size_t i = 0; i < factors.size(); ++i) {
    for (size_t j = 0; j < i; ++j, ++pairs) {
      const float lengths_product = lengths[i] * lengths[j];
      const float product = models::DotProduct(factors[i], factors[j], tables->stride());
      sum += 1.0 - static_cast<double>(lengths_product > 0 ? product / lengths_product : 0.0F);
    }
  }
  return pairs == 0 ? 0 : static_cast<float>(sum / pairs);
}

void Evaluation::Learn(const TimelineEntry& entry) {
  for (const auto& baseline : baselines_) baseline->Learn(ChoiceOf(entry));
  if (counts_[static_cast<size_t>(entry.design)]++ == 0) candidates_.push_back(entry.design);
  seen_[static_cast<size_t>(entry.user)].insert(entry.design);
  ++choices_seen_;
}

evaluate::Choice Evaluation::ChoiceOf(const TimelineEntry& entry) const {
  return {entry.user, entry.design, entry.at_ms, entry.segments};
}

bool Evaluation::IsCandidate(const TimelineEntry& entry) const {
  if (counts_[static_cast<size_t>(entry.design)] > 0) return true;
  const auto tables = pipelines_.front().pipeline->tables();
  const int row = tables->RowOf(models::KeyOf(entry.design_id));
  return row >= 0 && tables->Catalogue(row) != nullptr && tables->AvailableAt(row, entry.at_ms);
}

const std::unordered_set<int32_t>& Evaluation::SeenBy(int32_t user) const { return seen_[static_cast<size_t>(user)]; }

}  // namespace catwalk::apps
