#include "apps/simulate/simulated_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "apps/evaluate/timeline.h"
#include "apps/replay/bad_lines.h"
#include "apps/replay/input_choice.h"
#include "base/clock.h"
#include "tests/testing/matchers.h"
#include "tests/testing/temp_dir.h"

namespace catwalk::apps {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using evaluate::Simulation;
using tests::IsOk;

std::string LinesOf(std::string_view shape, uint64_t seed, int64_t events) {
  Simulation simulation(*evaluate::ShapeNamed(shape), seed, events);
  const SimulatedLines lines(simulation);
  std::string text;
  for (int32_t i = 0; i < 3; ++i) text += lines.Design(i);
  for (int64_t i = 0; i < events; ++i) text += lines.Choice(*simulation.Next(), i);
  return text;
}

TEST(SimulatedLines, AreTheSameBytesForTheSameSeed) {
  for (const auto& shape : evaluate::AllShapes()) {
    EXPECT_EQ(LinesOf(shape.name, 7, 300), LinesOf(shape.name, 7, 300)) << shape.name;
    EXPECT_NE(LinesOf(shape.name, 7, 300), LinesOf(shape.name, 8, 300)) << shape.name;
  }
}

TEST(SimulatedLines, AreReadByEvaluateWithoutAFault) {
  const tests::TempDir folder;
  const SystemClock clock;
  for (const auto& shape : evaluate::AllShapes()) {
    InputOptions options;
    options.path = folder / "events.jsonl";
    std::ofstream(options.path) << LinesOf(shape.name, 1, 300);
    auto input = OpenInput(options, {}, clock, {});
    ASSERT_THAT(input, IsOk());
    std::ostringstream said;
    BadLines bad_lines(said, "events.jsonl");
    const auto timeline = ReadTimeline(**input, {}, bad_lines, {});
    ASSERT_THAT(timeline, IsOk());
    EXPECT_EQ(said.str(), "") << shape.name;
    EXPECT_EQ(timeline->choices, 300) << shape.name;
    EXPECT_EQ(timeline->segments.size() > 0, shape.ranges.profiled.high > 0) << shape.name;
  }
}

TEST(SimulatedLines, TakeWhatIsSoldOffTheMarketWithAllItsAttributes) {
  Simulation simulation(*evaluate::ShapeNamed("unique"), 1, 100);
  const SimulatedLines lines(simulation);
  auto choice = *simulation.Next();
  while (!choice.sold) choice = *simulation.Next();
  const std::string text = lines.Choice(choice, 0);
  const std::string gone = text.substr(text.rfind("\n", text.size() - 2) + 1);
  EXPECT_THAT(text, HasSubstr(R"({"topic":"purchases")"));
  EXPECT_THAT(gone, StartsWith(R"({"topic":"designs")"));
  EXPECT_THAT(gone, HasSubstr("\"expires_at_ms\":" + std::to_string(choice.at_ms)));
  EXPECT_THAT(gone, HasSubstr("\"designer\":\"designer-"));
}

}  // namespace
}  // namespace catwalk::apps
