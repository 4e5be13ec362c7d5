#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "tests/integration/installation.h"
#include "tests/testing/temp_dir.h"

namespace catwalk::tests {
namespace {

using ::testing::HasSubstr;

std::string Contents(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

void WriteTo(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

boost::json::value Evaluated(const std::vector<std::string>& args) {
  const Ended ended = RunProgram(args);
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  return boost::json::parse(ended.out);
}

TEST(Simulate, GivesEventsThatCanBeEvaluatedAndTheBestThatCanBeReached) {
  const TempDir dir;
  const Ended ended = RunProgram({"simulate", "released", "--seed", "2", "--events", "900", "--designs-out", dir / "designs.jsonl",
                                  "--oracle", dir / "oracle.json"});
  ASSERT_EQ(ended.exit_code, 0) << ended.err;
  WriteTo(dir / "events.jsonl", ended.out);
  const auto truth = boost::json::parse(Contents(dir / "oracle.json"));
  const auto result = Evaluated({"evaluate", dir / "events.jsonl", "--designs", dir / "designs.jsonl", "--json"});
  const auto &found = result.at("metrics").at("all"), &best = truth.at("oracle").at("all");
  EXPECT_EQ(result.at("events").as_int64(), 900);
  EXPECT_EQ(found.at("events").as_int64(), best.at("events").as_int64());
  EXPECT_EQ(result.at("metrics").at("warm").at("events").as_int64(), truth.at("oracle").at("warm").at("events").as_int64());
  EXPECT_GT(found.at("recall").as_double(), 0);
  EXPECT_LT(found.at("recall").as_double(), best.at("recall").as_double());
}

TEST(Simulate, HasTheCatalogueAmongTheEventsIfNotAskedForApart) {
  const TempDir dir;
  const Ended whole = RunProgram({"simulate", "unique", "--events", "400"});
  ASSERT_EQ(whole.exit_code, 0) << whole.err;
  const Ended apart = RunProgram({"simulate", "unique", "--events", "400", "--designs-out", dir / "designs.jsonl"});
  WriteTo(dir / "whole.jsonl", whole.out);
  WriteTo(dir / "apart.jsonl", apart.out);
  const auto one = Evaluated({"evaluate", dir / "whole.jsonl", "--exclude-seen", "--json"});
  const auto other = Evaluated({"evaluate", dir / "apart.jsonl", "--designs", dir / "designs.jsonl", "--exclude-seen", "--json"});
  // Designs can be listed before anyone chose one, either way: nothing else is there to be listed.
  for (const auto& result : {one, other}) {
    EXPECT_GT(result.at("metrics").at("new_designs").at("events").as_int64(), 100);
    EXPECT_GT(result.at("metrics").at("new_designs").at("recall").as_double(), 0);
  }
}

TEST(Simulate, NamesTheShapesThereAre) {
  const Ended unknown = RunProgram({"simulate", "square"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.err, HasSubstr("no shape is called \"square\"; there are dense, "));
  EXPECT_THAT(RunProgram({"simulate", "--help"}).out, HasSubstr("second-hand"));
}

}  // namespace
}  // namespace catwalk::tests
