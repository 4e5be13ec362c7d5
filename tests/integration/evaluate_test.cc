#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/integration/installation.h"
#include "tests/integration/sample_data.h"
#include "tests/testing/temp_dir.h"

namespace catwalk::tests {
namespace {

constexpr int kRows = 3'000;

Ended EvaluateRentals(const TempDir& dir, std::vector<std::string> more) {
  const std::string file = dir / "rentals.tsv";
  WriteRentals(file, kRows);
  std::vector<std::string> args{"evaluate", file, "--exclude-seen", "--json"};
  for (const auto& flags : {RentalFlags(), more}) args.insert(args.end(), flags.begin(), flags.end());
  return RunProgram(args);
}

TEST(Evaluate, TellsHowGoodListsWouldHaveBeenBesideBaselines) {
  const TempDir dir;
  const Ended ended = EvaluateRentals(dir, {"--baselines", "--report", dir / "report"});
  ASSERT_EQ(ended.exit_code, 0) << ended.err;
  const auto result = boost::json::parse(ended.out).as_object();
  EXPECT_EQ(result.at("events").as_int64(), kRows);
  EXPECT_EQ(result.at("warmup_events").as_int64(), kRows * 3 / 10);
  const auto& all = result.at("metrics").at("all").as_object();
  EXPECT_GT(all.at("events").as_int64(), kRows / 2);
  EXPECT_GT(all.at("recall").as_double(), 0);
  EXPECT_GT(all.at("auc").as_double(), 0.5);
  EXPECT_EQ(result.at("baselines").as_object().size(), 7U);
  for (const char* name : {"evaluation.txt", "evaluation.json", "recall.svg"})
    EXPECT_GT(std::filesystem::file_size(dir / "report" / name), 500U) << name;
}

TEST(Evaluate, SaysWhatASlowerPaceOfPublishingCosts) {
  const TempDir dir;
  const auto auc = [&](const std::string& every) {
    const Ended ended = EvaluateRentals(dir, {"--publish-every", every});
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
    return boost::json::parse(ended.out).at("metrics").at("all").at("auc").as_double();
  };
  EXPECT_GT(auc("1"), auc("100000") + 0.05);  // never published: nothing tells one design from another
}

}  // namespace
}  // namespace catwalk::tests
