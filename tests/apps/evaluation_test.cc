#include "apps/evaluate/evaluation.h"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "apps/evaluate/report.h"
#include "apps/replay/bad_lines.h"
#include "apps/replay/input_choice.h"
#include "base/clock.h"
#include "base/hash.h"
#include "tests/testing/matchers.h"
#include "tests/testing/temp_dir.h"

namespace catwalk::apps {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using evaluate::Group;
using evaluate::Metric;
using tests::IsOk;

constexpr int64_t kStartMs = 1'600'000'000'000;

class EvaluationTest : public ::testing::Test {
 protected:
  /// Adds a line; events are a second apart.
  void Rent(const std::string& user, const std::string& design, int64_t at_ms = 0) {
    AddEvent("purchases", user, design, R"(,"kind":"rental")", at_ms);
  }
  void Click(const std::string& user, const std::string& design) { AddEvent("clicks", user, design, "", 0); }
  void RentSize(const std::string& user, const std::string& design, const std::string& size) {
    AddEvent("purchases", user, design, R"(,"kind":"rental","size":")" + size + '"', 0);
  }
  void Say(const std::string& user, const std::string& design, const std::string& fit) {
    AddEvent("feedback", user, design, R"(,"fit":")" + fit + '"', 0);
  }
  /// Three designs of which everybody says the same: small, true, large.
  void SayOfThree(int users) {
    static constexpr const char* kSaid[] = {"small", "true", "large"};
    for (int i = 0; i < users; ++i) {
      const std::string user = "u" + std::to_string(i), design = "d" + std::to_string(i % 3);
      RentSize(user, design, std::to_string(4 + 2 * (i % 5)));
      Say(user, design, kSaid[i % 3]);
    }
  }
  void AddEvent(const std::string& topic, const std::string& user, const std::string& design, const std::string& more,
                int64_t at_ms) {
    next_ms_ += 1'000;
    const int64_t time = at_ms == 0 ? next_ms_ : at_ms;
    lines_ += R"({"topic":")" + topic + R"(","user_id":")" + user + R"(","design_id":")" + design +
              R"(","occurred_at_ms":)" + std::to_string(time) + more + "}\n";
  }

  Timeline Read() {
    InputOptions options;
    options.path = folder_ / "events.jsonl";
    std::ofstream(options.path) << lines_;
    auto input = OpenInput(options, {}, clock_, {});
    EXPECT_THAT(input, IsOk());
    BadLines bad_lines(said_, "events.jsonl");
    auto timeline = ReadTimeline(**input, {}, bad_lines, {});
    EXPECT_THAT(timeline, IsOk());
    return std::move(*timeline);
  }

  EvaluationResult Evaluate(const EvaluationOptions& options, const Settings& settings = {}) {
    const Timeline timeline = Read();
    auto pipeline = OfflinePipeline::Open(settings, 1);
    EXPECT_THAT(pipeline, IsOk());
    auto result = Evaluation(options, timeline, {{"catwalk", pipeline->get()}}).Run({}, [](int64_t) {});
    EXPECT_THAT(result, IsOk());
    return std::move(*result);
  }

  const SystemClock clock_;
  tests::TempDir folder_;
  std::ostringstream said_;
  std::string lines_;
  int64_t next_ms_ = kStartMs;
};

TEST_F(EvaluationTest, TakesEventsInTimeOrderAndTiesInThatOfTheFile) {
  Rent("u1", "late", kStartMs + 50);
  Rent("u2", "tie-a", kStartMs + 20);
  Rent("u3", "tie-b", kStartMs + 20);
  Rent("u4", "early", kStartMs + 10);
  std::vector<std::string> order;
  for (const auto& entry : Read().entries) order.push_back(entry.design_id);
  EXPECT_THAT(order, ElementsAre("early", "tie-a", "tie-b", "late"));
}

TEST_F(EvaluationTest, ReportsBadLinesAndGoesOn) {
  Rent("u1", "d1");
  lines_ += "{\"topic\":\"purchases\",\"user_id\":\"u1\"}\n";
  Rent("u2", "d1");
  EXPECT_EQ(Read().choices, 2);
  EXPECT_THAT(said_.str(), HasSubstr("events.jsonl:2: missing_design_id"));
}

TEST_F(EvaluationTest, TestsWhatIsNotYetKnown) {
  // Each design is new when it is chosen: a recommender that saw the event first would know it.
  for (int i = 0; i < 20; ++i) Rent("u" + std::to_string(i), "d" + std::to_string(i));
  const auto result = Evaluate({.k = 100, .warmup = 0});
  const auto& sums = result.recommenders.front().sums;
  EXPECT_EQ(sums.events(Group::kAll), 20);
  EXPECT_EQ(sums.events(Group::kNewDesigns), 20);
  EXPECT_EQ(sums.Mean(Group::kAll, Metric::kRecall), 0);
}

TEST_F(EvaluationTest, KnowsAllThatCameBefore) {
  Rent("u0", "d1");
  Rent("u0", "d2");
  Rent("u1", "d1");
  Rent("u2", "d2");
  const auto result = Evaluate({.k = 2, .warmup = 0.5});
  const auto& sums = result.recommenders.front().sums;
  EXPECT_EQ(result.warmup, 2);
  EXPECT_EQ(sums.events(Group::kAll), 2);
  EXPECT_EQ(sums.Mean(Group::kAll, Metric::kRecall), 1);  // both designs had been published by then
  EXPECT_EQ(sums.events(Group::kWarm), 0);
}

TEST_F(EvaluationTest, TestsTheVeryFirstEventOfADesignOfTheCatalogue) {
  lines_ += R"({"topic":"designs","design_id":"d1","occurred_at_ms":1600000000001})" "\n";
  Rent("u1", "d1");
  const auto result = Evaluate({.warmup = 0});
  const auto& sums = result.recommenders.front().sums;
  EXPECT_EQ(sums.events(Group::kAll), 1);
  EXPECT_EQ(sums.events(Group::kNewDesigns), 1);
  EXPECT_EQ(sums.Mean(Group::kNewDesigns, Metric::kRecall), 1);
}

TEST_F(EvaluationTest, LeavesOutWhatWasSeenIfAsked) {
  for (const char* design : {"d1", "d2", "d1", "d3", "d1"}) Click("u1", design);
  EXPECT_EQ(Evaluate({.warmup = 0}).recommenders.front().sums.events(Group::kAll), 5);
  const auto result = Evaluate({.warmup = 0, .exclude_seen = true});
  EXPECT_EQ(result.recommenders.front().sums.events(Group::kAll), 3);
}

TEST_F(EvaluationTest, TestsTheKindsAskedFor) {
  for (int i = 0; i < 4; ++i) {
    Rent("u" + std::to_string(i), "d1");
    Click("u" + std::to_string(i), "d2");
  }
  const auto result = Evaluate({.warmup = 0, .only_kinds = {models::InteractionKind::kClick}});
  EXPECT_EQ(result.recommenders.front().sums.events(Group::kAll), 4);
  EXPECT_EQ(result.choices, 8);
}

TEST_F(EvaluationTest, MeasuresBaselinesOnTheSameEvents) {
  for (int i = 0; i < 60; ++i) Rent("u" + std::to_string(i % 7), "d" + std::to_string(i * i % 11));
  const auto result = Evaluate({.k = 3, .baselines = true});
  ASSERT_EQ(result.recommenders.size(), 8U);
  for (const auto& recommender : result.recommenders) {
    EXPECT_EQ(recommender.sums.events(Group::kAll), 42) << recommender.name;
    EXPECT_EQ(recommender.hits.size(), 42U) << recommender.name;
  }
}

TEST_F(EvaluationTest, ShowsWhatAPartOfTheBlendEarns) {
  // Who takes one of a pair takes the other next, and all pairs are wanted alike: co-visitation knows, everyone's demand does not.
  for (int i = 0; i < 400; ++i) {
    const std::string user = "u" + std::to_string(i), pair = std::to_string(Mix64(static_cast<uint64_t>(i)) % 20);
    Rent(user, "a" + pair);
    Rent(user, "b" + pair);
  }
  const Timeline timeline = Read();
  Settings settings, without;
  without.pipeline.users.ranking.left_out = models::FeaturesNamed("neighbourhood") | models::FeaturesNamed("fold_in") | models::FeaturesNamed("segment_demand");
  const auto whole = OfflinePipeline::Open(settings, 1), ablated = OfflinePipeline::Open(without, 1);
  ASSERT_THAT(whole, IsOk());
  ASSERT_THAT(ablated, IsOk());
  auto result = Evaluation({.k = 1}, timeline, {{"catwalk", whole->get()}, {"without neighbourhood", ablated->get()}})
                    .Run({}, [](int64_t) {});
  ASSERT_THAT(result, IsOk());
  ASSERT_EQ(result->recommenders.size(), 2U);
  EXPECT_EQ(result->recommenders[1].kind, RecommenderKind::kAblation);
  EXPECT_GT(result->recommenders[0].sums.Mean(Group::kWarm, Metric::kRecall), 0.9);
  EXPECT_LT(result->recommenders[1].sums.Mean(Group::kWarm, Metric::kRecall), 0.3);
  const EvaluationReport report(*result);
  EXPECT_THAT(report.Table(), HasSubstr("without neighbourhood"));
  EXPECT_TRUE(boost::json::parse(report.Json()).at("ablations").at("without neighbourhood").at("warm").at("recall").is_double());
}

TEST_F(EvaluationTest, PredictsWhatWillBeSaidOfAFit) {
  SayOfThree(300);
  const auto result = Evaluate({.warmup = 0.5});
  EXPECT_EQ(result.fit.said.fits.size(), 151U) << "the last that teaches is spoken of after it";
  const EvaluationReport report(result);
  const auto fit = boost::json::parse(report.Json()).at("fit").as_object();
  EXPECT_EQ(fit.at("events").as_int64(), 151);
  EXPECT_GT(fit.at("metrics").at("auc").as_double(), 0.99);
  EXPECT_GT(fit.at("metrics").at("accuracy").as_double(), 0.95);
  EXPECT_LT(fit.at("baselines").at("majority").at("auc").as_double(), 0.6);
  EXPECT_GT(fit.at("baselines").at("per design and user").at("auc").as_double(), 0.99);
  EXPECT_GT(fit.at("baselines").at("majority").at("auc_gain_of_catwalk_ci").at(0).as_double(), 0);
  std::istringstream table(report.Table());
  for (std::string line; std::getline(table, line);) EXPECT_LE(line.size(), 100U) << line;
  EXPECT_THAT(report.Table(), HasSubstr("Fit: what was said of 151 sizes taken"));
}

TEST_F(EvaluationTest, PredictsAFitFromWhatCameBeforeAlone) {
  SayOfThree(30);
  RentSize("ann", "d0", "8");
  const std::string before = lines_;
  Say("ann", "d0", "small");
  const auto small = Evaluate({.warmup = 0});
  lines_ = before;
  Say("ann", "d0", "large");
  const auto large = Evaluate({.warmup = 0});
  EXPECT_EQ(small.fit.said.fits.size(), 31U);
  for (size_t i = 0; i < small.fit.predictors.size(); ++i)
    EXPECT_EQ(small.fit.predictors[i].shares, large.fit.predictors[i].shares) << small.fit.predictors[i].name;
  EXPECT_NE(small.fit.said.fits, large.fit.said.fits);
}

TEST_F(EvaluationTest, SaysNothingOfFitsNobodySpeaksOfOrOfUnknownSizes) {
  RentSize("ann", "d0", "8");
  RentSize("bob", "d0", "one size");
  Say("bob", "d0", "small");
  Say("eve", "d0", "small");
  const auto result = Evaluate({.warmup = 0});
  const EvaluationReport report(result);
  EXPECT_THAT(report.Table(), ::testing::Not(HasSubstr("Fit")));
  EXPECT_FALSE(boost::json::parse(report.Json()).as_object().contains("fit"));
}

TEST_F(EvaluationTest, GivesTheSameEveryTime) {
  for (int i = 0; i < 60; ++i) Rent("u" + std::to_string(i % 7), "d" + std::to_string(i * i % 11));
  const EvaluationOptions options{.k = 3, .baselines = true};
  const auto first = Evaluate(options), second = Evaluate(options);
  for (size_t i = 0; i < first.recommenders.size(); ++i) {
    EXPECT_EQ(first.recommenders[i].hits, second.recommenders[i].hits);
    EXPECT_EQ(first.recommenders[i].sums.Mean(Group::kAll, Metric::kAuc),
              second.recommenders[i].sums.Mean(Group::kAll, Metric::kAuc));
  }
}

TEST_F(EvaluationTest, AskingChangesNothing) {
  for (int i = 0; i < 60; ++i) Rent("u" + std::to_string(i % 7), "d" + std::to_string(i * i % 11));
  // Whatever was tested before, the later half is answered the same.
  const auto all = Evaluate({.k = 3, .warmup = 0}), half = Evaluate({.k = 3, .warmup = 0.5});
  const auto& hits = all.recommenders.front().hits;
  EXPECT_EQ(std::vector<uint8_t>(hits.begin() + 30, hits.end()), half.recommenders.front().hits);
}

TEST_F(EvaluationTest, TellsItsResultAsTableJsonAndPlot) {
  for (int i = 0; i < 200; ++i) Rent("u" + std::to_string(i % 23), "d" + std::to_string(i * i % 11));
  const auto result = Evaluate({.k = 3, .baselines = true});
  const EvaluationReport report(result);
  std::istringstream table(report.Table());
  for (std::string line; std::getline(table, line);) EXPECT_LE(line.size(), 100U) << line;
  const auto json = boost::json::parse(report.Json()).as_object();
  const auto& all = json.at("metrics").at("all").as_object();
  EXPECT_EQ(json.at("k").as_int64(), 3);
  EXPECT_EQ(all.at("events").as_int64(), 140);
  EXPECT_DOUBLE_EQ(all.at("recall").as_double(), result.recommenders.front().sums.Mean(Group::kAll, Metric::kRecall));
  EXPECT_LE(all.at("recall_ci").at(0).as_double(), all.at("recall").as_double());
  EXPECT_GE(all.at("recall_ci").at(1).as_double(), all.at("recall").as_double());
  for (const char* name : {"precision", "f1", "mrr", "ndcg", "auc", "novelty", "diversity", "coverage"})
    EXPECT_TRUE(all.at(name).is_double()) << name;
  EXPECT_TRUE(json.at("baselines").at("isgd").at("warm").at("recall").is_double());
  EXPECT_GT(json.at("cpu_seconds_per_million").as_double(), 0);
  EXPECT_THAT(report.Plot(), ::testing::AllOf(HasSubstr("<svg"), HasSubstr("decayed_popularity"), HasSubstr("polyline")));
}

}  // namespace
}  // namespace catwalk::apps
